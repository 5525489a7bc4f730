package storage

import (
	"encoding/binary"
	"iter"
	"time"

	"sshforum/forum"
)

type receiptRow struct {
	At     int64  `cbor:"1,keyasint,omitempty"`
	Asked  []byte `cbor:"2,keyasint,omitempty"`
	Thread uint64 `cbor:"3,keyasint,omitempty"`
	Seq    uint64 `cbor:"4,keyasint,omitempty"`
}

func newReceiptRow(r forum.Receipt) receiptRow {
	return receiptRow{At: toNanos(r.At), Asked: r.Asked[:], Thread: uint64(r.Made.Thread), Seq: r.Made.Seq}
}

func (row receiptRow) receipt(by forum.UserID, key string) forum.Receipt {
	r := forum.Receipt{
		ReceiptID: forum.ReceiptID{By: by, Key: key, At: fromNanos(row.At)},
		Made:      forum.MessageID{Thread: forum.ThreadID(row.Thread), Seq: row.Seq},
	}
	copy(r.Asked[:], row.Asked)
	return r
}

func receiptKey(by forum.UserID, key string) []byte { return append(userKey(by), key...) }

func receiptTimeKey(id forum.ReceiptID) []byte {
	k := binary.BigEndian.AppendUint64(userKey(id.By), timeKey(id.At))
	return append(k, id.Key...)
}

func parseReceiptTimeKey(k []byte) (id forum.ReceiptID, ok bool) {
	if len(k) <= 16 {
		return id, false
	}
	return forum.ReceiptID{
		By: forum.UserID(binary.BigEndian.Uint64(k)), Key: string(k[16:]),
		At: fromNanos(int64(binary.BigEndian.Uint64(k[8:]) ^ 1<<63)),
	}, true
}

func (r *reader) Receipt(by forum.UserID, key string) (forum.Receipt, bool) {
	row, ok := load[receiptRow](r, receiptsBucket, receiptKey(by, key))
	if !ok {
		return forum.Receipt{}, false
	}
	return row.receipt(by, key), true
}

func (r *reader) Receipts(by forum.UserID) iter.Seq[forum.ReceiptID] {
	return func(yield func(forum.ReceiptID) bool) {
		prefix := userKey(by)
		r.scan(receiptTimesBucket, prefix, prefix, func(k, _ []byte) bool {
			id, ok := parseReceiptTimeKey(k)
			if !ok {
				r.fail(receiptTimesBucket, k, errMalformed)
				return false
			}
			return yield(id)
		})
	}
}

// ReceiptsBefore goes through the receipts by account. At the first receipt of an account that
// is not before t, it skips the rest of that account.
func (r *reader) ReceiptsBefore(t time.Time) iter.Seq[forum.ReceiptID] {
	return func(yield func(forum.ReceiptID) bool) {
		var first []byte
		for found := true; found; {
			found = false
			r.scan(receiptTimesBucket, first, nil, func(k, _ []byte) bool {
				id, ok := parseReceiptTimeKey(k)
				switch {
				case !ok:
					r.fail(receiptTimesBucket, k, errMalformed)
				case !id.At.Before(t):
					found, first = true, userKey(id.By+1)
				default:
					return yield(id)
				}
				return false
			})
		}
	}
}

func (t *tx) PutReceipt(r forum.Receipt) {
	t.put(receiptTimesBucket, receiptTimeKey(r.ReceiptID), presentValue)
	store(t, receiptsBucket, receiptKey(r.By, r.Key), newReceiptRow(r))
}

func (t *tx) DropReceipt(id forum.ReceiptID) {
	t.drop(receiptTimesBucket, receiptTimeKey(id))
	t.drop(receiptsBucket, receiptKey(id.By, id.Key))
}

// receipts checks that each receipt is found by its key and by its time.
func (c *checker) receipts() {
	c.scan(receiptsBucket, nil, nil, func(k, v []byte) bool {
		row, decoded := decode[receiptRow](&c.reader, receiptsBucket, k, v)
		if !decoded || len(k) <= 8 {
			c.Report("receipt %x cannot be read", k)
			return true
		}
		by, _ := parseUint(k[:8])
		r := row.receipt(forum.UserID(by), string(k[8:]))
		if !c.exists(r.By) || len(row.Asked) != len(r.Asked) {
			c.Report("receipt %q of user %d is of nobody or for nothing", r.Key, r.By)
		}
		c.keys[receiptTimesBucket]++
		c.mustHave(receiptTimesBucket, receiptTimeKey(r.ReceiptID))
		return true
	})
}
