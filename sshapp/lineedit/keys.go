package lineedit

import "unicode"

// Mod is the set of modifiers held while a key was pressed. Shift is not reported.
type Mod uint8

// The modifiers.
const (
	ModAlt Mod = 1 << iota
	ModCtrl
	modPaste // the character was pasted, not typed
)

// Key is one pressed key. Code is the typed character, or one of the Key constants; Ctrl with a
// letter is the lower-case letter and ModCtrl.
type Key struct {
	Code rune
	Mod  Mod
}

// The keys that have no character.
const (
	KeyEnter rune = unicode.MaxRune + 1 + iota
	KeyTab
	KeyBackspace
	KeyDelete
	KeyUp
	KeyDown
	KeyLeft
	KeyRight
	KeyHome
	KeyEnd
	KeyPageUp
	KeyPageDown
	keyEscape   // any ESC byte; the sequence it introduces follows as a separate key
	keyPasteEnd // the end of a pasted block
)

func (k Key) isText() bool { return k.Code <= unicode.MaxRune && k.Mod&^modPaste == 0 }

// controls maps the control characters that are not Ctrl with a letter to their keys. A
// terminal's Backspace key sends DEL or BS.
var controls = map[byte]rune{'\r': KeyEnter, '\n': KeyEnter, '\t': KeyTab, '\b': KeyBackspace, del: KeyBackspace}

// finals maps the last byte of a CSI or SS3 sequence to its key (xterm, ctlseqs, "PC-Style
// Function Keys"). The lower-case letters are rxvt's.
var finals = map[byte]rune{
	'A': KeyUp, 'B': KeyDown, 'C': KeyRight, 'D': KeyLeft, 'H': KeyHome, 'F': KeyEnd,
	'a': KeyUp, 'b': KeyDown, 'c': KeyRight, 'd': KeyLeft,
}

// numbered maps the number of a sequence CSI number ~ to its key (VT220; 7 and 8 are rxvt's).
var numbered = map[int]rune{
	1: KeyHome, 7: KeyHome, 4: KeyEnd, 8: KeyEnd, 3: KeyDelete, 5: KeyPageUp, 6: KeyPageDown,
}

// allowed reports whether a character may be part of a line. Controls, line
// separators, bidi overrides, invisible characters and tags may not; the joiners
// that shape a cluster may.
func allowed(r rune) bool {
	if unicode.In(r, unicode.Join_Control, unicode.Prepended_Concatenation_Mark) {
		return true
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}
