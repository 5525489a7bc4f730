package blobs

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// The bytes that a client sends at once, and the bytes that are written in a measurement.
const (
	benchPiece = 32 << 10
	benchSize  = 256 << 20
)

// meter adds up the costs of turns.
type meter struct {
	bytes int64
	took  time.Duration
	cpu   time.Duration
}

func (m *meter) measure(b *testing.B, bytes int64, do func() error) {
	b.Helper()
	cpu, started := cpuTime(), time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	m.took += time.Since(started)
	m.cpu += cpuTime() - cpu
	m.bytes += bytes
}

func (m *meter) report(b *testing.B, name string) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(m.bytes)/1e6/m.took.Seconds(), name+"-MB/s")
	b.ReportMetric(m.cpu.Seconds()/(float64(m.bytes)/1e9), name+"-cpu-s/GB")
}

// cpuTime returns the processor time that the process has used.
func cpuTime() time.Duration {
	var used unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkWrite writes 256 MiB in pieces of 32 KiB and makes them durable, into a blob
// and into a plain file that is synced every 4 MiB, in turns. Its ratio is of the rates.
// The space of the blob is used again, as that of the file is.
func BenchmarkWrite(b *testing.B) {
	for _, finish := range []bool{false, true} {
		b.Run(fmt.Sprint("hash=", finish), func(b *testing.B) {
			dir := b.TempDir()
			s := open(b, dir, Options{})
			piece := noise(benchPiece)
			var blob, plain meter
			for i := range b.N + 1 {
				id := rules.NewBlobID()
				if i == 1 {
					blob, plain = meter{}, meter{} // the first round makes the files
				}
				blob.measure(b, benchSize, func() error { return writeBlob(s, id, piece, finish) })
				remove(s, id)
				plain.measure(b, benchSize, func() error { return writePlain(filepath.Join(dir, "plain"), piece) })
			}
			blob.report(b, "blob")
			plain.report(b, "plain")
			b.ReportMetric(plain.took.Seconds()/blob.took.Seconds(), "ratio")
		})
	}
}

func writeBlob(s *Store, id forum.BlobID, piece []byte, finish bool) error {
	w, err := s.Create(id)
	if err != nil {
		return err
	}
	defer w.Close()
	if !finish {
		w.(*upload).hash.busy = true // nobody begins
		defer func() { w.(*upload).hash.busy = false }()
	}
	for off := int64(0); off < benchSize; off += benchPiece {
		if _, err := w.WriteAt(piece, off); err != nil {
			return err
		}
	}
	if finish {
		_, err = w.Finish(context.Background())
		return err
	}
	return w.Sync(context.Background())
}

func writePlain(path string, piece []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for off := int64(0); off < benchSize; off += benchPiece {
		if _, err := f.WriteAt(piece, off); err != nil {
			return err
		}
		if (off+benchPiece)%(4<<20) == 0 {
			if err := unix.Fdatasync(int(f.Fd())); err != nil {
				return err
			}
		}
	}
	return nil
}

// BenchmarkRead reads 256 MiB from memory in pieces of 32 KiB, from a blob and from a
// plain file, in turns.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir, Options{})
	piece := noise(benchPiece)
	id := rules.NewBlobID()
	if err := writeBlob(s, id, piece, true); err != nil {
		b.Fatal(err)
	}
	if err := writePlain(filepath.Join(dir, "plain"), piece); err != nil {
		b.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "plain"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	r, err := s.Open(id)
	if err != nil {
		b.Fatal(err)
	}
	var blob, plain meter
	for i := range b.N + 1 {
		if i == 1 {
			blob, plain = meter{}, meter{} // the first round maps the file
		}
		blob.measure(b, benchSize, func() error { return readPieces(r) })
		plain.measure(b, benchSize, func() error { return readPieces(file) })
	}
	blob.report(b, "blob")
	plain.report(b, "plain")
	b.ReportMetric(plain.took.Seconds()/blob.took.Seconds(), "ratio")
}

func readPieces(r io.ReaderAt) error {
	p := make([]byte, benchPiece)
	for off := int64(0); off < benchSize; off += benchPiece {
		if _, err := r.ReadAt(p, off); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkHash measures the cost of each sum.
func BenchmarkHash(b *testing.B) {
	for name, begin := range map[string]func() hash.Hash{"SHA256": sha256.New, "SHA1": sha1.New, "MD5": md5.New} {
		b.Run(name, func(b *testing.B) {
			piece, h := noise(chunkSize), begin()
			b.SetBytes(chunkSize)
			for b.Loop() {
				h.Write(piece)
			}
		})
	}
}

// BenchmarkSmall uploads a few bytes at a time, one after the other and several at once.
func BenchmarkSmall(b *testing.B) {
	for _, uploaders := range []int{1, 16} {
		b.Run(fmt.Sprint("uploaders=", uploaders), func(b *testing.B) {
			s := open(b, b.TempDir(), Options{})
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for range uploaders {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := finished(s); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}
