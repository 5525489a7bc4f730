package render

import (
	"fmt"
	"io"
	"iter"
	"reflect"

	"sshforum/forum/command"
)

// A row has the functions that show one kind of result: as text, and as JSON with a schema.
type row struct {
	result reflect.Type
	text   func(*Text, command.Result) error
	json   func(*JSON, command.Result) error
}

// one returns the row of a result that is one object in JSON. The comment above a row in a
// table names its commands; docs/json.md contains that comment, and those of the fields of F.
func one[R, F any](schema string, text func(*Text, R) error, fields func(R) F) row {
	return rowOf(text, func(j *JSON, r R) error { return j.write(j.Out, schema, fields(r)) })
}

// each returns the row of a result with one object per line; its values are read while they are
// shown.
func each[R, V, F any](schema string, text func(*Text, R) error, values func(R) iter.Seq2[V, error], fields func(R, V) F) row {
	return rowOf(text, func(j *JSON, r R) error {
		for v, err := range values(r) {
			if err == nil {
				err = j.write(j.Out, schema, fields(r, v))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// lines returns the row of a result that is only for programs: people are shown its JSON.
func lines[R, V, F any](schema string, values func(R) iter.Seq2[V, error], fields func(R, V) F) row {
	shown := each(schema, nil, values, fields)
	shown.text = func(t *Text, r command.Result) error { return shown.json(&JSON{Out: t.Out}, r) }
	return shown
}

// raw returns the row of a result whose bytes are written unchanged, both as text and as JSON.
func raw[R any](write func(io.Writer, R) error) row {
	return rowOf(
		func(t *Text, r R) error { return write(t.Out, r) },
		func(j *JSON, r R) error { return write(j.Out, r) },
	)
}

func rowOf[R any](text func(*Text, R) error, json func(*JSON, R) error) row {
	return row{
		result: reflect.TypeFor[R](),
		text:   func(t *Text, r command.Result) error { return text(t, r.(R)) },
		json:   func(j *JSON, r command.Result) error { return json(j, r.(R)) },
	}
}

// rows has the row of every result.
var rows = rowsOf(
	threadRows, threadTextRows, messageRows, eventRows, unreadRows, foundRows,
	visitRows, privateRows, talkRows, blockRows, reportRows, sanctionRows, fileRows, remoteRows,
	accountRows, keyRows, inviteRows, exportRows, auditRows, helpRows,
)

func rowsOf(tables ...[]row) map[reflect.Type]row {
	all := make(map[reflect.Type]row)
	for _, table := range tables {
		for _, r := range table {
			all[r.result] = r
		}
	}
	return all
}

// rowFor returns the row of a result. Errors: one if the type is not a result.
func rowFor(r command.Result) (row, error) {
	known, ok := rows[reflect.TypeOf(r)]
	if !ok {
		return row{}, fmt.Errorf("no way to show a %T", r)
	}
	return known, nil
}

// list returns the fields of each value. If there are none it returns an empty list, not null.
func list[V, F any](values []V, fields func(V) F) []F {
	all := make([]F, len(values))
	for i, v := range values {
		all[i] = fields(v)
	}
	return all
}
