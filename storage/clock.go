package storage

import (
	"encoding/binary"
	"slices"
	"time"

	"sshforum/forum"
)

// timeOf returns the time of a change in Unix nanoseconds, by the rule of forum.Journal.
func (t *tx) timeOf(c forum.Change) int64 {
	own := toNanos(c.When())
	if t.nanos == 0 || own > t.nanos && own-t.nanos <= int64(forum.MaxStep) {
		return own
	}
	return t.nanos
}

func (t *tx) SetTime(now time.Time) { t.nanos = toNanos(now) }

const leapLen = 2 * 8

func (r *reader) Leaps() (leaps []forum.Leap) {
	v := r.get(metaBucket, []byte(leapsKey))
	if len(v)%leapLen != 0 {
		r.fail(metaBucket, []byte(leapsKey), errMalformed)
		return nil
	}
	for leap := range slices.Chunk(v, leapLen) {
		from, to := binary.BigEndian.Uint64(leap), binary.BigEndian.Uint64(leap[8:])
		leaps = append(leaps, forum.Leap{From: fromNanos(int64(from)), To: fromNanos(int64(to))})
	}
	return leaps
}

func (t *tx) SetLeaps(leaps []forum.Leap) {
	if len(leaps) == 0 {
		t.drop(metaBucket, []byte(leapsKey))
		return
	}
	v := make([]byte, 0, len(leaps)*leapLen)
	for _, leap := range leaps {
		v = binary.BigEndian.AppendUint64(v, uint64(toNanos(leap.From)))
		v = binary.BigEndian.AppendUint64(v, uint64(toNanos(leap.To)))
	}
	t.put(metaBucket, []byte(leapsKey), v)
}
