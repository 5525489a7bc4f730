package command

import "strings"

// A Place says what fits at a cursor, for completion.
type Place struct {
	Kind    string   // the kind of thing that fits: "thread", "user", "n"; empty if none
	Choices []string // the words that fit if Kind is empty: choices, or flags with their --
	Prefix  string   // the part of the word before the cursor, without its quotes
	Start   int      // the byte of the line at which that part starts, quotes included
	Args    Args     // the arguments before that word
}

// At returns what fits at byte cursor of rest, which is as for Parse. Words before the word at
// the cursor may be wrong; the text after the cursor is ignored. A word that replaces the bytes
// from Start to the cursor must be quoted by Quote, except in the raw rest, where Prefix goes
// back to the last blank.
func (u Usage) At(rest string, cursor int, global ...string) Place {
	line := rest[:min(max(cursor, 0), len(rest))]
	p := newParser(u, line, global)
	for {
		t, _ := p.next() // an unfinished token is not an error: the person may still complete it
		if t.end == len(line) {
			return p.place(t)
		}
		_ = p.take(t) // a wrong token is left out
	}
}

// place returns what fits in place of t, the last token of the line.
func (p *parser) place(t token) Place {
	at := Place{Prefix: p.line[t.start:], Start: t.start, Args: p.args}
	if t.role == plainWord {
		at.Prefix = t.text
	}
	switch {
	case p.pending != nil:
		at.Kind = p.pending.kind()
	case t.role == flagName && t.hasValue:
		at.Prefix, at.Start = t.value, t.valueAt
		if f := p.flag(t.text); f != nil {
			at.Kind = f.kind()
		}
	case t.role == flagName || t.role == flagsEnd || p.at == len(p.usage.args):
		at.Choices = p.unused()
	case t.role == rawRest:
		at.Kind = p.usage.args[p.at].name
		at.Start = strings.LastIndexAny(p.line, blanks) + 1
		at.Prefix = p.line[at.Start:]
	case p.usage.args[p.at].choices != nil:
		at.Choices = p.usage.args[p.at].choices
	default:
		at.Kind = p.usage.args[p.at].name
	}
	return at
}

// unused returns the flags that may still be given.
func (p *parser) unused() []string {
	var names []string
	for _, f := range p.flags {
		if !p.noFlags && !p.args.Flag(f.name) {
			names = append(names, "--"+f.name)
		}
	}
	return names
}
