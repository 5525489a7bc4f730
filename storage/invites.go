package storage

import (
	"encoding/binary"
	"iter"

	"sshforum/forum"
)

type inviteRow struct {
	Code    []byte `cbor:"1,keyasint,omitempty"`
	Made    int64  `cbor:"2,keyasint,omitempty"`
	Expires int64  `cbor:"3,keyasint,omitempty"`
}

func newInviteRow(i forum.Invite) inviteRow {
	return inviteRow{Code: i.Code[:], Made: toNanos(i.Made), Expires: toNanos(i.Expires)}
}

func (row inviteRow) invite(by forum.UserID, number uint64) forum.Invite {
	i := forum.Invite{By: by, Number: number, Made: fromNanos(row.Made), Expires: fromNanos(row.Expires)}
	copy(i.Code[:], row.Code)
	return i
}

func inviteKey(by forum.UserID, number uint64) []byte {
	return binary.BigEndian.AppendUint64(userKey(by), number)
}

func (r *reader) Invites(by forum.UserID) iter.Seq[forum.Invite] {
	return func(yield func(forum.Invite) bool) {
		prefix := userKey(by)
		r.scan(invitesBucket, prefix, prefix, func(k, v []byte) bool {
			i, ok := r.invite(k, v)
			return ok && yield(i)
		})
	}
}

func (r *reader) InviteByCode(code forum.InviteCode) (forum.Invite, bool) {
	k := r.get(inviteCodesBucket, code[:])
	if k == nil {
		return forum.Invite{}, false
	}
	return r.invite(k, r.get(invitesBucket, k))
}

func (r *reader) invite(k, v []byte) (forum.Invite, bool) {
	row, ok := decode[inviteRow](r, invitesBucket, k, v)
	if !ok || len(k) != 16 || len(row.Code) != len(forum.InviteCode{}) {
		r.fail(invitesBucket, k, errMalformed)
		return forum.Invite{}, false
	}
	return row.invite(forum.UserID(binary.BigEndian.Uint64(k)), binary.BigEndian.Uint64(k[8:])), true
}

func (t *tx) PutInvite(i forum.Invite) {
	key := inviteKey(i.By, i.Number)
	t.put(inviteCodesBucket, i.Code[:], key)
	store(t, invitesBucket, key, newInviteRow(i))
}

func (t *tx) DropInvite(i forum.Invite) {
	t.drop(inviteCodesBucket, i.Code[:])
	t.drop(invitesBucket, inviteKey(i.By, i.Number))
}
