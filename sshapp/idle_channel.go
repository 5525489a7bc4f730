package sshapp

import (
	"io"
	"sync"
	"time"
)

// idleChannel is the channel of a session of programs, such as for files. It is idle when
// nothing goes either way.
type idleChannel struct {
	io.ReadWriteCloser

	mu    sync.Mutex
	limit time.Duration
	heard time.Time // when something last went
	idle  *time.Timer
}

// newIdleChannel returns channel, which calls idle when it was so for limit; 0 is for ever. The
// caller calls setTimeout(0) at the end.
func newIdleChannel(channel io.ReadWriteCloser, limit time.Duration, idle func()) *idleChannel {
	l := &idleChannel{ReadWriteCloser: channel, heard: time.Now(), idle: time.AfterFunc(time.Hour, idle)}
	l.setTimeout(limit)
	return l
}

// setTimeout changes the limit.
func (l *idleChannel) setTimeout(limit time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = limit
	if l.idle.Stop(); limit > 0 {
		l.idle.Reset(time.Until(l.heard.Add(limit)))
	}
}

// touch begins the time anew, as something that goes does.
func (l *idleChannel) touch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = time.Now()
	if l.limit > 0 {
		l.idle.Reset(l.limit)
	}
}

// Read implements io.Reader.
func (l *idleChannel) Read(p []byte) (int, error) {
	n, err := l.ReadWriteCloser.Read(p)
	l.touch()
	return n, err
}

// Write implements io.Writer.
func (l *idleChannel) Write(p []byte) (int, error) {
	n, err := l.ReadWriteCloser.Write(p)
	l.touch()
	return n, err
}
