package storage

import (
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// TestCheckFindsPeople breaks one row or look-up between people at a time.
func TestCheckFindsPeople(t *testing.T) {
	visit := func(tx *tx, id forum.VisitID) forum.VisitRecord { v, _ := tx.Visit(id); return v }
	invite := forum.Invite{By: 1, Number: 1, Code: forum.InviteCode{7}}
	conversation := func(tx *tx) forum.Conversation { c, _ := tx.Conversation(1, 2); return c }
	for name, test := range map[string]struct {
		damage func(tx *tx)
		want   string
	}{
		"nothing":                 {func(*tx) {}, ""},
		"blocker missing":         {func(tx *tx) { tx.drop(blockersBucket, pairKey(2, 1)) }, "blockers lacks"},
		"blocker of nobody":       {func(tx *tx) { tx.put(blockersBucket, pairKey(1, 2), presentValue) }, "blockers has 2 keys, not 1"},
		"block of nobody":         {func(tx *tx) { tx.SetBlocked(1, 9, true) }, "is not of two people"},
		"block of oneself":        {func(tx *tx) { tx.SetBlocked(1, 1, true) }, "is not of two people"},
		"visit above the last":    {func(tx *tx) { tx.putUint(metaBucket, []byte(lastVisitKey), 1) }, "visit 2 of user 1: the last id"},
		"visit of nobody":         {func(tx *tx) { v := visit(tx, 1); tx.DropVisit(v); v.User = 9; tx.PutVisit(v) }, "visit 1 of user 9"},
		"open visit not listed":   {func(tx *tx) { tx.drop(openVisitsBucket, openVisitKey(visit(tx, 1))) }, "open_visits lacks"},
		"ended visit not listed":  {func(tx *tx) { tx.drop(endedVisitsBucket, endedVisitKey(visit(tx, 2))) }, "ended_visits lacks"},
		"ended visit listed open": {func(tx *tx) { tx.put(openVisitsBucket, openVisitKey(visit(tx, 2)), presentValue) }, "open_visits has 2 keys, not 1"},
		"visit unreadable":        {func(tx *tx) { tx.put(visitsBucket, visitKey(1), []byte{0xff}) }, "visits 0000000000000001: "},
		"letter from the future":  {func(tx *tx) { tx.PutPrivateMessage(forum.PrivateMessage{Seq: 99, From: 1, To: 2}) }, "is not of two people and from the past"},
		"letter from a third":     {func(tx *tx) { store(tx, privateMessagesBucket, privateMessageKey(1, 2, 3), privateMessageRow{From: 3}) }, "from user 3 is not of two people"},
		"letter outside of both":  {func(tx *tx) { tx.PutPrivateMessage(forum.PrivateMessage{Seq: 3, From: 1, To: 3}) }, "conversations lacks"},
		"letter unreadable":       {func(tx *tx) { tx.put(privateMessagesBucket, privateMessageKey(1, 2, 3), []byte{0xff}) }, "letters 0000"},
		"letter missing":          {func(tx *tx) { tx.drop(privateMessagesBucket, privateMessageKey(1, 2, conversation(tx).Last)) }, "conversation of user 1 with 2 is"},
		"one side missing":        {func(tx *tx) { tx.drop(conversationsBucket, pairKey(2, 1)) }, ""},
		"both sides missing": {func(tx *tx) {
			tx.drop(conversationsBucket, pairKey(1, 2))
			tx.drop(conversationsBucket, pairKey(2, 1))
		}, "conversations lacks"},
		"erasure of nobody":        {func(tx *tx) { tx.PutErasure(forum.Erasure{User: 9}) }, "erasures 0000000000000009: no such user"},
		"conversation with nobody": {func(tx *tx) { tx.PutConversation(forum.Conversation{Owner: 1, Peer: 9}) }, "is not of two people"},
		"unread miscounted":        {func(tx *tx) { c := conversation(tx); c.Unread++; tx.PutConversation(c) }, "conversation of user 1 with 2 is"},
		"receipt unreadable":       {func(tx *tx) { tx.put(receiptsBucket, receiptKey(1, "k"), []byte{0xff}) }, "receipts 0000"},
		"receipt not by its time":  {func(tx *tx) { tx.drop(receiptTimesBucket, receiptTimeKey(aReceipt(1))) }, "receipt_times lacks"},
		"time of no receipt":       {func(tx *tx) { tx.drop(receiptsBucket, receiptKey(1, "k")) }, "receipt_times has 1 keys, not 0"},
		"receipt of nobody":        {func(tx *tx) { tx.PutReceipt(forum.Receipt{ReceiptID: aReceipt(9)}) }, "receipt \"k\" of user 9 is of nobody"},
		"invite of nobody":         {func(tx *tx) { tx.PutInvite(forum.Invite{By: 9, Number: 1}) }, "is nobody's"},
		"invite without its code":  {func(tx *tx) { tx.drop(inviteCodesBucket, invite.Code[:]) }, "cannot be found by its code"},
		"code without its invite":  {func(tx *tx) { tx.drop(invitesBucket, inviteKey(1, 1)) }, "invite_codes has 1 keys, not 0"},
		"invite unreadable":        {func(tx *tx) { tx.put(invitesBucket, inviteKey(1, 1), []byte{0xff}) }, "invites 0000"},
		"read and not shown":       {func(tx *tx) { c := conversation(tx); c.ReadTo, c.Unread = c.Last, 0; tx.PutConversation(c) }, "conversation of user 1 with 2 is"},
	} {
		t.Run(name, func(t *testing.T) {
			db := openOrMake(t, t.TempDir(), Options{})
			defer db.Close()
			do(t, db,
				storetest.AddUser("yoda"), storetest.AddUser("luke"), storetest.AddUser("leia"),
				storetest.Tell(2, 1, "a"), storetest.Tell(1, 2, "b"), storetest.Tell(2, 1, "c"),
				storetest.Write(func(tx forum.Tx) {
					tx.SetBlocked(1, 2, true)
					tx.PutReceipt(forum.Receipt{ReceiptID: aReceipt(1)})
					tx.PutInvite(invite)
					tx.PutVisit(forum.VisitRecord{ID: tx.NewVisitID(), User: 1, Began: tx.Time()})
					tx.PutVisit(forum.VisitRecord{ID: tx.NewVisitID(), User: 1, Began: tx.Time(), Ended: tx.Time()})
				}),
			)
			damage(t, db, test.damage)
			switch err := db.Check(); {
			case test.want == "" && err != nil:
				t.Errorf("Check found in a sound store: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("Check: %v, want %q", err, test.want)
			}
		})
	}
}

func aReceipt(by forum.UserID) forum.ReceiptID {
	return forum.ReceiptID{By: by, Key: "k", At: time.Unix(1, 0)}
}
