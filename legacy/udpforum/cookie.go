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

// A cookie proves that its sender receives datagrams at its address. It contains the time at
// which it was made, random bytes, and a code of both and the address. So the door stores
// nothing about the addresses to which it sends cookies.
const (
	cookieBytes  = 20
	cookieSigned = 8 // of these: 4 for the seconds since the baker began, 4 random
	cookieText   = 32
)

// cookieLife is how long a conversation can be begun with a cookie.
const cookieLife = 30 * time.Second

var cookieEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// baker makes cookies and checks them.
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

// check reports whether text is a cookie for addr, and whether it is fresh: a conversation can
// be begun with it.
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

// code returns the authentication code of the signed bytes of a cookie for an address.
func (b *baker) code(signed []byte, addr string) []byte {
	mac := hmac.New(sha256.New, b.secret[:])
	mac.Write(signed)
	mac.Write([]byte(addr))
	return mac.Sum(nil)[:cookieBytes-cookieSigned]
}
