package sshapp

import (
	"errors"
	"log/slog"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/gate"
	"sshforum/sshapp/sshlog"
)

var errUserChanged = forum.Errorf(forum.Denied, "The user cannot change within a connection; connect again.")

// checkUser ends a connection whose client names another user than before, as OpenSSH does. So
// nobody can end a series of guesses with a login of their own.
func (l *login) checkUser(user string) error {
	if l.firstUser == nil {
		l.firstUser = &user
	}
	if *l.firstUser == user {
		return nil
	}
	l.refused = true
	_ = l.banner(errUserChanged.Error() + "\r\n")
	l.drop("the client changed the user")
	return errUserChanged
}

// attempted notes and logs failures. Clients offer every key they have, so a key that is not
// the account's is logged only at debug level.
func (l *login) attempted(conn gossh.ConnMetadata, method string, err error) {
	if method == "none" {
		_ = l.checkUser(conn.User())
		return
	}
	var partial *gossh.PartialSuccessError
	if err == nil || errors.As(err, &partial) {
		return
	}
	if forum.KindOf(err) != forum.Unavailable {
		l.failed, l.failedUser = true, conn.User()
	}
	if kind := forum.KindOf(err); method != "publickey" && (kind == forum.Denied || kind == forum.Limited) {
		l.noteGuess()
	}
	level := slog.LevelInfo
	if method == "publickey" {
		level = slog.LevelDebug
	}
	l.log.Log(l.ctx, level, "login failed", "user", sshlog.Text(conn.User()), "method", sshlog.Text(method), "error", sshlog.Text(err.Error()))
}

// noteGuess notes a wrong secret. It costs the source also if the connection goes on to a login,
// which does not prove that the guesses were the account's own.
func (l *login) noteGuess() {
	l.wrongSecret = true
	l.pass.Failed()
}

// failure returns the reason for which a connection that ended before login has a penalty. It
// does the same work for every name.
func (l *login) failure() gate.Reason {
	switch {
	case !l.failed && l.excused:
		return gate.Excused
	case !l.failed:
		return gate.NoAuth
	}
	if len(l.failedUser) > maxUserBytes {
		return gate.InvalidUser
	}
	if taken, err := l.forum.Taken(l.failedUser); err == nil && !taken {
		return gate.InvalidUser
	}
	return gate.AuthFail
}
