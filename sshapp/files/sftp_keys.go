package files

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/command"
)

// keysText returns the account's keys as the text of an authorized_keys file (sshd(8)).
func (f *files) keysText() (string, error) {
	keys, err := f.service.Keys(f.actor)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, k := range keys {
		public, err := gossh.ParsePublicKey(k.Blob)
		if err != nil {
			return "", fmt.Errorf("a stored key: %w", err)
		}
		line := strings.TrimSpace(string(gossh.MarshalAuthorizedKey(public)))
		fmt.Fprintln(&text, strings.TrimSpace(line+" "+k.Comment))
	}
	return text.String(), nil
}

// maxKeysText bounds an authorized_keys file, in bytes.
const maxKeysText = 256 << 10

var errLongKeys = forum.Errorf(forum.Limited, "authorized_keys has at most %d bytes.", maxKeysText)

// keysUpload is an upload of authorized_keys. It is parsed when it is closed.
type keysUpload struct {
	files *files

	mu     sync.Mutex
	text   []byte
	cut    bool
	failed error // error of a write: the text is not what the client sent
}

func (f *files) openKeys(flags sftp.FileOpenFlags) (writable, error) {
	k := &keysUpload{files: f}
	if flags.Trunc {
		return k, nil
	}
	text, err := f.keysText()
	k.text = []byte(text)
	return k, err
}

func (k *keysUpload) WriteAt(p []byte, at int64) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.grow(at, len(p)); err != nil {
		return 0, err
	}
	return copy(k.text[at:], p), nil
}

// grow makes room for n bytes at the offset at. Errors: Limited if the text would be longer
// than maxKeysText.
func (k *keysUpload) grow(at int64, n int) error {
	if at < 0 || at > int64(maxKeysText-n) {
		k.failed = k.files.fail(errLongKeys)
		return k.failed
	}
	if missing := int(at) + n - len(k.text); missing > 0 {
		k.text = append(k.text, make([]byte, missing)...)
	}
	return nil
}

func (k *keysUpload) ReadAt(p []byte, at int64) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return bytes.NewReader(k.text).ReadAt(p, at)
}

func (k *keysUpload) Size() (int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return int64(len(k.text)), nil
}

func (k *keysUpload) Truncate(size int64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.grow(size, 0); err != nil {
		return err
	}
	k.text = k.text[:size]
	return nil
}

func (k *keysUpload) Sync(context.Context) error { return nil }
func (k *keysUpload) SetModified(time.Time)      {}
func (k *keysUpload) Modified() time.Time        { return k.files.service.Clock() }

func (k *keysUpload) TransferError(error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut = true
}

// Close replaces the account's keys by those of the text, all of them or none.
func (k *keysUpload) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cut || k.failed != nil {
		return k.failed
	}
	keys, err := parseKeys(string(k.text))
	if err == nil {
		err = k.files.service.SetKeys(context.WithoutCancel(k.files.ctx), k.files.actor, keys)
	}
	return k.files.fail(err)
}

// parseKeys parses an authorized_keys file: one key per line; blank lines and comments are
// skipped. Options before a key are not supported. Errors: Invalid, with the line number, if a
// line is not a key.
func parseKeys(text string) ([]forum.Key, error) {
	var keys []forum.Key
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := forum.ParseKey(line)
		if err != nil {
			return nil, forum.Errorf(forum.Invalid, "authorized_keys line %d: %s Nothing was changed.", number, command.Explain(err))
		}
		keys = append(keys, k)
	}
	return keys, nil
}
