package render

import (
	"fmt"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
)

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

// describe writes a key as people tell them apart.
func describe(k forum.Key) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", k.Type(), k.Fingerprint(), forum.Printable(k.Comment)))
}
