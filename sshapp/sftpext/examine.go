package sftpext

import (
	"encoding/binary"
	"math"
	"path"
)

// Limits of the strings that are parsed, in bytes.
const (
	maxName   = 64 // of an extension
	maxHandle = 256
	maxPath   = 4096
)

// ownAnswer returns the filter's own answer to a request. It is called after all requests before it
// have been answered. It is nil for a request that the server answers.
type ownAnswer func() []byte

// types has the request types that the server supports. examine parses more of a request than
// its header, and notes the result.
var types = map[byte]struct {
	class   class
	examine func(*Filter, *request) ownAnswer
}{
	fxpInit:     {class: changes},
	fxpOpen:     {changes, (*Filter).examineOpen},
	fxpClose:    {changes, (*Filter).examineClose},
	fxpRead:     {reads, (*Filter).examineRead},
	fxpWrite:    {writes, (*Filter).examineWrite},
	fxpLstat:    {class: looks},
	fxpFstat:    {class: looks},
	fxpSetstat:  {class: changes},
	fxpFsetstat: {changes, (*Filter).examineFsetstat},
	fxpOpendir:  {changes, (*Filter).examineOpendir},
	fxpReaddir:  {looks, (*Filter).examineReaddir},
	fxpRemove:   {class: changes},
	fxpMkdir:    {class: changes},
	fxpRmdir:    {class: changes},
	fxpRealpath: {class: looks},
	fxpStat:     {class: looks},
	fxpRename:   {class: changes},
	fxpReadlink: {class: looks},
	fxpSymlink:  {class: changes},
	fxpExtended: {changes, (*Filter).examineExtended},
}

// examine parses a request as far as needed to decide which requests may run at the same time.
func (f *Filter) examine() (r request, answer ownAnswer) {
	t, known := types[kind(f.requests.seen)]
	if !known {
		return r, f.refuse(fxUnsupported, "this is no request of version 3 of SFTP")
	}
	r.class = t.class
	if t.examine != nil {
		answer = t.examine(f, &r)
	}
	return r, answer
}

// refuse returns an answer with a status.
func (f *Filter) refuse(code uint32, text string) ownAnswer {
	id := id(f.requests.seen)
	return func() []byte { return status(id, code, text) }
}

// examineOpen parses a path and flags.
func (f *Filter) examineOpen(r *request) ownAnswer {
	name, ok := f.field(headerLength, maxPath)
	at := headerLength + 4 + len(name)
	if !ok || !f.seeRest(at+4) {
		return f.refuse(fxBadMessage, "the path is too long or cut off")
	}
	name = path.Join("/", name)
	r.opens = &opened{path: name, file: f.cfg.File(name), flags: binary.BigEndian.Uint32(f.requests.seen[at:])}
	return nil
}

func (f *Filter) examineOpendir(r *request) ownAnswer {
	r.opens = &opened{directory: true}
	return nil
}

func (f *Filter) examineClose(r *request) ownAnswer {
	r.closes, _ = f.field(headerLength, maxHandle)
	return nil
}

func (f *Filter) examineRead(r *request) ownAnswer {
	o, known := f.handle()
	switch r.file = o.file; {
	case known && o.directory:
		return f.refuse(fxFailure, "the handle is of a directory")
	case known && !o.toRead():
		return f.refuse(fxPermissionDenied, "the file was not opened to be read")
	}
	return nil
}

// examineWrite parses a handle, an offset, and data, which begins with its length.
func (f *Filter) examineWrite(r *request) ownAnswer {
	o, known := f.handle()
	switch r.file = o.file; {
	case known && o.directory:
		return f.refuse(fxFailure, "the handle is of a directory")
	case known && !o.toWrite():
		return f.refuse(fxPermissionDenied, "the file was not opened to be written")
	}
	r.to = math.MaxUint64
	if known && !o.appends() {
		f.examineExtent(r)
	}
	return nil
}

// examineExtent notes which part of the file is written.
func (f *Filter) examineExtent(r *request) {
	at := f.afterHandle()
	if !f.seeRest(at + 8 + 4) {
		return
	}
	from, length := binary.BigEndian.Uint64(f.requests.seen[at:]), binary.BigEndian.Uint32(f.requests.seen[at+8:])
	if to := from + uint64(length); to >= from {
		r.from, r.to = from, to
	}
}

func (f *Filter) examineReaddir(*request) ownAnswer {
	if o, known := f.handle(); known && !o.directory {
		return f.refuse(fxFailure, "the handle is of a file")
	}
	return nil
}

// examineFsetstat parses a handle and attributes, which begin with flags.
func (f *Filter) examineFsetstat(*request) ownAnswer {
	o, known := f.handle()
	if !known || o.toWrite() {
		return nil
	}
	at := f.afterHandle()
	if f.seeRest(at+4) && binary.BigEndian.Uint32(f.requests.seen[at:])&attrSize != 0 {
		return f.refuse(fxPermissionDenied, "the file was not opened to be written")
	}
	return nil
}

// handle returns the file or directory of the request's handle.
func (f *Filter) handle() (o opened, known bool) {
	name, ok := f.field(headerLength, maxHandle)
	if !ok {
		return opened{}, false
	}
	if o, known = f.handles.find(name); known {
		return o, true
	}
	// The client may have guessed the handle of a file that is being opened.
	if err := f.drain(); err != nil {
		return opened{}, false
	}
	return f.handles.find(name)
}

// afterHandle returns the offset of the handle's end in the packet. The handle must have been
// read.
func (f *Filter) afterHandle() int {
	return headerLength + 4 + int(binary.BigEndian.Uint32(f.requests.seen[headerLength:]))
}

// examineExtended parses the name of an extension.
func (f *Filter) examineExtended(*request) ownAnswer {
	id := id(f.requests.seen)
	name, ok := f.field(headerLength, maxName)
	switch {
	case ok && name == limitsExtension:
		return func() []byte { return f.limits(id) }
	case ok && name == fsyncExtension && f.cfg.Fsync != nil:
		handle, _ := f.field(headerLength+4+len(name), maxHandle)
		return func() []byte { return f.fsync(id, handle) }
	}
	return nil
}

// limits returns the reply of PROTOCOL, section 4.8.
func (f *Filter) limits(id uint32) []byte {
	var content []byte
	for _, limit := range []uint32{PacketLength, f.cfg.ReadLength, f.cfg.WriteLength, f.cfg.OpenHandles} {
		content = binary.BigEndian.AppendUint64(content, uint64(limit))
	}
	return packet(fxpExtendedReply, id, content)
}

// fsync handles the request of PROTOCOL, section 4.6.
func (f *Filter) fsync(id uint32, handle string) []byte {
	o, known := f.handles.find(handle)
	if !known || o.directory {
		return status(id, fxFailure, "the handle is not of an open file")
	}
	if err := f.cfg.Fsync(o.path); err != nil {
		return status(id, fxFailure, err.Error())
	}
	return status(id, fxOK, "")
}
