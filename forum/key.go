package forum

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// keyTypes are the public keys an account may log in with, and of how many strings each
// consists behind its type: RFC 8709 (Ed25519), RFC 5656 (ECDSA), RFC 8332 (RSA with
// SHA-2), and OpenSSH's PROTOCOL.u2f for security keys.
var keyTypes = map[string]int{
	"ssh-ed25519":         1,
	"ecdsa-sha2-nistp256": 2, "ecdsa-sha2-nistp384": 2, "ecdsa-sha2-nistp521": 2,
	"ssh-rsa":                    2,
	"sk-ssh-ed25519@openssh.com": 2, "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}

// minRSABits is the shortest RSA key accepted, as in OpenSSH's server.
const minRSABits = 2048

// maxKeyBytes bounds a key's wire form; RSA with 16,384 bits takes about 2 KiB.
const maxKeyBytes = 4096

// ParseKey reads a line of a .pub file: type, key in base64, comment. Errors are of
// kind Invalid.
func ParseKey(line string) (Key, error) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	encoded, comment, _ := strings.Cut(strings.TrimSpace(rest), " ")
	blob, err := base64.StdEncoding.DecodeString(encoded)
	k := Key{Blob: blob, Comment: Printable(strings.TrimSpace(comment))}
	if err != nil || kind == "" || len(blob) > maxKeyBytes || k.Type() != kind {
		return Key{}, errNotAKey
	}
	parts, known := keyTypes[kind]
	if !known {
		return Key{}, Errorf(Invalid, "Keys of type %s are not accepted; make one with: ssh-keygen -t ed25519", Printable(kind))
	}
	if !consistsOf(blob, 1+parts) {
		return Key{}, errNotAKey
	}
	if kind == "ssh-rsa" && k.rsaBits() < minRSABits {
		return Key{}, Errorf(Invalid, "This RSA key is too short; make one with: ssh-keygen -t ed25519")
	}
	return k, nil
}

var errNotAKey = Errorf(Invalid, "This is not a public key; paste the one line of a file such as ~/.ssh/id_ed25519.pub.")

// Type returns the key's type, such as "ssh-ed25519".
func (k Key) Type() string {
	kind, _ := cutString(k.Blob)
	return string(kind)
}

// Fingerprint returns the key's SHA-256 fingerprint as OpenSSH prints it.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(k.Blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// rsaBits returns the length of an RSA key's modulus (RFC 4253, section 6.6), 0 when
// there is none.
func (k Key) rsaBits() int {
	_, rest := cutString(k.Blob)
	_, rest = cutString(rest)
	modulus, _ := cutString(rest)
	return 8 * len(bytes.TrimLeft(modulus, "\x00"))
}

// cutString cuts the string that b begins with (RFC 4251, section 5).
func cutString(b []byte) (s, rest []byte) {
	if len(b) < 4 {
		return nil, nil
	}
	n := uint64(binary.BigEndian.Uint32(b))
	if n > uint64(len(b)-4) {
		return nil, nil
	}
	return b[4 : 4+n], b[4+n:]
}

// consistsOf reports whether b is n strings that are not empty, and nothing else.
func consistsOf(b []byte, n int) bool {
	for range n {
		var s []byte
		if s, b = cutString(b); len(s) == 0 {
			return false
		}
	}
	return len(b) == 0
}
