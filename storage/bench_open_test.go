package storage

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkOpen opens a store with 1,000,000 messages. Its ratio is the time of that to the time
// of reading the file.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	fill(b, dir, 1000, 1000)
	var opened, read time.Duration
	for b.Loop() {
		started := time.Now()
		db := open(b, dir, Options{})
		opened += time.Since(started)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		started = time.Now()
		if _, err := os.ReadFile(filepath.Join(dir, FileName)); err != nil {
			b.Fatal(err)
		}
		read += time.Since(started)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(opened.Seconds()*1e3/float64(b.N), "open-ms")
	b.ReportMetric(opened.Seconds()/read.Seconds(), "ratio")
}
