package sftpext

import (
	"bytes"
	"encoding/binary"
)

// paddingDays returns the SSH_FXP_NAME packet b with days of two columns in its long names, as
// `ls -l` and OpenSSH's server write them; pkg/sftp does not pad a day of one digit. It returns
// a packet that cannot be parsed unchanged.
func paddingDays(b []byte) []byte {
	count, rest, ok := cutUint32(b[headerLength:])
	if !ok {
		return b
	}
	content := binary.BigEndian.AppendUint32(make([]byte, 0, len(b)+int(min(count, uint32(len(b))))), count)
	for range count {
		name, after, ok := cutString(rest)
		if !ok {
			return b
		}
		long, after, ok := cutString(after)
		if !ok {
			return b
		}
		attributes, next, ok := cutAttributes(after)
		if !ok {
			return b
		}
		content = appendString(appendString(content, string(name)), string(paddingDay(long, name)))
		content = append(content, attributes...)
		rest = next
	}
	return packet(fxpName, id(b), append(content, rest...))
}

// paddingDay pads one long name, which ends in a date such as "Jan 2 15:04" or "Jan 2 2006" and
// the name.
func paddingDay(long, name []byte) []byte {
	const behind = len(" 15:04")
	date, ok := bytes.CutSuffix(long, append([]byte(" "), name...))
	day := len(date) - behind - 1
	if !ok || day < 1 || date[day-1] != ' ' || date[day] < '1' || date[day] > '9' {
		return long
	}
	padded := append(make([]byte, 0, len(long)+1), long[:day]...)
	return append(append(padded, ' '), long[day:]...)
}

// The flags of attributes (draft-ietf-secsh-filexfer-02, section 5), with the bytes of each
// flag's attributes.
var attributeLengths = map[uint32]int{
	0x1: 8, // size
	0x2: 8, // user and group
	0x4: 4, // permissions
	0x8: 8, // times
}

// cutAttributes cuts attributes off b. ok is false if they are cut off or have extended ones.
func cutAttributes(b []byte) (attributes, rest []byte, ok bool) {
	flags, _, ok := cutUint32(b)
	if !ok {
		return nil, nil, false
	}
	length := 4
	for flag, n := range attributeLengths {
		if flags&flag != 0 {
			length += n
			flags &^= flag
		}
	}
	if flags != 0 || len(b) < length {
		return nil, nil, false
	}
	return b[:length], b[length:], true
}

func cutUint32(b []byte) (n uint32, rest []byte, ok bool) {
	if len(b) < 4 {
		return 0, nil, false
	}
	return binary.BigEndian.Uint32(b), b[4:], true
}
