package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Bounds for the parameters in a stored string, so that a manipulated one cannot take all
// memory or all time.
const (
	maxMemoryKiB = 1 << 20 // 1 GiB
	maxTime      = 64
	maxThreads   = 64
	minSalt      = 8 // RFC 9106, section 3.1
	maxSalt      = 64
	minKey       = 16
	maxKey       = 64
)

// cost has the parameters that RFC 9106 calls m, t and p.
type cost struct {
	memoryKiB, time uint32
	threads         uint8
}

// check returns an error unless argon2 allows the cost (RFC 9106, section 3.1) and it is within
// our bounds.
func (c cost) check() error {
	switch {
	case c.threads < 1 || c.threads > maxThreads:
		return fmt.Errorf("argon2 threads are %d; they must be from 1 to %d", c.threads, maxThreads)
	case c.time < 1 || c.time > maxTime:
		return fmt.Errorf("argon2 time is %d; it must be from 1 to %d", c.time, maxTime)
	case c.memoryKiB < 8*uint32(c.threads) || c.memoryKiB > maxMemoryKiB:
		return fmt.Errorf("argon2 memory is %d KiB; it must be from 8 KiB for each thread to %d KiB", c.memoryKiB, maxMemoryKiB)
	}
	return nil
}

// hash is one argon2id password hash.
type hash struct {
	cost
	salt, key []byte
}

var phcBase64 = base64.RawStdEncoding

// String returns the hash in the PHC string format, see
// https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
func (h hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memoryKiB, h.time, h.threads,
		phcBase64.EncodeToString(h.salt), phcBase64.EncodeToString(h.key))
}

// errMalformed does not quote the string, which is a secret.
var errMalformed = errors.New("a stored password is not an argon2id PHC string within bounds")

// parse reads a PHC string exactly in the form that String returns.
func parse(phc string) (hash, error) {
	fields := strings.SplitN(phc, "$", 7)
	if len(fields) != 6 {
		return hash{}, errMalformed
	}
	var h hash
	var err1, err2, err3 error
	_, err1 = fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &h.memoryKiB, &h.time, &h.threads)
	h.salt, err2 = phcBase64.DecodeString(fields[4])
	h.key, err3 = phcBase64.DecodeString(fields[5])
	switch {
	case err1 != nil, err2 != nil, err3 != nil, h.check() != nil,
		len(h.salt) < minSalt, len(h.salt) > maxSalt, len(h.key) < minKey, len(h.key) > maxKey,
		h.String() != phc:
		return hash{}, errMalformed
	}
	return h, nil
}
