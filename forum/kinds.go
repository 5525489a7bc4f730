package forum

import "reflect"

// changeKinds are all kinds of changes.
var changeKinds = newKindTable(allKinds()...)

func allKinds() []*changeKind {
	return []*changeKind{
		kind("ban.network", Changing, new(banNetwork)),
		kind("ban.network.lift", Changing, new(unbanNetwork)),
		kind("ban.user", Changing, new(banUser)),
		kind("ban.user.lift", Changing, new(unbanUser)),
		kind("file.begin", Uploading, new(beginUpload)),
		kind("file.remove", Changing, new(removeFile)),
		kind("file.rename", Changing, new(renameFile)),
		kind("file.touch", Changing, new(touchFile)),
		kind("invite.make", Changing, new(makeInvite)),
		kind("invite.revoke", Changing, new(revokeInvite)),
		kind("message.delete", Changing, new(deleteMessage)),
		kind("message.edit", Posting, new(editMessage)),
		kind("message.hide", Changing, new(hideMessage)),
		kind("message.post", Posting, new(postMessage)).counts(),
		kind("message.restore", Changing, new(restoreMessage)),
		kind("message.unhide", Changing, new(unhideMessage)),
		kind("private.send", Sending, new(sendLetter)).counts(),
		kind("report.file", Reporting, new(fileReport)),
		kind("report.resolve", Changing, new(resolveReports)),
		kind("search.reindex", Changing, new(reindex)),
		kind("stores.pair", Changing, new(pairStores)),
		kind("thread.create", Creating, new(createThread)),
		kind("thread.hide", Changing, new(hideThread)),
		kind("thread.level", Changing, new(setLevel)),
		kind("thread.lock", Changing, new(lockThread)),
		kind("thread.pin", Changing, new(pinThread)),
		kind("thread.remove", Changing, new(removeThread)),
		kind("thread.restore", Changing, new(restoreThread)),
		kind("thread.slow", Changing, new(slowThread)),
		kind("thread.unhide", Changing, new(unhideThread)),
		kind("user.block", Changing, new(blockUser)),
		kind("user.key.add", Changing, new(addKey)),
		kind("user.key.remove", Changing, new(removeKey)),
		kind("user.key.set", Changing, new(setKeys)),
		kind("user.password", Changing, new(setPassword)),
		kind("user.preferences", Changing, new(setPreferences)),
		kind("user.role", Changing, new(setRole)),
		kind("user.say", Sending, new(sayToAll)).counts(),
		kind("user.silence", Changing, new(silenceUser)),
		kind("user.unblock", Changing, new(unblockUser)),
		kind("user.unsilence", Changing, new(unsilenceUser)),

		// Of the server and the operator; and the end of an account, which comes once.
		kind("clock.leap", Unlimited, new(leap)),
		kind("clock.set", Unlimited, new(setClock)),
		kind("clock.tick", Unlimited, new(tick)),
		kind("file.sweep", Unlimited, new(sweep)),
		kind("purge", Unlimited, new(purge)),
		kind("user.close", Unlimited, new(closeAccount)),
		kind("user.erase", Unlimited, new(eraseAccount)),
		kind("visit.lost", Unlimited, new(loseVisits)),

		// Parts of what has a pace: making an account, a visit, an upload.
		kind("file.complete", Unlimited, new(completePart)),
		kind("file.leave", Unlimited, new(leavePart)),
		kind("file.reserve", Unlimited, new(reservePart)),
		kind("file.trim", Unlimited, new(trimPart)),
		kind("marks.set", Unlimited, new(setMarks)),
		kind("private.mark", Unlimited, new(markLetters)),
		kind("user.add", Unlimited, new(addUser)),
		kind("user.history", Unlimited, new(addCommandHistory)),
		kind("user.link", Unlimited, new(linkUsers)),
		kind("visit.begin", Unlimited, new(beginVisit)),
		kind("visit.end", Unlimited, new(endVisit)),
	}
}

// changeKind is what the changes of one kind have in common.
type changeKind struct {
	name     string   // stable, as in "message.post"
	activity Activity // whose pace they are subject to
	counted  bool     // as messages that the session sent
	data     reflect.Type
	empty    func() recorded
}

// recorded is a Change whose data can be written and read.
type recorded interface {
	Change
	fields() any
}

// kind declares a kind of changes by empty data of it.
func kind[Result any](name string, a Activity, data change[Result]) *changeKind {
	k := &changeKind{name: name, activity: a, data: reflect.TypeOf(data)}
	k.empty = func() recorded {
		return entry[Result]{kind: k, change: reflect.New(k.data.Elem()).Interface().(change[Result])}
	}
	return k
}

func (k *changeKind) counts() *changeKind {
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

// of returns the kind of a change, given its data.
func (t kindTable) of(data any) *changeKind { return t.byData[reflect.TypeOf(data)] }
