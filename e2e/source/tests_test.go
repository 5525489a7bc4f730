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

// TestSecurityTableNamesTests: every test that docs/security.md names is there.
func TestSecurityTableNamesTests(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(top, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	err = filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		tests.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z0-9]+)`").FindAllSubmatch(table, -1)
	if len(named) < 20 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !strings.Contains(tests.String(), "\nfunc "+string(name[1])+"(") {
			t.Errorf("there is no %s", name[1])
		}
	}
}
