package storage

import (
	"bytes"
	"iter"
	"slices"

	"sshforum/forum"
)

var userRecords = records[forum.UserID, forum.User, userRow]{
	usersBucket, userKey, parseID[forum.UserID], newUserRow, userRow.user,
}

func (r *reader) User(id forum.UserID) (forum.User, bool) { return userRecords.find(r, id) }

func (r *reader) UserByName(key string) (forum.User, bool) { return r.userBy(namesBucket, key) }

func (r *reader) UserIDByName(key string) forum.UserID {
	return forum.UserID(r.getUint(namesBucket, []byte(key)))
}

func (r *reader) UserBySkeleton(skeleton string) (forum.User, bool) {
	return r.userBy(skeletonsBucket, skeleton)
}

func (r *reader) userBy(b bucket, name string) (forum.User, bool) {
	id := r.getUint(b, []byte(name))
	if id == 0 {
		return forum.User{}, false
	}
	return r.User(forum.UserID(id))
}

func (r *reader) Users() iter.Seq[forum.User] { return userRecords.within(r, nil) }

func (r *reader) Password(id forum.UserID) string {
	return string(r.get(passwordsBucket, userKey(id)))
}

func (r *reader) Keys(id forum.UserID) []forum.Key {
	rows, _ := load[[]keyRow](r, keysBucket, userKey(id))
	keys := make([]forum.Key, len(rows))
	for i, row := range rows {
		keys[i] = row.key()
	}
	return keys
}

// HasKey decodes the row only if the bytes of the key occur in it. So the answer for a key that
// the account does not have takes no longer than for an account without keys.
func (r *reader) HasKey(id forum.UserID, blob []byte) bool {
	v := r.get(keysBucket, userKey(id))
	if v == nil || !bytes.Contains(v, blob) {
		return false
	}
	rows, _ := decode[[]keyRow](r, keysBucket, userKey(id), v)
	return slices.ContainsFunc(rows, hasBlob(blob))
}

func (r *reader) Preferences(id forum.UserID) forum.Preferences {
	row, _ := load[preferencesRow](r, preferencesBucket, userKey(id))
	return row.preferences()
}

func (r *reader) CommandHistory(id forum.UserID) []string {
	lines, _ := load[[]string](r, commandHistoryBucket, userKey(id))
	return lines
}

func (t *tx) NewUserID() forum.UserID { return forum.UserID(t.next(lastUserKey)) }

func (t *tx) PutUser(u forum.User) {
	name := forum.NameKey(u.Name)
	old, ok := t.User(u.ID)
	if ok && forum.NameKey(old.Name) != name {
		t.drop(namesBucket, []byte(forum.NameKey(old.Name)))
	}
	t.claim(namesBucket, name, uint64(u.ID))
	if ok && old.Name != u.Name {
		t.drop(skeletonsBucket, []byte(forum.Skeleton(old.Name)))
	}
	if !ok || old.Name != u.Name {
		t.claim(skeletonsBucket, forum.Skeleton(u.Name), uint64(u.ID))
	}
	userRecords.put(t, u.ID, u)
}

func (t *tx) SetPassword(id forum.UserID, phc string) {
	if phc == "" {
		t.drop(passwordsBucket, userKey(id))
		return
	}
	t.put(passwordsBucket, userKey(id), []byte(phc))
}

// PutKey replaces the key with the same Blob, or appends k.
func (t *tx) PutKey(id forum.UserID, k forum.Key) {
	rows, _ := load[[]keyRow](&t.reader, keysBucket, userKey(id))
	if i := slices.IndexFunc(rows, hasBlob(k.Blob)); i >= 0 {
		rows[i] = newKeyRow(k)
	} else {
		rows = append(rows, newKeyRow(k))
	}
	store(t, keysBucket, userKey(id), rows)
}

func (t *tx) DropKey(id forum.UserID, k forum.Key) {
	rows, _ := load[[]keyRow](&t.reader, keysBucket, userKey(id))
	rows = slices.DeleteFunc(rows, hasBlob(k.Blob))
	if len(rows) == 0 {
		t.drop(keysBucket, userKey(id))
		return
	}
	store(t, keysBucket, userKey(id), rows)
}

func hasBlob(blob []byte) func(keyRow) bool {
	return func(row keyRow) bool { return bytes.Equal(row.Blob, blob) }
}

func (t *tx) SetPreferences(id forum.UserID, p forum.Preferences) {
	store(t, preferencesBucket, userKey(id), newPreferencesRow(p))
}

func (t *tx) SetCommandHistory(id forum.UserID, lines []string) {
	if len(lines) == 0 {
		t.drop(commandHistoryBucket, userKey(id))
		return
	}
	store(t, commandHistoryBucket, userKey(id), lines)
}
