package sftpext

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// requests is the state of Read within the packets of the client.
type requests struct {
	seen   []byte // the beginning of the packet, as far as it was parsed
	unread []byte // bytes of seen that the server has not read yet
	rest   int64  // bytes of the packet after seen, not read yet
	err    error  // what follows instead of another packet
}

// Read gives the server the requests of the client, except those that the filter answers. Each
// request waits until the server may have it beside those before it. The rest of a packet after
// its parsed beginning goes directly from the channel to p.
func (f *Filter) Read(p []byte) (int, error) {
	r := &f.requests
	if len(p) == 0 {
		return 0, nil
	}
	for {
		switch {
		case len(r.unread) > 0:
			n := copy(p, r.unread)
			r.unread = r.unread[n:]
			return n, nil
		case r.rest > 0:
			n, err := f.conn.Read(p[:min(int64(len(p)), r.rest)])
			r.rest -= int64(n)
			return n, err
		case r.err != nil:
			return 0, r.err
		}
		f.next()
	}
}

// next parses the beginning of the next packet, and waits until the server may have it.
func (f *Filter) next() {
	r := &f.requests
	r.seen = r.seen[:0]
	defer func() { r.unread = r.seen }()
	if !f.seeHeader() {
		return
	}
	var err error
	if request, answer := f.examine(); answer == nil {
		err = f.wait(func() bool { return f.queue.join(request, f.cfg.Requests) })
	} else if f.skip() {
		err = f.answer(answer)
	}
	if err != nil {
		r.seen, r.rest, r.err = r.seen[:0], 0, err
	}
}

// answer sends an answer of the filter after the answers to all requests before.
func (f *Filter) answer(answer ownAnswer) error {
	if err := f.drain(); err != nil {
		return err
	}
	return f.send(answer())
}

// seeHeader reads the header of a packet, or sets err.
func (f *Filter) seeHeader() bool {
	r := &f.requests
	if !f.see(4) {
		return false
	}
	if n := binary.BigEndian.Uint32(r.seen); n < headerLength-4 || n > PacketLength {
		r.seen = r.seen[:0]
		r.err = fmt.Errorf("the client sends a packet of %d bytes; a packet has %d to %d", n, headerLength-4, PacketLength)
		return false
	}
	r.rest = int64(binary.BigEndian.Uint32(r.seen))
	return f.seeRest(headerLength)
}

// see reads n more bytes of the packet into seen, or sets err.
func (f *Filter) see(n int) bool {
	r := &f.requests
	before := len(r.seen)
	r.seen = slices.Grow(r.seen, n)[:before+n]
	got, err := io.ReadFull(f.conn, r.seen[before:])
	r.seen = r.seen[:before+got]
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	r.err = err
	return err == nil
}

// field returns the string at an offset in the packet. It returns false if the string does not
// fit in the packet or is longer than most.
func (f *Filter) field(offset int, most uint32) (string, bool) {
	r := &f.requests
	if !f.seeRest(offset + 4) {
		return "", false
	}
	n := binary.BigEndian.Uint32(r.seen[offset:])
	if n > most || !f.seeRest(offset+4+int(n)) {
		return "", false
	}
	return string(r.seen[offset+4 : offset+4+int(n)]), true
}

// seeRest reads the packet up to an offset. It returns false if the packet is shorter.
func (f *Filter) seeRest(offset int) bool {
	r := &f.requests
	more := offset - len(r.seen)
	if more <= 0 {
		return true
	}
	if int64(more) > r.rest {
		return false
	}
	before := len(r.seen)
	ok := f.see(more)
	r.rest -= int64(len(r.seen) - before)
	return ok
}

// skip discards the packet instead of giving it to the server, or sets err.
func (f *Filter) skip() bool {
	r := &f.requests
	if r.err == nil {
		_, r.err = io.CopyN(io.Discard, f.conn, r.rest)
	}
	r.seen, r.rest = r.seen[:0], 0
	return r.err == nil
}
