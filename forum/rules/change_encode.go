package rules

import (
	"encoding/json"
	"fmt"

	"sshforum/forum"
)

// encoding is the form in which a change is sent or stored.
type encoding struct {
	Kind    string          `json:"kind"`
	Version int             `json:"v"` // of the kind's fields
	Fields  json.RawMessage `json:"fields"`
}

// encodingVersion is the version of all kinds so far.
const encodingVersion = 1

// EncodeChange returns c in the form that DecodeChange reads. Never log it: it may hold the
// hash of a password. Errors: c is of a kind that is not in changeKinds.
func EncodeChange(c forum.Change) ([]byte, error) {
	r, ok := c.(recorded)
	if !ok {
		return nil, fmt.Errorf("encode change: unknown kind %s", c.Kind())
	}
	fields, err := json.Marshal(r.fields())
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", c.Kind(), err)
	}
	return json.Marshal(encoding{Kind: c.Kind(), Version: encodingVersion, Fields: fields})
}

// DecodeChange reads a change that EncodeChange wrote.
func DecodeChange(b []byte) (forum.Change, error) {
	var e encoding
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("decode change: %w", err)
	}
	k, ok := changeKinds.byName[e.Kind]
	if !ok || e.Version != encodingVersion {
		return nil, fmt.Errorf("decode change: unknown kind %q version %d", e.Kind, e.Version)
	}
	c := k.empty()
	if err := json.Unmarshal(e.Fields, c.fields()); err != nil {
		return nil, fmt.Errorf("decode %s: %w", e.Kind, err)
	}
	return c, nil
}
