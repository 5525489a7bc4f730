package render

import (
	"fmt"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
)

var keyRows = []row{
	// KEYS
	one("sshforum.keys.v1", (*Text).keyList, func(r command.KeyList) keyListJSON { return keyListJSON{list(r.Keys, newKeyJSON)} }),
	// KEYS add
	one("sshforum.key-added.v1", (*Text).keyAdded, func(r command.KeyAdded) keyJSON { return newKeyJSON(r.Key) }),
	// KEYS remove
	one("sshforum.key-removed.v1", (*Text).keyRemoved, func(r command.KeyRemoved) keyJSON { return newKeyJSON(r.Key) }),
}

// keyListJSON is the list of an account's keys.
type keyListJSON struct {
	// The keys, in the order of their numbers.
	Keys []keyJSON `json:"keys"`
}

// keyJSON is a public key that an account can log in with.
type keyJSON struct {
	// Type of the key, as in `ssh-ed25519`.
	Type string `json:"type"`
	// SHA-256 of the key, as OpenSSH writes it.
	Fingerprint string `json:"fingerprint"`
	// Its owner's name for it.
	Comment string `json:"comment"`
	// When it was added.
	Created utc `json:"created"`
}

func newKeyJSON(k forum.Key) keyJSON {
	return keyJSON{k.Type(), k.Fingerprint(), k.Comment, utc{k.Added}}
}

func (t *Text) keyList(r command.KeyList) error {
	if len(r.Keys) == 0 {
		return t.printf("No keys; KEYS add adds one\n")
	}
	for i, k := range r.Keys {
		if err := t.printf("%d %s\n", i+1, describe(k)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) keyAdded(r command.KeyAdded) error {
	return t.printf("Key added: %s\n", describe(r.Key))
}

func (t *Text) keyRemoved(r command.KeyRemoved) error {
	return t.printf("Key removed: %s\n", describe(r.Key))
}

// describe returns a key as people tell keys apart: by type, fingerprint and comment.
func describe(k forum.Key) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", k.Type(), k.Fingerprint(), forum.Printable(k.Comment)))
}
