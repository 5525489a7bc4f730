package rules

import (
	"context"

	"sshforum/forum"
)

// An upload reserves as many bytes ahead as it has, at least minReserve and at most maxReserve.
// So a small upload takes little room from others, and a large one seldom asks for more. If
// room is scarce, all uploads give back the bytes that they have reserved ahead. An upload for
// which there is still no room ends, and all its bytes are dropped, so that of many uploads at
// once those that fit succeed.
const (
	minReserve = 1 << 20
	maxReserve = 16 << 20
)

// reserve reserves room in the quotas and on the disk for length bytes at an offset. If there
// is none, it ends the upload. Errors: Limited; Unavailable; Invalid if no file can be that long.
func (u *Upload) reserve(at, length int64) error {
	need := at + length
	if at < 0 || length < 0 || need < at {
		return u.giveUp(forum.Errorf(forum.Invalid, "A file cannot be that long."))
	}
	err := u.service.uploading.makeRoom(func() error { return u.reserveOnce(need) })
	if isOutOfRoom(err) {
		err = u.giveUp(err)
	}
	return err
}

// reserveOnce reserves a size of need bytes and more ahead, unless need is reserved already.
func (u *Upload) reserveOnce(need int64) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refused != nil {
		return u.refused
	}
	if need > u.reserved && (u.rowless == nil || need > u.inline) {
		err := u.service.uploading.grant(u, u.reserved, need, func(most int64) error {
			return u.reserveAhead(need, min(need+min(max(need, minReserve), maxReserve), most))
		})
		if err != nil {
			return err
		}
	}
	u.needed = max(u.needed, need)
	return nil
}

// reserveAhead stores that the upload reserves a size of want bytes, or as much of that as the
// quotas have room for, if that is at least need. The caller holds u.mu.
func (u *Upload) reserveAhead(need, want int64) error {
	if u.rowless != nil {
		return u.storeRowWith(need, want-need)
	}
	c := &reservePart{partChange: u.change, Need: need, Want: want, Quotas: u.service.cfg.Quotas}
	size, err := submit(context.Background(), u.service, u.actor, c)
	if err == nil {
		u.reserved = size
		u.service.uploading.set(u, reservation{size, u.writer})
	}
	return err
}

// giveUp ends the upload at once, since others need its room. It returns the reason of the
// first call.
func (u *Upload) giveUp(reason error) error {
	u.mu.Lock()
	first := u.refused == nil
	if first {
		u.refused = reason
	}
	u.mu.Unlock()
	if first {
		_ = u.Leave(context.Background(), false) // the caller of Upload calls Leave again
	}
	return u.refusal()
}

// refusal returns the reason of giveUp, or nil if it was not called.
func (u *Upload) refusal() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.refused
}

// giveBack gives back the bytes that the upload has reserved ahead, and reports whether there
// were any.
func (u *Upload) giveBack() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refused != nil || u.reserved <= u.needed {
		return false
	}
	c := &trimPart{partChange: u.change, Size: u.needed}
	size, err := submit(context.Background(), u.service, u.actor, c)
	if err != nil {
		return false
	}
	u.reserved = size
	u.service.uploading.set(u, reservation{size, u.writer})
	return true
}
