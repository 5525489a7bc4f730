package rules_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// audited returns what the audit log says since an entry, one line each.
func audited(t testing.TB, f *forumtest.Forum, since forum.AuditHead) (lines []string) {
	t.Helper()
	log := must[rules.AuditLog](t)(f.Service.Audit(rules.Operator(), 1000))
	for _, e := range log.Entries {
		if e.N <= since.N {
			continue
		}
		line := fmt.Sprint(e.ByName, " ", e.Act, " ", e.Object)
		for _, detail := range []string{e.Name, e.Value, e.Reason} {
			if detail != "" {
				line += ", " + detail
			}
		}
		if !e.Until.IsZero() {
			line += ", until " + e.Until.Format(time.DateTime)
		}
		lines = append(lines, line)
	}
	return lines
}

func auditHead(t testing.TB, f *forumtest.Forum) forum.AuditHead {
	t.Helper()
	return must[forum.AuditHead](t)(f.Service.AuditHead())
}

func wantAudited(t testing.TB, f *forumtest.Forum, since forum.AuditHead, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, audited(t, f, since)); diff != "" {
		t.Errorf("audit log (-want +got):\n%s", diff)
	}
}

// An act over another person's object makes an entry; the same act over one's own makes none.
func TestPowerOverOthersIsAudited(t *testing.T) {
	f := thread3331(t)
	mace, yoda := f.AsRole("Mace", forum.Moderator), f.As("Yoda")
	s := f.Service
	must[forum.User](t)(s.Register(ctx, rules.Newcomer{Name: "Jar-Jar", Password: "meesa-meesa-meesa"}))
	upload(t, f, "Yoda", rules.Place{Thread: "3331"}, "holocron.txt", "light")
	upload(t, f, "Mace", rules.Place{Thread: "3331"}, "own.txt", "dark")
	begin := auditHead(t, f)

	must[rules.Posted](t)(s.DeleteMessage(ctx, yoda, number(1)))
	must[rules.Posted](t)(s.RestoreMessage(ctx, yoda, rules.Target{Title: "3331", ID: forum.MessageID{Thread: 2, Seq: 1}}))
	must[forum.Thread](t)(s.RemoveThread(ctx, yoda, "3331"))
	must[forum.Thread](t)(s.RestoreThread(ctx, yoda, "3331", ""))
	if err := s.RemoveFile(ctx, mace, rules.Place{Thread: "3331"}, "own.txt"); err != nil {
		t.Error(err)
	}
	if err := s.ChangePassword(ctx, yoda, forumtest.Password("Yoda"), "another password"); err != nil {
		t.Error(err)
	}
	_, err := s.DeleteMessage(ctx, f.As("Obi-wan"), number(1))
	wants(t, err, forum.Denied, "The message belongs to another user and cannot be deleted")
	wantAudited(t, f, begin)

	must[rules.Posted](t)(s.DeleteMessage(ctx, mace, number(1)))
	must[rules.Posted](t)(s.RestoreMessage(ctx, mace, rules.Target{Title: "3331", ID: forum.MessageID{Thread: 2, Seq: 1}}))
	if err := s.RemoveFile(ctx, mace, rules.Place{Thread: "3331"}, "holocron.txt"); err != nil {
		t.Error(err)
	}
	must[forum.Thread](t)(s.RemoveThread(ctx, mace, "3331"))
	must[forum.Thread](t)(s.RestoreThread(ctx, mace, "3331", "3332"))
	must[forum.User](t)(s.AddUser(ctx, rules.Operator(), "Rey", "a long password", forum.Moderator))
	must[forum.User](t)(s.SetRole(ctx, rules.Operator(), "Rey", forum.Admin))
	if err := s.SetPasswordOf(ctx, rules.Operator(), "Rey", "a longer password"); err != nil {
		t.Error(err)
	}
	must[forum.User](t)(s.CloseAccount(ctx, rules.Operator(), "Rey"))
	wantAudited(t, f, begin,
		"Mace message.delete message 2.1, Yoda",
		"Mace message.restore message 2.1, Yoda",
		"Mace file.remove thread 2, holocron.txt",
		"Mace thread.remove thread 2, 3331",
		"Mace thread.restore thread 2, 3332",
		"operator user.add user 5, Rey, moderator",
		"operator user.role user 5, Rey, admin",
		"operator user.password user 5, Rey",
		"operator user.close user 5, Rey",
	)
}

// Acts at the same time, which share commits, form one chain. A refused act is not in it.
func TestActsAtTheSameTimeAreOneChain(t *testing.T) {
	f := forumtest.New(t)
	mace := f.AsRole("Mace", forum.Moderator)
	begin := auditHead(t, f)
	var acts sync.WaitGroup
	for i := range 32 {
		title := fmt.Sprint("t", i%16)
		_, _ = f.Service.CreateThread(ctx, mace, title)
		acts.Go(func() { _, _ = f.Service.LockThread(ctx, mace, title, "") })
	}
	acts.Wait()
	v := must[rules.AuditVerdict](t)(f.Service.VerifyAudit(ctx, rules.Operator(), begin.Hash))
	if want := (rules.AuditVerdict{Sound: auditHead(t, f), Known: true}); v != want || v.Sound.N != begin.N+16 {
		t.Errorf("VerifyAudit: %+v, want %+v with 16 entries more than %d", v, want, begin.N)
	}
}

func TestAuditLogIsForModerators(t *testing.T) {
	f := thread3331(t)
	mace := f.AsRole("Mace", forum.Moderator)
	_, err := f.Service.Audit(f.As("Yoda"), 1)
	wants(t, err, forum.Denied, "Only a moderator can read the audit log; MODLOG shows what everybody may see of it.")
	_, err = f.Service.Audit(rules.Actor{User: forum.Guests, Name: "Wanda"}, 1)
	if forum.KindOf(err) != forum.Denied {
		t.Errorf("a guest: %v", err)
	}
	_, err = f.Service.VerifyAudit(ctx, f.As("Yoda"), forum.AuditHash{})
	if forum.KindOf(err) != forum.Denied {
		t.Errorf("VerifyAudit for a member: %v", err)
	}
	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, mace, number(1)))
	log := must[rules.AuditLog](t)(f.Service.Audit(mace, 1))
	if len(log.Entries) != 1 || log.Entries[0].Act != forum.AuditMessageDelete || log.Head != log.Entries[0].Head() {
		t.Errorf("the last entry: %+v", log)
	}
}

// The hash of an entry covers every field, and the boundaries between its texts.
func TestAuditHashCoversTheEntry(t *testing.T) {
	e := forum.AuditEntry{
		N: 7, At: time.Unix(1, 2), By: 3, ByName: "yoda", Act: "thread.lock", Object: "thread 12",
		Name: "3331", Value: "v", Reason: "loud", Until: time.Unix(3, 4), Previous: forum.AuditHash{5},
	}
	change := map[string]func(*forum.AuditEntry){
		"N":        func(e *forum.AuditEntry) { e.N++ },
		"At":       func(e *forum.AuditEntry) { e.At = e.At.Add(1) },
		"By":       func(e *forum.AuditEntry) { e.By = 0 },
		"ByName":   func(e *forum.AuditEntry) { e.ByName = "luke" },
		"Act":      func(e *forum.AuditEntry) { e.Act = "thread.unlock" },
		"Object":   func(e *forum.AuditEntry) { e.Object = "thread 13" },
		"Name":     func(e *forum.AuditEntry) { e.Name = "" },
		"Value":    func(e *forum.AuditEntry) { e.Value = "" },
		"Reason":   func(e *forum.AuditEntry) { e.Reason = "Loud" },
		"Until":    func(e *forum.AuditEntry) { e.Until = time.Time{} },
		"Previous": func(e *forum.AuditEntry) { e.Previous[31] = 1 },
		"border":   func(e *forum.AuditEntry) { e.Name, e.Value = "333", "1v" },
	}
	sums := map[forum.AuditHash]string{e.Sum(): "unchanged"}
	for name, do := range change {
		changed := e
		do(&changed)
		if same, taken := sums[changed.Sum()]; taken {
			t.Errorf("%s has the hash of %s", name, same)
		}
		sums[changed.Sum()] = name
	}
	// Computed by another program: heads that people keep must stay good.
	if got := (forum.AuditEntry{N: 1, Act: "a"}).Sum().String(); got != oneEntry {
		t.Errorf("the hash of a plain entry is %s", got)
	}
}

const oneEntry = "120dfa6034ee1fb6cec0bf6a18b3daa65495d196db4bfb587c389a16da6ba16c"

func TestCleanReason(t *testing.T) {
	for reason, want := range map[string]string{
		"":                    "",
		" loud\r\nand\tlong ": "loud and long",
		"a\x1b[31mb ":         "ab",
	} {
		if got := must[string](t)(forum.CleanReason(reason)); got != want {
			t.Errorf("CleanReason(%q) is %q, want %q", reason, got, want)
		}
	}
	if _, err := forum.CleanReason(strings.Repeat("x", 501)); forum.KindOf(err) != forum.Invalid {
		t.Errorf("a long reason: %v", err)
	}
}
