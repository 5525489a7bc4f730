package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	yaml "go.yaml.in/yaml/v4"

	"sshforum/forum/command"
)

const (
	defaultConfigFile = "config.yaml"
	configFileEnv     = envPrefix + "CONFIG"
)

// chooseConfigFile returns the file that flag or else the environment names; otherwise
// the default one if it is there, or none.
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

// An assignment gives a setting its value, or says why it cannot. Its origin is where
// a person finds it: config.yaml:4, SSHFORUM_SSH_LISTEN or --ssh-listen.
type assignment struct {
	to     setting
	text   string
	origin string
	err    error
}

// loadConfig returns the settings: the defaults, then those of the YAML file (none if
// its name is empty), then of the environment, then the flags of the command line, a
// later one replacing an earlier. The error joins all problems, one sentence each.
func loadConfig(file string, env []string, line *kong.Context) (*Config, error) {
	config := new(Config)
	all := settings(config)
	var problems []error
	for _, a := range slices.Concat(defaults(all), readFile(file, all), readEnv(env, all), readFlags(line, all)) {
		err := a.err
		if err == nil {
			err = a.to.set(a.text)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", a.origin, err))
		}
	}
	if len(problems) == 0 {
		problems = clashes(config)
	}
	return config, errors.Join(problems...)
}

func defaults(all []setting) []assignment {
	var found []assignment
	for _, s := range all {
		found = append(found, assignment{to: s, text: s.tag.Get("default"), origin: "default"})
	}
	return found
}

func readFlags(line *kong.Context, all []setting) []assignment {
	var found []assignment
	for _, step := range line.Path {
		if step.Flag == nil {
			continue
		}
		for _, s := range all {
			if s.flag() == step.Flag.Name {
				text := fmt.Sprint(step.Flag.Target.Interface())
				if names, ok := step.Flag.Target.Interface().([]string); ok {
					text = joinList(names)
				}
				found = append(found, assignment{to: s, text: text, origin: "--" + s.flag()})
			}
		}
	}
	return found
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

// document is a YAML file being read along the tree of known settings.
type document struct {
	file  string
	paths []string           // of all settings and sections
	known map[string]setting // by path; a section's is zero
	lines map[string]int     // where a path was first met
	found []assignment
}

// readFile returns what a YAML file sets, in the order of its lines. An empty file sets nothing.
func readFile(file string, all []setting) []assignment {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err // without the file's name, which the origin has
		}
		return []assignment{{origin: file, err: fmt.Errorf("the file cannot be read: %w", err)}}
	}
	root, line, err := parseYAML(text)
	if err != nil {
		return []assignment{{origin: position(file, line), err: err}}
	}
	doc := document{file: file, known: map[string]setting{}, lines: map[string]int{}}
	for _, s := range all {
		for i, char := range s.path {
			if section := s.path[:i]; char == '.' && !slices.Contains(doc.paths, section) {
				doc.paths = append(doc.paths, section)
				doc.known[section] = setting{}
			}
		}
		doc.paths = append(doc.paths, s.path)
		doc.known[s.path] = s
	}
	doc.read(root, "")
	return doc.found
}

// parseYAML returns the mapping that is the one document of text, or what is wrong and
// on which line, 0 if on none in particular.
func parseYAML(text []byte) (root *yaml.Node, line int, err error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); err == io.EOF {
		return &doc, 0, nil
	} else if failed, ok := errors.AsType[*yaml.LoadError](err); ok {
		return nil, failed.Mark.Line, fmt.Errorf("this is not YAML: %s", strings.TrimSpace(failed.Message+" "+failed.ContextMsg))
	} else if err != nil {
		return nil, 0, fmt.Errorf("this is not YAML: %w", err)
	}
	root = doc.Content[0]
	if root.Kind != yaml.MappingNode && root.Tag != "!!null" {
		return nil, root.Line, errors.New("the file must hold settings such as data_dir: ./data")
	}
	if err := loader.Load(&second); err != io.EOF {
		return nil, second.Line, errors.New("the file must hold one YAML document, and another begins here")
	}
	return root, 0, nil
}

func position(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

func (d *document) read(section *yaml.Node, prefix string) {
	for pair := range slices.Chunk(section.Content, 2) {
		key, value := pair[0], pair[1]
		path := prefix + key.Value
		origin := position(d.file, key.Line)
		to, known := d.known[path]
		first := d.lines[path]
		d.lines[path] = cmp.Or(first, key.Line)
		text, single := valueText(value, to)
		var err error
		switch empty := value.Tag == "!!null"; {
		case !known:
			err = fmt.Errorf("unknown setting %q; %s", path, suggest(path, d.paths))
		case first != 0:
			err = fmt.Errorf("%s is set twice, first on line %d; remove one", path, first)
		case to.path == "" && value.Kind == yaml.MappingNode:
			d.read(value, path+".")
			continue
		case to.path == "" && empty:
			continue
		case to.path == "":
			err = fmt.Errorf("%s is a section; its settings go below it, indented", path)
		case empty || !single:
			err = fmt.Errorf("%s needs one value; it must be %s", path, to.expected())
		}
		d.found = append(d.found, assignment{to, text, origin, err})
	}
}

// valueText returns the text of a value, if it has the form that its setting needs: one
// scalar, or for a list also a sequence of them.
func valueText(value *yaml.Node, to setting) (text string, ok bool) {
	if value.Kind != yaml.SequenceNode || !to.isList() {
		return value.Value, value.Kind == yaml.ScalarNode
	}
	var names []string
	for _, item := range value.Content {
		if item.Kind != yaml.ScalarNode {
			return "", false
		}
		names = append(names, item.Value)
	}
	return joinList(names), true
}

// suggest ends the sentence about an unknown name with the known one nearest to it.
func suggest(name string, known []string) string {
	nearest := slices.MinFunc(known, func(a, b string) int {
		return distance(name, a) - distance(name, b)
	})
	if distance(name, nearest) > max(len(name), len(nearest))/2 {
		return "sshforum --help lists them all"
	}
	return fmt.Sprintf("did you mean %q?", nearest)
}

// distance is how far a name is from a known one: 1 if it is the beginning of it, or
// else the edits between them, or one more than those between their last parts, for a
// setting in the wrong section.
func distance(name, known string) int {
	if name != "" && strings.HasPrefix(known, name) {
		return 1
	}
	last := func(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
	return min(command.Distance(name, known), 1+command.Distance(last(name), last(known)))
}
