package blobs

import (
	"math"

	"sshforum/storage/boltfile"
)

// Room implements forum.Blobs. It counts bytes in memory as stored, and blobs that are being
// removed as free. One page in 256 is counted for the tree above the others.
func (s *Store) Room() (bytes int64, full error) {
	free := s.file.Free()
	if free == math.MaxInt64 {
		return free, nil
	}
	stats := s.file.Bolt.Stats()
	room := max(free-s.options.MinFree, 0) + int64(stats.FreePageN+stats.PendingPageN)*int64(s.file.Bolt.Info().PageSize)
	room += s.unfreedBytes() - s.unstored() - reserve
	return max(room-room/256, 0), s.file.FullError(nil)
}

// unfreedBytes returns how many bytes the removed blobs have that are not freed yet.
func (s *Store) unfreedBytes() (bytes int64) {
	_ = s.view(func(tx *boltfile.Tx) error {
		for id := range s.removing() {
			value, _ := tx.Bucket(blobsBucket).Get(id[:])
			if r, err := decodeRow(value); err == nil {
				bytes += r.size
			}
		}
		return nil
	})
	return bytes
}

// unstored returns how many bytes of uploads are only in memory.
func (s *Store) unstored() (bytes int64) {
	for _, u := range s.uploads() {
		u.mu.Lock()
		for _, chunks := range []map[int64]*chunk{u.dirty, u.committing} {
			for _, c := range chunks {
				bytes += int64(len(c.data))
			}
		}
		u.mu.Unlock()
	}
	return bytes
}
