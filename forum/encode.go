package forum

import (
	"encoding/json"
	"fmt"
)

// encoding is the form in which a change travels or is kept: its kind, the version of
// the kind's fields, and the fields.
type encoding struct {
	Kind    string          `json:"kind"`
	Version int             `json:"v"`
	Fields  json.RawMessage `json:"fields"`
}

// encodingVersion is the version of every kind so far.
const encodingVersion = 1

// changeKinds makes an empty change of each kind.
var changeKinds = map[string]func() Change{
	"ban.network":      func() Change { return new(banNetwork) },
	"ban.network.lift": func() Change { return new(unbanNetwork) },
	"ban.user":         func() Change { return new(banUser) },
	"ban.user.lift":    func() Change { return new(unbanUser) },
	"clock.leap":       func() Change { return new(leap) },
	"clock.set":        func() Change { return new(setClock) },
	"clock.tick":       func() Change { return new(tick) },
	"file.begin":       func() Change { return new(beginUpload) },
	"file.complete":    func() Change { return new(completePart) },
	"file.leave":       func() Change { return new(leavePart) },
	"file.remove":      func() Change { return new(removeFile) },
	"file.rename":      func() Change { return new(renameFile) },
	"file.reserve":     func() Change { return new(reservePart) },
	"file.sweep":       func() Change { return new(sweep) },
	"file.touch":       func() Change { return new(touchFile) },
	"file.trim":        func() Change { return new(trimPart) },
	"invite.make":      func() Change { return new(makeInvite) },
	"invite.revoke":    func() Change { return new(revokeInvite) },
	"marks.set":        func() Change { return new(setMarks) },
	"message.delete":   func() Change { return new(deleteMessage) },
	"message.edit":     func() Change { return new(editMessage) },
	"message.hide":     func() Change { return new(hideMessage) },
	"message.post":     func() Change { return new(postMessage) },
	"message.restore":  func() Change { return new(restoreMessage) },
	"message.unhide":   func() Change { return new(unhideMessage) },
	"private.mark":     func() Change { return new(markLetters) },
	"private.send":     func() Change { return new(sendLetter) },
	"purge":            func() Change { return new(purge) },
	"report.file":      func() Change { return new(fileReport) },
	"report.resolve":   func() Change { return new(resolveReports) },
	"search.reindex":   func() Change { return new(reindex) },
	"stores.pair":      func() Change { return new(pairStores) },
	"thread.create":    func() Change { return new(createThread) },
	"thread.hide":      func() Change { return new(hideThread) },
	"thread.level":     func() Change { return new(setLevel) },
	"thread.lock":      func() Change { return new(lockThread) },
	"thread.pin":       func() Change { return new(pinThread) },
	"thread.slow":      func() Change { return new(slowThread) },
	"thread.remove":    func() Change { return new(removeThread) },
	"thread.restore":   func() Change { return new(restoreThread) },
	"thread.unhide":    func() Change { return new(unhideThread) },
	"user.add":         func() Change { return new(addUser) },
	"user.block":       func() Change { return new(blockUser) },
	"user.close":       func() Change { return new(closeAccount) },
	"user.erase":       func() Change { return new(eraseAccount) },
	"user.link":        func() Change { return new(linkUsers) },
	"user.history":     func() Change { return new(addCommandHistory) },
	"user.key.add":     func() Change { return new(addKey) },
	"user.key.set":     func() Change { return new(setKeys) },
	"user.key.remove":  func() Change { return new(removeKey) },
	"user.password":    func() Change { return new(setPassword) },
	"user.preferences": func() Change { return new(setPreferences) },
	"user.role":        func() Change { return new(setRole) },
	"user.say":         func() Change { return new(sayToAll) },
	"user.silence":     func() Change { return new(silenceUser) },
	"user.unsilence":   func() Change { return new(unsilenceUser) },
	"user.unblock":     func() Change { return new(unblockUser) },
	"visit.begin":      func() Change { return new(beginVisit) },
	"visit.end":        func() Change { return new(endVisit) },
	"visit.lost":       func() Change { return new(loseVisits) },
}

// EncodeChange writes c in the form DecodeChange reads. It may hold a password's hash:
// never log it.
func EncodeChange(c Change) ([]byte, error) {
	fields, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", c.Kind(), err)
	}
	return json.Marshal(encoding{Kind: c.Kind(), Version: encodingVersion, Fields: fields})
}

// DecodeChange reads a change that EncodeChange wrote.
func DecodeChange(b []byte) (Change, error) {
	var e encoding
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("decode change: %w", err)
	}
	newChange, ok := changeKinds[e.Kind]
	if !ok || e.Version != encodingVersion {
		return nil, fmt.Errorf("decode change: unknown kind %q version %d", e.Kind, e.Version)
	}
	c := newChange()
	if err := json.Unmarshal(e.Fields, c); err != nil {
		return nil, fmt.Errorf("decode %s: %w", e.Kind, err)
	}
	return c, nil
}
