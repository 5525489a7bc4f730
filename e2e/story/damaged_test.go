package story

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"sshforum/e2e"
	"sshforum/storage"
	"sshforum/storage/boltfile"
)

// TestDamagedForumIsSaidToBeDamaged: what every start reads and cannot is called damage,
// and not what a rule makes of its absence, such as that the thread lobby exists.
func TestDamagedForumIsSaidToBeDamaged(t *testing.T) {
	for _, damage := range []struct{ bucket, key, value string }{
		{"meta", "journal", ""}, // it is dropped
		{"meta", "journal", "short"},
		{"mark", "forum", ""},
		{"mark", "forum", "short"},
		{"mark", "contents", "short"},
		{"meta", "sshforum schema", "short"},
		{"open_visits", "no visit", "x"},
		{"banned_networks", "\x04\x01\x02\x03\x04\x08", "no network"},
	} {
		t.Run(fmt.Sprintf("%s %q %q", damage.bucket, damage.key, damage.value), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e2e.Found(t, dir)
			if err := e2e.Quietly(e2e.Command(dir, "user", "list")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("data", storage.FileName)
			if err := setRow(filepath.Join(dir, path), damage.bucket, damage.key, damage.value); err != nil {
				t.Fatal(err)
			}
			printed, err := e2e.Command(dir, "user", "list").CombinedOutput()
			want := `sshforum: ` + regexp.QuoteMeta(path) + ` is damaged \(.+\); restore it from a backup\.\n`
			if err == nil || !regexp.MustCompile(`\A`+want+`\z`).Match(printed) {
				t.Errorf("%q, want %q", printed, want)
			}
		})
	}
}

// setRow writes a row of a store that is closed, or drops it for an empty value.
func setRow(path, bucket, key, value string) error {
	return changeStore(path, func(tx *boltfile.Tx) error {
		if value == "" {
			return tx.Bucket(bucket).Delete([]byte(key))
		}
		return tx.Bucket(bucket).Put([]byte(key), []byte(value))
	})
}
