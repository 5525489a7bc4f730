package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"sshforum/forum/command"
	"sshforum/forum/gate"
)

const (
	defaultConfigFile = "config.yaml"
	configFileEnv     = envPrefix + "CONFIG"
)

// configFlag names the configuration file.
type configFlag string

// BeforeResolve is a hook of kong. kong also calls it if the flag is not given, since it has a
// default.
func (configFlag) BeforeResolve(ctx *kong.Context, flag *kong.Path, from *sources) error {
	from.read(string(ctx.FlagValue(flag.Flag).(configFlag)), settings(ctx.Model))
	return nil
}

// chooseConfigFile returns the file that flag names, otherwise the one that the environment
// names, otherwise the default one if it exists, or "".
func chooseConfigFile(flag string, env []string) string {
	if flag != "" {
		return flag
	}
	for _, variable := range slices.Backward(env) {
		if name, file, _ := strings.Cut(variable, "="); name == configFileEnv && file != "" {
			return file
		}
	}
	if _, err := os.Stat(defaultConfigFile); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return defaultConfigFile
}

// sources are the sources of settings besides the command line: the YAML file, then the
// environment, which takes precedence. They are an option of kong.New, which resolves the flags
// that are not given with them.
type sources struct {
	env []string

	file     string         // "" for none
	values   map[string]any // by the flag's name
	problems []error
}

// Apply implements kong.Option.
func (s *sources) Apply(k *kong.Kong) error {
	return errors.Join(
		kong.Bind(s).Apply(k),
		kong.TypeMapper(reflect.TypeFor[gate.Startups](), kong.MapperFunc(decode)).Apply(k), // kong has no mapper for a struct
		kong.PostBuild(decodeSettings).Apply(k),
		kong.Resolvers(kong.ResolverFunc(s.resolve)).Apply(k),
	)
}

func (s *sources) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	return s.values[flag.Name], nil
}

// read reads all sources. It keeps the errors for problem: they must not stop a command that
// needs no settings, and all of them are shown at once.
func (s *sources) read(flag string, all []setting) {
	s.file, s.values, s.problems = chooseConfigFile(flag, s.env), make(map[string]any), nil
	for _, a := range slices.Concat(readFile(s.file, all), readEnv(s.env, all)) {
		value, err := a.value()
		if err != nil {
			s.problems = append(s.problems, fmt.Errorf("%s: %w", a.origin, err))
			continue
		}
		s.values[a.to.Name] = value
	}
}

// problem returns the errors of the settings, joined, one sentence each. Conflicts between
// settings are returned only if each setting is valid.
func (s *sources) problem(config *Config) error {
	if len(s.problems) > 0 {
		return errors.Join(s.problems...)
	}
	return errors.Join(clashes(config)...)
}

// An assignment is a value for a setting, or the error of it. Its origin is where a person
// finds it: config.yaml:4 or SSHFORUM_SSH_LISTEN.
type assignment struct {
	to     setting
	text   string
	origin string
	err    error
}

func (a assignment) value() (any, error) {
	if a.err != nil {
		return nil, a.err
	}
	return a.to.read(a.text)
}

func readEnv(env []string, all []setting) []assignment {
	var names []string
	for _, s := range all {
		names = append(names, s.env())
	}
	var found []assignment
	for _, variable := range env {
		name, text, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || name == configFileEnv {
			continue
		}
		a := assignment{text: text, origin: name}
		if i := slices.Index(names, name); i >= 0 {
			a.to = all[i]
		} else {
			a.err = fmt.Errorf("unknown setting in the environment; %s", suggest(name, names))
		}
		found = append(found, a)
	}
	return found
}

// suggest returns the end of the sentence about an unknown name: the nearest known name.
func suggest(name string, known []string) string {
	nearest := slices.MinFunc(known, func(a, b string) int {
		return distance(name, a) - distance(name, b)
	})
	if distance(name, nearest) > max(len(name), len(nearest))/2 {
		return "sshforum --help lists them all"
	}
	return fmt.Sprintf("did you mean %q?", nearest)
}

// distance returns how far name is from a known name: 1 if known begins with it; otherwise the
// number of edits between them, or one more than the edits between their last parts, for a
// setting in the wrong section.
func distance(name, known string) int {
	if name != "" && strings.HasPrefix(known, name) {
		return 1
	}
	last := func(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
	return min(command.Distance(name, known), 1+command.Distance(last(name), last(known)))
}
