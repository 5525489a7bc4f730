package blobs

// chunk is a part of a content in memory: chunkSize bytes from a multiple of it on. What
// lies beyond its data is zeroes.
type chunk struct {
	index int64  // its number in the content
	data  []byte // with room for chunkSize bytes
	ripe  bool   // every byte of it was written, so it can be stored
}

func (c *chunk) start() int64 { return c.index * chunkSize }

func (c *chunk) end() int64 { return c.start() + int64(len(c.data)) }

// write puts p at a position and returns how much of it there was room for.
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

// cut ends the data at a position of the content, if it does not end before.
func (c *chunk) cut(at int64) {
	if at < c.end() {
		c.data = c.data[:max(0, at-c.start())]
	}
}

// newChunk returns an empty chunk. Its place in s.memory is the caller's to get.
func (s *Store) newChunk(index int64) *chunk {
	c := s.chunks.Get().(*chunk)
	c.index = index
	return c
}

// freeChunk takes a chunk back, and its place in memory.
func (s *Store) freeChunk(c *chunk) {
	c.data, c.ripe = c.data[:0], false
	s.chunks.Put(c)
	s.memory.Release(1)
}

// fill fills p with data from a position on, and with zeroes where there is none.
func fill(p, data []byte, at int64) {
	n := copy(p, data[min(at, int64(len(data))):])
	clear(p[n:])
}
