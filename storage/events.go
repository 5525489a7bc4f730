package storage

import (
	"iter"

	"sshforum/forum"
)

var eventRecords = records[uint64, forum.Event, eventRow]{
	eventsBucket, uintKey, parseUint, newEventRow, eventRow.event,
}

func (r *reader) Events(after uint64) iter.Seq[forum.Event] {
	if after+1 == 0 {
		return none[forum.Event]
	}
	return eventRecords.from(r, uintKey(after+1), nil)
}

func (r *reader) EventsFrom() uint64 {
	return max(1, r.getUint(metaBucket, []byte(eventsFromKey)))
}

func (t *tx) addEvent(e forum.Event) { eventRecords.put(t, e.Seq, e) }

// maxTrimmed bounds the events that one commit drops after Options.EventsKept was lowered. It
// is far above the number that one commit can add.
const maxTrimmed = 10 * maxChanges

// trimEvents drops all events except those of the last keep numbers; 0 keeps all.
func (t *tx) trimEvents(keep uint64) {
	if keep == 0 || t.seq < keep || t.seq-keep < t.EventsFrom() {
		return
	}
	from := t.seq - keep + 1
	var old [][]byte
	t.scan(eventsBucket, nil, nil, func(k, _ []byte) bool {
		seq, ok := parseUint(k)
		switch {
		case !ok:
			t.fail(eventsBucket, k, errMalformed)
			return false
		case seq >= from:
			return false
		case len(old) == maxTrimmed:
			from = seq
			return false
		}
		old = append(old, k)
		return true
	})
	for _, k := range old {
		t.drop(eventsBucket, k)
	}
	t.putUint(metaBucket, []byte(eventsFromKey), from)
}
