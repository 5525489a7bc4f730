package pair

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// moments keeps both files of a forum in the state on the disk before and after each commit of
// either, which are the states that a loss of power can leave.
type moments struct {
	t   *testing.T
	dir string

	mu   sync.Mutex // of two commits one is first
	kept []string   // directories
}

func (m *moments) hooks() boltfile.Hooks {
	return boltfile.Hooks{Commit: func(tx *boltfile.Tx) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.keep()
		err := tx.Commit()
		m.keep()
		return err
	}}
}

func (m *moments) keep() {
	dir := filepath.Join(m.t.TempDir(), fmt.Sprint(len(m.kept)))
	if err := os.CopyFS(dir, os.DirFS(m.dir)); err != nil {
		m.t.Error(err)
	}
	m.kept = append(m.kept, dir)
}

// TestPowerIsLost between any two commits, while people post, upload and remove at the
// same time: the two files always belong together.
func TestPowerIsLost(t *testing.T) {
	m := &moments{t: t, dir: t.TempDir()}
	if _, err := Found(m.dir); err != nil {
		t.Fatal(err)
	}
	var o Options
	o.Rows, o.Contents = o.Rows.WithHooks(m.hooks()), o.Contents.WithHooks(m.hooks())
	f, err := Open(m.dir, o)
	if err != nil {
		t.Fatal(err)
	}
	var people sync.WaitGroup
	for range 3 {
		people.Go(func() {
			var last forum.BlobID
			for range 6 {
				post(t, f)
				id := upload(t, f)
				post(t, f)
				f.Contents.Remove(last)
				last = id
			}
		})
	}
	people.Wait()
	checkAndClose(t, f)
	if len(m.kept) < 60 {
		t.Errorf("there were %d moments", len(m.kept))
	}
	for i, dir := range m.kept {
		f, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("power is lost at moment %d: %v", i, err)
		}
		checkAndClose(t, f)
	}
}
