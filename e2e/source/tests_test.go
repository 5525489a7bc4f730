package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFuzzTargetsHaveCorpora: what fuzzing begins with is kept beside each target, and is
// small.
func TestFuzzTargetsHaveCorpora(t *testing.T) {
	var total int64
	err := filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, target := range regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`).FindAllSubmatch(source, -1) {
			corpus, err := os.ReadDir(filepath.Join(filepath.Dir(path), "testdata", "fuzz", string(target[1])))
			if err != nil || len(corpus) < 3 || len(corpus) > 20 {
				t.Errorf("%s: %s has a corpus of %d inputs, %v", path, target[1], len(corpus), err)
			}
			for _, input := range corpus {
				info, err := input.Info()
				if err != nil {
					return err
				}
				total += info.Size()
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > 1<<20 {
		t.Errorf("the corpora have %d bytes", total)
	}
}

// TestSecurityTableNamesTests: every test that docs/security.md names is in the package that
// it names behind it.
func TestSecurityTableNamesTests(t *testing.T) {
	tests := testsByPackage(t)
	named := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z0-9]+)`|\\bin ([a-z0-9/]+)")
	checked := 0
	for line := range strings.Lines(read(t, filepath.Join(top, "docs", "security.md"))) {
		var waiting []string // for their package
		for _, m := range named.FindAllStringSubmatch(line[strings.LastIndex(strings.TrimRight(line, " |\n"), "|")+1:], -1) {
			if m[1] != "" {
				waiting = append(waiting, m[1])
				continue
			}
			for _, name := range waiting {
				if checked++; !tests[m[2]+"."+name] {
					t.Errorf("there is no %s in %s", name, m[2])
				}
			}
			waiting = nil
		}
		if waiting != nil {
			t.Errorf("%q have no package", waiting)
		}
	}
	if checked < 20 {
		t.Errorf("only %d tests are named", checked)
	}
}

// testsByPackage returns all tests, as in forum/rules.TestOnce.
func testsByPackage(t *testing.T) map[string]bool {
	t.Helper()
	tests := make(map[string]bool)
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	err := filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		pkg, err := filepath.Rel(top, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, m := range declaration.FindAllStringSubmatch(read(t, path), -1) {
			tests[filepath.ToSlash(pkg)+"."+m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
