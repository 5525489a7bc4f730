package rules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// TestSinceIsAFilter compares what is read since a time, with the messages edited since, with
// those among all messages that the slow way finds.
func TestSinceIsAFilter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := forumtest.New(t)
		yoda, began := f.As("yoda"), f.Clock.Now()
		thread := must[forum.Thread](rt)(f.Service.Thread(ctx, yoda, rules.Lobby)).ID
		target := func(rt *rapid.T) rules.Target {
			return rules.Target{Title: rules.Lobby, ID: forum.MessageID{Thread: thread, Seq: rapid.Uint64Range(1, 12).Draw(rt, "seq")}}
		}
		read := func(part rules.Range) (entries []rules.Entry) {
			for e, err := range must[rules.Reading](rt)(f.Service.Read(ctx, yoda, rules.Lobby, part)).Entries {
				if err != nil {
					rt.Fatal(err)
				}
				entries = append(entries, e)
			}
			return entries
		}
		rt.Repeat(map[string]func(*rapid.T){
			"post":    func(*rapid.T) { post(t, f, "yoda", rules.Lobby, "text") },
			"edit":    func(rt *rapid.T) { _, _ = f.Service.EditMessage(ctx, yoda, target(rt), "mended") },
			"delete":  func(rt *rapid.T) { _, _ = f.Service.DeleteMessage(ctx, yoda, target(rt)) },
			"restore": func(rt *rapid.T) { _, _ = f.Service.RestoreMessage(ctx, yoda, target(rt)) },
			"wait":    func(*rapid.T) { f.Clock.Advance(time.Second) },
			"": func(rt *rapid.T) {
				part := rules.Range{
					From:   rapid.Uint64Range(0, 12).Draw(rt, "from"),
					Since:  began.Add(time.Duration(rapid.IntRange(0, 9).Draw(rt, "since")) * time.Second),
					Edited: rapid.Uint64Range(0, 12).Draw(rt, "edited"),
				}
				all := read(rules.Range{})
				var want []rules.Entry
				for _, e := range all {
					m := e.Message
					edited := !m.Edited.Before(part.Since) && e.Number+part.Edited > uint64(len(all))
					if e.Number >= part.From && (edited || !m.Posted.Before(part.Since)) {
						want = append(want, e)
					}
				}
				if diff := cmp.Diff(want, read(part)); diff != "" {
					rt.Fatalf("%+v of %d messages (-want +got):\n%s", part, len(all), diff)
				}
			},
		})
	})
}
