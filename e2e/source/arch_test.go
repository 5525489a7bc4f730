// Package source tests what holds of the source as a whole.
package source

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// top is the directory of the module.
const top = "../.."

// arrows are the imports that are allowed between our packages, and of others by
// package forum. A package that is missing here fails the test.
var arrows = map[string][]string{
	"sshforum":                            {"sshforum/forum", "sshforum/forum/command", "sshforum/forum/gate", "sshforum/forum/limit", "sshforum/forum/password", "sshforum/forum/rules", "sshforum/legacy", "sshforum/legacy/jsonchat", "sshforum/legacy/jsonforum", "sshforum/legacy/picklechat", "sshforum/legacy/textchat", "sshforum/legacy/udpforum", "sshforum/sshapp", "sshforum/storage", "sshforum/storage/blobs", "sshforum/storage/boltfile", "sshforum/storage/pair"},
	"sshforum/e2e":                        {"sshforum/forum/forumtest", "sshforum/sshapp", "sshforum/storage", "sshforum/storage/pair"},
	"sshforum/e2e/bench":                  {},
	"sshforum/e2e/crash":                  {},
	"sshforum/e2e/oldclient":              {"sshforum/e2e", "sshforum/forum/forumtest"},
	"sshforum/e2e/policy":                 {},
	"sshforum/e2e/siege":                  {},
	"sshforum/e2e/source":                 {},
	"sshforum/e2e/story":                  {},
	"sshforum/forum":                      {"golang.org/x/crypto", "golang.org/x/text", "sshforum/forum/search"},
	"sshforum/forum/command":              {"sshforum/forum", "sshforum/forum/rules", "sshforum/forum/search"},
	"sshforum/forum/forumtest":            {"sshforum/forum", "sshforum/forum/limit", "sshforum/forum/rules", "sshforum/forum/password", "sshforum/storage", "sshforum/storage/blobs", "sshforum/storage/pair"},
	"sshforum/forum/gate":                 {},
	"sshforum/forum/limit":                {"sshforum/forum"},
	"sshforum/forum/password":             {"sshforum/forum", "golang.org/x/crypto", "golang.org/x/text", "golang.org/x/sync"},
	"sshforum/forum/rules":                {"sshforum/forum", "sshforum/forum/limit", "sshforum/forum/search"},
	"sshforum/forum/search":               {"golang.org/x/text"},
	"sshforum/forum/storetest":            {"sshforum/forum", "sshforum/forum/search", "pgregory.net/rapid", "github.com/google/go-cmp"},
	"sshforum/legacy":                     {"sshforum/forum", "sshforum/forum/rules", "sshforum/forum/gate"},
	"sshforum/legacy/jsonchat":            {"sshforum/forum", "sshforum/forum/rules", "sshforum/legacy"},
	"sshforum/legacy/jsonforum":           {"sshforum/forum", "sshforum/forum/rules", "sshforum/legacy"},
	"sshforum/legacy/legacytest":          {"sshforum/forum/forumtest", "sshforum/legacy"},
	"sshforum/legacy/picklechat":          {"sshforum/forum", "sshforum/forum/rules", "sshforum/legacy"},
	"sshforum/legacy/textchat":            {"sshforum/forum", "sshforum/forum/rules", "sshforum/legacy"},
	"sshforum/legacy/udpforum":            {"sshforum/forum", "sshforum/forum/rules", "sshforum/legacy"},
	"sshforum/sshapp":                     {"sshforum/forum", "sshforum/forum/rules", "sshforum/forum/command", "sshforum/forum/gate", "sshforum/sshapp/exit", "sshforum/sshapp/files", "sshforum/sshapp/shell", "sshforum/sshapp/sshlog", "sshforum/sshapp/wire"},
	"sshforum/sshapp/exit":                {"sshforum/forum", "sshforum/forum/command", "sshforum/sshapp/lineedit"},
	"sshforum/sshapp/files":               {"sshforum/forum", "sshforum/forum/rules", "sshforum/forum/command", "sshforum/sshapp/exit", "sshforum/sshapp/render", "sshforum/sshapp/scp", "sshforum/sshapp/sftpext", "sshforum/sshapp/sshlog", "sshforum/sshapp/wire"},
	"sshforum/sshapp/lineedit":            {},
	"sshforum/sshapp/render":              {"sshforum/forum", "sshforum/forum/rules", "sshforum/forum/command", "sshforum/forum/search", "sshforum/sshapp/exit"},
	"sshforum/sshapp/render/jsondoc":      {},
	"sshforum/sshapp/scp":                 {"sshforum/forum", "sshforum/forum/command"},
	"sshforum/sshapp/sftpext":             {},
	"sshforum/sshapp/shell":               {"sshforum/forum", "sshforum/forum/rules", "sshforum/forum/command", "sshforum/sshapp/exit", "sshforum/sshapp/lineedit", "sshforum/sshapp/render", "sshforum/sshapp/sshlog", "sshforum/sshapp/wire"},
	"sshforum/sshapp/sshlog":              {"sshforum/forum", "sshforum/forum/rules", "sshforum/forum/command", "sshforum/sshapp/exit"},
	"sshforum/sshapp/wire":                {"sshforum/sshapp/exit"},
	"sshforum/storage":                    {"sshforum/forum", "sshforum/forum/search", "sshforum/storage/postings", "sshforum/storage/boltfile"},
	"sshforum/storage/blobs":              {"sshforum/forum", "sshforum/storage/boltfile"},
	"sshforum/storage/boltfile":           {"sshforum/forum"},
	"sshforum/storage/boltfile/faultdisk": {"sshforum/storage/boltfile"},
	"sshforum/storage/pair":               {"sshforum/forum", "sshforum/storage", "sshforum/storage/blobs", "sshforum/storage/boltfile"},
	"sshforum/storage/postings":           {},
}

// closed are the packages whose other imports are the standard library alone.
var closed = []string{"sshforum/forum", "sshforum/forum/limit", "sshforum/forum/rules", "sshforum/forum/search", "sshforum/forum/command", "sshforum/forum/forumtest", "sshforum/forum/gate", "sshforum/forum/password", "sshforum/forum/storetest"}

func TestArrowsBetweenPackages(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	list.Dir = top
	out, err := list.CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		allowed, known := arrows[fields[0]]
		if !known {
			t.Errorf("package %s is not in the table of arrows", fields[0])
		}
		for _, imported := range fields[1:] {
			ours := strings.HasPrefix(imported, "sshforum")
			foreign := slices.Contains(closed, fields[0]) && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
			if (ours || foreign) && !slices.ContainsFunc(allowed, func(a string) bool {
				return imported == a || !ours && strings.HasPrefix(imported, a+"/")
			}) {
				t.Errorf("%s must not import %s", fields[0], imported)
			}
		}
	}
}
