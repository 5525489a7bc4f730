package sftpext

import (
	"encoding/binary"
	"slices"
)

// Types of packets (draft-ietf-secsh-filexfer-02, section 3).
const (
	fxpInit          = 1
	fxpVersion       = 2
	fxpOpen          = 3
	fxpClose         = 4
	fxpRead          = 5
	fxpWrite         = 6
	fxpLstat         = 7
	fxpFstat         = 8
	fxpSetstat       = 9
	fxpFsetstat      = 10
	fxpOpendir       = 11
	fxpReaddir       = 12
	fxpRemove        = 13
	fxpMkdir         = 14
	fxpRmdir         = 15
	fxpRealpath      = 16
	fxpStat          = 17
	fxpRename        = 18
	fxpReadlink      = 19
	fxpSymlink       = 20
	fxpStatus        = 101
	fxpHandle        = 102
	fxpName          = 104
	fxpExtended      = 200
	fxpExtendedReply = 201
)

// Flags of fxpOpen (the same draft, section 6.3) and of attributes (section 5).
const (
	fxfRead   = 0x1
	fxfWrite  = 0x2
	fxfAppend = 0x4
	attrSize  = 0x1
)

// Codes of a status (section 7).
const (
	fxOK               = 0
	fxPermissionDenied = 3
	fxFailure          = 4
	fxBadMessage       = 5
	fxUnsupported      = 8
)

const (
	limitsExtension   = "limits@openssh.com"
	fsyncExtension    = "fsync@openssh.com"
	hardlinkExtension = "hardlink@openssh.com"
)

// headerLength is the size of the header of all packets: the length, the type, and the id of
// the request or the version of the protocol.
const headerLength = 4 + 1 + 4

// size returns the length of the whole packet that begins with b, including its length field.
// ok is false if it is shorter than a header. b must have a whole header.
func size(b []byte) (n int64, ok bool) {
	n = 4 + int64(binary.BigEndian.Uint32(b))
	return n, n >= headerLength
}

func kind(b []byte) byte { return b[4] }

// id returns the id of a request or its answer, or the version in its place.
func id(b []byte) uint32 { return binary.BigEndian.Uint32(b[5:]) }

// cutString returns the string at the beginning of b and the bytes after it.
func cutString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// packet returns a packet with the content after its id.
func packet(kind byte, id uint32, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, headerLength+len(content)), uint32(1+4+len(content)))
	b = binary.BigEndian.AppendUint32(append(b, kind), id)
	return append(b, content...)
}

// status returns SSH_FXP_STATUS, with an empty language tag.
func status(id, code uint32, message string) []byte {
	content := appendString(binary.BigEndian.AppendUint32(nil, code), message)
	return packet(fxpStatus, id, appendString(content, ""))
}

// withExtensions returns the SSH_FXP_VERSION packet b without the extension hidden, and with
// version 1 of those added. It returns a packet that cannot be parsed unchanged.
func withExtensions(b []byte, hidden string, added ...string) []byte {
	var content []byte
	for rest := b[headerLength:]; len(rest) > 0; {
		name, after, ok := cutString(rest)
		if !ok {
			return b
		}
		_, next, ok := cutString(after)
		if !ok {
			return b
		}
		if !slices.Contains(append(added, hidden), string(name)) {
			content = append(content, rest[:len(rest)-len(next)]...)
		}
		rest = next
	}
	for _, name := range added {
		content = appendString(appendString(content, name), "1")
	}
	return packet(fxpVersion, id(b), content)
}
