package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopSignals returns a context that ends at the first signal to stop, and what is closed
// at the second. A third ends the process, whatever it is at.
func stopSignals() (stop context.Context, hurry <-chan struct{}) {
	stop, end := context.WithCancel(context.Background())
	again := make(chan struct{})
	sent := make(chan os.Signal, 2)
	signal.Notify(sent, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-sent
		end()
		<-sent
		signal.Stop(sent)
		close(again)
	}()
	return stop, again
}

// afterGrace returns what is closed when grace has passed since stop ended, or earlier
// when hurry is closed.
func afterGrace(stop context.Context, grace time.Duration, hurry <-chan struct{}) <-chan struct{} {
	over := make(chan struct{})
	context.AfterFunc(stop, func() {
		defer close(over)
		select {
		case <-time.After(grace):
		case <-hurry:
		}
	})
	return over
}

// outliveTerminal keeps the process alive when its terminal is closed, or whoever reads its
// log goes away.
func outliveTerminal(log *slog.Logger) {
	signal.Ignore(syscall.SIGPIPE)
	sent := make(chan os.Signal, 1)
	signal.Notify(sent, syscall.SIGHUP)
	go func() {
		for range sent {
			log.Warn("SIGHUP ignored; the server goes on as it is, and SIGTERM stops it")
		}
	}()
}
