package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// placeholders returns the files of 3331 that are marked as such.
func placeholders(t *testing.T, f *forumtest.Forum) (names []string) {
	t.Helper()
	for _, file := range must[[]rules.FileInfo](t)(f.Service.Files(ctx, f.As("Luke"), in3331)) {
		if file.Placeholder {
			names = append(names, file.Name)
		}
	}
	return names
}

// A placeholder is a file to everybody, until its owner sends the real one.
func TestPlaceholderStandsUntilItsOwnerFillsIt(t *testing.T) {
	f := thread3331(t)
	done := must[rules.Uploaded](t)(f.Service.Placeholder(ctx, f.As("Yoda"), "3331", "report.pdf"))
	if f.Reopen(); done.Title != "3331" || !done.File.Placeholder {
		t.Errorf("%+v", done)
	}
	want := []string{"1 Yoda: one", "2 Obi-wan: two", "3 Yoda: three", "0 Yoda uploaded report.pdf"}
	if diff := cmp.Diff(want, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"report.pdf"}, placeholders(t, f)); diff != "" {
		t.Error(diff)
	}
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "" {
		t.Errorf("it has %q", got)
	}
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, "report.pdf", "paper.pdf", false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"paper.pdf"}, placeholders(t, f)); diff != "" {
		t.Error(diff)
	}
	upload(t, f, "Yoda", in3331, "paper.pdf", "the report")
	if got := placeholders(t, f); len(got) != 0 {
		t.Errorf("after it was filled, placeholders are %q", got)
	}
}

// A placeholder does not replace another person's file, an own file, or a part.
func TestPlaceholderReplacesNothing(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Luke", in3331, "a", "of Luke")
	upload(t, f, "Yoda", in3331, "b", "of Yoda")
	cut := begin(t, f, "Yoda", in3331, "c", "half of it", rules.UploadOptions{})
	if err := cut.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	for name, kept := range map[string]string{"a": "of Luke", "b": "of Yoda", "c": "half of it"} {
		_, err := f.Service.Placeholder(ctx, f.As("Yoda"), "3331", name)
		wants(t, err, forum.Conflict, name+" already exists in Thread 3331")
		if got := content(t, f, "Yoda", in3331, name); got != kept {
			t.Errorf("%s has %q", name, got)
		}
	}
	_, err := f.Service.Placeholder(ctx, f.As("Yoda"), "nope", "a")
	wants(t, err, forum.NotFound, "Thread nope does not exist")
	_, err = f.Service.Placeholder(ctx, f.As("Yoda"), "3331", "a\n")
	wants(t, err, forum.Invalid, "A file name cannot contain U+000A; rename the file and send it again.")
}

// Under a temporary name only its owner sees it, and it is still a placeholder when renamed.
func TestPlaceholderUnderATemporaryName(t *testing.T) {
	f := thread3331(t)
	must[rules.Uploaded](t)(f.Service.Placeholder(ctx, f.As("Yoda"), "3331", "a"))
	rename(t, f, "Yoda", in3331, "a", "a.filepart")
	if got := placeholders(t, f); len(got) > 0 {
		t.Errorf("%q", got)
	}
	rename(t, f, "Yoda", in3331, "a.filepart", "a")
	if diff := cmp.Diff([]string{"a"}, placeholders(t, f)); diff != "" {
		t.Error(diff)
	}
}
