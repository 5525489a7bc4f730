// Package forum has the nouns of a forum and the contracts between its parts: accounts,
// threads, messages, files and events; what names, titles and texts may contain; who may do
// what to whose (policy.go); a Change, the Journal that puts changes in order, the Reader
// and the Tx of a store, and the Hub that hands events on.
//
// It knows no rule beyond the policy, which are in package rules, no terminal, no protocol
// and no file format. A store needs nothing of ours but this package.
package forum

import "context"

// Passwords hashes and checks passwords.
type Passwords interface {
	// Hash returns a PHC string. Errors: Invalid for a password that cannot be one.
	Hash(ctx context.Context, password string) (string, error)
	// Verify does the same work for every wrong password, whether phc is "" (no such
	// account) or was made at whatever cost that was expected.
	Verify(ctx context.Context, phc, password string) (bool, error)
	// Expect notes that an account has phc.
	Expect(phc string)
	// Outdated reports whether phc should be hashed again with today's parameters.
	Outdated(phc string) bool
}
