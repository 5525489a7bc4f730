package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// document is the content of the page.
type document struct {
	Schemas []entry
	Events  []entry
	Records []entry
	Objects []object
}

// An entry is a name that occurs in JSON, with its meaning.
type entry struct {
	Name, Means string
	Fields      string // the Go name of its object; "" if it has none
}

// An object is a JSON object with its fields.
type object struct {
	Name   string // in Go
	Means  string
	Parts  []string // the Go names of the objects whose fields it also has
	Fields []field
}

type field struct {
	Name, Type, Means string
	Optional          bool
}

// document collects the content of the page. Errors: rows and fields without a comment, and
// fields of one name with different types.
func (s *source) document() (d document, err error) {
	schemas, err := s.schemas()
	if err != nil {
		return d, err
	}
	events, err := s.table("eventWords", func(ast.Expr) (string, error) { return "", nil })
	if err != nil {
		return d, err
	}
	records, err := s.table("recordFields", s.record)
	if err != nil {
		return d, err
	}
	d = document{Schemas: schemas, Events: events, Records: records}
	if d.Objects, err = s.objects(); err != nil {
		return d, err
	}
	return d, agree(d.Objects)
}

// schemas returns the schemas of all rows, and that of errors.
func (s *source) schemas() (all []entry, err error) {
	for _, file := range s.render {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			maker, _ := call.Fun.(*ast.Ident)
			name, ok := literal(call.Args[0])
			if maker == nil || !ok || !slices.Contains([]string{"one", "each", "lines"}, maker.Name) {
				return true
			}
			means, unexplained := s.above(call)
			fields, unknown := s.result(call.Args[len(call.Args)-1])
			err = errors.Join(err, unexplained, unknown)
			all = append(all, entry{name, means, fields})
			return true
		})
	}
	all = append(all, entry{s.constants["problemSchema"], "any command that fails, on standard error", "problemJSON"})
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// table returns the entries of a map of package render whose keys are constants. fields returns
// the struct of a value, or "".
func (s *source) table(variable string, fields func(value ast.Expr) (string, error)) (all []entry, err error) {
	for _, file := range s.render {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != variable || len(spec.Values) != 1 {
				return true
			}
			for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
				row := element.(*ast.KeyValueExpr)
				means, unexplained := s.above(row)
				object, unknown := fields(row.Value)
				all = append(all, entry{s.constants[types.ExprString(row.Key)], means, object})
				err = errors.Join(err, unexplained, unknown)
			}
			return false
		})
	}
	if len(all) == 0 {
		err = errors.Join(err, fmt.Errorf("package render has no table %s", variable))
	}
	return all, err
}

// record returns the struct of recordOf(fields).
func (s *source) record(value ast.Expr) (string, error) {
	call, ok := value.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return "", fmt.Errorf("%s: not a call of recordOf", s.files.Position(value.Pos()))
	}
	return s.result(call.Args[0])
}

// objects returns every struct with fields in JSON, by name.
func (s *source) objects() (all []object, err error) {
	for name := range s.structs {
		if !s.isObject(name) {
			continue
		}
		o, problem := s.object(name)
		all, err = append(all, o), errors.Join(err, problem)
	}
	slices.SortFunc(all, func(a, b object) int { return cmp.Compare(title(a.Name), title(b.Name)) })
	return all, err
}

// isObject reports whether name is a struct with the fields of a JSON object.
func (s *source) isObject(name string) bool {
	return s.structs[name] != nil && strings.HasSuffix(name, "JSON") && name != "JSON"
}

func (s *source) object(name string) (object, error) {
	means, found := strings.CutPrefix(s.docs[name], name+" ")
	if !found {
		return object{}, fmt.Errorf("%s: its comment must begin with its name", name)
	}
	o := object{Name: name, Means: "This " + means}
	for _, f := range s.structs[name].Fields.List {
		if len(f.Names) == 0 {
			o.Parts = append(o.Parts, f.Type.(*ast.Ident).Name)
			continue
		}
		if f.Tag == nil { // not in JSON
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		key, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		kind, err := s.kind(f.Type)
		if err != nil {
			return o, fmt.Errorf("%s of %s: %w", key, name, err)
		}
		means := sentence(f.Doc)
		if !strings.HasSuffix(means, ".") {
			return o, fmt.Errorf("%s of %s: no sentence says what it means", key, name)
		}
		o.Fields = append(o.Fields, field{key, kind, means, options != ""})
	}
	return o, nil
}

// kinds has the JSON types of the Go types that are no structs.
var kinds = map[string]string{
	"string": "string", "bool": "boolean", "int": "number", "int64": "number", "uint64": "number",
	"utc":            "time",
	"forum.ThreadID": "number", "forum.UserID": "number", "forum.MessageID": "string", "forum.Role": "string",
	"forum.Level": "string", "forum.AuditAct": "string", "forum.AuditHash": "string", "forum.EventKind": "string",
	"rules.RecordKind": "string",
}

// kind returns the JSON type of a Go type. Errors: one if the type is not in kinds.
func (s *source) kind(t ast.Expr) (string, error) {
	switch t := t.(type) {
	case *ast.StarExpr:
		return s.kind(t.X)
	case *ast.ArrayType:
		of, err := s.kind(t.Elt)
		return "list of " + of, err
	}
	name := types.ExprString(t)
	if s.isObject(name) {
		return link(name), nil
	}
	if kind, ok := kinds[name]; ok {
		return kind, nil
	}
	return "", fmt.Errorf("it is not known what a %s is in JSON", name)
}

// agree returns an error if fields of one name have different types.
func agree(objects []object) (err error) {
	first := make(map[string]string)
	owner := make(map[string]string)
	for _, o := range objects {
		for _, f := range o.Fields {
			kind := f.Type
			switch {
			case strings.HasPrefix(kind, "list"):
				kind = "list"
			case strings.HasPrefix(kind, "["):
				kind = "object"
			}
			if first[f.Name] == "" {
				first[f.Name], owner[f.Name] = kind, o.Name
			}
			if first[f.Name] != kind {
				err = errors.Join(err, fmt.Errorf("%s is a %s in %s and a %s in %s; give one of them another name",
					f.Name, first[f.Name], owner[f.Name], kind, o.Name))
			}
		}
	}
	return err
}

// title returns the words of the Go name of an object, without JSON.
func title(name string) string {
	var b strings.Builder
	for _, r := range strings.TrimSuffix(name, "JSON") {
		if unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func link(name string) string {
	words := title(name)
	return fmt.Sprintf("[%s](#%s)", words, strings.ReplaceAll(words, " ", "-"))
}
