package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// source is the Go source from which the page is made.
type source struct {
	files     *token.FileSet
	render    []*ast.File
	comments  map[place]string // of package render, by the line after them
	functions map[string]*ast.FuncDecl
	structs   map[string]*ast.StructType
	docs      map[string]string // of the structs
	constants map[string]string // string constants, by the name that package render uses
}

// A place is a line of a file.
type place struct {
	file string
	line int
}

// readSource parses the packages of the rows, structs and constants.
func readSource(top string) (*source, error) {
	s := &source{
		files: token.NewFileSet(), comments: make(map[place]string),
		functions: make(map[string]*ast.FuncDecl), structs: make(map[string]*ast.StructType),
		docs: make(map[string]string), constants: make(map[string]string),
	}
	for dir, prefix := range map[string]string{"forum": "forum.", "forum/rules": "rules.", "sshapp/render": ""} {
		files, err := s.parse(filepath.Join(top, dir))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			s.readConstants(file, prefix)
		}
		if prefix == "" {
			s.render = files
		}
	}
	for _, file := range s.render {
		s.readRender(file)
	}
	return s, nil
}

// parse returns the files of a directory that are not tests, sorted by name.
func (s *source) parse(dir string) (files []*ast.File, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("no Go file in %s", dir)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, problem := parser.ParseFile(s.files, name, nil, parser.ParseComments)
		files, err = append(files, file), errors.Join(err, problem)
	}
	return files, err
}

func (s *source) readConstants(file *ast.File, prefix string) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, value := range spec.Values {
				if text, ok := literal(value); ok {
					s.constants[prefix+spec.Names[i].Name] = text
				}
			}
		}
	}
}

func (s *source) readRender(file *ast.File) {
	for _, group := range file.Comments {
		end := s.files.Position(group.End())
		s.comments[place{end.Filename, end.Line + 1}] = sentence(group)
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				s.functions[decl.Name.Name] = decl
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				typ, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				if structure, ok := typ.Type.(*ast.StructType); ok {
					s.structs[typ.Name.Name], s.docs[typ.Name.Name] = structure, sentence(decl.Doc)
				}
			}
		}
	}
}

// above returns the comment that ends in the line above a node.
func (s *source) above(n ast.Node) (string, error) {
	at := s.files.Position(n.Pos())
	text := s.comments[place{at.Filename, at.Line}]
	if text == "" {
		return "", fmt.Errorf("%s: no comment says what this is", at)
	}
	return text, nil
}

// result returns the name of the struct that the function fn returns.
func (s *source) result(fn ast.Expr) (string, error) {
	var results *ast.FieldList
	switch f := fn.(type) {
	case *ast.FuncLit:
		results = f.Type.Results
	case *ast.IndexExpr:
		return s.result(f.X)
	case *ast.Ident:
		if decl, ok := s.functions[f.Name]; ok {
			results = decl.Type.Results
		}
	}
	if results == nil || len(results.List) != 1 {
		return "", fmt.Errorf("%s: not a function with one result", s.files.Position(fn.Pos()))
	}
	name, ok := results.List[0].Type.(*ast.Ident)
	if !ok || !s.isObject(name.Name) {
		return "", fmt.Errorf("%s: the result is no struct with a name that ends in JSON", s.files.Position(fn.Pos()))
	}
	return name.Name, nil
}

func literal(e ast.Expr) (string, bool) {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

// sentence returns a comment as one line.
func sentence(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
