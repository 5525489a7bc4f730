package sshapp

import (
	"errors"
	"io"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// Standard input counts only if the client says that it is complete: a cut connection once
// published half of a file.
func TestCutInputIsNotTheWhole(t *testing.T) {
	f := forumtest.New(t)
	if _, err := f.Service.CreateThread(t.Context(), f.As("yoda"), "3331"); err != nil {
		t.Fatal(err)
	}
	r := start(t, f, func(s *Server) { s.shell = s.session })
	for range 20 {
		for _, command := range []string{"UPD 3331 half", "MSG 3331 -", ""} {
			client := r.as(t, f, "yoda")
			sess, in := feeding(t, client, command)
			if _, err := io.WriteString(in, "MSG 3331 half"+strings.Repeat("!", 1000)); err != nil {
				t.Fatal(err)
			}
			_ = client.Close()
			_ = sess.Wait()
		}
	}
	r.stop()
	r.wait(t)
	thread, err := f.Service.Thread(t.Context(), f.As("yoda"), "3331")
	if err != nil || thread.Messages != 0 {
		t.Errorf("%d halves of a message, %v", thread.Messages, err)
	}
	if _, err := f.Service.File(t.Context(), f.As("yoda"), rules.Place{Thread: "3331"}, "half"); forum.KindOf(err) != forum.NotFound {
		t.Errorf("half a file: %v", err)
	}
}

func TestInputEndsWhenItsSenderSaysSo(t *testing.T) {
	f := forumtest.New(t)
	if _, err := f.Service.CreateThread(t.Context(), f.As("yoda"), "3331"); err != nil {
		t.Fatal(err)
	}
	r := start(t, f, func(s *Server) { s.shell = s.session })
	client := r.as(t, f, "yoda")
	for command, text := range map[string]string{"UPD 3331 whole": "a file", "MSG 3331 -": "a text", "": "MSG 3331 a command"} {
		sess, in := feeding(t, client, command)
		if _, err := io.WriteString(in, text); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(in.Close(), sess.Wait()); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
	thread, err := f.Service.Thread(t.Context(), f.As("yoda"), "3331")
	if err != nil || thread.Messages != 2 {
		t.Errorf("%d messages, %v", thread.Messages, err)
	}
	if _, err := f.Service.File(t.Context(), f.As("yoda"), rules.Place{Thread: "3331"}, "whole"); err != nil {
		t.Error(err)
	}
}

// feeding returns a session that runs command, or a shell for "", and its standard input.
func feeding(t *testing.T, client *gossh.Client, command string) (*gossh.Session, io.WriteCloser) {
	t.Helper()
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, err := sess.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if command == "" {
		err = sess.Shell()
	} else {
		err = sess.Start(command)
	}
	if err != nil {
		t.Fatal(err)
	}
	return sess, in
}
