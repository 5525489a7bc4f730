package forum

import (
	"errors"
	"fmt"
)

// Kind says what went wrong in the terms every door can translate into its own:
// an exit status, an SFTP status, a sentence of an old protocol.
type Kind uint8

const (
	Internal    Kind = iota // a fault of ours; the person is told nothing of its cause
	Usage                   // the command was not written as its usage line says
	Invalid                 // the input breaks a rule of the forum
	NotFound                // what was named does not exist, or may not be seen
	Denied                  // the actor may not do this
	Conflict                // it exists already, or changed in between
	Limited                 // too much or too often; trying later can work
	Stopping                // the server is going down
	Unavailable             // the store cannot take changes now, such as a full disk
)

var kindNames = [...]string{
	Internal:    "internal",
	Usage:       "usage",
	Invalid:     "invalid",
	NotFound:    "not_found",
	Denied:      "denied",
	Conflict:    "conflict",
	Limited:     "limited",
	Stopping:    "stopping",
	Unavailable: "unavailable",
}

// String returns the kind's stable name, as logs and JSON show it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Internal]
}

// Error is a failure a person can be told about. Msg is one sentence for that
// person; Err is the cause, for the log alone.
type Error struct {
	Kind  Kind
	Msg   string
	Hint  Hint   // what would help; "" for nothing
	About string // what the hint is about, such as a name
	Err   error
}

func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Msg
	case e.Msg == "":
		return e.Err.Error()
	default:
		return e.Msg + ": " + e.Err.Error()
	}
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error of the given kind with a formatted sentence.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...)}
}

// KindOf returns the kind of the first Error in err's chain. Every other error is
// Internal, so that forgetting to choose a kind is safe.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Explain returns the sentence a person may see for err. Of an internal error without one
// it says nothing but that there was one.
func Explain(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Msg != "" {
		return e.Msg
	}
	return "Something went wrong on the server; please try again."
}
