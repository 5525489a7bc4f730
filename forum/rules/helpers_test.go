package rules_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// must returns v and fails the test on an error.
func must[T any](t rapid.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wants fails the test unless err is of that kind and says that.
func wants(t testing.TB, err error, kind forum.Kind, says string) {
	t.Helper()
	if forum.KindOf(err) != kind || err == nil || forum.Explain(err) != says {
		t.Errorf("got %v error %q, want %v %q", forum.KindOf(err), err, kind, says)
	}
}

// texts reads a whole thread as "number author: text" lines.
func texts(t testing.TB, f *forumtest.Forum, title string, part rules.Range) []string {
	t.Helper()
	r := must[rules.Reading](t)(f.Service.Read(ctx, f.As("reader"), title, part))
	var lines []string
	for e, err := range r.Entries {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line(e.Number, e.Author, e.Message.Text))
	}
	return lines
}

func post(t testing.TB, f *forumtest.Forum, name, title string, messages ...string) (posted []rules.Posted) {
	t.Helper()
	for _, m := range messages {
		posted = append(posted, must[rules.Posted](t)(f.Service.Post(ctx, f.As(name), title, m)))
	}
	return posted
}
