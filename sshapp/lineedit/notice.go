package lineedit

// Notify shows text as Write does, for a person who did not ask for it, and rings the bell if
// ring is true. In plain mode, text would split a line that has been begun. Then it shows
// nothing and returns false; the caller should try again after the line has been entered.
func (e *Editor) Notify(text string, ring bool) (shown bool, err error) {
	e.lock <- struct{}{}
	defer e.unlock()
	r := e.current
	if r != nil && r.plain && e.touched(r) {
		return false, nil
	}
	e.bell = e.bell || ring
	return true, e.show(text)
}

// Warn shows text as Write does, in rows of its own, and rings the bell. It does so in plain
// mode too: a warning is worth splitting a line.
func (e *Editor) Warn(text string) error {
	e.lock <- struct{}{}
	defer e.unlock()
	e.bell = true
	if e.current == nil {
		e.freshRow()
	}
	return e.show(text)
}

// SetPrompt changes the prompt of the line being read, unless part of the line has already been
// typed. It reports whether it did.
func (e *Editor) SetPrompt(prompt string) (set bool, err error) {
	e.lock <- struct{}{}
	defer e.unlock()
	r := e.current
	if r == nil || r.ctx.Err() != nil || e.touched(r) {
		return false, nil
	}
	width, _ := e.Size()
	r.display.lift(&e.out, width)
	r.setPrompt(prompt)
	e.paint(r)
	return true, e.flush()
}

// touched reports whether part of the line has been typed.
func (e *Editor) touched(r *reading) bool {
	return len(r.buf.text) > 0 || r.search != nil || e.in.waiting()
}
