package sshapp

import (
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
)

// TestListingsAndToolsHaveAPace, as commands have: faster people wait.
func TestListingsAndToolsHaveAPace(t *testing.T) {
	const every = 20 * time.Millisecond
	f := forumtest.New(t, func(c *rules.Config) {
		c.Steady = time.Now
		c.Rates = rules.Rates{For: map[limit.Activity]limit.Rate{limit.Asking: {Burst: 4, Every: every}}}
	})
	f.As("yoda")
	f.As("luke")
	r := start(t, f, func(s *Server) { s.shell = s.session })
	c := openSFTP(t, r.as(t, f, "yoda"))
	tools := r.as(t, f, "luke")
	for what, ask := range map[string]func() error{
		"listings": func() error { _, err := c.ReadDir("/"); return err },
		"tools": func() error {
			sess, err := tools.NewSession()
			if err != nil {
				return err
			}
			defer sess.Close()
			return sess.Run("sha256sum")
		},
	} {
		began := time.Now()
		for range 10 {
			if err := ask(); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 6*every-every/2 {
			t.Errorf("ten %s took %v, where 4 are at once and then one comes every %v", what, took, every)
		}
	}
}
