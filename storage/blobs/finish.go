package blobs

import (
	"context"

	"sshforum/forum"
)

// Sync implements forum.BlobWriter. Errors: those of WriteAt; Unavailable if ctx ends before,
// which undoes nothing.
func (u *upload) Sync(ctx context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sync(ctx)
}

func (u *upload) sync(ctx context.Context) error {
	for wanted := u.changes; u.durableChanges < wanted; {
		if u.err != nil {
			return u.err
		}
		if u.committingChanges < wanted {
			u.syncing = true
			u.store.ask(u)
		}
		if err := u.wait(ctx); err != nil {
			return err
		}
	}
	return u.err
}

// Finish implements forum.BlobWriter. Errors: those of Sync. It may be called again after an
// error that came from ctx.
func (u *upload) Finish(ctx context.Context) (sha256 [32]byte, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sealed = true
	if err := u.sync(ctx); err != nil {
		return sha256, err
	}
	return u.hashAll(ctx)
}

// Close implements forum.BlobWriter. It makes the beginning that was written without a gap
// durable, so that an interrupted upload loses little. Errors: those of Sync.
func (u *upload) Close() error { return u.close(forum.ErrBlobClosed) }

// Discard implements forum.BlobWriter.
func (u *upload) Discard() {
	var stored bool // the store may have chunks of the blob
	_ = u.endWith(forum.ErrBlobClosed, func() error { stored = u.commits > 0; return nil })
	if stored {
		u.store.Remove(u.id)
	}
}

// close is Close with the error that the upload's methods return afterwards.
func (u *upload) close(reason error) error { return u.endWith(reason, u.keepGapless) }

// endWith calls keep, and ends the upload with the error that its methods return afterwards. If
// another call is running, it waits for that.
func (u *upload) endWith(reason error, keep func() error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closing {
		for !u.closed {
			_ = u.wait(context.Background())
		}
		return nil
	}
	u.closing = true
	err := keep()
	u.end(reason)
	for u.hash.busy {
		_ = u.wait(context.Background())
	}
	u.store.release(u.id)
	u.closed = true
	u.notify()
	return err
}

// sizeIfEnded is gaplessSize for callers that do not hold u.mu.
func (u *upload) sizeIfEnded() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.gaplessSize()
}

// gaplessSize returns the size of the content if the upload ends now: the beginning that was
// written without a gap, or all of it if it was synced or finished. The caller holds u.mu.
func (u *upload) gaplessSize() int64 {
	if u.sealed || u.durableChanges == u.changes {
		return u.size
	}
	return max(u.row, u.received.prefix)
}

// keepGapless makes the gapless beginning durable, and drops the rest.
func (u *upload) keepGapless() error {
	if u.err != nil {
		return u.err
	}
	if size := u.gaplessSize(); size < u.size {
		u.truncate(size)
	}
	u.sealed = true
	if u.size == 0 && u.commits == 0 {
		return nil
	}
	return u.sync(context.Background())
}
