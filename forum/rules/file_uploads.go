package rules

import (
	"errors"
	"maps"
	"math"
	"slices"
	"sync"

	"sshforum/forum"
)

// uploadsUnderWay has the uploads under way in this process. The disk does not know the bytes
// that they have reserved and not yet written, so each upload must leave room for those of the
// others.
type uploadsUnderWay struct {
	blobs    forum.Blobs
	granting sync.Mutex // held during grant

	mu      sync.Mutex
	all     map[*Upload]reservation
	claimed map[uploadAddress]*Upload // the uploads without a row
}

// uploadAddress identifies an upload by where it goes and whose it is.
type uploadAddress struct {
	folder forum.Folder
	name   string
	owner  forum.UserID
}

// reservation has the bytes that an upload has reserved, and its writer.
type reservation struct {
	reserved int64
	writer   forum.BlobWriter // nil before the upload is open
}

// ahead returns how many reserved bytes are not yet written.
func (s reservation) ahead() int64 {
	if s.writer == nil {
		return s.reserved
	}
	return max(s.reserved-s.writer.Size(), 0)
}

func newUploadsUnderWay(b forum.Blobs) *uploadsUnderWay {
	return &uploadsUnderWay{blobs: b, all: make(map[*Upload]reservation), claimed: make(map[uploadAddress]*Upload)}
}

// set adds or replaces the reservation of an upload.
func (u *uploadsUnderWay) set(upload *Upload, has reservation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all[upload] = has
}

func (u *uploadsUnderWay) drop(upload *Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.all, upload)
}

// claim lets an upload without a row have an address, until release. If another has it, claim
// returns that.
func (u *uploadsUnderWay) claim(at uploadAddress, upload *Upload) (other *Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if other = u.claimed[at]; other == nil {
		u.claimed[at] = upload
	}
	return other
}

func (u *uploadsUnderWay) release(at uploadAddress) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.claimed, at)
}

// claimedBy returns the uploads of one owner that have no row.
func (u *uploadsUnderWay) claimedBy(owner forum.UserID) map[uploadAddress]*Upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := make(map[uploadAddress]*Upload)
	for at, upload := range u.claimed {
		if at.owner == owner {
			all[at] = upload
		}
	}
	return all
}

// grant calls do if the disk has room for an upload to grow from has to need bytes. most is the
// most bytes that the upload may have. Errors: those of do; Unavailable if the disk is full.
func (u *uploadsUnderWay) grant(upload *Upload, has, need int64, do func(most int64) error) error {
	u.granting.Lock()
	defer u.granting.Unlock()
	room, full := u.room(upload)
	if need-has > room {
		return fullDisk{full}
	}
	if has > math.MaxInt64-room {
		return do(math.MaxInt64)
	}
	return do(has + room)
}

// fullDisk is the error of an upload for which the other uploads leave no room on the disk.
type fullDisk struct{ error }

func (f fullDisk) Unwrap() error { return f.error }

// isOutOfRoom reports whether err says that there is no room, which other uploads may give
// back.
func isOutOfRoom(err error) bool {
	_, full := errors.AsType[fullDisk](err)
	return full || forum.KindOf(err) == forum.Limited
}

// room returns how many bytes the disk can take for one upload besides the others, and the
// error for more. For the only upload it sets no bound, since a write fails if the disk is full.
func (u *uploadsUnderWay) room(upload *Upload) (room int64, full error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	ahead, others := int64(0), false
	for other, has := range u.all {
		if other != upload {
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

// makeRoom calls do. If do finds no room and uploads give back some, it calls do once more.
func (u *uploadsUnderWay) makeRoom(do func() error) error {
	err := do()
	if isOutOfRoom(err) && u.giveBack() {
		err = do()
	}
	return err
}

// giveBack makes all uploads give back the bytes that they have reserved ahead, and reports
// whether there were any.
func (u *uploadsUnderWay) giveBack() (given bool) {
	u.mu.Lock()
	all := slices.Collect(maps.Keys(u.all))
	u.mu.Unlock()
	for _, upload := range all {
		given = upload.giveBack() || given
	}
	return given
}
