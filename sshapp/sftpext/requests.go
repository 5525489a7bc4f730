package sftpext

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
)

// Longest strings that are looked at. A longer one is nothing that the filter acts on.
const (
	maxName   = 64 // of an extension
	maxHandle = 256
	maxPath   = 4096
)

// requests is where Read is in the packets of the client.
type requests struct {
	seen   []byte // the beginning of the packet, as far as it had to be seen
	unread []byte // what of seen the server has not read yet
	rest   int64  // bytes of the packet after seen, not read yet
	err    error  // what follows them instead of another packet

	under class // of the last request that has one
}

// class is of requests that the server must not have under way with those of another:
// while pkg/sftp 1.13.12 opens a handle, a client that guesses it could read or write by
// it, without a lock between the two.
type class uint8

const (
	opens class = iota + 1
	transfers
)

var classes = map[byte]class{fxpOpen: opens, fxpOpendir: opens, fxpRead: transfers, fxpWrite: transfers}

// Read gives the server the requests of the client, except those that the filter answers.
// What follows the beginning of a packet goes straight from the channel to p.
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

// next sees the beginning of the next packet.
func (f *Filter) next() {
	r := &f.requests
	r.seen = r.seen[:0]
	defer func() { r.unread = r.seen }()
	if !f.see(headerLength) {
		return
	}
	total, ok := size(r.seen)
	if !ok || total > 4+PacketLength {
		r.rest = math.MaxInt64 // the server refuses it
		return
	}
	r.rest = total - headerLength
	switch kind(r.seen) {
	case fxpOpen:
		if path, ok := f.field(headerLength, maxPath); ok {
			f.files.ask(id(r.seen), path)
		}
	case fxpClose:
		if handle, ok := f.field(headerLength, maxHandle); ok {
			f.files.close(handle)
		}
	case fxpExtended:
		if f.extended() {
			return
		}
	}
	err := f.keepApart(classes[kind(r.seen)])
	if err == nil {
		err = f.asked()
	}
	if err != nil {
		r.seen, r.rest, r.err = r.seen[:0], 0, err
	}
}

// keepApart waits, before a request is given to the server, for those of another class.
func (f *Filter) keepApart(c class) error {
	r := &f.requests
	if c == 0 || c == r.under {
		return nil
	}
	r.under = c
	return f.settle(0)
}

// see has n more bytes of the packet in seen, or else sets err.
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

// field returns the string at an offset in the packet, if it fits there and is no longer
// than most.
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

// seeRest sees the packet up to an offset, if it goes that far.
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

// extended answers SSH_FXP_EXTENDED if the extension is the filter's, and reports so.
func (f *Filter) extended() bool {
	r := &f.requests
	id := id(r.seen)
	name, ok := f.field(headerLength, maxName)
	switch {
	case ok && name == limitsExtension:
		if f.skip() {
			r.err = f.send(f.limits(id))
		}
	case ok && name == fsyncExtension && f.cfg.Fsync != nil:
		handle, _ := f.field(headerLength+4+len(name), maxHandle)
		if f.skip() {
			r.err = f.fsync(id, handle)
		}
	default:
		return false
	}
	return true
}

// skip takes the packet away from the server, to its end or else sets err.
func (f *Filter) skip() bool {
	r := &f.requests
	if r.err == nil {
		_, r.err = io.CopyN(io.Discard, f.conn, r.rest)
	}
	r.seen, r.rest = r.seen[:0], 0
	return r.err == nil
}

// limits returns the reply of PROTOCOL, section 4.8.
func (f *Filter) limits(id uint32) []byte {
	var content []byte
	for _, limit := range []uint32{PacketLength, f.cfg.ReadLength, f.cfg.WriteLength, f.cfg.OpenHandles} {
		content = binary.BigEndian.AppendUint64(content, uint64(limit))
	}
	return packet(fxpExtendedReply, id, content)
}

// fsync does what PROTOCOL, section 4.6, asks for. Writes may be under way in the
// server, so it waits for their answers first.
func (f *Filter) fsync(id uint32, handle string) error {
	if err := f.settle(0); err != nil {
		return err
	}
	path, ok := f.files.path(handle)
	if !ok {
		return f.send(status(id, fxFailure, "the handle is not of an open file"))
	}
	if err := f.cfg.Fsync(path); err != nil {
		return f.send(status(id, fxFailure, err.Error()))
	}
	return f.send(status(id, fxOK, ""))
}
