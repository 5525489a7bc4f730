package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/sshapp/exit"
)

// JSON shows results to programs: one JSON object on a line, with a schema that names its
// fields for ever. Threads are read as one object a message. docs/json.md has every field.
type JSON struct {
	Out, Err io.Writer // for results, and for problems
}

// Result shows a result. Errors: the output's, and those of what is read as it is shown.
func (j *JSON) Result(r command.Result) error {
	row, err := rowFor(r)
	if err != nil {
		return err
	}
	return row.json(j, r)
}

// Problem shows an error, on the side where no result goes, with the exit status that it
// leads to.
func (j *JSON) Problem(err error) {
	_ = j.write(j.Err, problemSchema, problemJSON{forum.KindOf(err).String(), command.Explain(err), exit.Status(err)})
}

// problemSchema is that of a problemJSON.
const problemSchema = "sshforum.error.v1"

// problemJSON is why a command failed.
type problemJSON struct {
	// Kind of the problem, such as `not_found`.
	Kind string `json:"kind"`
	// What people are told.
	Message string `json:"message"`
	// Exit status that the command ends with.
	Status int `json:"status"`
}

// nothingJSON has no field but its schema.
type nothingJSON struct{}

func nothing[R any](R) nothingJSON { return nothingJSON{} }

// A utc is a time that is written in UTC.
type utc struct{ time.Time }

// MarshalJSON writes the time as RFC 3339 has it.
func (t utc) MarshalJSON() ([]byte, error) { return t.UTC().MarshalJSON() }

func (j *JSON) write(w io.Writer, schema string, fields any) error {
	line, err := joined(struct {
		Schema string `json:"schema"`
	}{schema}, fields)
	if err != nil {
		return err
	}
	_, err = w.Write(escapeUnprintable(line))
	return err
}

// joined returns one JSON object with the fields of two, the first of which has some.
func joined(first, second any) ([]byte, error) {
	a, err := json.Marshal(first)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(second)
	if err != nil || string(b) == "{}" {
		return a, err
	}
	return append(append(bytes.TrimSuffix(a, []byte("}")), ','), b[1:]...), nil
}

// escapeUnprintable writes a line of JSON so that a terminal shows it and nothing else:
// what is not printable, such as C1 controls, can only stand inside of a JSON string,
// where an escape means the same.
func escapeUnprintable(encoded []byte) []byte {
	line := make([]byte, 0, len(encoded)+1)
	for _, r := range string(encoded) {
		switch {
		case unicode.IsPrint(r):
			line = utf8.AppendRune(line, r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			line = fmt.Appendf(line, `\u%04x\u%04x`, high, low)
		default:
			line = fmt.Appendf(line, `\u%04x`, r)
		}
	}
	return append(line, '\n')
}
