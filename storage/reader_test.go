package storage

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestScanWhileWriting scans in both directions while keys come and go: a scan visits the key
// that is next at that moment.
func TestScanWhileWriting(t *testing.T) {
	tx := scratch(t)
	rapid.Check(t, func(t *rapid.T) {
		for _, k := range tx.keysWithPrefix(titlesBucket, nil, 1<<20) {
			tx.drop(titlesBucket, k)
		}
		key := rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"a", "b\x85", "b\xff", "\xff\xff"}).Draw(t, "prefix") + rapid.StringN(0, 2, 4).Draw(t, "rest")
		})
		set := make(map[string]bool)
		for _, k := range rapid.SliceOfN(key, 0, 300).Draw(t, "keys") {
			set[k] = true
			tx.put(titlesBucket, []byte(k), presentValue)
		}
		prefix := rapid.SampledFrom([]string{"", "a", "b", "b\x85", "b\xff", "\xff", "\xff\xff"}).Draw(t, "prefix")
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
					tx.put(titlesBucket, []byte(k), presentValue)
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

// TestScanOverEmptiedPages: a transaction keeps the pages whose keys it has dropped.
func TestScanOverEmptiedPages(t *testing.T) {
	db := openOrMake(t, t.TempDir(), Options{}) // the rows are of no sense, so it is not checked
	defer db.Close()
	const keys = 2000 // of some pages
	damage(t, db, func(tx *tx) {
		for i := range uint64(keys) {
			tx.putUint(usedBucket, uintKey(i), i)
		}
	})
	tx, err := begin(db.file)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.rollback()
	left := make([]uint64, keys)
	for i := range left {
		left[i] = uint64(i)
	}
	for _, dropped := range [][2]int{{1500, 2000}, {500, 1000}, {0, 500}, {0, 500}} {
		for _, i := range left[dropped[0]:dropped[1]] {
			tx.drop(usedBucket, uintKey(i))
		}
		left = slices.Delete(left, dropped[0], dropped[1])
		var up, down []uint64
		collect := func(to *[]uint64) func(k, _ []byte) bool {
			return func(k, _ []byte) bool {
				i, _ := parseUint(k)
				*to = append(*to, i)
				return true
			}
		}
		tx.scan(usedBucket, nil, nil, collect(&up))
		tx.scanBack(usedBucket, nil, collect(&down))
		slices.Reverse(down)
		if !slices.Equal(up, left) || !slices.Equal(down, left) {
			t.Errorf("%d keys are left; %d upwards and %d downwards", len(left), len(up), len(down))
		}
	}
}
