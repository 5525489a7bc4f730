package limit

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
)

// Buckets let through exactly as much as a model that adds tokens drop by drop.
func TestPaceIsATokenBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewBuckets()
		now := time.Unix(1000, 0)
		rates := []Rate{
			{Burst: rapid.IntRange(1, 5).Draw(t, "burst"), Every: time.Duration(rapid.IntRange(1, 20).Draw(t, "every"))},
			{Burst: rapid.IntRange(1, 5).Draw(t, "other burst"), Every: time.Duration(rapid.IntRange(1, 20).Draw(t, "other every"))},
		}
		filled := []time.Duration{} // tokens in each bucket
		for _, r := range rates {
			filled = append(filled, time.Duration(r.Burst)*r.Every)
		}
		t.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) {
				d := time.Duration(rapid.IntRange(0, 30).Draw(t, "d"))
				now = now.Add(d)
				for i, r := range rates {
					filled[i] = min(filled[i]+d, time.Duration(r.Burst)*r.Every)
				}
			},
			"take": func(t *rapid.T) {
				var want time.Duration
				var buckets []Bucket
				for i, r := range rates {
					want = max(want, r.Every-filled[i])
					buckets = append(buckets, Bucket{BucketKey{User: forum.UserID(i)}, r})
				}
				left, empty := p.Take(now, buckets...)
				if left != want || want > 0 && rates[empty.User].Every-filled[empty.User] != want {
					t.Fatalf("wait %d for %d, want %d; filled %d", left, empty.User, want, filled)
				}
				for i, r := range rates {
					if want == 0 {
						filled[i] -= r.Every
					}
				}
			},
		})
	})
}
