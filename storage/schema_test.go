package storage

import (
	"strings"
	"testing"
)

// TestSchemaDeclaresEveryBucket in full, each under a name of its own.
func TestSchemaDeclaresEveryBucket(t *testing.T) {
	names := make(map[string]bucket)
	for b := range bucketCount {
		if other, taken := names[b.String()]; taken || b.String() == "" {
			t.Errorf("buckets %d and %d are both called %q", b, other, b)
		}
		names[b.String()] = b
		if schema[b].keys == "" {
			t.Errorf("%s does not say what its keys are made of", b)
		}
		for part := range strings.FieldsSeq(schema[b].keys) {
			if _, known := keyParts[part]; !known {
				t.Errorf("%s: keys are made of %q, which is unknown", b, part)
			}
		}
	}
}

func TestKeyForms(t *testing.T) {
	for _, test := range []struct {
		bucket bucket
		size   int
		fits   bool
	}{
		{usersBucket, 8, true}, {usersBucket, 7, false}, {usersBucket, 9, false},
		{filesBucket, folderKeyLen + 1, true}, {filesBucket, folderKeyLen, false},
		{titlesBucket, 1, true}, {titlesBucket, 0, false},
		{mentionsBucket, 32, true}, {mentionsBucket, 31, false},
	} {
		if got := test.bucket.keyForm().fits(make([]byte, test.size)); got != test.fits {
			t.Errorf("a key of %d bytes in %s: %v, want %v", test.size, test.bucket, got, test.fits)
		}
	}
}
