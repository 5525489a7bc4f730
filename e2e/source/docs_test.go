package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link       = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	code       = regexp.MustCompile("`([^`\n]+)`")
	sourceFile = regexp.MustCompile(`^[\w./-]+/[\w.-]+\.(?:go|md|golden)$|^\w+\.go$|^(?:forum|sshapp|storage|legacy|e2e)(?:/[\w.-]+)+$`)
	setting    = regexp.MustCompile(`^([a-z]+)(?:\.[a-z_0-9]+)*\.([a-z_0-9]+)$`)
	identifier = regexp.MustCompile(`^(?:[A-Za-z]+\.)*[A-Za-z]+$`)
)

// TestDocsNameWhatExists: every page and file that the docs lead to or name is there, every
// setting is one, and every Go name with capitals or a dot in the docs for maintainers is
// declared.
func TestDocsNameWhatExists(t *testing.T) {
	names, settings := declared(t), read(t, filepath.Join(top, "config.yaml"))
	checked := 0
	for _, page := range pages(t) {
		text := read(t, page)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s leads to %s: %v", page, m[1], err)
			}
		}
		for _, m := range code.FindAllStringSubmatch(text, -1) {
			word, known := strings.TrimSuffix(m[1], "()"), true
			section := setting.FindStringSubmatch(word)
			switch {
			case sourceFile.MatchString(word):
				_, err := os.Stat(filepath.Join(top, word))
				known = err == nil
			case section != nil && strings.Contains(settings, "\n"+section[1]+":"):
				known = strings.Contains(settings, " "+section[2]+":")
			case forMaintainers(page) && identifier.MatchString(word) && mixed(word):
				known = names.have(word)
			default:
				continue
			}
			if checked++; !known {
				t.Errorf("%s names %s, and there is none", page, word)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d names were checked", checked)
	}
}

// TestArchitectureShowsTheArrows: the table of ARCHITECTURE.md has our packages, but for
// those that only tests need, with the imports that are allowed.
func TestArchitectureShowsTheArrows(t *testing.T) {
	_, table, _ := strings.Cut(read(t, filepath.Join(top, "ARCHITECTURE.md")), "\n| package |")
	table, _, _ = strings.Cut(table, "\n\n")
	shown := map[string][]string{"sshforum": arrows["sshforum"]} // main imports everything
	for _, row := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(row, " | ")
		for _, pkg := range code.FindAllStringSubmatch(cells[0], -1) {
			for _, imported := range code.FindAllStringSubmatch(cells[len(cells)-1], -1) {
				shown["sshforum/"+pkg[1]] = append(shown["sshforum/"+pkg[1]], "sshforum/"+imported[1])
			}
		}
	}
	for pkg, allowed := range arrows {
		ours := slices.DeleteFunc(slices.Clone(allowed), func(imported string) bool { return !strings.HasPrefix(imported, "sshforum/") })
		slices.Sort(ours)
		slices.Sort(shown[pkg])
		if !forTests(pkg) && !slices.Equal(ours, shown[pkg]) {
			t.Errorf("%s imports %q, and the table has %q", pkg, ours, shown[pkg])
		}
	}
}

// forTests reports whether only tests need a package.
func forTests(pkg string) bool {
	return strings.HasPrefix(pkg, "sshforum/e2e") || strings.HasSuffix(pkg, "test") || strings.HasSuffix(pkg, "/faultdisk")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pages returns the paths of all pages: those at the top and those in docs.
func pages(t *testing.T) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// forMaintainers reports whether a page is about the source.
func forMaintainers(page string) bool {
	switch filepath.Base(page) {
	case "ARCHITECTURE.md", "CONTRIBUTING.md", "glossary.md", "security.md":
		return true
	}
	return filepath.Base(filepath.Dir(page)) == "design"
}

// mixed reports whether a word is a name of Go's rather than a word of English or a command:
// it has a dot, or letters of both cases.
func mixed(word string) bool {
	return strings.Contains(word, ".") || strings.ToUpper(word) != word && strings.ToLower(word) != word
}

// identifiers are what our packages declare.
type identifiers struct {
	packages map[string]bool
	names    map[string]bool // of types, functions, methods, fields, values, and imported packages
	members  map[string]bool // as Type.member and package.Name
	texts    map[string]bool // string literals, such as kinds of changes
}

// declared reads all of the source.
func declared(t *testing.T) *identifiers {
	t.Helper()
	all := &identifiers{packages: map[string]bool{}, names: map[string]bool{}, members: map[string]bool{}, texts: map[string]bool{}}
	err := filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		source, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			all.add(source)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// add notes what a file declares.
func (all *identifiers) add(source *ast.File) {
	pkg := source.Name.Name
	all.packages[pkg] = true
	ast.Inspect(source, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil {
				all.member(pkg, n.Name)
			} else {
				all.member(receiver(n.Recv.List[0].Type), n.Name)
			}
		case *ast.TypeSpec:
			all.member(pkg, n.Name)
			all.fields(n)
		case *ast.ValueSpec:
			for _, name := range n.Names {
				all.member(pkg, name)
			}
		case *ast.Field: // also of structs without a name
			for _, name := range n.Names {
				all.names[name.Name] = true
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				all.texts[strings.Trim(n.Value, "`\"")] = true
			}
		}
		return true
	})
}

// fields notes the fields of a struct and the methods of an interface.
func (all *identifiers) fields(declaration *ast.TypeSpec) {
	var list *ast.FieldList
	switch of := declaration.Type.(type) {
	case *ast.StructType:
		list = of.Fields
	case *ast.InterfaceType:
		list = of.Methods
	default:
		return
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			all.member(declaration.Name.Name, name)
		}
	}
}

func (all *identifiers) member(of string, name *ast.Ident) {
	all.names[name.Name] = true
	all.members[of+"."+name.Name] = true
}

// receiver returns the name of the type that a method is of.
func receiver(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiver(of.X)
	case *ast.IndexExpr:
		return receiver(of.X)
	case *ast.IndexListExpr:
		return receiver(of.X)
	case *ast.Ident:
		return of.Name
	}
	return ""
}

// have reports whether a name is declared, as Name, Type.member, package.Name or
// package.Type.member, or is a string of the program. What begins with the name of another
// library's package is not known, and passes.
func (all *identifiers) have(name string) bool {
	parts := strings.Split(name, ".")
	if len(parts) == 1 {
		return all.names[name]
	}
	if all.texts[name] || !all.packages[parts[0]] && !all.names[parts[0]] {
		return true
	}
	return all.members[strings.Join(parts[len(parts)-2:], ".")]
}
