package limit

// Table is a map of bounded size. It keeps a key at least until room other keys were put after
// the key was last put or got.
type Table[K comparable, V any] struct {
	room       int // keys in a generation
	young, old map[K]V
}

func NewTable[K comparable, V any](room int) *Table[K, V] {
	return &Table[K, V]{room: room, young: make(map[K]V)}
}

// Get returns the value of k, and counts as a use of k.
func (r *Table[K, V]) Get(k K) (V, bool) {
	v, known := r.young[k]
	if known {
		return v, true
	}
	if v, known = r.old[k]; known {
		r.Put(k, v)
	}
	return v, known
}

func (r *Table[K, V]) Put(k K, v V) {
	if _, known := r.young[k]; !known && len(r.young) == r.room {
		r.young, r.old = make(map[K]V), r.young
	}
	r.young[k] = v
}

func (r *Table[K, V]) Drop(k K) {
	delete(r.young, k)
	delete(r.old, k)
}
