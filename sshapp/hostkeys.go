package sshapp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	gossh "golang.org/x/crypto/ssh"
)

// A hostKeyKind is one kind of host key; a server has one key of each kind.
type hostKeyKind struct {
	name, file string
	format     string   // result of gossh.PublicKey.Type
	algorithms []string // for signatures, the preferred one first
	generate   func() (crypto.PrivateKey, error)
}

var hostKeyKinds = []hostKeyKind{
	{
		"ED25519", "ssh_host_ed25519_key", gossh.KeyAlgoED25519, []string{gossh.KeyAlgoED25519},
		func() (crypto.PrivateKey, error) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			return key, err
		},
	},
	{
		"ECDSA", "ssh_host_ecdsa_key", gossh.KeyAlgoECDSA256, []string{gossh.KeyAlgoECDSA256},
		func() (crypto.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
	},
	{
		// Without ssh-rsa, which signs with SHA-1 (RFC 8332).
		"RSA", "ssh_host_rsa_key", gossh.KeyAlgoRSA, []string{gossh.KeyAlgoRSASHA512, gossh.KeyAlgoRSASHA256},
		func() (crypto.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 3072) },
	},
}

// LoadHostKeys returns the host keys of a server from dir: ssh_host_ed25519_key,
// ssh_host_ecdsa_key (P-256) and ssh_host_rsa_key, with the public half of each beside it in a
// .pub file. Missing files are made, in the OpenSSH format and durably: dir with mode 0700,
// keys with mode 0600. Two processes that start at once get the same keys. It returns an error
// if others have access to a key, if a key needs a passphrase or is of another kind, or if dir
// is not a directory or cannot be written. The error is one sentence that names the file and
// says what to do.
func LoadHostKeys(dir string) ([]gossh.MultiAlgorithmSigner, error) {
	if err := makeKeyDir(dir); err != nil {
		return nil, err
	}
	var signers []gossh.MultiAlgorithmSigner
	for _, kind := range hostKeyKinds {
		signer, err := kind.load(filepath.Join(dir, kind.file))
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
	}
	return signers, nil
}

// MissingHostKeys returns the names of the host key files that dir lacks.
func MissingHostKeys(dir string) (missing []string) {
	for _, kind := range hostKeyKinds {
		if _, err := os.Lstat(filepath.Join(dir, kind.file)); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, kind.file)
		}
	}
	return missing
}

// Fingerprints describes each key as ssh shows it: "ED25519 SHA256:...".
func Fingerprints(signers []gossh.MultiAlgorithmSigner) []string {
	names := map[string]string{}
	for _, kind := range hostKeyKinds {
		names[kind.format] = kind.name
	}
	var all []string
	for _, signer := range signers {
		key := signer.PublicKey()
		all = append(all, names[key.Type()]+" "+gossh.FingerprintSHA256(key))
	}
	return all
}

func makeKeyDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("the directory of the host keys cannot be made: %w; make it yourself, or name another", err)
		}
		return syncDir(filepath.Dir(dir))
	case err != nil:
		return fmt.Errorf("the directory of the host keys cannot be read: %w; name another", err)
	case !info.IsDir():
		return fmt.Errorf("%s is a file and should be the directory of the host keys; move it away, or name another", dir)
	}
	return nil
}

// load reads the key at path. If there is none, it makes one first.
func (k hostKeyKind) load(path string) (gossh.MultiAlgorithmSigner, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := k.make(path); err != nil {
			return nil, fmt.Errorf("the host key %s cannot be made: %w; let the server write to %s, or put a key there", path, err, filepath.Dir(path))
		}
	}
	signer, err := k.read(path)
	if err != nil {
		return nil, err
	}
	return signer, publish(path+".pub", signer.PublicKey())
}

func (k hostKeyKind) make(path string) error {
	key, err := k.generate()
	if err != nil {
		return err
	}
	block, err := gossh.MarshalPrivateKey(key, "")
	if err != nil {
		return err
	}
	return createOnce(path, pem.EncodeToMemory(block), 0o600)
}

func (k hostKeyKind) read(path string) (gossh.MultiAlgorithmSigner, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("the host key cannot be read: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file; move it away, and a key will be made there", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o, which lets others have the key; run: chmod 600 %s", path, mode, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the host key cannot be read: %w; make the server's user its owner", err)
	}
	signer, err := gossh.ParsePrivateKey(text)
	if _, encrypted := errors.AsType[*gossh.PassphraseMissingError](err); encrypted {
		return nil, fmt.Errorf("%s needs a passphrase, which nobody can type at start; take it off with: ssh-keygen -p -f %s", path, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not a private key; restore it, or move it away to have a new one made", path)
	}
	if format := signer.PublicKey().Type(); format != k.format {
		return nil, fmt.Errorf("%s holds a key of type %s, not %s; move it away to have a new one made", path, format, k.format)
	}
	return gossh.NewSignerWithAlgorithms(signer.(gossh.AlgorithmSigner), k.algorithms)
}

// publish writes the public half of a key if it is missing. It returns nil if the directory
// cannot be written: keys may be mounted read-only, and the server never reads a .pub file.
func publish(path string, key gossh.PublicKey) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := createOnce(path, gossh.MarshalAuthorizedKey(key), 0o644)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil
	}
	return err
}

// createOnce makes the file at path, whole and durable, unless there is one already. A link,
// unlike a rename, never replaces the file that another process made first.
func createOnce(path string, content []byte, mode fs.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
