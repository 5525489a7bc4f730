package rules

import (
	"errors"
	"maps"
	"math"
	"slices"
	"sync"

	"sshforum/forum"
)

// uploadsUnderWay are the uploads under way in this process. What they have reserved and not
// written yet is on no disk, so that each goes by what the others may still write.
type uploadsUnderWay struct {
	blobs    forum.Blobs
	granting sync.Mutex // held while one is granted more

	mu  sync.Mutex
	all map[*Upload]reservation
}

// reservation is what an upload has reserved, and what writes it, nil before it is open.
type reservation struct {
	reserved int64
	writer   forum.BlobWriter
}

// ahead returns how much of it is yet to be written.
func (s reservation) ahead() int64 {
	if s.writer == nil {
		return s.reserved
	}
	return max(s.reserved-s.writer.Size(), 0)
}

func newUploadsUnderWay(b forum.Blobs) *uploadsUnderWay {
	return &uploadsUnderWay{blobs: b, all: make(map[*Upload]reservation)}
}

// set notes what an upload has.
func (u *uploadsUnderWay) set(one *Upload, has reservation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all[one] = has
}

func (u *uploadsUnderWay) drop(one *Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.all, one)
}

// grant calls do, if the disk has room for one upload to have need bytes instead of has,
// with how many it may have at most. Errors: those of do; Unavailable.
func (u *uploadsUnderWay) grant(one *Upload, has, need int64, do func(most int64) error) error {
	u.granting.Lock()
	defer u.granting.Unlock()
	room, full := u.room(one)
	if need-has > room {
		return fullDisk{full}
	}
	if has > math.MaxInt64-room {
		return do(math.MaxInt64)
	}
	return do(has + room)
}

// fullDisk is the error of an upload for which the disk has no room beside the others.
type fullDisk struct{ error }

func (f fullDisk) Unwrap() error { return f.error }

// isForWantOfRoom reports whether err is for want of room, which others may make.
func isForWantOfRoom(err error) bool {
	_, full := errors.AsType[fullDisk](err)
	return full || forum.KindOf(err) == forum.Limited
}

// room returns how much room the disk has for one upload beside the others, and what is
// answered beyond that. One that is alone is told by the disk itself.
func (u *uploadsUnderWay) room(one *Upload) (room int64, full error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	ahead, others := int64(0), false
	for other, has := range u.all {
		if other != one {
			others = true
			ahead += has.ahead()
		}
	}
	if !others {
		return math.MaxInt64, nil
	}
	room, full = u.blobs.Room()
	return max(room-ahead, 0), full
}

// makeRoom does what needs room. Where there is none, what uploads have reserved ahead makes
// some.
func (u *uploadsUnderWay) makeRoom(do func() error) error {
	err := do()
	if isForWantOfRoom(err) && u.giveBack() {
		err = do()
	}
	return err
}

// giveBack has all uploads give back what they have reserved ahead, and reports whether
// that was anything.
func (u *uploadsUnderWay) giveBack() (given bool) {
	u.mu.Lock()
	all := slices.Collect(maps.Keys(u.all))
	u.mu.Unlock()
	for _, one := range all {
		given = one.giveBack() || given
	}
	return given
}
