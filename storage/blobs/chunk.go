package blobs

// chunk is a part of a content in memory: chunkSize bytes from index*chunkSize on. Bytes behind
// data are zeroes.
type chunk struct {
	index int64  // number in the content
	data  []byte // with room for chunkSize bytes
	ripe  bool   // every byte of it was written, so it can be stored
}

func (c *chunk) start() int64 { return c.index * chunkSize }

func (c *chunk) end() int64 { return c.start() + int64(len(c.data)) }

// write copies p to a position, and returns how many bytes fitted.
func (c *chunk) write(p []byte, at int) int {
	n := min(len(p), chunkSize-at)
	if old := len(c.data); at+n > old {
		c.data = c.data[:at+n]
		if at > old {
			clear(c.data[old:at])
		}
	}
	return copy(c.data[at:], p[:n])
}

// cut shortens the data to end at a position of the content, if it is longer.
func (c *chunk) cut(at int64) {
	if at < c.end() {
		c.data = c.data[:max(0, at-c.start())]
	}
}

// newChunk returns an empty chunk. The caller must have acquired a unit of s.memory for it.
func (s *Store) newChunk(index int64) *chunk {
	c := s.chunks.Get().(*chunk)
	c.index = index
	return c
}

// freeChunk takes a chunk back, and releases its unit of s.memory.
func (s *Store) freeChunk(c *chunk) {
	c.data, c.ripe = c.data[:0], false
	s.chunks.Put(c)
	s.memory.Release(1)
}

// fill fills p with data from a position on, and with zeroes behind the data.
func fill(p, data []byte, at int64) {
	n := copy(p, data[min(at, int64(len(data))):])
	clear(p[n:])
}
