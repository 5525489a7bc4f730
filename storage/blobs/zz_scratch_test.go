package blobs

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"sshforum/forum"
)

func dropCache(t *testing.T, path string) {
	f, err := os.Open(path)
	if err != nil { t.Fatal(err) }
	defer f.Close()
	f.Sync()
	unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}

func TestScratchWalk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	s, _ := Open(dir, Options{})
	piece := noise(benchPiece)
	for range 16 { writeBlob(s, forum.NewBlobID(), piece, false) }
	s.Close()
	for range 3 {
	for _, n := range []int{1, 4, 16, 64} {
		dropCache(t, path)
		bolt, _ := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true})
		t0 := time.Now()
		var wg sync.WaitGroup
		keys := make([]int, n)
		for i := range n {
			wg.Go(func() {
				bolt.View(func(tx *bbolt.Tx) error {
					from, to := byte(i*256/n), (i+1)*256/n
					c := tx.Bucket(chunksBucket).Cursor()
					for k, _ := c.Seek([]byte{from}); k != nil && int(k[0]) < to; k, _ = c.Next() { keys[i]++ }
					return nil
				})
			})
		}
		wg.Wait()
		total := 0
		for _, k := range keys { total += k }
		fmt.Println("walk", n, time.Since(t0), total)
		bolt.Close()
	}
	dropCache(t, path)
	t0 := time.Now()
	b := make([]byte, 1<<20)
	f, _ := os.Open(path)
	for { if n, _ := f.Read(b); n == 0 { break } }
	fmt.Println("sequential", time.Since(t0))
	f.Close()
	}
}
