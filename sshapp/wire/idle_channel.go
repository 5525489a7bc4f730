package wire

import (
	"io"
	"sync"
	"time"
)

// IdleChannel is the channel of a session that serves programs, such as SFTP clients. It is
// idle while no bytes pass in either direction.
type IdleChannel struct {
	io.ReadWriteCloser

	mu    sync.Mutex
	limit time.Duration
	heard time.Time // when bytes last passed
	idle  *time.Timer
}

// NewIdleChannel returns channel, and calls idle after it has been idle for limit; 0 means
// never. The caller must call SetTimeout(0) at the end.
func NewIdleChannel(channel io.ReadWriteCloser, limit time.Duration, idle func()) *IdleChannel {
	l := &IdleChannel{ReadWriteCloser: channel, heard: time.Now(), idle: time.AfterFunc(time.Hour, idle)}
	l.SetTimeout(limit)
	return l
}

// SetTimeout changes the limit.
func (l *IdleChannel) SetTimeout(limit time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = limit
	if l.idle.Stop(); limit > 0 {
		l.idle.Reset(time.Until(l.heard.Add(limit)))
	}
}

// Touch restarts the idle time, as if bytes had passed.
func (l *IdleChannel) Touch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = time.Now()
	if l.limit > 0 {
		l.idle.Reset(l.limit)
	}
}

// Read implements io.Reader.
func (l *IdleChannel) Read(p []byte) (int, error) {
	n, err := l.ReadWriteCloser.Read(p)
	l.Touch()
	return n, err
}

// Write implements io.Writer.
func (l *IdleChannel) Write(p []byte) (int, error) {
	n, err := l.ReadWriteCloser.Write(p)
	l.Touch()
	return n, err
}
