package sftpext

import "errors"

// maxHeld is how much of a packet is held back at most, to be seen as a whole; of names it
// is PacketLength.
const maxHeld = 4096

// replies is where Write is in the packets of the server.
type replies struct {
	held []byte // the beginning of a packet that is not seen far enough, and not sent
	rest int64  // bytes of the packet being sent that are yet to come
}

var errShortPacket = errors.New("the SFTP server sends a packet without a header")

// Write sends the client the replies of the server, which may be split or joined in any
// way. Packets that the filter need not see as a whole are not copied.
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

// pass sends more of a packet, and returns how much of p that was.
func (f *Filter) pass(p []byte) (int, error) {
	r := &f.replies
	n, err := f.transmit(p[:min(int64(len(p)), r.rest)])
	r.rest -= int64(n)
	if r.rest == 0 {
		f.ended()
	}
	return n, err
}

// ended is called when the last byte of a packet was sent.
func (f *Filter) ended() {
	f.release()
	if closed := f.queue.first().closes; closed != "" {
		f.handles.remove(closed)
	}
	f.queue.answered()
}

// begin takes the beginning of a packet from p, as much as is to be seen before any of
// it is sent or, if all of that is there, as much as there is.
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

// needed returns how many bytes of a packet that begins with b are to be seen.
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

// start sends the beginning of a packet, of which rest bytes are to follow.
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
		f.granted(seen)
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

// granted notes what a handle is of that the server gives out.
func (f *Filter) granted(reply []byte) {
	r := f.queue.first()
	if handle, _, ok := cutString(reply[headerLength:]); ok && r.opens != nil {
		f.handles.add(string(handle), *r.opens)
	}
}

// announce adds the filter's extensions to those of the server. Its hard links are not
// announced: no handler makes them.
func (f *Filter) announce(version []byte) []byte {
	added := []string{limitsExtension}
	if f.cfg.Fsync != nil {
		added = append(added, fsyncExtension)
	}
	return announcing(version, hardlinkExtension, added...)
}
