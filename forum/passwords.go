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
