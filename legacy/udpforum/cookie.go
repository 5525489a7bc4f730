package udpforum

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// A cookie proves that whoever shows it receives what is sent to its address. It has in
// it when it was made, something random, and a code of both with the address, so that
// nothing is kept of those it was sent to.
const (
	cookieBytes  = 20
	cookieSigned = 8 // of these: seconds since the baker began, and four random ones
	cookieText   = 32
)

// cookieLife is how long a conversation may begin with a cookie.
const cookieLife = 30 * time.Second

var cookieEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// baker makes cookies and knows its own.
type baker struct {
	secret [32]byte
	began  time.Time
}

func newBaker() *baker {
	b := &baker{began: time.Now()}
	rand.Read(b.secret[:])
	return b
}

// bake returns a new cookie for an address.
func (b *baker) bake(addr string) string {
	cookie := make([]byte, cookieSigned, cookieBytes)
	binary.BigEndian.PutUint32(cookie, uint32(time.Since(b.began)/time.Second))
	rand.Read(cookie[4:])
	return cookieEncoding.EncodeToString(append(cookie, b.code(cookie, addr)...))
}

// check reports whether text is a cookie of that address, and whether a conversation may
// begin with it.
func (b *baker) check(text, addr string) (fresh, ok bool) {
	cookie, err := cookieEncoding.DecodeString(text)
	if err != nil || len(cookie) != cookieBytes || len(text) != cookieText {
		return false, false
	}
	signed := cookie[:cookieSigned]
	made := b.began.Add(time.Duration(binary.BigEndian.Uint32(signed)) * time.Second)
	ok = subtle.ConstantTimeCompare(cookie[cookieSigned:], b.code(signed, addr)) == 1
	return ok && time.Since(made) < cookieLife, ok
}

// code authenticates what a cookie has in it, for one address.
func (b *baker) code(signed []byte, addr string) []byte {
	mac := hmac.New(sha256.New, b.secret[:])
	mac.Write(signed)
	mac.Write([]byte(addr))
	return mac.Sum(nil)[:cookieBytes-cookieSigned]
}
