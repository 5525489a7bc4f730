package sshapp

import (
	"sync"
	"sync/atomic"
	"time"
)

// keepalive finds out whether a client that says nothing is still there, as OpenSSH's
// ClientAliveInterval does. Whatever the client sends is an answer. While nothing is
// due there is a timer and nothing else.
type keepalive struct {
	interval time.Duration
	most     int         // questions in a row without an answer
	heard    func() bool // whether anything came since it was last called
	ask      func()      // sends a request that every client answers; may wait for that
	gone     func()      // told when there was no answer

	mu     sync.Mutex
	timer  *time.Timer // nil once stopped
	missed int
	asking atomic.Bool
	asked  sync.WaitGroup
}

// start begins to listen.
func (k *keepalive) start() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = time.AfterFunc(k.interval, k.tick)
}

// stop ends it. ask must return soon, or have returned.
func (k *keepalive) stop() {
	k.mu.Lock()
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	k.mu.Unlock()
	k.asked.Wait()
}

func (k *keepalive) tick() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer == nil {
		return
	}
	if k.heard() {
		k.missed = 0
		k.timer.Reset(k.interval)
		return
	}
	if k.missed == k.most {
		k.gone()
		return
	}
	k.missed++
	k.timer.Reset(k.interval)
	if k.asking.CompareAndSwap(false, true) {
		k.asked.Go(func() {
			defer k.asking.Store(false)
			k.ask()
		})
	}
}
