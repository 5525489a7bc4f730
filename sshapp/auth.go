package sshapp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
	"sshforum/sshapp/sshlog"
)

// login authenticates one connection (RFC 4252). Its methods are callbacks of one handshake.
// Each judges by the user name of its own attempt; the account that is logged in is the one
// that the successful attempt returned. A connection is dropped if its client changes the user
// name.
type login struct {
	ctx     context.Context // ends with the connection
	forum   *rules.Service
	source  string
	log     *slog.Logger
	pass    *gate.Pass
	onLogin func()              // called after a successful login
	end     func(cause error)   // of the connection
	drop    func(reason string) // ends the connection at once

	banner      func(text string) error // sends text to the client before the login
	loggedIn    bool                    // an attempt succeeded
	untrack     func()                  // stops tracking the connection; nil before the login
	refused     bool                    // a person proved an identity and may not log in
	excused     bool                    // the forum could not do what an attempt asked for
	failed      bool                    // an attempt failed, by the client's fault
	wrongSecret bool                    // an attempt had a wrong secret
	failedUser  string                  // user name of the last failed attempt
	firstUser   *string                 // first user name that the client gave
}

var errNoneRefused = errors.New("log in with a key or a password")

// install sets the callbacks of a handshake. The method "none" is refused twice: it is off, and
// its callback denies it if anything switches it on.
func (l *login) install(config *gossh.ServerConfig) {
	config.PublicKeyCallback = l.offered
	config.VerifiedPublicKeyCallback = l.proven
	config.PasswordCallback = l.password
	config.KeyboardInteractiveCallback = l.interactive
	config.NoClientAuth = false
	config.NoClientAuthCallback = func(gossh.ConnMetadata) (*gossh.Permissions, error) { return nil, errNoneRefused }
	config.AuthLogCallback = l.attempted
	config.PreAuthConnCallback = func(conn gossh.ServerPreAuthConn) { l.banner = conn.SendAuthBanner }
}

// offered returns nil if the client may go on to prove that it has key. The client may not have
// it, so the check leaves no trace and names no account.
func (l *login) offered(conn gossh.ConnMetadata, key gossh.PublicKey) (*gossh.Permissions, error) {
	if err := l.checkUser(conn.User()); err != nil {
		return nil, err
	}
	free, err := l.free(conn.User())
	if err != nil {
		return nil, err
	}
	if free {
		_, err = storable(key)
		return nil, err
	}
	_, err = l.forum.KeyLogin(conn.User(), key.Marshal())
	return nil, l.noteFault(err)
}

// proven logs in the account that the proven key belongs to. For a new name the key is a
// partial success: registration follows, and may save the key.
func (l *login) proven(conn gossh.ConnMetadata, key gossh.PublicKey, _ *gossh.Permissions, _ string) (*gossh.Permissions, error) {
	if err := l.checkUser(conn.User()); err != nil {
		return nil, err
	}
	free, err := l.free(conn.User())
	if err != nil {
		return nil, err
	}
	if free {
		k, err := storable(key)
		if err != nil {
			return nil, err
		}
		if err := l.forum.KeyBanned(k.Blob); err != nil {
			return nil, l.refuse(forum.User{Name: sshlog.Text(conn.User())}, "publickey", err)
		}
		r := &registration{login: l, name: conn.User(), key: &k}
		return nil, &gossh.PartialSuccessError{Next: gossh.ServerAuthCallbacks{KeyboardInteractiveCallback: r.converse}}
	}
	u, err := l.forum.KeyLogin(conn.User(), key.Marshal())
	if err != nil {
		return nil, l.noteFault(err)
	}
	return l.accept(conn, u, "publickey", slog.String("key", gossh.FingerprintSHA256(key)))
}

func (l *login) password(conn gossh.ConnMetadata, password []byte) (*gossh.Permissions, error) {
	if err := l.checkUser(conn.User()); err != nil {
		return nil, err
	}
	u, err := l.passwordLogin(conn.User(), string(password))
	if forum.KindOf(err) == forum.Denied {
		if free, _ := l.free(conn.User()); free {
			return nil, &gossh.BannerError{Err: err, Message: askableHere}
		}
		return nil, err
	}
	if err != nil {
		return nil, &gossh.BannerError{Err: err, Message: command.Explain(err) + "\r\n"}
	}
	return l.accept(conn, u, "password")
}

// askableHere is shown to clients that send a password under a new name without being asked for
// one.
const askableHere = "This is a new name here. To make an account, connect with: ssh -o PreferredAuthentications=keyboard-interactive\r\n"

// interactive asks for the password (RFC 4256), or leads a new name to its account. If
// registration is closed, known and unknown names are treated alike.
func (l *login) interactive(conn gossh.ConnMetadata, ask gossh.KeyboardInteractiveChallenge) (*gossh.Permissions, error) {
	if err := l.checkUser(conn.User()); err != nil {
		return nil, err
	}
	free, err := l.free(conn.User())
	if err != nil {
		return nil, err
	}
	if free {
		return (&registration{login: l, name: conn.User()}).converse(conn, ask)
	}
	answers, err := ask("", "", []string{fmt.Sprintf("%s's password: ", sshlog.Text(conn.User()))}, []bool{false})
	if err != nil {
		return nil, err
	}
	u, err := l.passwordLogin(conn.User(), answers[0])
	if err != nil {
		showError(ask, err)
		return nil, err
	}
	return l.accept(conn, u, "keyboard-interactive")
}

func (l *login) passwordLogin(name, password string) (forum.User, error) {
	if len(name) > maxUserBytes {
		return forum.User{}, errUserTooLong
	}
	u, err := l.forum.PasswordLogin(l.ctx, name, password, l.source)
	return u, l.noteFault(err)
}

// maxUserBytes limits user names, in bytes; it is more than any account's name has. Longer
// names are not looked up, and the lockout does not remember them.
const maxUserBytes = 1024

var errUserTooLong = forum.Errorf(forum.Denied, "No account has a name that long.")

// free reports whether an account with that name can be registered. Errors: Denied if the name
// is longer than maxUserBytes.
func (l *login) free(name string) (bool, error) {
	if len(name) > maxUserBytes {
		return false, errUserTooLong
	}
	free, err := l.forum.Registrable(name)
	return free, l.noteFault(err)
}

// storable returns key in the form in which accounts keep it. Errors: Invalid if key is a
// certificate or is weak.
func storable(key gossh.PublicKey) (forum.Key, error) {
	return forum.ParseKey(string(gossh.MarshalAuthorizedKey(key)))
}

// showError shows the error of a failed attempt to a person who is being asked questions.
func showError(ask gossh.KeyboardInteractiveChallenge, err error) {
	_, _ = ask("", command.Explain(err), nil, nil)
}

// accountKey is the key of Permissions.ExtraData under which the logged-in forum.User is kept.
type accountKey struct{}

// accept logs the login of u and returns its permissions, or refuses u if TrackConnection does.
func (l *login) accept(conn gossh.ConnMetadata, u forum.User, method string, attrs ...slog.Attr) (*gossh.Permissions, error) {
	gone, err := l.forum.TrackConnection(u, l.source, l.end)
	if err != nil {
		return nil, l.refuse(u, method, err)
	}
	attrs = append([]slog.Attr{
		slog.String("user", u.Name), slog.String("method", method), slog.String("client", sshlog.Text(string(conn.ClientVersion()))),
	}, attrs...)
	l.log.LogAttrs(l.ctx, slog.LevelInfo, "login", attrs...)
	l.loggedIn, l.untrack = true, gone
	if l.wrongSecret {
		l.pass.Punish(gate.AuthFail)
	}
	l.pass.Authenticated()
	l.onLogin()
	return &gossh.Permissions{ExtraData: map[any]any{accountKey{}: u}}, nil
}

// refuse shows a person who proved to be u why they may not log in. It leaves the client no
// further method, which ends the connection.
func (l *login) refuse(u forum.User, method string, err error) error {
	l.refused = forum.KindOf(err) == forum.Denied
	l.log.Info("login refused", "user", u.Name, "method", method, "error", sshlog.Text(l.noteFault(err).Error()))
	_ = l.banner(forum.Printable(command.Explain(err)) + "\r\n")
	return &gossh.PartialSuccessError{}
}

// leave must be called when the connection has ended.
func (l *login) leave() {
	if l.untrack != nil {
		l.untrack()
	}
}

// account returns the account that logged in on conn. ok is false if the client's present user
// name is not the name that was proven.
func account(conn *gossh.ServerConn) (forum.User, bool) {
	if conn.Permissions == nil {
		return forum.User{}, false
	}
	u, ok := conn.Permissions.ExtraData[accountKey{}].(forum.User)
	return u, ok && forum.NameKey(u.Name) == forum.NameKey(conn.User())
}

// noteFault returns err. It also logs internal errors, which are not shown to people, and notes
// if the forum is unavailable.
func (l *login) noteFault(err error) error {
	if err == nil || l.ctx.Err() != nil {
		return err
	}
	switch forum.KindOf(err) {
	case forum.Internal:
		l.log.Error("cannot check a login", "error", err)
	case forum.Unavailable:
		l.excused = true
	}
	return err
}
