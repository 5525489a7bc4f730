package forum

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Names in the folder of a thread that are not uploads: the forum makes these files when they
// are read.
const (
	ThreadText = ".thread.txt"
	ThreadJSON = ".thread.json"
)

// madeByForum is the beginning of all such names, including those of future formats.
const madeByForum = ".thread."

// temporarySuffixes are the endings of the names under which WinSCP and rclone upload before
// they rename.
var temporarySuffixes = []string{".filepart", ".partial"}

// Temporary reports whether only the uploader sees a file of that name until it is renamed,
// because programs give such names to unfinished files: it begins with a dot (GNOME Files,
// rsync, lftp, sshfs; locks and copies of editors), is between two # (emacs), or has one of
// temporarySuffixes.
func Temporary(name string) bool {
	switch {
	case strings.HasPrefix(name, "."):
		return true
	case len(name) > 2 && name[0] == '#' && name[len(name)-1] == '#':
		return true
	}
	return slices.ContainsFunc(temporarySuffixes, func(s string) bool { return strings.HasSuffix(name, s) })
}

const MaxFileNameBytes = 255

// CleanFileName returns the name of a file in Normalization Form C. A name is one path element
// of at most 255 bytes without control, format or invisible characters; it does not end in a
// space or a dot, and is not a name that the forum makes. Errors: Invalid.
func CleanFileName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", Errorf(Invalid, "The file name is not valid UTF-8; rename the file and send it again.")
	}
	name = norm.NFC.String(name)
	switch {
	case name == "":
		return "", Errorf(Invalid, "The file has no name; give it one.")
	case len(name) > MaxFileNameBytes:
		return "", Errorf(Invalid, "A file name has at most %d bytes; this one has %d.", MaxFileNameBytes, len(name))
	case strings.HasPrefix(name, madeByForum):
		return "", Errorf(Invalid, "The forum itself makes the files that begin with %s; rename the file and send it again.", madeByForum)
	case strings.HasSuffix(name, " ") || strings.HasSuffix(name, "."):
		return "", Errorf(Invalid, "A file name cannot end in a space or a dot; rename the file and send it again.")
	}
	if i := strings.IndexFunc(name, notInFileName); i >= 0 {
		r, _ := utf8.DecodeRuneInString(name[i:])
		return "", Errorf(Invalid, "A file name cannot contain %s; rename the file and send it again.", quoteRune(r))
	}
	if Printable(name) != name || strings.IndexFunc(name, hasInk) < 0 {
		return "", Errorf(Invalid, "The file name has characters that cannot be shown; rename the file and send it again.")
	}
	return name, nil
}

func notInFileName(r rune) bool {
	return r == '/' || r == '\\' || unicode.IsControl(r)
}

// FileKey returns the key by which file names are compared: Normalization Form C, case kept. It
// accepts any string, so an impossible name is simply not found.
func FileKey(name string) string { return norm.NFC.String(name) }
