package forum

import (
	"errors"
	"fmt"
)

// Kind is the kind of an error. Every door can translate it into its own terms: an exit status,
// an SFTP status, a sentence of an old protocol.
type Kind uint8

const (
	Internal    Kind = iota // a fault of the server; the person is not told the cause
	Usage                   // the command does not fit its usage line
	Invalid                 // the input breaks a rule of the forum
	NotFound                // the thing named does not exist, or may not be seen
	Denied                  // the actor may not do this
	Conflict                // it exists already, or has changed in the meantime
	Limited                 // too much or too often; trying later may work
	Stopping                // the server is going down
	Unavailable             // the store cannot take changes now, as when the disk is full
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

// String returns the kind's stable name, which logs and JSON show.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Internal]
}

// Error is a failure that a person can be told about. Msg is one sentence for that person; Err
// is the cause, only for the log.
type Error struct {
	Kind  Kind
	Msg   string
	Hint  Hint   // a remedy; "" for none
	About string // the object of the hint, such as a name
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

// KindOf returns the kind of the first Error in err's chain. Every other error is Internal, so
// that forgetting to choose a kind is safe.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Explain returns the sentence that a person may see for err. For an internal error without
// such a sentence, it only says that there was one.
func Explain(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Msg != "" {
		return e.Msg
	}
	return "Something went wrong on the server; please try again."
}
