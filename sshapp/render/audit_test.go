package render

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"sshforum/forum"
)

// auditActs reads all acts of the audit log from their source, in package forum and in those
// below it.
func auditActs(t *testing.T) (acts []forum.AuditAct) {
	t.Helper()
	dir := filepath.Join("..", "..", "forum")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	below, belowErr := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err := errors.Join(err, belowErr); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(files, below) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			value, literal := spec.Values[0].(*ast.BasicLit)
			if kind := types.ExprString(spec.Type); literal && (kind == "AuditAct" || kind == "forum.AuditAct") {
				act, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Error(err)
				}
				acts = append(acts, forum.AuditAct(act))
			}
			return true
		})
	}
	return acts
}

func TestEveryAuditActHasAVerb(t *testing.T) {
	acts := auditActs(t)
	for _, act := range acts {
		if auditVerbs[act] == "" {
			t.Errorf("MODLOG has no verb for %s", act)
		}
	}
	if len(acts) != len(auditVerbs) || len(acts) < 20 {
		t.Errorf("%d acts and %d verbs", len(acts), len(auditVerbs))
	}
}
