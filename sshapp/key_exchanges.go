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
	// maxEarlyExchanges is how many key exchanges a client has that is not logged in: one,
	// and what a client might want after much of a banner.
	maxEarlyExchanges = 3

	// Then an exchange comes exchangeEvery after the one before, or exchangeBytes after it,
	// which cost the server about as much. A GiB is usual for the latter (RFC 4253, section 9).
	exchangeEvery = 10 * time.Second
	exchangeBytes = 256 << 10
)

// keyExchanges bound the key exchanges of one connection. A client may ask for one whenever it
// likes, and the server pays more for it than the client. In each, the server signs with a
// host key once, so that is where they are counted.
type keyExchanges struct {
	moved func() int64    // bytes received and sent so far
	over  <-chan struct{} // closed when the connection ends

	tooMany atomic.Bool // so that the connection is closed, before the login

	mu    sync.Mutex
	early int       // before the login
	last  time.Time // when the last one was, or the login; zero before that
	at    int64     // what moved had been by then
}

var errManyExchanges = errors.New("the client exchanges keys again and again")

// loggedIn ends the time before the login.
func (e *keyExchanges) loggedIn() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last, e.at = time.Now(), e.moved()
}

// await returns when an exchange may go on, or with an error that ends the connection.
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
	if e.moved()-e.at < exchangeBytes {
		select {
		case <-time.After(time.Until(e.last.Add(exchangeEvery))):
		case <-e.over:
			return exit.ErrStopping
		}
	}
	e.last, e.at = time.Now(), e.moved()
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
