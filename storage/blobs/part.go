package blobs

import (
	"cmp"
	"slices"

	"sshforum/storage/boltfile"
)

// part is the share of one upload in a transaction: chunks, or a cut that must come before
// further chunks.
type part struct {
	upload  *upload
	chunks  []*chunk
	cutting bool
	cut     int64
	size    int64  // size in the row
	commits uint64 // commits in the row
	held    spans  // chunks in the row
	changes uint64 // how many of the upload's changes are durable after it

	cutDone bool // set by apply
}

// weight returns how much of a transaction the part uses, in chunks.
func (p *part) weight() int {
	if p.cutting {
		return batchChunks
	}
	return max(1, len(p.chunks))
}

// take takes the part to be committed next: the ripe chunks, or all chunks if a Sync waits for
// them or all is set. The part is nil if there is nothing to commit. The result is false if
// there is no room for a part that must not be divided.
func (u *upload) take(room int, all bool) (*part, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err != nil {
		return nil, true
	}
	if u.cutting {
		return u.part(nil), true
	}
	if u.syncing && len(u.dirty) > room {
		return nil, false
	}
	chunks := u.pick(room, all)
	if len(chunks) == 0 && !u.syncing {
		return nil, true
	}
	for _, c := range chunks {
		u.remove(c)
		u.committing[c.index] = c
		u.held.add(c.index, c.index+1)
		u.stored = max(u.stored, c.end())
	}
	if u.syncing {
		// The caller of Sync has the results of all its writes, so remaining gaps are intended.
		u.syncing = false
		u.row, u.committingChanges = u.size, u.changes
		u.received = spans{prefix: u.size}
	} else {
		u.row = max(u.row, u.takenPrefix())
	}
	if u.ripe >= ripeChunks {
		u.store.ask(u)
	}
	u.notify() // there is room for writes
	return u.part(chunks), true
}

func (u *upload) part(chunks []*chunk) *part {
	u.commits++
	return &part{
		upload: u, chunks: chunks, size: u.row, commits: u.commits, held: u.held.clone(), changes: u.committingChanges,
		cutting: u.cutting, cut: u.cut,
	}
}

// pick returns the chunks to be committed, in order, at most room of them.
func (u *upload) pick(room int, all bool) []*chunk {
	all = all || u.syncing || u.ripe == 0 && len(u.dirty) == batchChunks
	chunks := make([]*chunk, 0, len(u.dirty))
	for _, c := range u.dirty {
		if all || c.ripe {
			chunks = append(chunks, c)
		}
	}
	slices.SortFunc(chunks, func(a, b *chunk) int { return cmp.Compare(a.index, b.index) })
	return chunks[:min(len(chunks), room)]
}

// takenPrefix returns how much of the beginning of the content was written without a gap and
// has been taken by the committer.
func (u *upload) takenPrefix() int64 {
	sound := u.received.prefix
	for index := range u.dirty {
		sound = min(sound, index*chunkSize)
	}
	return sound
}

// apply writes the part in a transaction.
func (p *part) apply(tx *boltfile.Tx) error {
	id := p.upload.id
	if p.cutting {
		done, err := cutChunks(tx, id, p.cut)
		if err != nil {
			return err
		}
		p.cutDone = done
	}
	chunks := chunksOf(tx)
	for _, c := range p.chunks {
		if err := chunks.Put(chunkKey(id, c.index), c.data); err != nil {
			return err
		}
	}
	return put(tx, id, row{size: p.size, commits: p.commits, chunks: p.held})
}

// committed updates the upload after the commit of its part, which failed if err is not nil.
func (p *part) committed(err error) {
	u := p.upload
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range p.chunks {
		delete(u.committing, c.index)
		u.store.freeChunk(c)
	}
	if err != nil {
		u.end(err)
		return
	}
	u.durable, u.durableChanges = p.size, p.changes
	if p.cutDone && p.cut == u.cut {
		u.cutting = false
		u.stored = min(u.stored, u.cut)
	}
	u.hashDurable()
	u.notify()
}
