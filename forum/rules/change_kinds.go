package rules

import (
	"reflect"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// changeKinds are all kinds of changes.
var changeKinds = newKindTable(allKinds()...)

func allKinds() []*changeKind {
	return []*changeKind{
		kind("ban.network", limit.Changing, new(banNetwork)),
		kind("ban.network.lift", limit.Changing, new(unbanNetwork)),
		kind("ban.user", limit.Changing, new(banUser)),
		kind("ban.user.lift", limit.Changing, new(unbanUser)),
		kind("file.remove", limit.Changing, new(removeFile)),
		kind("file.rename", limit.Changing, new(renameFile)),
		kind("file.touch", limit.Changing, new(touchFile)),
		kind("invite.make", limit.Changing, new(makeInvite)),
		kind("invite.revoke", limit.Changing, new(revokeInvite)),
		kind("message.delete", limit.Changing, new(deleteMessage)),
		kind("message.edit", limit.Posting, new(editMessage)),
		kind("message.hide", limit.Changing, new(hideMessage)),
		kind("message.post", limit.Posting, new(postMessage)).countsAsSent(),
		kind("message.restore", limit.Changing, new(restoreMessage)),
		kind("message.unhide", limit.Changing, new(unhideMessage)),
		kind("private.send", limit.Sending, new(sendPrivateMessage)).countsAsSent(),
		kind("report.file", limit.Reporting, new(fileReport)),
		kind("report.resolve", limit.Changing, new(resolveReports)),
		kind("search.reindex", limit.Changing, new(reindex)),
		kind("stores.pair", limit.Changing, new(pairStores)),
		kind("thread.create", limit.Creating, new(createThread)),
		kind("thread.hide", limit.Changing, new(hideThread)),
		kind("thread.level", limit.Changing, new(setLevel)),
		kind("thread.lock", limit.Changing, new(lockThread)),
		kind("thread.pin", limit.Changing, new(pinThread)),
		kind("thread.remove", limit.Changing, new(removeThread)),
		kind("thread.restore", limit.Changing, new(restoreThread)),
		kind("thread.slow", limit.Changing, new(slowThread)),
		kind("thread.unhide", limit.Changing, new(unhideThread)),
		kind("user.block", limit.Changing, new(blockUser)),
		kind("user.key.add", limit.Changing, new(addKey)),
		kind("user.key.remove", limit.Changing, new(removeKey)),
		kind("user.key.set", limit.Changing, new(setKeys)),
		kind("user.password", limit.Changing, new(setPassword)),
		kind("user.preferences", limit.Changing, new(setPreferences)),
		kind("user.role", limit.Changing, new(setRole)),
		kind("user.say", limit.Sending, new(sayToAll)).countsAsSent(),
		kind("user.silence", limit.Changing, new(silenceUser)),
		kind("user.unblock", limit.Changing, new(unblockUser)),
		kind("user.unsilence", limit.Changing, new(unsilenceUser)),

		// Changes by the server and the operator, and the end of an account, which happens once.
		kind("clock.leap", limit.Unlimited, new(leap)),
		kind("clock.set", limit.Unlimited, new(setClock)),
		kind("clock.tick", limit.Unlimited, new(tick)),
		kind("file.sweep", limit.Unlimited, new(sweep)),
		kind("purge", limit.Unlimited, new(purge)),
		kind("user.close", limit.Unlimited, new(closeAccount)),
		kind("user.erase", limit.Unlimited, new(eraseAccount)),
		kind("visit.lost", limit.Unlimited, new(loseVisits)),

		// Parts of acts that have a pace of their own: making an account, a visit, an upload.
		kind("backlog.settle", limit.Unlimited, new(settleBacklog)),
		kind("file.begin", limit.Unlimited, new(beginUpload)),
		kind("file.complete", limit.Unlimited, new(completePart)),
		kind("file.heal", limit.Unlimited, new(healContent)),
		kind("file.leave", limit.Unlimited, new(leavePart)),
		kind("file.reserve", limit.Unlimited, new(reservePart)),
		kind("file.store", limit.Unlimited, new(storeFile)),
		kind("file.trim", limit.Unlimited, new(trimPart)),
		kind("marks.set", limit.Unlimited, new(setMarks)),
		kind("private.mark", limit.Unlimited, new(markConversations)),
		kind("user.add", limit.Unlimited, new(addUser)),
		kind("user.history", limit.Unlimited, new(addCommandHistory)),
		kind("user.link", limit.Unlimited, new(linkUsers)),
		kind("visit.begin", limit.Unlimited, new(beginVisit)),
		kind("visit.end", limit.Unlimited, new(endVisit)),
	}
}

// changeKind has the properties that the changes of one kind share.
type changeKind struct {
	name     string         // stable, such as "message.post"
	activity limit.Activity // sets the pace that they are subject to
	counted  bool           // they count as messages sent in the visit
	data     reflect.Type
	empty    func() recorded
}

// recorded is a Change that can be encoded and decoded.
type recorded interface {
	forum.Change
	fields() any
}

// kind returns the changeKind for the type of data, whose fields are not used.
func kind[Result any](name string, a limit.Activity, data change[Result]) *changeKind {
	k := &changeKind{name: name, activity: a, data: reflect.TypeOf(data)}
	k.empty = func() recorded {
		return submission[Result]{kind: k, change: reflect.New(k.data.Elem()).Interface().(change[Result])}
	}
	return k
}

func (k *changeKind) countsAsSent() *changeKind {
	k.counted = true
	return k
}

type kindTable struct {
	byName map[string]*changeKind
	byData map[reflect.Type]*changeKind
}

func newKindTable(kinds ...*changeKind) kindTable {
	t := kindTable{make(map[string]*changeKind), make(map[reflect.Type]*changeKind)}
	for _, k := range kinds {
		t.byName[k.name], t.byData[k.data] = k, k
	}
	return t
}

// of returns the kind of a change by the type of its data, or nil if there is none.
func (t kindTable) of(data any) *changeKind { return t.byData[reflect.TypeOf(data)] }
