package render

import (
	"fmt"
	"io"
	"iter"
	"reflect"

	"sshforum/forum/command"
)

// A row says how one result is shown: in words, and as JSON with a schema.
type row struct {
	result reflect.Type
	words  func(*Text, command.Result) error
	json   func(*JSON, command.Result) error
}

// one is the row of a result that is one object in JSON. The comment above it in a table says
// which command it answers; docs/json.md has that, and what is written at the fields of F.
func one[R, F any](schema string, words func(*Text, R) error, fields func(R) F) row {
	return rowOf(words, func(j *JSON, r R) error { return j.write(j.Out, schema, fields(r)) })
}

// each is the row of a result with an object on each line, which is read as it is shown.
func each[R, V, F any](schema string, words func(*Text, R) error, values func(R) iter.Seq2[V, error], fields func(R, V) F) row {
	return rowOf(words, func(j *JSON, r R) error {
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

// lines is the row of a result that is for programs alone: people are shown its JSON.
func lines[R, V, F any](schema string, values func(R) iter.Seq2[V, error], fields func(R, V) F) row {
	shown := each(schema, nil, values, fields)
	shown.words = func(t *Text, r command.Result) error { return shown.json(&JSON{Out: t.Out}, r) }
	return shown
}

// raw is the row of a result that is written as it is, in words and as JSON.
func raw[R any](write func(io.Writer, R) error) row {
	return rowOf(
		func(t *Text, r R) error { return write(t.Out, r) },
		func(j *JSON, r R) error { return write(j.Out, r) },
	)
}

func rowOf[R any](words func(*Text, R) error, json func(*JSON, R) error) row {
	return row{
		result: reflect.TypeFor[R](),
		words:  func(t *Text, r command.Result) error { return words(t, r.(R)) },
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

// rowFor returns the row of a result. Errors: one for what is no result.
func rowFor(r command.Result) (row, error) {
	known, ok := rows[reflect.TypeOf(r)]
	if !ok {
		return row{}, fmt.Errorf("no way to show a %T", r)
	}
	return known, nil
}

// list returns the fields of each value; of none it is an empty list, and not null.
func list[V, F any](values []V, fields func(V) F) []F {
	all := make([]F, len(values))
	for i, v := range values {
		all[i] = fields(v)
	}
	return all
}
