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

// JSON shows results to programs: as one JSON object per line, with a schema that permanently
// names its fields. Threads are shown as one object per message. docs/json.md has every field.
type JSON struct {
	Out, Err io.Writer // for results, and for problems
}

// Result shows a result. Errors: those of the output, and those of reading the result's rows.
func (j *JSON) Result(r command.Result) error {
	row, err := rowFor(r)
	if err != nil {
		return err
	}
	return row.json(j, r)
}

// Problem shows an error with its exit status, on the output for errors.
func (j *JSON) Problem(err error) {
	hint, about := forum.HintOf(err)
	_ = j.write(j.Err, problemSchema, problemJSON{
		Kind: forum.KindOf(err).String(), Message: command.Explain(err), Status: exit.Status(err), Hint: string(hint), About: about,
	})
}

// problemSchema is the schema of a problemJSON.
const problemSchema = "sshforum.error.v1"

// problemJSON is the error of a command that failed.
type problemJSON struct {
	// Kind of the problem, such as `not_found`.
	Kind string `json:"kind"`
	// The sentence that people are shown.
	Message string `json:"message"`
	// Exit status of the command.
	Status int `json:"status"`
	// Code of what would help, such as `unblock`; absent if the forum knows of nothing.
	Hint string `json:"hint,omitempty"`
	// What or whom the hint is about; absent if it is about nothing in particular.
	About string `json:"about,omitempty"`
}

// nothingJSON has no field except its schema.
type nothingJSON struct{}

func nothing[R any](R) nothingJSON { return nothingJSON{} }

// A utc is a time that is written in UTC.
type utc struct{ time.Time }

// MarshalJSON writes the time in the form of RFC 3339.
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

// joined returns one JSON object with the fields of both; first must have at least one field.
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

// escapeUnprintable returns a line of JSON in which everything that is not printable, such as
// C1 controls, is escaped, so that a terminal only shows it. Such characters occur only inside
// JSON strings, where the escape has the same meaning.
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
