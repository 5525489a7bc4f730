package sftpext

import "sync"

// unlimitedHandles is how many handles are known where the server sets no limit.
const unlimitedHandles = 256

// opened is what a handle is of.
type opened struct {
	directory bool
	path      string // of a file, when it was opened
	file      string // as Config.File names it
	flags     uint32 // with which it was opened
}

func (o opened) toRead() bool  { return o.flags&fxfRead != 0 }
func (o opened) toWrite() bool { return o.flags&fxfWrite != 0 }
func (o opened) appends() bool { return o.flags&fxfAppend != 0 }

// handles knows what each handle is of, as the packets that pass tell it, but of no more
// than most at once.
type handles struct {
	most int

	mu   sync.Mutex
	open map[string]opened
}

func newHandles(most int) *handles {
	if most == 0 {
		most = unlimitedHandles
	}
	return &handles{most: most, open: make(map[string]opened)}
}

func (h *handles) add(handle string, o opened) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.open) < h.most {
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
