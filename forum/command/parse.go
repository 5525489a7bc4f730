package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sshforum/forum/rules"
)

// Parse reads the arguments of a command from rest, the line after its verb as SplitVerb cuts
// it. global has the names of flags without a value, such as "json", that the caller accepts
// with every command.
//
// Words are separated by blanks, and a word that starts with a quote runs to the same quote
// (see Quote). Flags may stand anywhere before the raw rest, as --flag value or --flag=value;
// -- ends them. The raw rest is not unquoted: it is a part of rest. Flags and choices are
// read in any case.
//
// The time it takes grows with the length of rest. Parse accepts every byte and changes none.
// Errors: Usage; the first line names the command, the second the first mistake, and the
// third is the usage. With an error, the arguments are the global flags that were given,
// whether before or behind the mistake.
func (u Usage) Parse(rest string, global ...string) (Args, error) {
	p := newParser(u, rest, global)
	if err := p.run(); err != nil {
		return p.globals(global), u.errorf("%v", err)
	}
	return p.args, nil
}

// globalFlags returns the global flags in rest, the line after an unknown verb.
func globalFlags(rest string, global []string) Args {
	p := newParser(Usage{args: []argument{{name: "word", optional: true, many: true}}}, rest, global)
	_ = p.run()
	return p.globals(global)
}

// A parser assigns each token of a line to an argument or a flag.
type parser struct {
	lexer
	usage   Usage
	flags   []flag // those of the usage and the global ones
	args    Args   // arguments read so far
	at      int    // index of the next word's argument
	pending *flag  // flag that waits for its value
	noFlags bool   // -- was read
}

func newParser(u Usage, rest string, global []string) *parser {
	p := &parser{lexer: lexer{line: rest}, usage: u, flags: slices.Clip(u.flags)}
	for _, name := range global {
		p.flags = append(p.flags, flag{name: name})
	}
	p.args = Args{usage: u, words: map[string][]string{}, flags: map[string]string{}}
	return p
}

// run reads the whole line, and returns its first error.
func (p *parser) run() (first error) {
	for {
		t, err := p.next()
		if err == nil {
			err = p.take(t)
		}
		first = cmp.Or(first, err)
		if t.role == nothing {
			return first
		}
	}
}

// globals returns only the global flags.
func (p *parser) globals(names []string) Args {
	flags := make(map[string]string)
	for _, name := range names {
		if p.args.Flag(name) {
			flags[name] = ""
		}
	}
	return Args{flags: flags}
}

// next returns the next token without assigning it.
func (p *parser) next() (token, error) {
	if p.pending == nil && p.lacksNumber() {
		p.at++
	}
	raw := p.pending == nil && p.at < len(p.usage.args) && p.usage.args[p.at].raw
	return p.lexer.next(!p.noFlags, raw)
}

// lacksNumber reports whether the next argument is an optional number before a text, and the
// text comes next in the line.
func (p *parser) lacksNumber() bool {
	if !p.usage.numberBeforeText(p.at) {
		return false
	}
	left := strings.TrimLeft(p.line[p.pos:], blanks)
	word := left[:plainLen(left)]
	return left != "" && (p.noFlags || !startsFlag(left) && word != "--") && !likeNumber(word)
}

// numberBeforeText reports whether argument i is an optional number before a text.
func (u Usage) numberBeforeText(i int) bool {
	return i+1 < len(u.args) && u.args[i].name == number && u.args[i].optional && u.args[i+1].raw
}

// likeNumber reports whether word may be meant as a message: it begins as an id does, or has
// digits and no letters, such as 2, 12.7, "2", #2 and 2-5. Such a word never begins a text,
// because a slip could then turn the whole thread into one message.
func likeNumber(word string) bool {
	if prefix, _, ok := strings.Cut(word, ":"); ok && strings.EqualFold(prefix, "id") {
		return true
	}
	return strings.ContainsFunc(word, unicode.IsNumber) && !strings.ContainsFunc(word, unicode.IsLetter)
}

// take assigns t to an argument or a flag. It returns an error for a token that fits neither,
// and leaves it out.
func (p *parser) take(t token) error {
	if p.pending != nil {
		f := *p.pending
		p.pending = nil
		if t.role != plainWord {
			_ = p.take(t)
			return fmt.Errorf("--%s needs a value: %s", f.name, f.value)
		}
		p.args.flags[f.name] = t.text
		return nil
	}
	switch t.role {
	case flagName:
		return p.takeFlag(t)
	case flagsEnd:
		p.noFlags = true
	case rawRest:
		p.args.rest = t.text
		p.at++
	case plainWord:
		return p.takeWord(t.text)
	case nothing:
		return p.missing()
	}
	return nil
}

func (p *parser) takeFlag(t token) error {
	f := p.flag(t.text)
	if f == nil {
		return p.unknownFlag(t.text)
	}
	if _, given := p.args.flags[f.name]; given {
		return fmt.Errorf("--%s is given twice", f.name)
	}
	switch {
	case f.value == "" && t.hasValue:
		p.args.flags[f.name] = ""
		return fmt.Errorf("--%s takes no value", f.name)
	case f.value != "" && !t.hasValue:
		p.pending = f
	default:
		p.args.flags[f.name] = t.value
	}
	return nil
}

func (p *parser) takeWord(word string) error {
	if p.at == len(p.usage.args) {
		return fmt.Errorf("%.40q is one word too many", word)
	}
	a := p.usage.args[p.at]
	if p.usage.numberBeforeText(p.at) {
		if _, err := rules.ParseTarget("", word, nil); err != nil {
			return fmt.Errorf("%.40q names no message: write 2 or 12.7, and begin the %s with a word", word, p.usage.args[p.at+1].name)
		}
	}
	if !a.many {
		p.at++
	}
	if a.choices == nil {
		p.args.words[a.name] = append(p.args.words[a.name], word)
		return nil
	}
	for _, choice := range a.choices {
		if strings.EqualFold(choice, word) {
			p.args.choice = choice
			return nil
		}
	}
	return fmt.Errorf("%.40q is not one of: %s", word, strings.Join(a.choices, ", "))
}

// missing returns an error if a required argument is missing at the end of the line.
func (p *parser) missing() error {
	for _, a := range p.usage.args[p.at:] {
		if !a.optional {
			return fmt.Errorf("%s is missing", a.name)
		}
	}
	return nil
}

func (p *parser) flag(name string) *flag {
	for i := range p.flags {
		if strings.EqualFold(p.flags[i].name, name) {
			return &p.flags[i]
		}
	}
	return nil
}

func (p *parser) unknownFlag(name string) error {
	var known []string
	for _, f := range p.flags {
		known = append(known, f.name)
	}
	hint := ""
	if near, ok := Nearest(name, known); ok {
		hint = "; did you mean --" + near + "?"
	} else if len(p.usage.args) > 0 {
		hint = "; put -- before it if it is not a flag"
	}
	return fmt.Errorf("unknown flag %.40q%s", "--"+name, hint)
}
