package boltfile

import (
	"bytes"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"
)

// TestSeal: each part of a value is read unchanged. Every changed bit, and a wrong key, is an
// error for readers of that part.
func TestSeal(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 5*sealBlock/16)
	rapid.Check(t, func(t *rapid.T) {
		s := newSeal(rapid.SampledFrom([]string{"things", "widgets"}).Draw(t, "bucket"))
		key := rapid.SliceOfN(rapid.Byte(), 1, 10).Draw(t, "key")
		n := rapid.OneOf(rapid.IntRange(0, 5), rapid.SampledFrom([]int{sealBlock - 1, sealBlock, sealBlock + 1, 2 * sealBlock}), rapid.IntRange(0, len(long))).Draw(t, "length")
		row := s.add(key, bytes.Clone(long[:n]))
		if len(row) != n+SealSize(n) {
			t.Fatalf("%d bytes are a row of %d", n, len(row))
		}
		from := rapid.IntRange(0, n).Draw(t, "from")
		to := rapid.IntRange(from, len(long)).Draw(t, "to")
		if got, ok := s.open(key, row, from, to); !ok || !bytes.Equal(got, long[from:min(to, n)]) {
			t.Fatalf("%d to %d of %d: %d bytes, %v", from, to, n, len(got), ok)
		}
		if _, ok := s.open(append(key, 1), row, 0, 1); ok {
			t.Fatal("another key was taken")
		}
		at := rapid.IntRange(0, len(row)*8-1).Draw(t, "bit")
		row[at/8] ^= 1 << (at % 8)
		if got, ok := s.open(key, row, 0, n); ok {
			t.Fatalf("bit %d of %d bytes was flipped: %d bytes", at, n, len(got))
		}
		if got, ok := s.open(key, row, from, to); ok && !bytes.Equal(got, long[from:min(to, n)]) {
			t.Fatalf("bit %d of %d bytes was flipped: other bytes", at, n)
		}
	})
}

// TestSealEncoding: the encoding of existing files does not change.
func TestSealEncoding(t *testing.T) {
	for want, value := range map[string]string{
		"ce086e5e":           "",
		"76616c75658a4fc82d": "value",
	} {
		if got := hex.EncodeToString(newSeal("things").add([]byte("key"), []byte(value))); got != want {
			t.Errorf("%q is %s, not %s", value, got, want)
		}
	}
}

// FuzzSeal: a row of any bytes is opened or not.
func FuzzSeal(f *testing.F) {
	s, key := newSeal("things"), []byte("key")
	f.Add(s.add(key, []byte("value")), 0, 5)
	f.Add(s.add(key, make([]byte, 2*sealBlock)), sealBlock-1, sealBlock+1)
	f.Fuzz(func(t *testing.T, row []byte, from, to int) {
		if from < 0 || to < from {
			return
		}
		value, ok := s.open(key, row, 0, len(row))
		part, partOK := s.open(key, row, from, to)
		if ok && (!partOK || !bytes.Equal(part, value[min(from, len(value)):min(to, len(value))])) {
			t.Errorf("%x: %d to %d is %x", value, from, to, part)
		}
	})
}
