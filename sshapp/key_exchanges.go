package sshapp

import (
	"errors"
	"io"
	"sshforum/sshapp/exit"
	"sync"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

const (
	// maxEarlyExchanges limits the key exchanges before the login: the first one, and those
	// that a client might ask for after much of a banner.
	maxEarlyExchanges = 3

	// After the login, an exchange may begin exchangeEvery after the one before it, or after
	// exchangeBytes have passed, which cost the server about as much as an exchange. Usual for
	// the latter is 1 GiB (RFC 4253, section 9).
	exchangeEvery = 10 * time.Second
	exchangeBytes = 256 << 10
)

// keyExchanges limits the key exchanges of one connection. A client may ask for an exchange
// whenever it likes, and it costs the server more than the client. The server signs with a host
// key once in each exchange, so signatures are counted.
type keyExchanges struct {
	moved func() int64    // bytes received and sent so far
	over  <-chan struct{} // closed when the connection ends

	tooMany atomic.Bool // the limit before the login is exceeded

	mu        sync.Mutex
	early     int       // exchanges before the login
	last      time.Time // time of the last exchange, or of the login; zero before the login
	lastMoved int64     // value of moved at that time
}

var errManyExchanges = errors.New("the client exchanges keys again and again")

// loggedIn must be called at the login: other limits hold from then on.
func (e *keyExchanges) loggedIn() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last, e.lastMoved = time.Now(), e.moved()
}

// await waits until an exchange may go on. An error ends the connection.
func (e *keyExchanges) await() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last.IsZero() {
		if e.early++; e.early > maxEarlyExchanges {
			e.tooMany.Store(true)
			return errManyExchanges
		}
		return nil
	}
	if e.moved()-e.lastMoved < exchangeBytes {
		select {
		case <-time.After(time.Until(e.last.Add(exchangeEvery))):
		case <-e.over:
			return exit.ErrStopping
		}
	}
	e.last, e.lastMoved = time.Now(), e.moved()
	return nil
}

// hostKey is a host key whose signatures are counted.
type hostKey struct {
	gossh.MultiAlgorithmSigner
	exchanges *keyExchanges
}

func (k hostKey) Sign(rand io.Reader, data []byte) (*gossh.Signature, error) {
	if err := k.exchanges.await(); err != nil {
		return nil, err
	}
	return k.MultiAlgorithmSigner.Sign(rand, data)
}

func (k hostKey) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*gossh.Signature, error) {
	if err := k.exchanges.await(); err != nil {
		return nil, err
	}
	return k.MultiAlgorithmSigner.SignWithAlgorithm(rand, data, algorithm)
}
