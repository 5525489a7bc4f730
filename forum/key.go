package forum

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// keyTypes are the types of public keys with which an account may log in.
var keyTypes = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA,
	ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
}

// minRSABits is the shortest RSA key accepted, as in OpenSSH's server.
const minRSABits = 2048

// maxKeyBytes is the greatest length of a key's wire form; RSA with 16,384 bits takes about 2
// KiB.
const maxKeyBytes = 4096

// maxKeyComment is the greatest length of a key's comment in bytes. All keys of an account are
// read whenever somebody offers a key for it.
const maxKeyComment = 255

// ParseKey reads a line of a .pub file: type, key in base64, comment. Errors: Invalid.
func ParseKey(line string) (Key, error) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, ByteOrderMark)), " ")
	encoded, comment, _ := strings.Cut(strings.TrimSpace(rest), " ")
	blob, err := base64.StdEncoding.DecodeString(encoded)
	k := Key{Blob: blob, Comment: strings.TrimSpace(Printable(comment))}
	if err != nil || kind == "" || len(blob) > maxKeyBytes || k.Type() != kind {
		return Key{}, errNotAKey
	}
	if len(k.Comment) > maxKeyComment {
		return Key{}, Errorf(Invalid, "The comment behind a key has at most %d bytes; shorten it.", maxKeyComment)
	}
	if !slices.Contains(keyTypes, kind) {
		return Key{}, Errorf(Invalid, "Keys of type %s are not accepted; make one with: ssh-keygen -t ed25519", Printable(kind))
	}
	public, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return Key{}, errNotAKey
	}
	if long, ok := public.(ssh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey); ok && long.N.BitLen() < minRSABits {
		return Key{}, Errorf(Invalid, "This RSA key is too short; make one with: ssh-keygen -t ed25519")
	}
	k.Blob = public.Marshal()
	return k, nil
}

var errNotAKey = Errorf(Invalid, "This is not a public key; paste the one line of a file such as ~/.ssh/id_ed25519.pub.")

// Type returns the key's type, such as "ssh-ed25519", which is the first string of the key (RFC
// 4251, section 5).
func (k Key) Type() string {
	if len(k.Blob) < 4 {
		return ""
	}
	n, rest := binary.BigEndian.Uint32(k.Blob), k.Blob[4:]
	if uint64(n) > uint64(len(rest)) {
		return ""
	}
	return string(rest[:n])
}

// Fingerprint returns the key's SHA-256 fingerprint in OpenSSH's form.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(k.Blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
