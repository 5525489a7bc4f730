package sshapp

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// hostileTexts are texts that a client may send anywhere: each would act on the terminal of its
// reader, or make one line of the log look like two.
var hostileTexts = map[string]string{
	"escape":    "a\x1b[31m\x1b]0;title\ab",
	"C1":        "a\u009b31m\u009dtitle\u009cb",
	"raw C1":    "a\x9b31mb",
	"direction": "a\u202egnp.exe\u2066b",
	"newline":   "a\r\ntime=2000-01-01T00:00:00Z level=ERROR msg=forged b",
	"null":      "a\x00b",
	"tags":      "a\U000E0041\u200bb",
	"long":      strings.Repeat("x", 64<<10),
}

// tame fails the test if a text that somebody reads is not safe to read.
func tame(t *testing.T, where, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s is no UTF-8: %.300q", where, text)
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			t.Errorf("%s has %U: %.300q", where, r, text)
			return
		}
	}
}

// tameLog is tame for the log, of which every line must be one that was meant.
func tameLog(t *testing.T, log string) {
	t.Helper()
	tame(t, "the log", log)
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "time=") || len(line) > 2048 || strings.HasPrefix(strings.Fields(line)[1], "level=ERROR") {
			t.Errorf("a line of %d bytes in the log: %.300q", len(line), line)
		}
	}
}

// Whatever a client says of itself before and during its login.
func TestHostileTextAtLogin(t *testing.T) {
	for name, registration := range map[string]rules.Registration{"open": rules.RegistrationOpen, "closed": rules.RegistrationClosed} {
		t.Run(name, func(t *testing.T) { hostileTextAtLogin(t, registration) })
	}
}

func hostileTextAtLogin(t *testing.T, registration rules.Registration) {
	f := forumtest.New(t, func(c *rules.Config) { c.Registration = registration })
	r := start(t, f)
	f.As("yoda")
	for what, text := range hostileTexts {
		for name, attempt := range map[string]func(config *gossh.ClientConfig, p *person){
			"version":        func(c *gossh.ClientConfig, _ *person) { c.ClientVersion = "SSH-2.0-" + text },
			"user, password": func(c *gossh.ClientConfig, _ *person) { c.User = text },
			"user, key": func(c *gossh.ClientConfig, _ *person) {
				c.User, c.Auth = text, []gossh.AuthMethod{gossh.PublicKeys(newKey(t))}
			},
			"user, asked": func(c *gossh.ClientConfig, p *person) { c.User, c.Auth = text, []gossh.AuthMethod{p.auth()} },
			"password":    func(c *gossh.ClientConfig, _ *person) { c.Auth = []gossh.AuthMethod{gossh.Password(text)} },
			"answers of a newcomer": func(c *gossh.ClientConfig, p *person) {
				c.User, c.Auth, p.answers = "newcomer", []gossh.AuthMethod{p.auth()}, []string{text, text + "x", text, text}
			},
		} {
			var banner strings.Builder
			p := &person{answers: []string{"secret words", "secret words"}}
			config := r.config("yoda", gossh.Password(forumtest.Password("yoda")))
			config.BannerCallback = func(message string) error { banner.WriteString(message); return nil }
			attempt(config, p)
			if client, err := r.dial(t, config); err == nil {
				_ = client.Close()
			}
			tame(t, what+" as "+name+", what is asked", strings.Join(p.said, "\n"))
			tame(t, what+" as "+name+", the banner", strings.ReplaceAll(banner.String(), "\r\n", "\n"))
		}
		raw := r.connect(t, "127.0.0.1")
		_, _ = io.WriteString(raw, "SSH-2.0-"+text+"\r\n")
		_ = raw.Close()
	}
	r.stop()
	r.wait(t)
	tameLog(t, r.logs.String())
}

// Whatever a client asks of a session, and how it asks.
func TestHostileTextInSessions(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, leads(echo), func(s *Server) { s.shell = s.session })
	client := r.as(t, f, "yoda")
	for what, text := range hostileTexts {
		for name, ask := range map[string]func(*gossh.Session) error{
			"TERM":      func(s *gossh.Session) error { return s.RequestPty(text, 24, 80, nil) },
			"LANG":      func(s *gossh.Session) error { return s.Setenv("LANG", text) },
			"LC":        func(s *gossh.Session) error { return s.Setenv("LC_"+text, text) },
			"FORUM_UI":  func(s *gossh.Session) error { return s.Setenv("FORUM_UI", text) },
			"NO_COLOR":  func(s *gossh.Session) error { return s.Setenv("NO_COLOR", text) },
			"a request": func(s *gossh.Session) error { _, err := s.SendRequest(text, true, []byte(text)); return err },
			"subsystem": func(s *gossh.Session) error { return s.RequestSubsystem(text) },
			"nothing":   func(*gossh.Session) error { return nil },
		} {
			sess, err := client.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			err = ask(sess)
			if name == "TERM" && what == "long" && err == nil {
				t.Error("a terminal's name of 64 KiB is kept")
			}
			if name == "TERM" && err == nil {
				_ = sess.Close() // the editor's own sequences would follow
				continue
			}
			var out logs
			sess.Stdout, sess.Stderr = &out, &out
			_ = sess.Run("RDT '" + text + "'")
			tame(t, what+" as "+name, out.String())
		}
		for _, command := range []string{"%s", "MSG %s x", "TELL %s x", "HELP %s", "FIND author:%s", "RDT lobby --from %s", "KEYS add %s",
			"DWN lobby %s", "UPD lobby %s", "SET zone %s", "scp -t %s", "scp -f %s", "md5sum %s", "sha256sum --%s", "RDT --json %s"} {
			sess, err := client.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			out, _ := sess.CombinedOutput(fmt.Sprintf(command, text))
			// scp answers with a byte that says how it went.
			tame(t, what+" in "+command, strings.TrimLeft(string(out), "\x00\x01\x02"))
		}
		_, _, _ = client.SendRequest(text, true, []byte(text))
		if _, _, err := client.OpenChannel(text, []byte(text)); err == nil {
			t.Errorf("%s as a channel was opened", what)
		} else {
			tame(t, what+" as a channel", err.Error())
		}
		_, _, err := client.OpenChannel("direct-tcpip", gossh.Marshal(struct {
			Host     string
			Port     uint32
			From     string
			FromPort uint32
		}{text, 1, text, 2}))
		if err == nil {
			t.Errorf("a tunnel to %s was opened", what)
		} else {
			tame(t, what+" as a tunnel", err.Error())
		}
	}
	r.stop()
	r.wait(t)
	tameLog(t, r.logs.String())
}

// Whatever a client names a file, over SFTP and the old scp.
func TestHostileTextInFileNames(t *testing.T) {
	tr := newTree(t)
	client := tr.server.as(t, tr.Forum, "Yoda")
	told := &logs{}
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	stderr, toldErr := sess.StderrPipe()
	in, inErr := sess.StdinPipe()
	out, outErr := sess.StdoutPipe()
	if err := errors.Join(toldErr, inErr, outErr, sess.RequestSubsystem("sftp")); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(told, stderr) }()
	c, err := sftp.NewClientPipe(out, in)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range hostileTexts {
		for _, path := range []string{text, "/" + text, "/3331/" + text, "/@" + text, "/.inbox/" + text, "/.ssh/" + text} {
			_, openErr := c.Open(path)
			_, createErr := c.Create(path)
			_, listErr := c.ReadDir(path)
			_, statErr := c.Stat(path)
			for name, err := range map[string]error{
				"open": openErr, "create": createErr, "list": listErr, "stat": statErr, "mkdir": c.Mkdir(path), "rmdir": c.RemoveDirectory(path),
				"remove": c.Remove(path), "rename": c.Rename("/3331/none", path), "from": c.Rename(path, "/3331/none"),
				"link": c.Symlink(path, path), "truncate": c.Truncate(path, 1),
			} {
				if err != nil {
					// The library adds the path that was asked for.
					tame(t, what+" in "+name, strings.ReplaceAll(err.Error(), path, ""))
				}
			}
		}
		sess, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		var out logs
		sess.Stdout, sess.Stderr = &out, &out
		sess.Stdin = strings.NewReader("C0644 1 " + text + "\nx\x00")
		_ = sess.Run("scp -t /3331/")
		tame(t, what+" sent by scp", strings.NewReplacer("\x00", "", "\x01", "", "\x02", "").Replace(out.String()))
	}
	_ = c.Close()
	tr.server.stop()
	tr.server.wait(t)
	tame(t, "standard error of sftp", told.String())
	tameLog(t, tr.server.logs.String())
}
