package sftpext

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"
)

// chunks is a reader that returns at most the given number of bytes at once.
type chunks struct {
	io.Reader
	most int
}

func (c chunks) Read(p []byte) (int, error) { return c.Reader.Read(p[:min(len(p), c.most)]) }

// settled is a filter whose server has answered all requests before it reads on.
type settled struct{ *Filter }

func (s settled) Read(p []byte) (int, error) {
	for s.queue.length() > 0 {
		s.queue.answered()
	}
	return s.Filter.Read(p)
}

// passing returns the client's bytes that the server must get: all packets except those that
// the filter answers, up to the first invalid one.
func passing(sent []byte) (passed []byte, sound bool) {
	for len(sent) >= 4 {
		length := int64(binary.BigEndian.Uint32(sent))
		if length < 5 || length > PacketLength {
			return passed, false
		}
		packet := sent[:min(int64(len(sent)), 4+length)]
		if len(packet) < headerLength || !answered(packet) {
			passed = append(passed, packet...)
		}
		sent = sent[len(packet):]
	}
	return append(passed, sent...), true
}

// answered reports whether a packet, of which the end may be missing, is for the filter
// while no handle is open.
func answered(packet []byte) bool {
	text, rest, ok := cutString(packet[headerLength:])
	switch kind := packet[4]; {
	case kind == fxpOpen:
		return !ok || len(text) > maxPath || len(rest) < 4
	case kind == fxpExtended:
		return ok && (string(text) == limitsExtension || string(text) == fsyncExtension)
	default:
		return kind < fxpInit || kind == fxpVersion || kind > fxpSymlink
	}
}

func FuzzRequests(f *testing.F) {
	handle := "1"
	session := slices.Concat(packet(fxpInit, 3, nil), opening(1, "file"), writing(2, handle, 0, "data"),
		extension(3, limitsExtension), extension(4, fsyncExtension, handle), extension(5, "copy-data", "x"), packet(fxpClose, 6, content(handle)))
	f.Add(session, byte(1), byte(1))
	f.Add(session[:len(session)-3], byte(4), byte(200))
	f.Add(slices.Concat(session, []byte{0, 0, 0, 1, 5}, session), byte(100), byte(3))
	f.Add(slices.Concat([]byte{0xff, 0, 0, 0}, session), byte(0), byte(0))
	f.Add(extension(3, fsyncExtension, 1<<30), byte(9), byte(9))
	f.Fuzz(func(t *testing.T, sent []byte, arriving, asked byte) {
		channel := &memory{in: chunks{bytes.NewReader(sent), int(arriving) + 1}}
		filter := New(channel, Config{OpenHandles: 4, Fsync: func(string) error { return nil }})
		got, err := io.ReadAll(chunks{settled{filter}, int(asked) + 1})
		if want, sound := passing(sent); sound != (err == nil) || !bytes.Equal(got, want) {
			t.Errorf("%q becomes %q, %v", sent, got, err)
		}
		if kept := cap(filter.requests.seen); kept > 16<<10 {
			t.Errorf("%d bytes are kept", kept)
		}
		for replies := channel.out.Bytes(); len(replies) > 0; {
			n, _ := size(replies)
			if kind := kind(replies); kind != fxpExtendedReply && kind != fxpStatus || n > int64(len(replies)) {
				t.Fatalf("the client gets %q", replies)
			}
			replies = replies[n:]
		}
	})
}

// replied returns the server's bytes that the client must get, and how many of them must have
// been sent: a packet may be held back until enough of it is there.
func replied(written []byte) (all []byte, sent int, ok bool) {
	for len(written) > 0 {
		if len(written) < headerLength {
			return append(all, written...), sent, true
		}
		n, ok := size(written)
		if !ok {
			return all, len(all), false
		}
		reply := written[:min(int64(len(written)), n)]
		if kind(reply) == fxpVersion && n <= min(maxHeld, int64(len(reply))) {
			all = append(all, withExtensions(reply, hardlinkExtension, limitsExtension, fsyncExtension)...)
		} else if kind(reply) == fxpName && n == int64(len(reply)) {
			all = append(all, paddingDays(reply)...)
		} else {
			all = append(all, reply...)
		}
		if len(reply) >= needed(reply) {
			sent = len(all)
		}
		written = written[len(reply):]
	}
	return all, sent, true
}

func FuzzReplies(f *testing.F) {
	session := slices.Concat(packet(fxpVersion, 3, content(hardlinkExtension, "1", "statvfs@openssh.com", "2")),
		packet(fxpHandle, 1, content("1")), status(2, fxFailure, "no"), packet(103, 4, content("data")))
	f.Add(session, byte(1))
	f.Add(session, byte(200))
	f.Add(session[:len(session)-3], byte(7))
	f.Add(slices.Concat(session, []byte{0, 0, 0, 4, 1, 2, 3, 4, 5}, session), byte(12))
	f.Add(packet(fxpStatus, 1, make([]byte, maxHeld)), byte(255))
	f.Add(slices.Concat(names(1, "a", longAugust), names(2, "a", longAugust)[:50]), byte(9))
	f.Fuzz(func(t *testing.T, written []byte, split byte) {
		channel := &memory{}
		filter := New(channel, Config{
			OpenHandles: 4,
			Fsync:       func(string) error { return nil },
		})
		for range 10 {
			filter.queue.join(request{class: changes, opens: &opened{path: "/file"}}, 10)
		}
		var failed bool
		for piece := range slices.Chunk(written, int(split)+1) {
			if _, err := filter.Write(piece); err != nil {
				failed = true
				break
			}
		}
		all, least, ok := replied(written)
		got := channel.out.Bytes()
		if failed == ok || len(got) < least || !bytes.HasPrefix(all, got) {
			t.Errorf("%q becomes %q, failed %t", written, got, failed)
		}
		if cap(filter.replies.held) > max(2*maxHeld, 2*len(written)) || len(filter.handles.open) > 4 {
			t.Errorf("%d bytes and %d handles are held", cap(filter.replies.held), len(filter.handles.open))
		}
	})
}
