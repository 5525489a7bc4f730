package sshapp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	gossh "golang.org/x/crypto/ssh"
)

// newHostKeys makes one set of keys for all tests, since an RSA key takes its time.
var newHostKeys = sync.OnceValues(func() (files map[string]string, err error) {
	parent, err := os.MkdirTemp("", "hostkeys")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "made")
	if _, err := LoadHostKeys(dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	files = map[string]string{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		files[entry.Name()] = string(content)
	}
	return files, err
})

// hostKeyDir returns a new directory with all keys in it.
func hostKeyDir(t *testing.T) string {
	t.Helper()
	files, err := newHostKeys()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadHostKeysMakesWhatIsMissing(t *testing.T) {
	dir := hostKeyDir(t)
	for _, kind := range hostKeyKinds {
		path := filepath.Join(dir, kind.file)
		err := os.Remove(path + ".pub")
		if kind.name != "RSA" { // a key that takes its time
			err = errors.Join(err, os.Remove(path))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	signers, err := LoadHostKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, signer := range signers {
		types = append(types, signer.PublicKey().Type())
	}
	if want := []string{"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"}; !slices.Equal(types, want) {
		t.Errorf("types %q; want %q", types, want)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 6 {
		t.Errorf("the directory holds %v", entries)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		want := os.FileMode(0o600)
		if strings.HasSuffix(entry.Name(), ".pub") {
			want = 0o644
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v; want %v", entry.Name(), info.Mode(), want)
		}
	}
	again, err := LoadHostKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Fingerprints(again), Fingerprints(signers); !slices.Equal(got, want) {
		t.Errorf("keys changed from %q to %q", want, got)
	}
}

func TestMakeKeyDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := makeKeyDir(dir); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode(), os.ModeDir|0o700; got != want {
		t.Errorf("mode %v; want %v", got, want)
	}
}

func TestMissingPublicHalfIsWritten(t *testing.T) {
	dir := hostKeyDir(t)
	path := filepath.Join(dir, "ssh_host_ecdsa_key.pub")
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadHostKeys(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestRSAKeyHas3072Bits(t *testing.T) {
	signers, err := LoadHostKeys(hostKeyDir(t))
	if err != nil {
		t.Fatal(err)
	}
	key := signers[2].PublicKey().(gossh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey)
	if got := key.N.BitLen(); got != 3072 {
		t.Errorf("%d bits", got)
	}
}

func TestSHA1IsNotOffered(t *testing.T) {
	signers, err := LoadHostKeys(hostKeyDir(t))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"ssh-ed25519"}, {"ecdsa-sha2-nistp256"}, {"rsa-sha2-512", "rsa-sha2-256"}}
	for i, signer := range signers {
		if got := signer.Algorithms(); !slices.Equal(got, want[i]) {
			t.Errorf("algorithms %q; want %q", got, want[i])
		}
	}
}

// Many start at once on an empty directory: all must end with one key.
func TestConcurrentStartsAgree(t *testing.T) {
	kind := hostKeyKinds[0]
	path := filepath.Join(t.TempDir(), kind.file)
	const starts = 16
	keys := make([]string, starts)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range starts {
		all.Go(func() {
			<-begin
			signer, err := kind.load(path)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = gossh.FingerprintSHA256(signer.PublicKey())
		})
	}
	close(begin)
	all.Wait()
	if distinct := slices.Compact(slices.Clone(keys)); len(distinct) != 1 {
		t.Errorf("%d keys: %q", len(distinct), distinct)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// However late another comes, it keeps the file that is there.
func TestCreateOnceKeepsTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"first", "second"} {
		if err := createOnce(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); string(got) != "first" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLoadHostKeysRefuses(t *testing.T) {
	files, err := newHostKeys()
	if err != nil {
		t.Fatal(err)
	}
	const name = "ssh_host_ed25519_key"
	const noKey = "PATH is not a private key; restore it, or move it away to have a new one made"
	chmod := func(mode os.FileMode) func(string) error {
		return func(path string) error { return os.Chmod(path, mode) }
	}
	write := func(content string) func(string) error {
		return func(path string) error { return os.WriteFile(path, []byte(content), 0o600) }
	}
	for _, test := range []struct {
		name  string
		spoil func(path string) error
		want  string // with PATH for the key and DIR for its directory
	}{
		{"readable by others", chmod(0o644), "PATH has mode 0644, which lets others have the key; run: chmod 600 PATH"},
		{"readable by the group", chmod(0o640), "PATH has mode 0640, which lets others have the key; run: chmod 600 PATH"},
		{"writable by the group", chmod(0o620), "PATH has mode 0620, which lets others have the key; run: chmod 600 PATH"},
		{"no key", write("hello\n"), noKey},
		{"empty", write(""), noKey},
		{"cut off", write(files[name][:100]), noKey},
		{"public half", write(files[name+".pub"]), noKey},
		{"another type", write(files["ssh_host_rsa_key"]),
			"PATH holds a key of type ssh-rsa, not ssh-ed25519; move it away to have a new one made"},
		{"passphrase", write(encryptedKey(t)),
			"PATH needs a passphrase, which nobody can type at start; take it off with: ssh-keygen -p -f PATH"},
		{"directory for a key", func(path string) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
		}, "PATH is not a file; move it away, and a key will be made there"},
		{"link to nothing", func(path string) error {
			return errors.Join(os.Remove(path), os.Symlink("nothing", path))
		}, "the host key cannot be read: stat PATH: no such file or directory"},
		{"file for the directory", func(path string) error {
			dir := filepath.Dir(path)
			return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600))
		}, "DIR is a file and should be the directory of the host keys; move it away, or name another"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := hostKeyDir(t)
			path := filepath.Join(dir, name)
			if err := test.spoil(path); err != nil {
				t.Fatal(err)
			}
			signers, err := LoadHostKeys(dir)
			want := strings.NewReplacer("PATH", path, "DIR", dir).Replace(test.want)
			if err == nil || err.Error() != want || signers != nil {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestUnwritableDirectory(t *testing.T) {
	dir := unwritable(t)
	_, err := LoadHostKeys(dir)
	if err == nil || !strings.HasPrefix(err.Error(), "the host key "+dir+"/ssh_host_ed25519_key cannot be made: ") ||
		!strings.HasSuffix(err.Error(), "; let the server write to "+dir+", or put a key there") {
		t.Errorf("missing key: %v", err)
	}
	_, err = LoadHostKeys(filepath.Join(dir, "keys"))
	if err == nil || !strings.HasPrefix(err.Error(), "the directory of the host keys cannot be made: ") {
		t.Errorf("missing directory: %v", err)
	}
	signers, err := LoadHostKeys(hostKeyDir(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := publish(filepath.Join(dir, "key.pub"), signers[0].PublicKey()); err != nil {
		t.Errorf("a public half that cannot be written: %v", err)
	}
}

// unwritable returns a directory that even root cannot write to, or, if there is none, one that
// the user cannot write to.
func unwritable(t *testing.T) string {
	t.Helper()
	if os.Geteuid() == 0 {
		if _, err := os.Stat("/sys/kernel"); err != nil {
			t.Skip("root can write everywhere here")
		}
		return "/sys/kernel"
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFingerprintsAreThoseOfSSHKeygen(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not installed")
	}
	dir := hostKeyDir(t)
	signers, err := LoadHostKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	fingerprints := Fingerprints(signers)
	for i, kind := range hostKeyKinds {
		out, err := exec.Command(keygen, "-l", "-f", filepath.Join(dir, kind.file)).Output()
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(out)) // 256 SHA256:... comment (ED25519)
		want := strings.Trim(fields[len(fields)-1], "()") + " " + fields[1]
		if fingerprints[i] != want {
			t.Errorf("got %q; ssh-keygen says %q", fingerprints[i], want)
		}
	}
}

func encryptedKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := gossh.MarshalPrivateKeyWithPassphrase(key, "", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}
