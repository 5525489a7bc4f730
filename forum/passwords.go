package forum

import "context"

// Passwords hashes and checks passwords.
type Passwords interface {
	// Hash returns a PHC string. Errors: Invalid if the text cannot be a password.
	Hash(ctx context.Context, password string) (string, error)
	// Verify does the same work for every wrong password, whether phc is "" (no such account)
	// or was made at any cost that Expect was told of.
	Verify(ctx context.Context, phc, password string) (bool, error)
	// Expect notes that an account has phc.
	Expect(phc string)
	// Outdated reports whether phc should be hashed again with today's parameters.
	Outdated(phc string) bool
}
