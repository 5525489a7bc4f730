package storage

import (
	"encoding/hex"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
)

// TestPeopleRowBytes is TestRowBytes for the rows between people.
func TestPeopleRowBytes(t *testing.T) {
	at := time.Unix(1_700_000_000, 7)
	for name, test := range map[string]struct {
		row  any
		want string
	}{
		"visit":  {newVisitRow(forum.VisitRecord{User: 1, Door: "shell", Source: "::1", Began: at, Ended: at}), "a5010102657368656c6c03633a3a31041b17979cfe362a0007051b17979cfe362a0007"},
		"letter": {newPrivateMessageRow(forum.PrivateMessage{Seq: 9, From: 2, To: 1, Text: "hi", Sent: at}), "a3010202626869031b17979cfe362a0007"},
		"invite": {newInviteRow(forum.Invite{By: 1, Number: 2, Code: forum.InviteCode{7}, Made: at, Expires: at}), "a30158200700000000000000000000000000000000000000000000000000000000000000021b17979cfe362a0007031b17979cfe362a0007"},
		"conversation": {newConversationRow(forum.Conversation{
			Owner: 1, Peer: 2, Last: 9, LastAt: at, Received: 8, Unread: 2, ReadTo: 6, ShownTo: 7,
		}), "a60109021b17979cfe362a00070308040205060607"},
		"broadcast": {newEventRow(forum.Event{Kind: forum.SaidToAll, Actor: 1, Text: "hi", To: 2, ToName: "L", Other: 3, Mentions: []forum.UserID{4}, Reply: forum.MessageID{Thread: 5, Seq: 6}}), "a9026962726f61646361737403010c6268690d020e614c0f0310810411051206"},
	} {
		got, err := encoder.Marshal(test.row)
		if err != nil || hex.EncodeToString(got) != test.want {
			t.Errorf("%s: %x, %v, want %s", name, got, err, test.want)
		}
	}
}

func TestPeopleRowsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
		number := func(name string) uint64 { return rapid.Uint64().Draw(t, name) }
		v := forum.VisitRecord{
			ID: 7, User: forum.UserID(number("user")), Door: text.Draw(t, "door"), Source: text.Draw(t, "source"),
			Began: moment().Draw(t, "began"), Ended: moment().Draw(t, "ended"),
		}
		there(t, v, newVisitRow(v), func(r visitRow) forum.VisitRecord { return r.visit(7) })
		l := forum.PrivateMessage{Seq: 9, From: 1, To: 2, Text: text.Draw(t, "text"), Sent: moment().Draw(t, "sent")}
		if rapid.Bool().Draw(t, "back") {
			l.From, l.To = l.To, l.From
		}
		there(t, l, newPrivateMessageRow(l), func(r privateMessageRow) forum.PrivateMessage { return r.privateMessage(1, 2, 9) })
		there(t, l, newPrivateMessageRow(l), func(r privateMessageRow) forum.PrivateMessage { return r.privateMessage(2, 1, 9) })
		i := forum.Invite{By: 1, Number: 2, Made: moment().Draw(t, "made"), Expires: moment().Draw(t, "expires")}
		copy(i.Code[:], text.Draw(t, "code"))
		there(t, i, newInviteRow(i), func(r inviteRow) forum.Invite { return r.invite(1, 2) })
		c := forum.Conversation{
			Owner: 1, Peer: 2, Last: number("last"), LastAt: moment().Draw(t, "last at"),
			Received: number("received"), Unread: number("unread"), ReadTo: number("read"), ShownTo: number("shown"),
		}
		there(t, c, newConversationRow(c), func(r conversationRow) forum.Conversation { return r.conversation(conversationID{1, 2}) })
	})
}
