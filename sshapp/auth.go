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

// login finds out who a connection belongs to (RFC 4252). Its methods are callbacks of
// one handshake. They judge by the name of the attempt, and who is logged in is what the
// one that succeeded returned. A client that names another user than at first is dropped.
type login struct {
	ctx    context.Context // ends with the connection
	forum  *rules.Service
	source string
	log    *slog.Logger
	pass   *gate.Pass
	begun  func()              // told when somebody is logged in
	end    func(cause error)   // of the connection
	drop   func(reason string) // ends the connection at once

	banner  func(text string) error // shows the person something before they are logged in
	done    bool                    // somebody is logged in
	gone    func()                  // notes that they are on the connection no longer
	refused bool                    // somebody proved who they are, and may not come in
	excused bool                    // the forum could not do what an attempt asked for
	failed  bool                    // an attempt did, by the client's fault
	wrong   bool                    // an attempt did with a secret that was wrong
	user    string                  // of the last one that failed
	first   *string                 // user that the client named at first
}

var errNoneRefused = errors.New("log in with a key or a password")

// install makes l the judge of a handshake. The method "none" is refused twice over:
// it is off, and it would be denied if anything switched it on.
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

// offered reports whether it is worth proving that one has key. The client may not have
// it, so the answer leaves no trace and names nobody.
func (l *login) offered(conn gossh.ConnMetadata, key gossh.PublicKey) (*gossh.Permissions, error) {
	if err := l.same(conn.User()); err != nil {
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
	return nil, l.checked(err)
}

// proven logs the holder of an account's key in. For a new name the key is half the way:
// registration follows, and may save it.
func (l *login) proven(conn gossh.ConnMetadata, key gossh.PublicKey, _ *gossh.Permissions, _ string) (*gossh.Permissions, error) {
	if err := l.same(conn.User()); err != nil {
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
		return nil, l.checked(err)
	}
	return l.accept(conn, u, "publickey", slog.String("key", gossh.FingerprintSHA256(key)))
}

func (l *login) password(conn gossh.ConnMetadata, password []byte) (*gossh.Permissions, error) {
	if err := l.same(conn.User()); err != nil {
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

// askableHere goes to clients that send a password under a new name without being asked.
const askableHere = "This is a new name here. To make an account, connect with: ssh -o PreferredAuthentications=keyboard-interactive\r\n"

// interactive asks for the password (RFC 4256), or leads a new name to its account. Where
// names cannot be registered it makes no difference between known and unknown ones.
func (l *login) interactive(conn gossh.ConnMetadata, ask gossh.KeyboardInteractiveChallenge) (*gossh.Permissions, error) {
	if err := l.same(conn.User()); err != nil {
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
		tell(ask, err)
		return nil, err
	}
	return l.accept(conn, u, "keyboard-interactive")
}

func (l *login) passwordLogin(name, password string) (forum.User, error) {
	if len(name) > maxUserBytes {
		return forum.User{}, errUserTooLong
	}
	u, err := l.forum.PasswordLogin(l.ctx, name, password, l.source)
	return u, l.checked(err)
}

// maxUserBytes is more than any name of an account takes. Longer ones are not looked
// up, nor remembered by the lockout.
const maxUserBytes = 1024

var errUserTooLong = forum.Errorf(forum.Denied, "No account has a name that long.")

// free reports whether an account of that name could be made by whoever asks.
func (l *login) free(name string) (bool, error) {
	if len(name) > maxUserBytes {
		return false, errUserTooLong
	}
	free, err := l.forum.Registrable(name)
	return free, l.checked(err)
}

// storable returns key as an account may have it. Errors: Invalid, for a certificate or
// a weak key.
func storable(key gossh.PublicKey) (forum.Key, error) {
	return forum.ParseKey(string(gossh.MarshalAuthorizedKey(key)))
}

// tell shows a person who is being asked questions why the attempt failed.
func tell(ask gossh.KeyboardInteractiveChallenge, err error) {
	_, _ = ask("", command.Explain(err), nil, nil)
}

// accountKey is where Permissions.ExtraData holds the forum.User who logged in.
type accountKey struct{}

// accept logs a login and returns what makes it one, unless the account may not come in.
func (l *login) accept(conn gossh.ConnMetadata, u forum.User, method string, attrs ...slog.Attr) (*gossh.Permissions, error) {
	gone, err := l.forum.TrackConnection(u, l.source, l.end)
	if err != nil {
		return nil, l.refuse(u, method, err)
	}
	attrs = append([]slog.Attr{
		slog.String("user", u.Name), slog.String("method", method), slog.String("client", sshlog.Text(string(conn.ClientVersion()))),
	}, attrs...)
	l.log.LogAttrs(l.ctx, slog.LevelInfo, "login", attrs...)
	l.done, l.gone = true, gone
	if l.wrong {
		l.pass.Punish(gate.AuthFail)
	}
	l.pass.Authenticated()
	l.begun()
	return &gossh.Permissions{ExtraData: map[any]any{accountKey{}: u}}, nil
}

// refuse tells a person who proved to be u why they may not come in, and leaves the client
// no method to go on with, which ends the connection.
func (l *login) refuse(u forum.User, method string, err error) error {
	l.refused = forum.KindOf(err) == forum.Denied
	l.log.Info("login refused", "user", u.Name, "method", method, "error", sshlog.Text(l.checked(err).Error()))
	_ = l.banner(forum.Printable(command.Explain(err)) + "\r\n")
	return &gossh.PartialSuccessError{}
}

// leave is called when the connection is gone.
func (l *login) leave() {
	if l.gone != nil {
		l.gone()
	}
}

// account returns who logged in on a connection. It is nobody's if the name the client
// goes by now is not the name that was proven.
func account(conn *gossh.ServerConn) (forum.User, bool) {
	if conn.Permissions == nil {
		return forum.User{}, false
	}
	u, ok := conn.Permissions.ExtraData[accountKey{}].(forum.User)
	return u, ok && forum.NameKey(u.Name) == forum.NameKey(conn.User())
}

// checked notes faults of ours, logs those that a person is told nothing of, and returns
// err.
func (l *login) checked(err error) error {
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
