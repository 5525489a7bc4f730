package command

import (
	"errors"
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"strconv"
	"testing"

	"sshforum/forum"
)

// declaredHints returns the values of package forum's constants of type Hint.
func declaredHints(t *testing.T) (all []forum.Hint) {
	t.Helper()
	file, err := goparser.ParseFile(gotoken.NewFileSet(), "../hint.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) > 0 {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, forum.Hint(text))
		}
		return true
	})
	return all
}

func TestEveryHintHasWords(t *testing.T) {
	all := declaredHints(t)
	if len(all) != len(hints) {
		t.Errorf("%d hints, and words for %d", len(all), len(hints))
	}
	for _, h := range all {
		if hints[h] == "" {
			t.Errorf("the hint %s has no words", h)
		}
	}
}

func TestExplain(t *testing.T) {
	for want, err := range map[string]error{
		"You have blocked Luke; UNBLOCK Luke first.":                                          forum.Hinted(forum.HintUnblock, "Luke", forum.Errorf(forum.Conflict, "You have blocked Luke.")),
		"It is too long. Shorten it, post it in parts, or send it as a file with UPD or scp.": forum.Hinted(forum.HintShorten, "", forum.Errorf(forum.Invalid, "It is too long.")),
		"No such thread.": forum.Errorf(forum.NotFound, "No such thread."),
		"Something went wrong on the server; please try again.": errors.New("a secret"),
	} {
		if got := Explain(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
