package wire

import (
	"sync"
	"sync/atomic"
	"time"
)

// Keepalive finds out whether a silent client is still there, like OpenSSH's
// ClientAliveInterval. Anything that the client sends counts as an answer. Between the checks
// only a timer exists.
type Keepalive struct {
	Interval time.Duration
	Most     int         // limit of unanswered questions in a row
	Heard    func() bool // reports whether anything arrived since the last call
	Ask      func()      // sends a request that every client answers; may wait for the answer
	Gone     func()      // called if there was no answer

	mu     sync.Mutex
	timer  *time.Timer // nil once stopped
	missed int
	asking atomic.Bool
	asked  sync.WaitGroup
}

// Start begins the checks.
func (k *Keepalive) Start() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = time.AfterFunc(k.Interval, k.tick)
}

// Stop ends the checks. It waits for a running Ask.
func (k *Keepalive) Stop() {
	k.mu.Lock()
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	k.mu.Unlock()
	k.asked.Wait()
}

func (k *Keepalive) tick() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer == nil {
		return
	}
	if k.Heard() {
		k.missed = 0
		k.timer.Reset(k.Interval)
		return
	}
	if k.missed == k.Most {
		k.Gone()
		return
	}
	k.missed++
	k.timer.Reset(k.Interval)
	if k.asking.CompareAndSwap(false, true) {
		k.asked.Go(func() {
			defer k.asking.Store(false)
			k.Ask()
		})
	}
}
