package storage

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestScanWhileWriting scans in both directions while keys come and go: a scan visits
// what is next at that moment.
func TestScanWhileWriting(t *testing.T) {
	tx := scratch(t)
	rapid.Check(t, func(t *rapid.T) {
		for _, k := range tx.some(titlesBucket, nil, 1<<20) {
			tx.drop(titlesBucket, k)
		}
		key := rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"a", "b\xff", "\xff\xff"}).Draw(t, "prefix") + rapid.StringN(0, 2, 4).Draw(t, "rest")
		})
		set := make(map[string]bool)
		for _, k := range rapid.SliceOfN(key, 0, 300).Draw(t, "keys") {
			set[k] = true
			tx.put(titlesBucket, []byte(k), present)
		}
		prefix := rapid.SampledFrom([]string{"", "a", "b", "b\xff", "\xff", "\xff\xff"}).Draw(t, "prefix")
		back := rapid.Bool().Draw(t, "back")
		inRange := func(k string) bool { return len(k) >= len(prefix) && k[:len(prefix)] == prefix }
		last, visited := "", 0
		next := func() (string, bool) {
			var left []string
			for k := range set {
				if inRange(k) && (visited == 0 || back && k < last || !back && k > last) {
					left = append(left, k)
				}
			}
			if len(left) == 0 {
				return "", false
			}
			if back {
				return slices.Max(left), true
			}
			return slices.Min(left), true
		}
		visit := func(k, _ []byte) bool {
			if want, ok := next(); !ok || string(k) != want {
				t.Fatalf("after %q came %q, want %q, %v", last, k, want, ok)
			}
			last = string(k)
			visited++
			if rapid.IntRange(0, 2).Draw(t, "write") == 0 {
				for _, k := range rapid.SliceOfN(key, 0, 3).Draw(t, "put") {
					set[k] = true
					tx.put(titlesBucket, []byte(k), present)
				}
				for _, k := range append(rapid.SliceOfN(key, 0, 3).Draw(t, "dropped"), last) {
					delete(set, k)
					tx.drop(titlesBucket, []byte(k))
				}
			}
			return visited < 1000
		}
		if back {
			tx.scanBack(titlesBucket, []byte(prefix), visit)
		} else {
			tx.scan(titlesBucket, []byte(prefix), []byte(prefix), visit)
		}
		if want, ok := next(); ok && visited < 1000 {
			t.Fatalf("the scan ended after %q, want %q", last, want)
		}
	})
}
