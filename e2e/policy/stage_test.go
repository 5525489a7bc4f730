package policy

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// stage is a forum on which objects are set up.
type stage struct {
	*forumtest.Forum
	t     *testing.T
	yoda  rules.Actor
	owner rules.Actor // of the object that is being set up
	made  int
}

func newStage(t *testing.T) *stage {
	s := &stage{t: t, Forum: forumtest.New(t, func(c *rules.Config) { c.GuestThread = rules.Lobby })}
	for role, name := range accounts {
		s.AsRole(name, map[string]forum.Role{"moderator": forum.Moderator, "admin": forum.Admin}[role])
	}
	s.yoda = s.As("Yoda")
	return s
}

func (s *stage) must(_ any, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// chief is an admin who has done something before.
func (s *stage) chief() rules.Actor { return s.AsRole("Ki", forum.Admin) }

// moderator is who does what a moderator has done before, as far as one can.
func (s *stage) moderator() rules.Actor {
	if s.owner.User == rules.Operator().User {
		return s.chief()
	}
	return s.AsRole("Shaak", forum.Moderator)
}

// object sets up what a role does a deed to.
func (s *stage) object(d deed, kind, role string) object {
	s.t.Helper()
	s.made++
	actor := s.As(accounts[role])
	o := object{thread: fmt.Sprintf("t%d", s.made), person: fmt.Sprintf("P%d", s.made), network: fmt.Sprintf("198.51.100.%d", s.made%256)}
	s.owner = s.yoda
	switch kind {
	case "own":
		s.owner = actor
	case "nobody's":
		s.owner = rules.Operator()
	case "oneself":
		o.person = actor.Name
	case "a member":
		s.As(o.person)
	case "a moderator":
		s.AsRole(o.person, forum.Moderator)
	case "an admin":
		s.AsRole(o.person, forum.Admin)
	}
	if slices.Contains(d.objects, "other's") {
		o.id = s.thread(o.thread)
	}
	for _, set := range d.set {
		set(s, o)
	}
	return o
}

// thread makes a thread of the owner with one message and, as the operator cannot have one,
// perhaps a file.
func (s *stage) thread(title string) forum.ThreadID {
	s.t.Helper()
	thread, err := s.Service.CreateThread(s.t.Context(), s.owner, title)
	s.must(nil, err)
	s.must(s.Service.Post(s.t.Context(), s.owner, title, "hello"))
	if s.owner.User != rules.Operator().User {
		uploadFile(s.t, s.Forum, s.owner.Name, title, "map.txt", "to Dagobah\n")
	}
	return thread.ID
}

func (o object) message() rules.Target { return rules.Target{Title: o.thread, Number: 1} }

func (s *stage) delete(by rules.Actor, o object) {
	s.must(s.Service.DeleteMessage(s.t.Context(), by, o.message()))
}

func (s *stage) remove(by rules.Actor, o object) {
	s.must(s.Service.RemoveThread(s.t.Context(), by, o.thread))
}

func (s *stage) hideMessage(by rules.Actor, o object) {
	s.must(s.Service.HideMessage(s.t.Context(), by, o.message(), "spam"))
}

func (s *stage) hideThread(by rules.Actor, o object) {
	s.must(s.Service.HideThread(s.t.Context(), by, o.thread, "spam"))
}

func (s *stage) lock(o object) {
	s.must(s.Service.LockThread(s.t.Context(), s.chief(), o.thread, "enough"))
}

func (s *stage) empty(o object) {
	s.delete(s.owner, o)
	if s.owner.User != rules.Operator().User {
		s.must(nil, s.Service.RemoveFile(s.t.Context(), s.owner, rules.Place{Thread: o.thread}, "map.txt"))
	}
}

// report is by somebody who does nothing else.
func (s *stage) report(o object) {
	target := o.message()
	s.must(s.Service.Report(s.t.Context(), s.As(o.person), o.thread, &target, "spam"))
}

func (s *stage) silence(o object) {
	s.must(s.Service.Silence(s.t.Context(), s.above(o), o.person, s.Clock.Now().Add(time.Hour), "spam"))
}

func (s *stage) ban(o object) {
	s.must(s.Service.Ban(s.t.Context(), s.above(o), o.person, s.Clock.Now().Add(time.Hour), "spam"))
}

// above is the least of those who may act on a person.
func (s *stage) above(o object) rules.Actor {
	switch u, _, err := s.Service.Lookup(o.person); {
	case err != nil:
		s.t.Fatal(err)
	case u.Role == forum.Member:
		return s.AsRole("Shaak", forum.Moderator)
	case u.Role == forum.Moderator:
		return s.chief()
	}
	return rules.Operator()
}

// try is a cell that is set up.
type try struct {
	cell
	deed   deed
	object object
}

// tries sets up a cell for every deed that ways names a door for, in every role with an
// account. Who is silenced is so from then on.
func (s *stage) tries(ways func(d deed) (doors []string)) (all []try) {
	s.t.Helper()
	for _, role := range roles {
		if accounts[role] == "" {
			continue
		}
		for _, d := range deeds {
			for _, kind := range d.objects {
				for _, door := range ways(d) {
					all = append(all, try{cell{d.name, kind, door, role}, d, s.object(d, kind, role)})
				}
			}
		}
	}
	s.silence(object{person: accounts["silenced"]})
	return all
}
