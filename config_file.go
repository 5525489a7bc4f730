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

	yaml "go.yaml.in/yaml/v4"
)

// document is a YAML file that is read along the tree of known settings.
type document struct {
	file  string
	paths []string           // of all settings and sections
	known map[string]setting // by path; a section has no flag
	lines map[string]int     // line on which a path first occurs
	found []assignment
}

// readFile returns the assignments of a YAML file, in the order of its lines. An empty file has
// none.
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
		path := s.path()
		for i, char := range path {
			if section := path[:i]; char == '.' && !slices.Contains(doc.paths, section) {
				doc.paths = append(doc.paths, section)
				doc.known[section] = setting{}
			}
		}
		doc.paths = append(doc.paths, path)
		doc.known[path] = s
	}
	doc.read(root, "")
	return doc.found
}

// parseYAML returns the root mapping of the only document of text. If there is an error, line
// is its line, or 0 if it is on none in particular.
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
	if root.Kind != yaml.MappingNode && root.Tag != emptyTag {
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
		a := assignment{to: d.known[path], origin: position(d.file, key.Line)}
		first := d.lines[path]
		d.lines[path] = cmp.Or(first, key.Line)
		switch _, known := d.known[path]; {
		case !known:
			a.err = fmt.Errorf("unknown setting %q; %s", path, suggest(path, d.paths))
		case first != 0:
			a.err = fmt.Errorf("%s is set twice, first on line %d; remove one", path, first)
		case a.to.Flag != nil:
			a.text, a.err = valueText(value, a.to)
		case value.Kind == yaml.MappingNode:
			d.read(value, path+".")
			continue
		case value.Tag == emptyTag:
			continue
		default:
			a.err = fmt.Errorf("%s is a section; its settings go below it, indented", path)
		}
		d.found = append(d.found, a)
	}
}

// emptyTag is the tag of a missing value.
const emptyTag = "!!null"

// valueText returns the text of a value. Errors: one if the value does not have the form that
// its setting needs: one scalar, or for a list also a sequence of scalars.
func valueText(value *yaml.Node, to setting) (string, error) {
	items := []*yaml.Node{value}
	if to.IsSlice() && value.Kind == yaml.SequenceNode {
		items = value.Content
	}
	var texts []string
	for _, item := range items {
		if item.Kind != yaml.ScalarNode || value.Tag == emptyTag {
			return "", fmt.Errorf("%s needs one value; it must be %s", to.path(), to.expected())
		}
		texts = append(texts, item.Value)
	}
	return joinList(texts), nil
}
