package rules

import (
	"context"

	"sshforum/forum"
)

// An upload reserves as much again of the quotas as it has, at least minReserve and at
// most maxReserve bytes: so a small one takes no room from others, and a large one asks
// rarely. Where the room is scarce, all give back what they have reserved ahead, and the
// first for which there is none nevertheless ends, with all it has: of many at once those
// that fit succeed.
const (
	minReserve = 1 << 20
	maxReserve = 16 << 20
)

// reserve makes sure that the quotas and the disk have room for length bytes at an offset,
// or ends the upload.
func (u *Upload) reserve(at, length int64) error {
	need := at + length
	if at < 0 || length < 0 || need < at {
		return u.giveUp(forum.Errorf(forum.Invalid, "No file is that long."))
	}
	err := u.service.uploading.makeRoom(func() error { return u.reserveOnce(need) })
	if isForWantOfRoom(err) {
		err = u.giveUp(err)
	}
	return err
}

// reserveOnce asks for need bytes, if they are not reserved.
func (u *Upload) reserveOnce(need int64) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refused != nil {
		return u.refused
	}
	if need > u.reserved {
		err := u.service.uploading.grant(u, u.reserved, need, func(most int64) error {
			want := min(need+min(max(need, minReserve), maxReserve), most)
			c := &reservePart{partChange: u.change, Need: need, Want: want, Quotas: u.service.cfg.Quotas}
			size, err := submit(context.Background(), u.service, u.actor, c)
			if err == nil {
				u.reserved = size
				u.service.uploading.set(u, reservation{size, u.writer})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	u.needed = max(u.needed, need)
	return nil
}

// giveUp ends the upload for a reason, at once: others need its room. It returns the reason
// it was first given.
func (u *Upload) giveUp(reason error) error {
	u.mu.Lock()
	first := u.refused == nil
	if first {
		u.refused = reason
	}
	u.mu.Unlock()
	if first {
		_ = u.Leave(context.Background(), false) // whoever has the upload leaves it once more
	}
	return u.refusal()
}

// refusal returns why the upload was given up, or nil.
func (u *Upload) refusal() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.refused
}

// giveBack gives back what the upload has reserved ahead, and reports whether that was
// anything.
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
