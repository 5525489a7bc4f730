package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopSignals returns a context that ends at the first signal to stop, and a channel that is
// closed at the second. A third one ends the process at once.
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

// afterGrace returns a channel that is closed when grace has passed after the end of stop, or
// earlier if hurry is closed.
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

// outliveTerminal keeps the process alive if its terminal is closed or the reader of its log
// ends.
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
