package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"testing"

	"sshforum/forum"
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
			dir := t.TempDir()
			foundForum(t, dir)
			config, err := load(t, "", testSettings, "--data="+filepath.Join(dir, "data"))
			if err != nil {
				t.Fatal(err)
			}
			f, err := openForum(t.Context(), config, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if err := f.close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(config.DataDir, storage.FileName)
			if err := setRow(path, damage.bucket, damage.key, damage.value); err != nil {
				t.Fatal(err)
			}
			_, err = openForum(t.Context(), config, nil, slog.New(slog.DiscardHandler))
			want := regexp.QuoteMeta(path) + ` is damaged \(.+\); restore it from a backup\.`
			if got := forum.Explain(err); err == nil || !regexp.MustCompile(`\A`+want+`\z`).MatchString(got) {
				t.Errorf("%q, want %q", got, want)
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
