package limit

import (
	"testing"

	"pgregory.net/rapid"
)

// A table keeps at least the keys last used, as many as a generation has room for, and never
// more than two generations.
func TestRecent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const room = 4
		r := NewTable[int, int](room)
		values := make(map[int]int)
		var used []int // each once, the last used at the end
		use := func(k int) {
			for i, other := range used {
				if other == k {
					used = append(used[:i:i], used[i+1:]...)
					break
				}
			}
			used = append(used, k)
		}
		keys := rapid.IntRange(0, 20)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k, v := keys.Draw(t, "key"), rapid.Int().Draw(t, "value")
				r.Put(k, v)
				values[k] = v
				use(k)
			},
			"get": func(t *rapid.T) {
				k := keys.Draw(t, "key")
				v, known := r.Get(k)
				if want, put := values[k]; known && (!put || v != want) {
					t.Errorf("%d is %d, want %d, %v", k, v, want, put)
				}
				if known {
					use(k)
				}
			},
			"drop": func(t *rapid.T) {
				k := keys.Draw(t, "key")
				r.Drop(k)
				delete(values, k)
				if _, known := r.Get(k); known {
					t.Errorf("%d was dropped and is known", k)
				}
			},
			"": func(t *rapid.T) {
				if len(r.young) > room || len(r.old) > room {
					t.Errorf("%d and %d keys", len(r.young), len(r.old))
				}
				for i := len(used) - 1; i >= max(0, len(used)-room); i-- {
					k := used[i]
					if _, put := values[k]; !put {
						continue
					}
					_, young := r.young[k]
					if _, old := r.old[k]; !young && !old {
						t.Errorf("%d is forgotten; %v were used", k, used)
					}
				}
			},
		})
	})
}
