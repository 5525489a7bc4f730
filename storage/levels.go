package storage

import (
	"bytes"
	"encoding/binary"
	"iter"

	"sshforum/forum"
)

// The levels of a person's threads are stored in blocks of blockThreads consecutive threads. A
// block has two bits for each, the first thread in the lowest bits of the first byte. It ends with
// the last byte that is not zero.
const (
	blockThreads   = 1024
	threadsPerByte = 4
	blockBytes     = blockThreads / threadsPerByte
)

// blockKey returns the key of the block that has a thread: the person, and the number of the
// block.
func blockKey(user forum.UserID, thread forum.ThreadID) []byte {
	return binary.BigEndian.AppendUint64(userKey(user), uint64(thread)/blockThreads)
}

// levelPlace returns the byte of a thread in its block, and how far its bits are shifted in it.
func levelPlace(thread forum.ThreadID) (i, shift int) {
	at := int(uint64(thread) % blockThreads)
	return at / threadsPerByte, 2 * (at % threadsPerByte)
}

// levels yields the levels that are not Unset, the last thread first.
func (r *reader) levels(b bucket, user forum.UserID) iter.Seq[forum.LeveledThread] {
	return func(yield func(forum.LeveledThread) bool) {
		r.scanBack(b, userKey(user), func(k, v []byte) bool {
			if len(k) != 16 || len(v) > blockBytes {
				r.fail(b, k, errMalformed)
				return false
			}
			for level := range levelsOfBlock(k, v) {
				if !yield(level) {
					return false
				}
			}
			return true
		})
	}
}

// levelsOfBlock is levels for one block.
func levelsOfBlock(k, v []byte) iter.Seq[forum.LeveledThread] {
	return func(yield func(forum.LeveledThread) bool) {
		first := binary.BigEndian.Uint64(k[8:]) * blockThreads
		for i := len(v) - 1; i >= 0; i-- {
			for j := threadsPerByte - 1; j >= 0 && v[i] != 0; j-- {
				level := forum.LeveledThread{Thread: forum.ThreadID(first + uint64(i*threadsPerByte+j)), Level: forum.Level(v[i] >> (2 * j) & 3)}
				if level.Level != forum.Unset && !yield(level) {
					return
				}
			}
		}
	}
}

func (r *reader) level(b bucket, user forum.UserID, thread forum.ThreadID) forum.Level {
	i, shift := levelPlace(thread)
	v := r.get(b, blockKey(user, thread))
	if i >= len(v) {
		return forum.Unset
	}
	return forum.Level(v[i] >> shift & 3)
}

func (t *tx) setLevels(b bucket, user forum.UserID, levels []forum.LeveledThread) {
	for len(levels) > 0 {
		block, n := levels[0].Thread/blockThreads, 1
		for n < len(levels) && levels[n].Thread/blockThreads == block {
			n++
		}
		t.setBlock(b, blockKey(user, levels[0].Thread), levels[:n])
		levels = levels[n:]
	}
}

// setBlock sets levels of threads that are in one block.
func (t *tx) setBlock(b bucket, key []byte, levels []forum.LeveledThread) {
	old := t.get(b, key)
	if len(old) > blockBytes {
		t.fail(b, key, errMalformed)
		return
	}
	block := append(make([]byte, 0, blockBytes), old...)[:blockBytes]
	for _, level := range levels {
		i, shift := levelPlace(level.Thread)
		block[i] = block[i]&^(3<<shift) | byte(level.Level)<<shift
	}
	switch block = bytes.TrimRight(block, "\x00"); {
	case bytes.Equal(block, old):
	case len(block) == 0:
		t.drop(b, key)
	default:
		t.put(b, key, block)
	}
}
