package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// cable leads connections on to one port of this machine, until it is cut.
type cable struct {
	ln net.Listener
	to string

	mu    sync.Mutex
	ends  map[*net.TCPConn]bool
	tasks sync.WaitGroup
}

func newCable(to string) (*cable, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &cable{ln: ln, to: "127.0.0.1:" + to, ends: make(map[*net.TCPConn]bool)}
	c.tasks.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			c.tasks.Go(func() { c.lead(conn.(*net.TCPConn)) })
		}
	})
	return c, nil
}

// lead carries one connection to its end.
func (c *cable) lead(from *net.TCPConn) {
	to, err := net.Dial("tcp", c.to)
	if err != nil {
		from.Close()
		return
	}
	pair := [2]*net.TCPConn{from, to.(*net.TCPConn)}
	c.mu.Lock()
	for _, end := range pair {
		c.ends[end] = true
	}
	c.mu.Unlock()
	var ways sync.WaitGroup
	for i := range pair {
		ways.Go(func() {
			_, _ = io.Copy(pair[i], pair[1-i])
			_ = pair[i].CloseWrite()
		})
	}
	ways.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range pair {
		end.Close()
		delete(c.ends, end)
	}
}

// cut ends all connections as a broken network does, without a word from either side. New
// ones are led on.
func (c *cable) cut() (connections int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for end := range c.ends {
		_ = end.SetLinger(0)
		end.Close()
	}
	return len(c.ends) / 2
}

func (c *cable) close() {
	c.ln.Close()
	c.cut()
	c.tasks.Wait()
}

func (s *story) layCable(ts *testscript.TestScript, _ []string) (err error) {
	if s.server == nil || s.cable != nil {
		return errors.New("a cable goes to a server that runs, and there is one at most")
	}
	if s.cable, err = newCable(s.server.port); err != nil {
		return err
	}
	ts.Setenv("CABLE", fmt.Sprint(s.cable.ln.Addr().(*net.TCPAddr).Port))
	return nil
}

func (s *story) cut(*testscript.TestScript, []string) error {
	if s.cable == nil || s.cable.cut() == 0 {
		return errors.New("there is no connection to cut")
	}
	return nil
}
