package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestTemporary(t *testing.T) {
	for name, want := range map[string]bool{
		".giosaveX3K0T2": true, ".report.pdf.Ab12Cd": true, ".in.report.pdf": true, ".~lock.a.odt#": true, ".#a": true, ".x": true,
		"#a#": true, "a.filepart": true, "a.1b2c3d4e.partial": true, "..a": true,
		"a": false, "#a": false, "a#": false, "#": false, "##": false, "a~": false, "a.part": false, "filepart": false, "a.b": false,
	} {
		if got := forum.Temporary(name); got != want {
			t.Errorf("Temporary(%q) = %v", name, got)
		}
	}
}

// own returns the names of what name alone sees in Thread 3331.
func own(t testing.TB, f *forumtest.Forum, name string) []string {
	t.Helper()
	names := []string{}
	for _, file := range must[[]rules.FileInfo](t)(f.Service.Unfinished(ctx, f.As(name), in3331)) {
		names = append(names, file.Name)
	}
	return names
}

func rename(t testing.TB, f *forumtest.Forum, who string, at rules.Place, from, to string) {
	t.Helper()
	if err := f.Service.RenameFile(ctx, f.As(who), at, from, to, true); err != nil {
		t.Fatal(err)
	}
}

// Two people upload under the same temporary name; each has their own, nobody else sees
// either, and renamed they are files like others.
func TestTemporaryNameIsOnesOwn(t *testing.T) {
	f := thread3331(t)
	before := lines(t, f, "3331")
	sub := f.Hub.Subscribe(16, func(e *forum.Event) bool { return e.File != "" })
	defer sub.Close()
	upload(t, f, "Yoda", in3331, ".report.pdf.Ab12Cd", "of Yoda")
	upload(t, f, "Luke", in3331, ".report.pdf.Ab12Cd", "by Luke!")
	uses(t, f, 15)
	for name, want := range map[string]string{"Yoda": "of Yoda", "Luke": "by Luke!"} {
		if got := content(t, f, name, in3331, ".report.pdf.Ab12Cd"); got != want {
			t.Errorf("%s reads %q", name, got)
		}
		if diff := cmp.Diff([]string{".report.pdf.Ab12Cd"}, own(t, f, name)); diff != "" {
			t.Error(diff)
		}
		if used, _, err := f.Service.Quota(f.As(name)); used != int64(len(want)) || err != nil {
			t.Errorf("%s uses %d bytes: %v", name, used, err)
		}
	}
	for _, name := range []string{"Leia", "Mace"} {
		f.AsRole(name, map[string]forum.Role{"Mace": forum.Admin}[name])
		missing(t, f, name, in3331, ".report.pdf.Ab12Cd")
		if all := append(own(t, f, name), listed(t, f, name, in3331)...); len(all) > 0 {
			t.Errorf("%s sees %q", name, all)
		}
	}
	if diff := cmp.Diff(before, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	rename(t, f, "Luke", in3331, ".report.pdf.Ab12Cd", "report.pdf")
	err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, ".report.pdf.Ab12Cd", "report.pdf", true)
	wants(t, err, forum.Denied, "report.pdf already exists in Thread 3331 and belongs to another user")
	if diff := cmp.Diff(append(before, "0 Luke uploaded report.pdf"), lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	if events, _, err := sub.Next(ctx); err != nil || len(events) != 1 || events[0].File != "report.pdf" {
		t.Errorf("told: %+v, %v", events, err)
	}
	uses(t, f, 15)
}

// A rename over an own file replaces it, with a line of its own in the thread.
func TestRenameOverAnOwnFile(t *testing.T) {
	f := thread3331(t)
	before := lines(t, f, "3331")
	upload(t, f, "Yoda", in3331, "report.pdf", "old")
	post(t, f, "Luke", "3331", "four")
	upload(t, f, "Yoda", in3331, ".giosaveX3K0T2", "newer")
	uses(t, f, 8)
	err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, ".giosaveX3K0T2", "report.pdf", false)
	wants(t, err, forum.Conflict, "report.pdf already exists in Thread 3331")
	rename(t, f, "Yoda", in3331, ".giosaveX3K0T2", "report.pdf")
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "newer" {
		t.Errorf("Luke reads %q", got)
	}
	if diff := cmp.Diff(append(before, "4 Luke: four", "0 Yoda uploaded report.pdf"), lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	missing(t, f, "Yoda", in3331, ".giosaveX3K0T2")
	uses(t, f, 5)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
}

func TestTemporaryNameExcludesAndIsReplaced(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, ".~lock.a.odt#", "first")
	_, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, ".~lock.a.odt#", rules.UploadOptions{})
	wants(t, err, forum.Conflict, ".~lock.a.odt# already exists in Thread 3331")
	upload(t, f, "Yoda", in3331, ".~lock.a.odt#", "second")
	upload(t, f, "Yoda", in3331, ".b", "third")
	err = f.Service.RenameFile(ctx, f.As("Yoda"), in3331, ".b", ".~lock.a.odt#", false)
	wants(t, err, forum.Conflict, ".~lock.a.odt# already exists in Thread 3331")
	rename(t, f, "Yoda", in3331, ".b", ".~lock.a.odt#")
	if got := content(t, f, "Yoda", in3331, ".~lock.a.odt#"); got != "third" {
		t.Errorf("it has %q", got)
	}
	if err := f.Service.RemoveFile(ctx, f.As("Yoda"), in3331, ".~lock.a.odt#"); err != nil {
		t.Fatal(err)
	}
	uses(t, f, 0)
	if n := blobCount(t, f); n != 0 {
		t.Errorf("%d contents are kept", n)
	}
}

func TestTemporaryNameInADropBox(t *testing.T) {
	f := thread3331(t)
	toLuke := forPerson("Luke")
	f.As("Luke")
	upload(t, f, "Yoda", toLuke, ".giosaveX3K0T2", "to Dagobah")
	if got := listed(t, f, "Luke", inbox); len(got) > 0 {
		t.Errorf("Luke sees %q", got)
	}
	missing(t, f, "Luke", inbox, "Yoda_.giosaveX3K0T2")
	rename(t, f, "Yoda", toLuke, ".giosaveX3K0T2", "#map#")
	rename(t, f, "Yoda", toLuke, "#map#", "map")
	if got := content(t, f, "Luke", inbox, "Yoda_map"); got != "to Dagobah" {
		t.Errorf("Luke reads %q", got)
	}
	err := f.Service.RenameFile(ctx, f.As("Yoda"), toLuke, "map", ".map", true)
	wants(t, err, forum.Denied, ".map is a temporary name, which only the owner of the inbox can give to a file there; choose another.")
}

// A file that gets a temporary name is taken back: others see it no more, and the thread
// has lost its line. Its content, which others may have too, stays as long as somebody
// has it.
func TestFileIsTakenBack(t *testing.T) {
	f := thread3331(t)
	before := lines(t, f, "3331")
	upload(t, f, "Luke", forPerson("Yoda"), "copy", "wisdom")
	upload(t, f, "Yoda", in3331, "report.pdf", "wisdom")
	then := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := f.Service.SetModified(ctx, f.As("Yoda"), in3331, "report.pdf", then); err != nil {
		t.Fatal(err)
	}
	_, reading, err := f.Service.OpenFile(ctx, f.As("Luke"), in3331, "report.pdf")
	if err != nil {
		t.Fatal(err)
	}
	err = f.Service.RenameFile(ctx, f.AsRole("Mace", forum.Admin), in3331, "report.pdf", ".mine", true)
	wants(t, err, forum.Denied, "The file belongs to another user and cannot be renamed")
	sub := f.Hub.Subscribe(1, func(e *forum.Event) bool { return e.Kind == forum.FileRemoved })
	defer sub.Close()
	rename(t, f, "Yoda", in3331, "report.pdf", ".fuse_hidden0000000100000001")
	if events, _, err := sub.Next(ctx); err != nil || events[0].File != "report.pdf" {
		t.Errorf("told: %+v, %v", events, err)
	}
	for _, name := range []string{"report.pdf", ".fuse_hidden0000000100000001"} {
		missing(t, f, "Luke", in3331, name)
	}
	info := must[rules.FileInfo](t)(f.Service.File(ctx, f.As("Yoda"), in3331, ".fuse_hidden0000000100000001"))
	if !info.Part || !info.Modified.Equal(then) || content(t, f, "Yoda", in3331, info.Name) != "wisdom" {
		t.Errorf("Yoda has %+v", info)
	}
	if n, err := reading.ReadAt(make([]byte, 6), 0); n != 6 {
		t.Errorf("who was reading it: %d bytes, %v", n, err)
	}
	if diff := cmp.Diff(before, lines(t, f, "3331")); diff != "" {
		t.Error(diff)
	}
	uses(t, f, 12)

	// What is written to it now is not written to the copy.
	u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("Yoda"), in3331, info.Name, rules.UploadOptions{Keep: true, Replace: true}))
	putOperatorMessage(t, u, "Wiz", 0)
	must[rules.Uploaded](t)(u.Complete(ctx))
	if got := content(t, f, "Yoda", inbox, "Luke_copy"); got != "wisdom" {
		t.Errorf("the copy has %q", got)
	}
	rename(t, f, "Yoda", in3331, info.Name, "report.pdf")
	if got := content(t, f, "Luke", in3331, "report.pdf"); got != "Wizdom" {
		t.Errorf("Luke reads %q", got)
	}
	rename(t, f, "Yoda", in3331, "report.pdf", ".gone")
	if err := f.Service.RemoveFile(ctx, f.As("Yoda"), in3331, ".gone"); err != nil {
		t.Fatal(err)
	}
	uses(t, f, 6)
	if n := blobCount(t, f); n != 1 {
		t.Errorf("%d contents are kept", n)
	}
}

// What is locked, silenced or gone keeps a temporary name from being published or taken
// back, as it keeps people from uploading and removing.
func TestTemporaryNameInAThreadThatIsClosed(t *testing.T) {
	f := thread3331(t)
	upload(t, f, "Yoda", in3331, "report.pdf", "wisdom")
	upload(t, f, "Yoda", in3331, ".a", "waits")
	must[forum.Thread](t)(f.Service.LockThread(ctx, f.AsRole("Mace", forum.Moderator), "3331", "done"))
	for from, to := range map[string]string{".a": "a", "report.pdf": ".report.pdf"} {
		err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, from, to, true)
		wants(t, err, forum.Denied, "Thread 3331 is locked (done); you can read it.")
	}
	must[forum.Thread](t)(f.Service.UnlockThread(ctx, f.As("Mace"), "3331"))
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("Yoda"), "3331"))
	err := f.Service.RenameFile(ctx, f.As("Yoda"), in3331, ".a", "a", true)
	wants(t, err, forum.NotFound, "Thread 3331 does not exist")
	must[forum.Thread](t)(f.Service.RestoreThread(ctx, f.As("Yoda"), "3331", ""))
	rename(t, f, "Yoda", in3331, ".a", "a")
	if got := content(t, f, "Luke", in3331, "a"); got != "waits" {
		t.Errorf("Luke reads %q", got)
	}
}

// What waits under a temporary name is dropped after a day, with its thread, or with its
// owner's account.
func TestTemporaryNameIsDropped(t *testing.T) {
	for what, drop := range map[string]func(t *testing.T, f *forumtest.Forum){
		"after a day": func(t *testing.T, f *forumtest.Forum) { f.Clock.Advance(24*time.Hour + time.Second) },
		"with the thread": func(t *testing.T, f *forumtest.Forum) {
			must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("Yoda"), "3331"))
			f.Clock.Advance(31 * 24 * time.Hour)
		},
		"with the account": func(t *testing.T, f *forumtest.Forum) {
			must[forum.User](t)(f.Service.CloseOwn(ctx, f.As("Yoda"), forumtest.Password("Yoda"), false))
		},
	} {
		t.Run(what, func(t *testing.T) {
			f := thread3331(t)
			upload(t, f, "Yoda", in3331, ".new", "wisdom")
			upload(t, f, "Yoda", in3331, ".same", "wisdom")
			upload(t, f, "Yoda", in3331, "report.pdf", "folly")
			rename(t, f, "Yoda", in3331, "report.pdf", "#report.pdf#")
			f.Clock.Advance(24*time.Hour - time.Minute)
			purge(t, f)
			uses(t, f, 17)
			f.Clock.Advance(time.Minute - 24*time.Hour)
			drop(t, f)
			purge(t, f)
			uses(t, f, 0)
			if n := blobCount(t, f); n != 0 {
				t.Errorf("%d contents are kept", n)
			}
		})
	}
}

// Who cannot rename what they upload does not upload what nobody would see.
func TestTemporaryNameIsRefusedWhereNothingRenames(t *testing.T) {
	f := thread3331(t)
	for _, name := range []string{".bashrc", "a.filepart"} {
		const says = "Nobody but you would see a file of the temporary name NAME; send it under another name."
		_, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, name, rules.UploadOptions{Final: true})
		wants(t, err, forum.Invalid, strings.Replace(says, "NAME", name, 1))
		_, err = f.Service.Placeholder(ctx, f.As("Yoda"), "3331", name)
		wants(t, err, forum.Invalid, strings.Replace(says, "NAME", name, 1))
	}
}
