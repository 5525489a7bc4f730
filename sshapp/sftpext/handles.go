package sftpext

import "sync"

// unlimitedHandles limits the known handles if the server sets no limit.
const unlimitedHandles = 256

// opened is the file or directory of a handle.
type opened struct {
	directory bool
	path      string // of a file, at the time of opening
	file      string // as Config.File returns it
	flags     uint32 // of the request that opened it
}

func (o opened) toRead() bool  { return o.flags&fxfRead != 0 }
func (o opened) toWrite() bool { return o.flags&fxfWrite != 0 }
func (o opened) appends() bool { return o.flags&fxfAppend != 0 }

// handles has the file or directory of each handle, learned from the packets that pass; it has
// at most the given number.
type handles struct {
	limit int

	mu   sync.Mutex
	open map[string]opened
}

func newHandles(most int) *handles {
	if most == 0 {
		most = unlimitedHandles
	}
	return &handles{limit: most, open: make(map[string]opened)}
}

func (h *handles) add(handle string, o opened) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.open) < h.limit {
		h.open[handle] = o
	}
}

func (h *handles) remove(handle string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, handle)
}

func (h *handles) find(handle string) (o opened, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o, known = h.open[handle]
	return o, known
}
