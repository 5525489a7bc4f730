package wire

import (
	"sync"
	"sync/atomic"
	"time"
)

// Keepalive finds out whether a client that says nothing is still there, as OpenSSH's
// ClientAliveInterval does. Whatever the client sends is an answer. While nothing is
// due there is a timer and nothing else.
type Keepalive struct {
	Interval time.Duration
	Most     int         // questions in a row without an answer
	Heard    func() bool // whether anything came since it was last called
	Ask      func()      // sends a request that every client answers; may wait for that
	Gone     func()      // told when there was no answer

	mu     sync.Mutex
	timer  *time.Timer // nil once stopped
	missed int
	asking atomic.Bool
	asked  sync.WaitGroup
}

// Start begins to listen.
func (k *Keepalive) Start() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = time.AfterFunc(k.Interval, k.tick)
}

// Stop ends it. Ask must return soon, or have returned.
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
