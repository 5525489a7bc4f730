package rules_test

import (
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/rules"
)

func TestDropBox(t *testing.T) {
	f := thread3331(t)
	f.As("Luke")
	toLuke := forPerson("luke")
	upload(t, f, "Yoda", toLuke, "map.txt", "to Dagobah")
	upload(t, f, "Obi-wan", toLuke, "map.txt", "to Tatooine")

	want := []string{"Obi-wan:Obi-wan_map.txt", "Yoda:Yoda_map.txt"}
	if diff := cmp.Diff(want, listed(t, f, "Luke", inbox)); diff != "" {
		t.Error(diff)
	}
	if got := content(t, f, "Luke", inbox, "Yoda_map.txt"); got != "to Dagobah" {
		t.Errorf("Luke reads %q", got)
	}
	if got := listed(t, f, "Yoda", inbox); len(got) != 0 {
		t.Errorf("in the sender's inbox: %q", got)
	}
	missing(t, f, "Yoda", inbox, "Yoda_map.txt")
	_, err := f.Service.Files(ctx, f.As("Yoda"), toLuke)
	wants(t, err, forum.Denied, "You can send files to luke here, but not list them.")
	info := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), toLuke, "map.txt"))
	if info.Size != 10 {
		t.Errorf("the sender sees %+v", info)
	}
	_, _, err = f.Service.OpenFile(ctx, f.As("Yoda"), toLuke, "map.txt")
	wants(t, err, forum.Denied, "You can send files to luke here, but not read them.")
	for _, name := range []string{"map.txt", "Yoda_map.txt", "Obi-wan_map.txt"} {
		missing(t, f, "Leia", toLuke, name)
		err = f.Service.RemoveFile(ctx, f.As("Leia"), toLuke, name)
		wants(t, err, forum.NotFound, "File "+name+" does not exist")
	}
	if err = f.Service.SetModified(ctx, f.As("Yoda"), toLuke, "map.txt", f.Clock.Now()); err != nil {
		t.Error(err)
	}
	err = f.Service.RemoveFile(ctx, f.As("Yoda"), toLuke, "map.txt")
	wants(t, err, forum.Denied, "The file belongs to another user and cannot be removed")
	_, err = f.Service.Upload(ctx, f.As("Luke"), inbox, "x", rules.UploadOptions{})
	wants(t, err, forum.Denied, "Your inbox is for what others send you.")
	_, err = f.Service.Upload(ctx, f.As("Yoda"), forPerson("nobody"), "x", rules.UploadOptions{})
	wants(t, err, forum.NotFound, "There is no account nobody.")
	_, err = f.Service.Upload(ctx, f.As("Yoda"), toLuke, strings.Repeat("x", 251), rules.UploadOptions{})
	wants(t, err, forum.Invalid, "The file name is too long to be sent to a person; shorten it.")
	_, err = f.Service.Upload(ctx, f.As("Yoda"), toLuke, "map.txt", rules.UploadOptions{})
	wants(t, err, forum.Conflict, "Yoda_map.txt already exists in the inbox of Luke")

	if err := f.Service.RemoveFile(ctx, f.As("Luke"), inbox, "Yoda_map.txt"); err != nil {
		t.Error(err)
	}
	missing(t, f, "Yoda", toLuke, "map.txt")
	uses(t, f, 11)
	if got := len(lines(t, f, "3331")); got != 3 {
		t.Errorf("the thread has %d lines", got)
	}
}

// Names of people and of files may join to the same name.
func TestDropOfAnotherSenderIsNotSeen(t *testing.T) {
	f := thread3331(t)
	f.As("Luke")
	upload(t, f, "Yoda", forPerson("Luke"), "x_map", "of Yoda")
	missing(t, f, "Yoda_x", forPerson("Luke"), "map")
	_, err := f.Service.Upload(ctx, f.As("Yoda_x"), forPerson("Luke"), "map", rules.UploadOptions{Replace: true})
	wants(t, err, forum.Denied, "Yoda_x_map already exists in the inbox of Luke and belongs to another user")
}

func TestDropIsResumedAndRenamedByItsSender(t *testing.T) {
	f := thread3331(t)
	toLuke := forPerson("Luke")
	f.As("Luke")
	u := begin(t, f, "Yoda", toLuke, "map.filepart", "half", rules.UploadOptions{})
	if err := u.Leave(ctx, true); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Yoda", toLuke, "map.filepart"); got != "half" {
		t.Errorf("the sender reads %q", got)
	}
	u = must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), toLuke, "map.filepart", rules.UploadOptions{Keep: true}))
	putOperatorMessage(t, u, " and half", 4)
	must[rules.Uploaded](t)(u.Complete(ctx))
	if got := listed(t, f, "Luke", inbox); len(got) != 0 {
		t.Errorf("before the rename: %q", got)
	}
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), toLuke, "map.filepart", "map", false); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f, "Luke", inbox, "Yoda_map"); got != "half and half" {
		t.Errorf("Luke reads %q", got)
	}
}

// A file in an inbox is told to its two and nobody else, each time it is whole; and no
// more to one who has blocked the sender since.
func TestDropIsTold(t *testing.T) {
	f := thread3331(t)
	toLuke := forPerson("luke")
	f.As("Leia")
	luke := listen(t, f, "Luke")
	start := lastSeq(t, f)
	upload(t, f, "Yoda", toLuke, "map.filepart", "to Dagobah")
	if err := f.Service.RenameFile(ctx, f.As("Yoda"), toLuke, "map.filepart", "map", false); err != nil {
		t.Fatal(err)
	}
	upload(t, f, "Yoda", toLuke, "map", "to Tatooine")
	if err := f.Service.RemoveFile(ctx, f.As("Luke"), inbox, "Yoda_map"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		n, err, _ := luke.pull()
		if err != nil || n.Why != rules.WhyTold || n.Name != "Yoda" || n.File != "Yoda_map" || n.Dropped() != "map" || n.ToName != "Luke" {
			t.Errorf("Luke is told %+v, %v", n, err)
		}
	}
	post(t, f, "Leia", "3331", "end")
	followed := func(name string, want ...string) {
		t.Helper()
		pull, stop := iter.Pull2(oneByOne(f.Service.Follow(ctx, f.As(name), nil, start, true)))
		got, _ := next(t, pull, len(want))
		stop()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, name := range []string{"Yoda", "Luke"} {
		followed(name, "file.dropped 0 ", "file.dropped 0 ", "message.posted 4 end")
	}
	followed("Leia", "message.posted 4 end")
	must[forum.User](t)(f.Service.Block(ctx, f.As("Luke"), "Yoda"))
	followed("Luke", "message.posted 4 end")
}

// Across a block nothing is delivered, whenever it began.
func TestDropAndBlocks(t *testing.T) {
	f := thread3331(t)
	f.As("Luke")
	const cannot = "Your file for Luke cannot be delivered."
	toLuke := forPerson("luke")
	drop := func(name string) error {
		_, err := f.Service.Upload(ctx, f.As(name), toLuke, "map", rules.UploadOptions{})
		return err
	}
	upload(t, f, "Yoda", toLuke, "known", "sent before")
	upload(t, f, "Yoda", toLuke, "map.partial", "complete")
	half := begin(t, f, "Yoda", toLuke, "half", "half", rules.UploadOptions{})
	must[forum.User](t)(f.Service.Block(ctx, f.As("Luke"), "Yoda"))

	wants(t, drop("Yoda"), forum.Denied, cannot)
	_, err := half.Complete(ctx)
	wants(t, err, forum.Denied, cannot)
	for _, from := range []string{"map.partial", "known"} {
		err = f.Service.RenameFile(ctx, f.As("Yoda"), toLuke, from, "map", false)
		wants(t, err, forum.Denied, cannot)
	}
	if diff := cmp.Diff([]string{"Yoda:Yoda_known"}, listed(t, f, "Luke", inbox)); diff != "" {
		t.Error(diff)
	}
	upload(t, f, "Yoda", in3331, "map", "for all")

	must[forum.User](t)(f.Service.Unblock(ctx, f.As("Luke"), "Yoda"))
	must[forum.User](t)(f.Service.Block(ctx, f.As("Yoda"), "Luke"))
	wants(t, drop("Yoda"), forum.Conflict, "You have blocked Luke.")
	must[forum.User](t)(f.Service.Unblock(ctx, f.As("Yoda"), "Luke"))
	upload(t, f, "Yoda", toLuke, "map", "at last")
}
