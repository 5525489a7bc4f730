package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

const envPrefix = "SSHFORUM_"

// setting is a flag that is also a line of the configuration file and an environment
// variable.
type setting struct{ *kong.Flag }

// settings returns the settings in the order of their declaration: the flags of every command,
// except those that are no settings.
func settings(app *kong.Application) (all []setting) {
	for _, flag := range app.Flags {
		if flag.Name != "help" && flag.Name != "config" {
			all = append(all, setting{flag})
		}
	}
	return all
}

// path returns the setting's path in the file, such as ssh.login_grace. Each word of the flag's
// prefix is a section.
func (s setting) path() string {
	sections := strings.ReplaceAll(s.Tag.Prefix, "-", ".")
	return sections + snake(strings.TrimPrefix(s.Name, s.Tag.Prefix))
}

// env returns the name of the environment variable.
func (s setting) env() string { return envPrefix + strings.ToUpper(snake(s.Name)) }

func snake(name string) string { return strings.ReplaceAll(name, "-", "_") }

func (s setting) kind() kind {
	if name := s.Tag.Get("kind"); name != "" {
		return kinds[name]
	}
	return kinds[s.Target.Type().String()]
}

// expected returns the permitted values, as the end of a sentence.
func (s setting) expected() string {
	expected := s.kind().expected
	if s.Enum != "" {
		expected = "one of " + strings.Join(s.EnumSlice(), ", ")
	}
	if s.Tag.Has("min") {
		expected += ", from " + s.Tag.Get("min") + " to " + s.Tag.Get("max")
	}
	return expected
}

// read returns the value of text. Errors: one with the setting and its permitted values, if
// text is not one of them.
func (s setting) read(text string) (any, error) {
	value, err := s.kind().parse(text)
	if unknown, ok := errors.AsType[unknownName](err); ok {
		return nil, fmt.Errorf("%s: %w", s.path(), unknown)
	}
	if err != nil || !s.chosen(text) || !s.inRange(value) {
		return nil, fmt.Errorf("%s is %q; it must be %s", s.path(), text, s.expected())
	}
	return value, nil
}

func (s setting) chosen(text string) bool {
	return s.Enum == "" || slices.Contains(s.EnumSlice(), text)
}

func (s setting) inRange(value any) bool {
	v := reflect.ValueOf(value)
	if !v.CanInt() {
		return true
	}
	least, _ := s.kind().parse(s.Tag.Get("min"))
	most, _ := s.kind().parse(s.Tag.Get("max"))
	return v.Int() >= reflect.ValueOf(least).Int() && v.Int() <= reflect.ValueOf(most).Int()
}

// decode is the kong.Mapper of settings. It parses texts, and leaves values that the resolver
// has parsed unchanged.
func decode(ctx *kong.DecodeContext, target reflect.Value) error {
	s := setting{ctx.Value.Flag}
	if s.IsBool() && ctx.Scan.Peek().Type != kong.FlagValueToken {
		target.SetBool(true)
		return nil
	}
	token, err := ctx.Scan.PopValue("one")
	if err != nil {
		return err
	}
	value := token.Value
	if text, ok := value.(string); ok {
		if value, err = s.read(text); err != nil {
			return err
		}
	}
	if s.IsSlice() { // a list may be given in parts
		target.Set(reflect.AppendSlice(target, reflect.ValueOf(value)))
	} else {
		target.Set(reflect.ValueOf(value))
	}
	return nil
}

// decodeSettings makes kong decode each setting by its kind.
func decodeSettings(k *kong.Kong) error {
	for _, s := range settings(k.Model) {
		s.Mapper = kong.MapperFunc(decode)
	}
	return nil
}
