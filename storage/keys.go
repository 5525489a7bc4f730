package storage

import (
	"encoding/binary"
	"time"

	"sshforum/forum"
)

// The keys of metaBucket, except those of boltfile. Values are big-endian numbers of 8 bytes.
const (
	journalKey    = "journal"     // number, then time, of the last change
	lastUserKey   = "last_user"   // highest user id given out
	lastThreadKey = "last_thread" // highest thread id given out
	lastVisitKey  = "last_visit"  // highest visit id given out
	eventsFromKey = "events_from" // lowest number from which on no event is missing
	sweptKey      = "swept"       // total time of sweeping, see forum.Reader.Swept, nanoseconds
	leapsKey      = "leaps"       // from and to of each leap of the clock

	indexVersionKey  = "index_version" // of the index, see index.go
	indexProgressKey = "index"         // next document, then bytes of the open segment
)

func uintKey(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 0, 8), n) }

func parseUint(b []byte) (uint64, bool) {
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

// parseID parses a key that is one id.
func parseID[ID ~uint64](k []byte) (ID, bool) {
	n, ok := parseUint(k)
	return ID(n), ok
}

func userKey(id forum.UserID) []byte     { return uintKey(uint64(id)) }
func threadKey(id forum.ThreadID) []byte { return uintKey(uint64(id)) }

func messageKey(id forum.MessageID) []byte {
	k := make([]byte, 0, 16)
	k = binary.BigEndian.AppendUint64(k, uint64(id.Thread))
	return binary.BigEndian.AppendUint64(k, id.Seq)
}

func parseMessageKey(k []byte) (forum.MessageID, bool) {
	if len(k) != 16 {
		return forum.MessageID{}, false
	}
	return forum.MessageID{
		Thread: forum.ThreadID(binary.BigEndian.Uint64(k)),
		Seq:    binary.BigEndian.Uint64(k[8:]),
	}, true
}

func editKey(id forum.MessageID, version uint32) []byte {
	return binary.BigEndian.AppendUint32(messageKey(id), version)
}

func parseEditKey(k []byte) (id forum.MessageID, version uint32, ok bool) {
	if len(k) != 20 {
		return id, 0, false
	}
	id, ok = parseMessageKey(k[:16])
	return id, binary.BigEndian.Uint32(k[16:]), ok
}

func nodeKey(thread forum.ThreadID, level uint8, index uint64) []byte {
	k := make([]byte, 0, 17)
	k = binary.BigEndian.AppendUint64(k, uint64(thread))
	k = append(k, 255-level)
	return binary.BigEndian.AppendUint64(k, index)
}

func parseNodeKey(k []byte) (thread forum.ThreadID, level uint8, index uint64, ok bool) {
	if len(k) != 17 {
		return 0, 0, 0, false
	}
	return forum.ThreadID(binary.BigEndian.Uint64(k)), 255 - k[8], binary.BigEndian.Uint64(k[9:]), true
}

// timeKey returns a number that sorts like the time, also before 1970.
func timeKey(t time.Time) uint64 { return uint64(toNanos(t)) ^ 1<<63 }

func removalKey(at time.Time, id forum.MessageID) []byte {
	k := make([]byte, 0, 24)
	k = binary.BigEndian.AppendUint64(k, timeKey(at))
	return append(k, messageKey(id)...)
}

func parseRemovalKey(k []byte) (at time.Time, id forum.MessageID, ok bool) {
	if len(k) != 24 {
		return at, id, false
	}
	id, ok = parseMessageKey(k[8:])
	return fromNanos(int64(binary.BigEndian.Uint64(k) ^ 1<<63)), id, ok
}

// removedTitlePrefix returns the first part of the keys of removed threads with a title. It
// begins with the length of the title, so that no title is a prefix of another.
func removedTitlePrefix(title string) []byte {
	k := make([]byte, 0, 2+len(title)+16)
	k = binary.BigEndian.AppendUint16(k, uint16(len(title)))
	return append(k, title...)
}

func removedTitleKey(t forum.Thread) []byte {
	k := removedTitlePrefix(t.Title)
	k = binary.BigEndian.AppendUint64(k, timeKey(t.Removed.At))
	return binary.BigEndian.AppendUint64(k, uint64(t.ID))
}
