package blobs

import "sshforum/storage/boltfile"

// mapping is the address and the size of a file in memory.
type mapping struct {
	data uintptr
	size int
}

// advise tells the system to read ahead in the file. bbolt asks for the opposite each time it
// maps the file, which makes reading uncached data ten times slower than from a plain file. The
// caller holds s.writing, so the file is not mapped meanwhile.
func (s *Store) advise(tx *boltfile.Tx) {
	now := mapping{data: s.file.Bolt.Info().Data, size: mapSize(max(s.file.Mapped, int(tx.Bolt.Size())))}
	if now.data == s.advised.data && now.size <= s.advised.size {
		return
	}
	s.advised = now
	if err := adviseNormal(now); err != nil {
		s.log.Warn("reading files will be slow", "error", err)
	}
}

// mapSize returns how many bytes bbolt maps for a file of a size: a power of two up to 1 GiB,
// and whole GiB above that.
func mapSize(size int) int {
	const least, step = 32 << 10, 1 << 30
	mapped := least
	for mapped < size && mapped < step {
		mapped *= 2
	}
	if size <= mapped {
		return mapped
	}
	return (size + step - 1) / step * step
}
