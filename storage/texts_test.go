package storage

import (
	"testing"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// TestTextsOfAPersonAreCounted: those of messages, deleted ones and earlier versions
// included, and of letters.
func TestTextsOfAPersonAreCounted(t *testing.T) {
	deleted := forum.MessageID{Thread: 1, Seq: 1}
	db := open(t, t.TempDir(), Options{})
	do(t, db,
		storetest.AddUser("yoda"), storetest.AddUser("luke"), storetest.AddThread("3331"),
		storetest.Post(1, 1, "first"), storetest.Post(1, 1, "second"), storetest.Delete(deleted),
		storetest.Edit(forum.MessageID{Thread: 1, Seq: 2}, "2nd"), storetest.Post(1, 2, "of luke"),
		storetest.Write(func(tx forum.Tx) {
			l := forum.PrivateMessage{Seq: tx.Seq(), From: 1, To: 2, Text: "dear luke", Sent: tx.Time()}
			tx.PutPrivateMessage(l)
			tx.PutConversation(forum.Conversation{Owner: 1, Peer: 2, Last: l.Seq, LastAt: l.Sent})
			tx.PutConversation(forum.Conversation{Owner: 2, Peer: 1, Last: l.Seq, LastAt: l.Sent, Received: l.Seq, Unread: 1})
		}),
	)
	view(t, db, func(r forum.Reader) {
		for author, want := range map[forum.UserID]int64{
			1: int64(len("first") + len("second") + len("2nd") + len("dear luke")), 2: int64(len("of luke")), 3: 0,
		} {
			if n := r.TextsBy(author); n != want {
				t.Errorf("the texts of %d have %d bytes, want %d", author, n, want)
			}
		}
	})
	do(t, db, storetest.PurgeMessage(deleted))
}
