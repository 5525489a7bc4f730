package lineedit

import "io"

// bindings are the functions of the keys that edit a line: those of Emacs and of the usual
// keypads. All other keys are ignored.
var bindings = map[Key]func(*Editor, *reading){
	{Code: KeyEnter}:     func(_ *Editor, r *reading) { r.end(nil) },
	{Code: KeyTab}:       (*Editor).complete,
	{'c', ModCtrl}:       interrupt,
	{'d', ModCtrl}:       deleteOrEnd,
	{'l', ModCtrl}:       clearScreen,
	{'_', ModCtrl}:       undo,
	{'r', ModCtrl}:       searchBack,
	{'y', ModCtrl}:       yank,
	{'t', ModCtrl}:       func(_ *Editor, r *reading) { r.buf.transpose() },
	{Code: KeyBackspace}: func(_ *Editor, r *reading) { r.buf.delete(r.buf.pos-1, r.buf.pos) },
	{Code: KeyDelete}:    deleteForward,

	{'a', ModCtrl}:         motion((*buffer).start),
	{Code: KeyHome}:        motion((*buffer).start),
	{'e', ModCtrl}:         motion((*buffer).finish),
	{Code: KeyEnd}:         motion((*buffer).finish),
	{'b', ModCtrl}:         motion((*buffer).left),
	{Code: KeyLeft}:        motion((*buffer).left),
	{'f', ModCtrl}:         motion((*buffer).right),
	{Code: KeyRight}:       motion((*buffer).right),
	{'b', ModAlt}:          motion((*buffer).wordLeft),
	{KeyLeft, ModAlt}:      motion((*buffer).wordLeft),
	{KeyLeft, ModCtrl}:     motion((*buffer).wordLeft),
	{'f', ModAlt}:          motion((*buffer).wordRight),
	{KeyRight, ModAlt}:     motion((*buffer).wordRight),
	{KeyRight, ModCtrl}:    motion((*buffer).wordRight),
	{'k', ModCtrl}:         kill((*buffer).finish),
	{'u', ModCtrl}:         kill((*buffer).start),
	{'w', ModCtrl}:         kill((*buffer).argumentLeft),
	{'d', ModAlt}:          kill((*buffer).wordRight),
	{KeyBackspace, ModAlt}: kill((*buffer).wordLeft),

	{'p', ModCtrl}:  recall(1),
	{'n', ModCtrl}:  recall(-1),
	{Code: KeyUp}:   vertical((*buffer).lineUp, recall(1)),
	{Code: KeyDown}: vertical((*buffer).lineDown, recall(-1)),
}

func motion(to func(*buffer) int) func(*Editor, *reading) {
	return func(_ *Editor, r *reading) { r.buf.pos = to(&r.buf) }
}

// kill removes the text between the cursor and another position, for yank. Consecutive kills
// are joined.
func kill(to func(*buffer) int) func(*Editor, *reading) {
	return func(e *Editor, r *reading) {
		from, to := r.buf.pos, to(&r.buf)
		cut := r.buf.replace(min(from, to), max(from, to), "")
		if cut == "" {
			return
		}
		r.now = killing
		switch {
		case r.secret:
		case r.last != killing:
			e.killed = cut
		case to < from:
			e.killed = cut + e.killed
		default:
			e.killed += cut
		}
	}
}

func yank(e *Editor, r *reading) {
	if !r.buf.insert(e.killed, e.cfg.MaxLine, true, false) {
		e.refuse(r)
	}
}

func undo(e *Editor, r *reading) {
	if !r.buf.takeBack() {
		e.bell = true
	}
}

func interrupt(_ *Editor, r *reading) {
	r.tail = "^C"
	r.end(ErrInterrupt)
}

func deleteForward(_ *Editor, r *reading) { r.buf.delete(r.buf.pos, r.buf.pos+1) }

func deleteOrEnd(e *Editor, r *reading) {
	if len(r.buf.text) == 0 {
		r.end(io.EOF)
		return
	}
	deleteForward(e, r)
}

func clearScreen(e *Editor, r *reading) { r.display.clear(&e.out) }

func searchBack(e *Editor, r *reading) {
	if r.plain || r.secret {
		e.bell = true
		return
	}
	r.startSearch()
}

func recall(steps int) func(*Editor, *reading) {
	return func(e *Editor, r *reading) {
		if r.secret || !r.recall(&e.history, steps) {
			e.bell = true
		}
	}
}

// vertical calls within to move in a text of several lines, and beyond if that has no line to
// move to.
func vertical(within func(*buffer) bool, beyond func(*Editor, *reading)) func(*Editor, *reading) {
	return func(e *Editor, r *reading) {
		if r.plain || !within(&r.buf) {
			beyond(e, r)
		}
	}
}
