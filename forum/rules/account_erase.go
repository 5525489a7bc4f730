package rules

import (
	"context"
	"crypto/sha256"
	"iter"
	"slices"

	"sshforum/forum"
)

func nameHash(name string) forum.NameHash { return sha256.Sum256([]byte(forum.NameKey(name))) }

// taken reports whether name belongs to an account, open or closed, or once did.
func taken(r forum.Reader, name string) bool {
	_, taken := r.UserByName(forum.NameKey(name))
	return taken || r.NameHeld(nameHash(name))
}

const (
	eraseStep = 50   // rows that one change drops
	visitStep = 1000 // visits, of all people, that one change looks at
)

// erase drops all remaining private data of a closed account.
func (s *AccountService) erase(ctx context.Context, id forum.UserID) error {
	for {
		done, err := submit(ctx, s.core, Operator(), &eraseAccount{User: id})
		if err != nil {
			return err
		}
		s.cfg.Blobs.Remove(done.unnamed...)
		if done.whole {
			return nil
		}
	}
}

// eraseAll continues every erasure that a crash or a stop has cut short.
func (s *AccountService) eraseAll(ctx context.Context) error {
	var due []forum.Erasure
	err := s.cfg.Store.View(func(r forum.Reader) error {
		due = slices.Collect(r.Erasures())
		return nil
	})
	for _, e := range due {
		if err == nil {
			err = s.erase(ctx, e.User)
		}
	}
	return err
}

// eraseAccount drops some of the private data of a closed account. It is submitted until
// nothing is left.
type eraseAccount struct {
	origin
	User forum.UserID
}

// erased is the result of an eraseAccount.
type erased struct {
	whole   bool           // nothing is left
	unnamed []forum.BlobID // the blobs that no row names any more
}

func (c *eraseAccount) apply(tx forum.Tx, _ forum.User) (erased, error) {
	e, ok := tx.Erasure(c.User)
	if !ok {
		return erased{whole: true}, nil
	}
	x := eraser{tx: tx, id: c.User, left: eraseStep}
	x.receipts()
	x.blocks()
	x.interests()
	x.conversations()
	x.parts()
	x.inbox()
	if x.left > 0 {
		e.Visits = x.visits(e.Visits)
	}
	if x.left > 0 {
		x.whole = true
		tx.DropErasure(c.User)
	} else {
		tx.PutErasure(e)
	}
	return x.erased, nil
}

// eraser drops rows until its change has dropped as many as it may.
type eraser struct {
	erased
	tx   forum.Tx
	id   forum.UserID
	left int // rows that the change may still drop
}

// take returns as many values of seq as may still be dropped, and subtracts them from left.
func take[V any](x *eraser, seq iter.Seq[V]) []V {
	batch := firstN(seq, x.left)
	x.left -= len(batch)
	return batch
}

func firstN[V any](seq iter.Seq[V], n int) (batch []V) {
	for v := range seq {
		if len(batch) == n {
			break
		}
		batch = append(batch, v)
	}
	return batch
}

func (x *eraser) receipts() {
	for _, id := range take(x, x.tx.Receipts(x.id)) {
		x.tx.DropReceipt(id)
	}
}

func (x *eraser) blocks() {
	for _, whom := range take(x, x.tx.Blocks(x.id)) {
		x.tx.SetBlocked(x.id, whom, false)
	}
}

func (x *eraser) interests() {
	threads := func(yield func(forum.ThreadID) bool) {
		for id := range x.tx.Interests(x.id) {
			if !yield(id) {
				return
			}
		}
	}
	for _, id := range take(x, threads) {
		x.tx.DropInterest(x.id, id)
	}
}

// conversations drops the account's side of every conversation. The private messages are
// dropped with the second side: until then the other person keeps them.
func (x *eraser) conversations() {
	for _, c := range firstN(x.tx.Conversations(x.id), x.left) {
		if _, kept := x.tx.Conversation(c.Peer, x.id); !kept {
			for _, l := range take(x, x.tx.PrivateMessages(x.id, c.Peer, 0)) {
				x.tx.DropPrivateMessage(l)
			}
		}
		if x.left == 0 {
			return
		}
		x.tx.DropConversation(c)
		x.left--
	}
}

// parts drops the parts that the person uploaded, and those in the person's inbox.
func (x *eraser) parts() {
	own := func(yield func(forum.Part) bool) {
		for p := range x.tx.Parts(forum.Folder{}) {
			if (p.Owner == x.id || p.Folder.Inbox == x.id) && !yield(p) {
				return
			}
		}
	}
	for _, p := range take(x, own) {
		x.unnamed = append(x.unnamed, dropPart(x.tx, p)...)
	}
}

func (x *eraser) inbox() {
	for _, f := range take(x, x.tx.Files(forum.Folder{Inbox: x.id})) {
		x.tx.DropFile(f)
		x.unnamed = append(x.unnamed, release(x.tx, f.SHA256)...)
	}
}

// visits drops the person's lines of the login history, from the newest on, and returns the
// last visit that it looked at. The history has the visits of all people. A session that is
// still ending drops its own line.
func (x *eraser) visits(from forum.VisitID) forum.VisitID {
	var own []forum.VisitRecord
	passed := 0
	for v := range x.tx.VisitsBefore(from) {
		if passed++; passed > visitStep || x.left == 0 {
			x.left = 0
			break
		}
		if from = v.ID; v.User == x.id && !v.Ended.IsZero() {
			own = append(own, v)
			x.left--
		}
	}
	for _, v := range own {
		x.tx.DropVisit(v)
	}
	return from
}
