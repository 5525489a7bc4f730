package storage

import (
	"encoding/binary"

	"sshforum/forum"
)

// pairKey is the key of a row that one person has about another. It has the capacity for one
// number more.
func pairKey(person, other forum.UserID) []byte {
	k := make([]byte, 0, 24)
	k = binary.BigEndian.AppendUint64(k, uint64(person))
	return binary.BigEndian.AppendUint64(k, uint64(other))
}

// interestKey is the key of a person's interest in a thread.
func interestKey(person forum.UserID, thread forum.ThreadID) []byte {
	return binary.BigEndian.AppendUint64(userKey(person), uint64(thread))
}

// parsePair parses a pairKey or an interestKey.
func parsePair[With forum.UserID | forum.ThreadID](k []byte) (person forum.UserID, with With, ok bool) {
	if len(k) != 16 {
		return 0, 0, false
	}
	return forum.UserID(binary.BigEndian.Uint64(k)), With(binary.BigEndian.Uint64(k[8:])), true
}

// scanPairs calls fn for the rows of b whose keys are pairs that begin with person, until fn
// returns false.
func scanPairs[With forum.UserID | forum.ThreadID](r *reader, b bucket, person forum.UserID, fn func(with With, k, v []byte) bool) {
	prefix := userKey(person)
	r.scan(b, prefix, prefix, func(k, v []byte) bool {
		_, with, ok := parsePair[With](k)
		if !ok {
			r.fail(b, k, errMalformed)
			return false
		}
		return fn(with, k, v)
	})
}
