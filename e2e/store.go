package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sshforum/storage"
	"sshforum/storage/pair"
)

// hostKeys is where a server has its host keys, below the directory it is started in.
const hostKeys = "hostkeys"

// Dir makes a directory to run the program in.
func Dir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := HostKeys(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// HostKeys gives a directory the host keys that all tests of a package share, since making an
// RSA key takes seconds.
func HostKeys(dir string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), hostKeys, "*"))
	if err != nil {
		return err
	}
	to := filepath.Join(dir, hostKeys)
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Found makes a forum in the data directory of a server that is started in dir.
func Found(t testing.TB, dir string) {
	t.Helper()
	if _, err := pair.Found(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
}

// CheckStore fails the test if the store that a server started in dir left is not
// consistent.
func CheckStore(t testing.TB, dir string) {
	t.Helper()
	store, err := storage.Open(filepath.Join(dir, "data"), storage.Options{})
	if err != nil {
		t.Error(err)
		return
	}
	if err := errors.Join(store.Check(), store.Close()); err != nil {
		t.Error(err)
	}
}
