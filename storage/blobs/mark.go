package blobs

import (
	"bytes"
	"encoding/binary"
	"errors"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// The keys of markBucket. Numbers are big-endian, of 8 bytes.
var (
	markKey    = []byte("forum")   // forum, then pairing, of the file's Mark
	commitsKey = []byte("commits") // number of the last commit
	journalKey = []byte("journal") // number of the last change of the forum that was durable before this commit
	scrubKey   = []byte("scrub")   // see Scrubbed
)

var errUnmarked = errors.New("blobs: no mark")

// mark returns the file's Mark.
func mark(tx *boltfile.Tx) (m boltfile.Mark, err error) {
	v, err := tx.Bucket(markBucket).Get(markKey)
	if err != nil {
		return m, err
	}
	if len(v) != len(m.Forum)+len(m.Pairing) {
		return m, errUnmarked
	}
	copy(m.Forum[:], v)
	copy(m.Pairing[:], v[len(m.Forum):])
	if m.Last, err = getNumber(tx, commitsKey); err != nil {
		return m, err
	}
	m.Other, err = getNumber(tx, journalKey)
	return m, err
}

func putMark(tx *boltfile.Tx, m boltfile.Mark) error {
	return errors.Join(
		tx.Bucket(markBucket).Put(markKey, append(m.Forum[:], m.Pairing[:]...)),
		putNumber(tx, commitsKey, m.Last), putNumber(tx, journalKey, m.Other),
	)
}

// number writes the number of a commit, and the number of the forum's last durable change: from
// that change on, no row names the blobs that the commit removes.
func (s *Store) number(tx *boltfile.Tx, commit uint64) error {
	err := putNumber(tx, commitsKey, commit)
	if err != nil || s.options.Journal == nil {
		return err
	}
	change := s.options.Journal()
	before, err := getNumber(tx, journalKey)
	if err != nil || change <= before {
		return err
	}
	return putNumber(tx, journalKey, change)
}

// Scrubbed returns the last state that SetScrubbed stored, or nil. It is the progress of a
// pair.Scrubber. Errors: Stopping; Internal.
func (s *Store) Scrubbed() (state []byte, err error) {
	err = s.view(func(tx *boltfile.Tx) error {
		v, err := tx.Bucket(markBucket).Get(scrubKey)
		state = bytes.Clone(v)
		return err
	})
	return state, err
}

// SetScrubbed stores state. Errors: Unavailable if the disk is full or has failed; Stopping.
func (s *Store) SetScrubbed(state []byte) error {
	return s.update(0, func(tx *boltfile.Tx) error { return tx.Bucket(markBucket).Put(scrubKey, state) })
}

// Commits returns the number of the last durable commit.
func (s *Store) Commits() uint64 { return s.commits.Load() }

// SetPairing pairs the store with the forum.db that has the same pairing, whatever commit that
// is at. Errors: Unavailable if the disk is full or has failed; Stopping.
func (s *Store) SetPairing(p forum.Pairing) error {
	return s.update(0, func(tx *boltfile.Tx) error {
		m, err := mark(tx)
		if err != nil {
			return err
		}
		m.Pairing, m.Other = p, 0
		return putMark(tx, m)
	})
}

func getNumber(tx *boltfile.Tx, key []byte) (uint64, error) {
	v, err := tx.Bucket(markBucket).Get(key)
	if err != nil {
		return 0, err
	}
	if len(v) != 8 {
		return 0, errUnmarked
	}
	return binary.BigEndian.Uint64(v), nil
}

func putNumber(tx *boltfile.Tx, key []byte, n uint64) error {
	return tx.Bucket(markBucket).Put(key, binary.BigEndian.AppendUint64(nil, n))
}
