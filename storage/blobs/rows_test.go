package blobs

import (
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sshforum/forum"
)

func TestRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := row{
			size:    rapid.Int64Range(0, maxSize).Draw(t, "size"),
			commits: rapid.Uint64().Draw(t, "commits"),
			removed: rapid.Bool().Draw(t, "removed"),
		}
		for _, from := range rapid.SliceOfN(rapid.Int64Range(0, 100), 0, 20).Draw(t, "chunks") {
			r.chunks.add(from, from+rapid.Int64Range(1, 10).Draw(t, "many"))
		}
		if rapid.Bool().Draw(t, "sums") {
			sums := sumsOf(rapid.SliceOf(rapid.Byte()).Draw(t, "content"))
			r.sums = &sums
		}
		got, err := decodeRow(r.encode())
		if err != nil || !cmp.Equal(got, r, cmp.AllowUnexported(row{}, spans{}, span{}), cmpopts.EquateEmpty()) {
			t.Fatalf("%+v became %+v, %v", r, got, err)
		}
	})
}

// TestRowEncoding: the encoding of existing files does not change.
func TestRowEncoding(t *testing.T) {
	var sums forum.Sums
	sums.SHA256[0], sums.SHA1[0], sums.MD5[15] = 0xaa, 0xbb, 0xcc
	for want, r := range map[string]row{
		"0000000000012345" + "0000000000000007" + "00" + "02": {size: 0x12345, commits: 7, chunks: spans{prefix: 2}},
		"0000000000000000" + "0000000000000000" + "01" + "00": {removed: true},
		"0000000000100000" + "0000000000000001" + "00" + "01" + "0205" + "8001" + "01": {size: 1 << 20, commits: 1,
			chunks: spans{1, []span{{3, 8}, {136, 137}}}},
		"0000000000000001" + "0000000000000002" + "02" +
			"aa00000000000000000000000000000000000000000000000000000000000000" +
			"bb00000000000000000000000000000000000000" + "000000000000000000000000000000cc" + "00": {size: 1, commits: 2, sums: &sums},
	} {
		if got := hex.EncodeToString(r.encode()); got != want {
			t.Errorf("%+v is %s, not %s", r, got, want)
		}
	}
}

func FuzzRow(f *testing.F) {
	f.Add(row{size: 5}.encode())
	f.Add(row{sums: &forum.Sums{}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRow(b)
		if err == nil && string(r.encode()) != string(b) {
			t.Errorf("%x became %+v", b, r)
		}
	})
}
