package sshapp

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/sshlog"
)

// registration makes an account for a person with a new name, by asking questions (RFC 4256).
// It is for that one name.
type registration struct {
	login *login
	name  string     // as the client sent it
	key   *forum.Key // proven by the client under that name, or nil

	invite string // the code that the person typed, if an invite is required

	asked bool        // the person was asked whether to save key
	keys  []forum.Key // to save
}

// maxRounds limits how often a person is asked the same question.
const maxRounds = 3

// newHere does not repeat the name, which is in the prompt below it: OpenSSH's client shows
// every character of an instruction that is not ASCII as octal numbers.
const (
	greeting  = "Welcome to the forum"
	newHere   = "This is a new name here. Choose a password to make the account, or press Ctrl-C to leave."
	onInvite  = "This is a new name here. An account is made with an invite; type its code, or press Ctrl-C to leave."
	choose    = "Choose a password to make the account, or press Ctrl-C to leave."
	askInvite = "Invite code: "
)

var errMismatch = forum.Errorf(forum.Invalid, "The two passwords are not the same; type them again.")

// converse is a KeyboardInteractiveCallback.
func (r *registration) converse(conn gossh.ConnMetadata, ask gossh.KeyboardInteractiveChallenge) (*gossh.Permissions, error) {
	if conn.User() != r.name {
		return nil, errors.New("the user changed during registration")
	}
	u, err := r.register(ask)
	if err != nil {
		return nil, r.fail(ask, err)
	}
	return r.login.accept(conn, u, "keyboard-interactive", slog.Bool("registered", true), slog.Int("keys", len(r.keys)))
}

// register asks all questions that an account needs, and then makes the account.
func (r *registration) register(ask gossh.KeyboardInteractiveChallenge) (u forum.User, err error) {
	name, err := r.login.forum.FreeName(r.name)
	if r.login.noteFault(err) != nil {
		return u, err
	}
	title, instruction := greeting, newHere
	if r.login.forum.Registration() == rules.RegistrationInvite {
		if err := r.askForInvite(ask); err != nil {
			return u, err
		}
		title, instruction = "", choose
	}
	for range maxRounds {
		password, err := choosePassword(ask, name, title, instruction)
		if err == nil {
			if err = r.askToSaveKey(ask); err != nil {
				return u, err
			}
			u, err = r.login.forum.Register(r.login.ctx, rules.Newcomer{
				Name: name, Password: password, Keys: r.keys, Invite: r.invite, Source: r.login.source,
			})
			err = r.login.noteFault(err)
		}
		if err == nil || forum.KindOf(err) != forum.Invalid {
			return u, err
		}
		title, instruction = "", command.Explain(err)
	}
	return u, forum.Errorf(forum.Invalid, "No account was made. To start again, connect again.")
}

// askForInvite asks for an invite's code, at most maxRounds times. A wrong code counts as a
// failed login, like a wrong password.
func (r *registration) askForInvite(ask gossh.KeyboardInteractiveChallenge) (err error) {
	title, instruction := greeting, onInvite
	for range maxRounds {
		answers, err := ask(title, instruction, []string{askInvite}, []bool{true})
		if err != nil {
			return err
		}
		r.invite = answers[0]
		err = r.login.noteFault(r.login.forum.CheckInvite(r.invite))
		if forum.KindOf(err) != forum.Denied {
			return err
		}
		r.login.failed, r.login.failedUser = true, r.name
		r.login.noteGuess()
		title, instruction = "", command.Explain(err)
	}
	return forum.Errorf(forum.Denied, "No account was made. To start again, connect again.")
}

func choosePassword(ask gossh.KeyboardInteractiveChallenge, name, title, instruction string) (string, error) {
	answers, err := ask(title, instruction,
		[]string{fmt.Sprintf("%s's new password: ", name), "Repeat the password: "}, []bool{false, false})
	if err != nil {
		return "", err
	}
	if answers[0] != answers[1] {
		return "", errMismatch
	}
	return answers[0], nil
}

// askToSaveKey asks once for consent to save the proven key, if there is one.
func (r *registration) askToSaveKey(ask gossh.KeyboardInteractiveChallenge) error {
	if r.key == nil || r.asked {
		return nil
	}
	question := fmt.Sprintf("Save the key %s so that you can log in without a password next time? [Y/n] ", r.key.Fingerprint())
	instruction := ""
	for range maxRounds {
		answers, err := ask("", instruction, []string{question}, []bool{true})
		if err != nil {
			return err
		}
		switch strings.ToLower(strings.TrimSpace(answers[0])) {
		case "", "y", "yes":
			r.keys = []forum.Key{*r.key}
			r.asked = true
			return nil
		case "n", "no":
			r.asked = true
			return nil
		}
		instruction = "Please answer yes or no."
	}
	return forum.Errorf(forum.Denied, "No account was made. To start again, connect again.")
}

// fail tells a person why no account was made. It leaves the client no further method, which
// ends the connection: another attempt would get the same answer.
func (r *registration) fail(ask gossh.KeyboardInteractiveChallenge, err error) error {
	r.login.log.Info("registration failed", "user", sshlog.Text(r.name), "error", sshlog.Text(err.Error()))
	showError(ask, err)
	return &gossh.PartialSuccessError{}
}
