package lineedit

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	esc = 0x1b
	del = 0x7f

	pasteStart  = 200         // CSI 200 ~
	pasteEnd    = "\x1b[201~" // xterm, ctlseqs, "Bracketed Paste Mode"
	maxSequence = 4 << 10     // bytes after which an unfinished sequence is abandoned
	maxParams   = 32          // bytes of parameters; no known key needs more
)

// decoder turns the bytes a terminal sends into keys, one byte at a time, so packet boundaries
// do not matter. It needs no timer: an ESC is a key at once, and the sequence it introduces is
// another key. Unknown sequences and strings are ignored; a control character inside one ends
// it and is a key. Pasted text is never a key. Its memory has a fixed limit.
type decoder struct {
	state    func(*decoder, byte)
	length   int    // bytes received since the ground state
	params   []byte // of the sequence, in bytes, at most maxParams
	ss3      bool   // the sequence began with ESC O, not ESC [
	skip     int    // bytes to skip
	alt      bool   // an ESC came before the character or sequence
	afterCR  bool   // an LF that follows is the second half of a CRLF
	pasting  bool
	matched  int    // bytes of pasteEnd seen
	partial  []byte // of a UTF-8 character
	finished []Key
}

func newDecoder() *decoder { return &decoder{state: (*decoder).ground} }

// feed decodes one byte and returns the keys it completes. The slice is valid until the next
// call. A single byte never completes another key after an Enter.
func (d *decoder) feed(b byte) []Key {
	d.finished = d.finished[:0]
	if b != '\n' || !d.afterCR {
		if d.pasting {
			d.paste(b)
		} else {
			d.typed(b)
		}
	}
	d.afterCR = b == '\r'
	return d.finished
}

func (d *decoder) typed(b byte) {
	if d.length++; d.length > maxSequence {
		d.reset()
	}
	d.state(d, b)
}

func (d *decoder) reset() {
	d.state, d.length, d.alt = (*decoder).ground, 0, false
}

// emit adds a key and returns to the ground state.
func (d *decoder) emit(code rune, mod Mod) {
	if d.alt {
		mod |= ModAlt
	}
	d.finished = append(d.finished, Key{code, mod})
	d.reset()
}

func (d *decoder) ground(b byte) {
	if isControl(b) {
		d.control(b)
		return
	}
	if r, ok := d.character(b); ok && allowed(r) {
		d.emit(r, 0)
	} else if len(d.partial) == 0 {
		d.reset()
	}
}

// character decodes UTF-8 byte by byte. After an invalid sequence, only the byte that broke it
// can begin another.
func (d *decoder) character(b byte) (rune, bool) {
	d.partial = append(d.partial, b)
	if !utf8.FullRune(d.partial) {
		return 0, false
	}
	r, size := utf8.DecodeRune(d.partial)
	broken := r == utf8.RuneError && size == 1
	retry := broken && len(d.partial) > 1
	d.partial = d.partial[:0]
	if retry {
		return d.character(b)
	}
	return r, !broken
}

func isControl(b byte) bool { return b < ' ' || b == del }

// control handles a control character, in any state.
func (d *decoder) control(b byte) {
	d.partial = d.partial[:0]
	d.reset()
	code, named := controls[b]
	switch {
	case named:
		d.emit(code, 0)
	case b == esc:
		d.emit(keyEscape, 0)
		d.state = (*decoder).escape
	case 1 <= b && b <= 26:
		d.emit('a'+rune(b)-1, ModCtrl)
	case b != 0:
		d.emit('@'+rune(b), ModCtrl)
	}
}

func (d *decoder) escape(b byte) {
	switch {
	case b == esc: // ESC ESC [ D is Alt with Left on some terminals
		d.control(b)
		d.alt = true
	case b == del || b == '\b':
		d.alt = true
		d.emit(KeyBackspace, 0)
	case isControl(b):
		d.control(b)
	case b == '[' || b == 'O':
		d.params, d.ss3, d.state = d.params[:0], b == 'O', (*decoder).sequence
	case strings.IndexByte("]PX^_", b) >= 0: // OSC, DCS, SOS, PM, APC (ECMA-48, 5.6)
		d.state = (*decoder).controlString
	default:
		d.alt, d.state = true, (*decoder).ground
		d.ground(b)
	}
}

// sequence is the state inside a CSI or SS3 sequence (ECMA-48, 5.4).
func (d *decoder) sequence(b byte) {
	switch {
	case isControl(b) || b >= utf8.RuneSelf:
		d.reset()
		d.ground(b)
	case b < '@':
		if len(d.params) < maxParams {
			d.params = append(d.params, b)
		}
	default:
		d.final(b)
	}
}

// final handles the last byte of a sequence.
func (d *decoder) final(b byte) {
	first := len(d.params) == 0 && !d.ss3
	number, modifier, ok := parseParams(string(d.params))
	code := finals[b]
	switch {
	case b == '~' || b == '^': // rxvt sends ^ for ~ with Ctrl
		code = numbered[number]
	case b >= 'a' && len(d.params) > 0: // a report, such as device attributes
		code = 0
	}
	switch {
	case first && b == '[': // the Linux console's F1 to F5
		d.skip, d.state = 1, (*decoder).skipping
	case first && b == 'M': // an X10 mouse report: button, column, row
		d.skip, d.state = 3, (*decoder).skipping
	case b == '~' && ok && number == pasteStart:
		d.reset()
		d.pasting = true
	case d.ss3 && b == 'M': // Enter on the keypad
		d.emit(KeyEnter, 0)
	case ok && code != 0:
		if b == '^' || d.ss3 && b >= 'a' {
			modifier |= ModCtrl
		}
		d.emit(code, modifier)
	default:
		d.reset()
	}
}

// parseParams reads "number;modifiers", where modifiers less one is a set of bits: 1 Shift, 2
// Alt, 4 Ctrl, 8 Meta (xterm, ctlseqs). ok is false for anything else, which belongs to no key.
func parseParams(s string) (number int, mod Mod, ok bool) {
	if s == "" {
		return 0, 0, true
	}
	first, second, two := strings.Cut(s, ";")
	number, err := strconv.Atoi(first)
	if err != nil || !two {
		return number, 0, err == nil
	}
	bits, err := strconv.Atoi(second)
	bits--
	if bits&(2|8) != 0 {
		mod |= ModAlt
	}
	if bits&4 != 0 {
		mod |= ModCtrl
	}
	return number, mod, err == nil
}

func (d *decoder) skipping(b byte) {
	d.skip--
	switch {
	case isControl(b):
		d.control(b)
	case d.skip == 0:
		d.reset()
	}
}

// controlString is the state inside an OSC, DCS, SOS, PM or APC string, up to ST or BEL.
func (d *decoder) controlString(b byte) {
	switch {
	case b == '\a':
		d.reset()
	case b == esc:
		d.state = (*decoder).controlStringEscape
	case isControl(b):
		d.control(b)
	}
}

func (d *decoder) controlStringEscape(b byte) {
	if b == '\\' {
		d.reset()
		return
	}
	d.control(esc)
	d.escape(b)
}

// paste handles a byte of a pasted block. Only the end mark ends the block: any other sequence
// may be part of the pasted text.
func (d *decoder) paste(b byte) {
	if b == pasteEnd[d.matched] {
		if d.matched++; d.matched == len(pasteEnd) {
			d.pasting, d.matched, d.partial = false, 0, d.partial[:0]
			d.emit(keyPasteEnd, 0)
		}
		return
	}
	if d.matched > 0 {
		litter := pasteEnd[1:d.matched]
		d.matched, d.partial = 0, d.partial[:0]
		for i := range len(litter) {
			d.pasted(litter[i])
		}
		d.paste(b)
		return
	}
	d.pasted(b)
}

func (d *decoder) pasted(b byte) {
	if b == '\r' {
		b = '\n'
	}
	r, ok := d.character(b)
	if ok && (allowed(r) || r == '\n' || r == '\t') {
		d.emit(r, modPaste)
	}
}
