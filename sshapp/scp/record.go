package scp

import (
	"io/fs"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sshforum/forum"
)

const (
	maxRecord = 4096 // bytes of a record or of an answer, its newline included
	maxName   = 255  // bytes
	maxDepth  = 32   // nested directories
)

// The first bytes of records.
const (
	kindFile    = 'C'
	kindDir     = 'D'
	kindTimes   = 'T'
	kindEnd     = 'E'
	kindWarning = answerWarning
	kindFatal   = answerFatal
)

// record announces a file or a directory.
type record struct {
	kind     byte
	mode     fs.FileMode // only permissions
	size     int64
	name     string // any string
	modified time.Time
}

// parseRecord parses the text after the kind of a C or a D record.
func parseRecord(kind byte, text string) (record, error) {
	mode, rest, _ := strings.Cut(text, " ")
	size, name, delimited := strings.Cut(rest, " ")
	bits, err := strconv.ParseUint(mode, 8, 12)
	if err != nil || len(mode) != 4 {
		return record{}, protocolError("a mode is not four octal digits")
	}
	bytes, err := parseNumber(size, math.MaxInt64)
	if err != nil || !delimited {
		return record{}, protocolError("a size is not a number of bytes")
	}
	return record{kind: kind, mode: fs.FileMode(bits) & fs.ModePerm, size: bytes, name: name}, nil
}

// lastTime is the last second whose year has four digits.
const lastTime = 253402300799

// parseTimes parses the text after the T of a record: seconds and microseconds of the last
// change, and of the last access. OpenSSH sends 0 for times before 1970; other programs send a
// negative number, or its unsigned form, and such a time becomes 1970, too. A time after the
// year 9999 becomes the last second of that year.
func parseTimes(text string) (time.Time, error) {
	fields := strings.Split(text, " ")
	if len(fields) != 4 {
		return time.Time{}, protocolError("a T record has other than four numbers")
	}
	changed, err := parseTime(fields[0], fields[1])
	if err == nil {
		_, err = parseTime(fields[2], fields[3])
	}
	if err != nil {
		return time.Time{}, protocolError("a time is not a number")
	}
	return changed, nil
}

func parseTime(seconds, microseconds string) (time.Time, error) {
	s, err := parseSeconds(seconds)
	if err != nil {
		return time.Time{}, err
	}
	us, err := parseNumber(microseconds, 999_999)
	return time.Unix(s, us*1000), err
}

// parseSeconds parses seconds since 1970.
func parseSeconds(s string) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	n, err := strconv.ParseUint(digits, 10, 64)
	if negative || n > math.MaxInt64 {
		return 0, err
	}
	return int64(min(n, lastTime)), err
}

// parseNumber parses decimal digits, without a sign, up to limit.
func parseNumber(s string, limit int64) (int64, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err == nil && n > uint64(limit) {
		err = strconv.ErrRange
	}
	return int64(n), err
}

// checkName returns an error unless name is a single element of a path. Errors: Invalid.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || len(name) > maxName ||
		strings.Contains(name, "/") || strings.ContainsFunc(name, unicode.IsControl) {
		return forum.Errorf(forum.Invalid, "A name has 1 to %d bytes without / and control characters, and is not . or ..; use another one than %s.",
			maxName, quote(name))
	}
	return nil
}

// tooDeep returns the error for a directory that is more than maxDepth deep.
func tooDeep(name string) error {
	return forum.Errorf(forum.Invalid, "The directory %s is inside %d others, which is the most; copy it by itself.", quote(name), maxDepth)
}

// quote returns a name from any source, quoted for a sentence.
func quote(name string) string { return strconv.Quote(forum.Printable(name)) }
