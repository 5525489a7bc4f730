package source

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDependenciesAreNotOlder than what mended what their older versions get wrong. go.mod
// asks for newer ones; a change that lets it ask for less fails here.
func TestDependenciesAreNotOlder(t *testing.T) {
	for module, mended := range map[string]version{
		"golang.org/x/crypto": {0, 56, 0},  // CVE-2026-39830, CVE-2026-46595 and others, in ssh
		"charm.land/ssh":      {0, 4, 0},   // gliderlabs/ssh#242: one account's password opens another
		"charm.land/wish/v2":  {2, 0, 0},   // GHSA-xjvp-7243-rg9h: scp leaves its directory
		"github.com/pkg/sftp": {1, 13, 11}, // an allocation of a size that the client chooses
	} {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
		if err != nil {
			t.Fatalf("%s: %v", module, err)
		}
		var is version
		if _, err := fmt.Sscanf(string(out), "v%d.%d.%d", &is[0], &is[1], &is[2]); err != nil {
			t.Fatalf("%s: %q: %v", module, out, err)
		}
		if is.before(mended) {
			t.Errorf("%s is %v; before %v it is not safe", module, is, mended)
		}
	}
}

// version is major, minor and patch.
type version [3]int

func (v version) before(other version) bool {
	for i := range v {
		if v[i] != other[i] {
			return v[i] < other[i]
		}
	}
	return false
}

// TestREADMENamesTheOldestGo: the README names the oldest Go that go.mod takes.
func TestREADMENamesTheOldestGo(t *testing.T) {
	oldest := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, filepath.Join(top, "go.mod")))
	if want := fmt.Sprintf("with Go %s or later", oldest[1]); !strings.Contains(read(t, filepath.Join(top, "README.md")), want) {
		t.Errorf("README.md does not say: %s", want)
	}
}

// TestDependenciesAreExplained: docs/dependencies.md has a line for each module that go.mod
// asks for itself and for each tool that .ci/run runs, and for no other.
func TestDependenciesAreExplained(t *testing.T) {
	var required, explained []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(read(t, filepath.Join(top, "go.mod")), -1) {
		required = append(required, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)go run (\S+)@v`).FindAllStringSubmatch(read(t, filepath.Join(top, ".ci", "run")), -1) {
		required = append(required, m[1])
	}
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+[./]\S+) \|`).FindAllStringSubmatch(read(t, filepath.Join(top, "docs", "dependencies.md")), -1) {
		explained = append(explained, m[1])
	}
	slices.Sort(required)
	slices.Sort(explained)
	if !slices.Equal(required, explained) {
		t.Errorf("go.mod asks for %q; explained are %q", required, explained)
	}
}
