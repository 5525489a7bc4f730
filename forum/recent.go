package forum

// recent is a table of bounded size. It forgets what was neither put nor got while so
// many other keys were put as it has room for in a generation.
type recent[K comparable, V any] struct {
	room       int // keys in a generation
	young, old map[K]V
}

func newRecent[K comparable, V any](room int) *recent[K, V] {
	return &recent[K, V]{room: room, young: make(map[K]V)}
}

// get returns the value of k, and keeps it from being forgotten soon.
func (r *recent[K, V]) get(k K) (V, bool) {
	v, known := r.young[k]
	if known {
		return v, true
	}
	if v, known = r.old[k]; known {
		r.put(k, v)
	}
	return v, known
}

func (r *recent[K, V]) put(k K, v V) {
	if _, known := r.young[k]; !known && len(r.young) == r.room {
		r.young, r.old = make(map[K]V), r.young
	}
	r.young[k] = v
}

func (r *recent[K, V]) drop(k K) {
	delete(r.young, k)
	delete(r.old, k)
}
