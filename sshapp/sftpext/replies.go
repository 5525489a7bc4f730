package sftpext

import "errors"

// maxHeld limits the bytes of a packet that are held back until the whole packet is there; for
// names the limit is PacketLength.
const maxHeld = 4096

// replies is the state of Write within the packets of the server.
type replies struct {
	held []byte // the beginning of a packet, not sent yet
	rest int64  // bytes of the packet being sent that are still to come
}

var errShortPacket = errors.New("the SFTP server sends a packet without a header")

// Write sends the client the replies of the server, which may be split or joined in any way.
// Packets that the filter does not parse are not copied.
func (f *Filter) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var done int
		if f.replies.rest > 0 {
			done, err = f.pass(p[n:])
		} else {
			done, err = f.begin(p[n:])
		}
		n += done
	}
	return n, err
}

// pass sends more of a packet, and returns how many bytes of p it took.
func (f *Filter) pass(p []byte) (int, error) {
	r := &f.replies
	n, err := f.transmit(p[:min(int64(len(p)), r.rest)])
	r.rest -= int64(n)
	if r.rest == 0 {
		f.ended()
	}
	return n, err
}

// ended is called after the last byte of a packet was sent.
func (f *Filter) ended() {
	f.release()
	if closed := f.queue.first().closes; closed != "" {
		f.handles.remove(closed)
	}
	f.queue.answered()
}

// begin takes the beginning of a packet from p: as much as must be parsed before any of it is
// sent or, if p has all of that, as much of the packet as p has.
func (f *Filter) begin(p []byte) (taken int, err error) {
	r := &f.replies
	seen := p
	if len(r.held) > 0 || len(p) < needed(p) {
		taken = min(len(p), needed(r.held)-len(r.held))
		r.held = append(r.held, p[:taken]...)
		if len(r.held) < needed(r.held) {
			return taken, nil
		}
		seen, r.held = r.held, nil
	}
	total, ok := size(seen)
	if !ok {
		return 0, errShortPacket
	}
	if taken == 0 {
		seen = seen[:min(int64(len(seen)), total)]
		taken = len(seen)
	}
	return taken, f.start(seen, total-int64(len(seen)))
}

// needed returns how many bytes of a packet that begins with b must be parsed before it is
// sent.
func needed(b []byte) int {
	if len(b) < headerLength {
		return headerLength
	}
	switch kind(b) {
	case fxpVersion, fxpHandle:
		total, _ := size(b)
		return int(max(headerLength, min(total, maxHeld)))
	case fxpName:
		if total, _ := size(b); total >= headerLength && total <= PacketLength {
			return int(total)
		}
	}
	return headerLength
}

// start sends the beginning of a packet, which rest more bytes will follow.
func (f *Filter) start(seen []byte, rest int64) error {
	switch kind(seen) {
	case fxpVersion:
		if rest == 0 {
			seen = f.announce(seen)
		}
	case fxpName:
		if rest == 0 {
			seen = paddingDays(seen)
		}
	case fxpHandle:
		f.noteHandle(seen)
	}
	if err := f.acquire(); err != nil {
		return err
	}
	_, err := f.transmit(seen)
	if f.replies.rest = rest; rest == 0 {
		f.ended()
	}
	return err
}

// noteHandle notes the file or directory of a handle that the server gives out.
func (f *Filter) noteHandle(reply []byte) {
	r := f.queue.first()
	if handle, _, ok := cutString(reply[headerLength:]); ok && r.opens != nil {
		f.handles.add(string(handle), *r.opens)
	}
}

// announce adds the filter's extensions to those of the server. It removes the server's hard
// links: no handler makes them.
func (f *Filter) announce(version []byte) []byte {
	added := []string{limitsExtension}
	if f.cfg.Fsync != nil {
		added = append(added, fsyncExtension)
	}
	return withExtensions(version, hardlinkExtension, added...)
}
