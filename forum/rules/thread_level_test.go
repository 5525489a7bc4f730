package rules_test

import (
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func wantLevels(t testing.TB, f *forumtest.Forum, name, want string) {
	t.Helper()
	var words []string
	for _, of := range must[[]rules.ThreadInterest](t)(f.Service.Levels(f.As(name))) {
		words = append(words, of.Level.String()+" "+of.Thread.Title)
	}
	if got := strings.Join(words, ", "); got != want {
		t.Errorf("levels of %s: %q, want %q", name, got, want)
	}
}

func TestLevels(t *testing.T) {
	f := forumtest.New(t)
	set := func(title string, level forum.Level) {
		t.Helper()
		must[rules.ThreadInterest](t)(f.Service.SetLevel(ctx, f.As("yoda"), title, level))
	}
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("yoda"), "dagobah"))
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("luke"), "hoth"))
	wantLevels(t, f, "yoda", "watch dagobah")
	post(t, f, "yoda", "hoth", "first post")
	wantLevels(t, f, "yoda", "watch dagobah, watch hoth")
	set("hoth", forum.Muted)
	set("lobby", forum.Normal)
	wantLevels(t, f, "yoda", "watch dagobah, mute hoth")
	post(t, f, "yoda", "hoth", "a level chosen by hand stays")
	post(t, f, "yoda", "lobby", "normal by hand, too")
	wantLevels(t, f, "yoda", "watch dagobah, mute hoth")
	set("hoth", forum.Normal)
	wantLevels(t, f, "yoda", "watch dagobah")
	_, err := f.Service.SetLevel(ctx, f.As("yoda"), "nowhere", forum.Watched)
	wants(t, err, forum.NotFound, "Thread nowhere does not exist")
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, f.As("yoda"), "dagobah"))
	wantLevels(t, f, "yoda", "")
	must[forum.Thread](t)(f.Service.RestoreThread(ctx, f.As("yoda"), "dagobah", "swamp"))
	wantLevels(t, f, "yoda", "watch swamp")
	wantLevels(t, f, "luke", "watch hoth")
}

// After an upload its person watches the thread, as after a post.
func TestUploadWatches(t *testing.T) {
	f := forumtest.New(t)
	u := must[*rules.Upload](t)(f.Service.Upload(ctx, f.As("yoda"), rules.Place{Thread: rules.Lobby}, "map.txt", rules.UploadOptions{}))
	if _, err := u.WriteAt([]byte("here"), 0); err != nil {
		t.Fatal(err)
	}
	must[rules.Uploaded](t)(u.Complete(ctx))
	wantLevels(t, f, "yoda", "watch lobby")
}

// A live session learns at once which threads its person watches.
func TestLevelsOfALiveSession(t *testing.T) {
	f := forumtest.New(t)
	luke := f.As("luke")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, luke, "hoth"))
	ear := listen(t, f, "yoda")
	say := func(name, text string) { t.Helper(); post(t, f, name, "hoth", text) }
	level := func(level forum.Level) {
		t.Helper()
		must[rules.ThreadInterest](t)(f.Service.SetLevel(ctx, f.As("yoda"), "hoth", level))
	}
	hears := func(want ...string) {
		t.Helper()
		must[rules.Said](t)(f.Service.Say(ctx, luke, "that was all"))
		ear.hears(append(want, "said luke that was all")...)
	}
	say("luke", "not told yet")
	hears()
	say("yoda", "watches from here on")
	say("luke", "told")
	hears("watched luke toldhoth")
	level(forum.Muted)
	say("luke", "not told of a muted thread")
	say("luke", "but of a mention of @yoda")
	hears("mentioned luke but of a mention of @yodahoth")
	level(forum.Normal)
	say("luke", "normal")
	hears()
	level(forum.Watched)
	say("luke", "told again")
	hears("watched luke told againhoth")
}
