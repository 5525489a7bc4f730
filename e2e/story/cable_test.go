package story

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// cable leads connections on to one port of this machine, until it is cut.
type cable struct {
	ln net.Listener

	mu    sync.Mutex
	to    string
	ends  map[*net.TCPConn]bool
	most  int64         // bytes that a new connection carries either way before it stalls; 0 for no end
	flows chan struct{} // closed when those that stall go on

	tasks sync.WaitGroup
}

func newCable(to string) (*cable, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &cable{ln: ln, ends: make(map[*net.TCPConn]bool), flows: make(chan struct{})}
	c.leadTo(to)
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

func (c *cable) port() string { return fmt.Sprint(c.ln.Addr().(*net.TCPAddr).Port) }

// leadTo has new connections lead to a port of this machine.
func (c *cable) leadTo(port string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.to = "127.0.0.1:" + port
}

// lead carries one connection to its end.
func (c *cable) lead(from *net.TCPConn) {
	c.mu.Lock()
	address, most, flows := c.to, c.most, c.flows
	c.mu.Unlock()
	to, err := net.Dial("tcp", address)
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
			if most > 0 {
				if _, err := io.CopyN(pair[i], pair[1-i], most); err == nil {
					<-flows
				}
			}
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

// stallAfter has connections that are opened from now on stall when they have carried so
// many bytes.
func (c *cable) stallAfter(bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = bytes
}

// release lets all connections go on, and new ones pass.
func (c *cable) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.flows)
	c.most, c.flows = 0, make(chan struct{})
}

// cut ends all connections as a broken network does, without a word from either side. New
// ones are led on, and do not stall.
func (c *cable) cut() (connections int) {
	c.mu.Lock()
	connections = len(c.ends) / 2
	for end := range c.ends {
		_ = end.SetLinger(0)
		end.Close()
	}
	c.mu.Unlock()
	c.release()
	return connections
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
	if s.cable, err = newCable(s.server.Port); err != nil {
		return err
	}
	ts.Setenv("CABLE", s.cable.port())
	s.guideBastion()
	return nil
}

func (s *story) stall(_ *testscript.TestScript, args []string) error {
	if s.cable == nil || len(args) != 1 {
		return errors.New("usage: stall BYTES, where there is a cable")
	}
	bytes, err := strconv.ParseInt(args[0], 10, 64)
	s.cable.stallAfter(bytes)
	return err
}

func (s *story) release(*testscript.TestScript, []string) error {
	if s.cable == nil {
		return errors.New("there is no cable")
	}
	s.cable.release()
	return nil
}

func (s *story) cut(*testscript.TestScript, []string) error {
	if s.cable == nil || s.cable.cut() == 0 {
		return errors.New("there is no connection to cut")
	}
	return nil
}
