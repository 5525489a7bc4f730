package scp

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// sshd is an SSH server that knows nothing but scp, and lets everyone in.
type sshd struct {
	disk    *disk
	config  *ssh.ServerConfig
	serving sync.WaitGroup
}

// startSSHD serves a tree on a free port until the test ends.
func startSSHD(t *testing.T, d *disk) (port string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s := &sshd{disk: d, config: &ssh.ServerConfig{NoClientAuth: true}}
	s.config.AddHostKey(signer)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.serving.Go(func() { s.accept(ln) })
	t.Cleanup(func() {
		ln.Close()
		s.serving.Wait()
	})
	_, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (s *sshd) accept(ln net.Listener) {
	for {
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() { s.connection(nc) })
	}
}

func (s *sshd) connection(nc net.Conn) {
	defer nc.Close()
	conn, channels, requests, err := ssh.NewServerConn(nc, s.config)
	if err != nil {
		return
	}
	defer conn.Close()
	s.serving.Go(func() { ssh.DiscardRequests(requests) })
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for ch := range channels {
		channel, requests, err := ch.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() { s.session(ctx, channel, requests) })
	}
}

func (s *sshd) session(ctx context.Context, channel ssh.Channel, requests <-chan *ssh.Request) {
	for req := range requests {
		var exec struct{ Command string }
		if req.Type != "exec" || ssh.Unmarshal(req.Payload, &exec) != nil {
			_ = req.Reply(false, nil)
			continue
		}
		_ = req.Reply(true, nil)
		s.serving.Go(func() {
			defer channel.Close()
			status := struct{ Status uint32 }{}
			if err := s.run(ctx, channel, exec.Command); err != nil {
				status.Status = 1
			}
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(status))
		})
	}
}

func (s *sshd) run(ctx context.Context, channel ssh.Channel, command string) error {
	req, ok, err := ParseCommand(command)
	switch {
	case err != nil:
		_ = Refuse(channel, err)
	case !ok:
		err = fmt.Errorf("%q is not scp", command)
	case req.Sink:
		err = Receive(ctx, channel, req, s.disk)
	default:
		err = Send(ctx, channel, req, s.disk)
	}
	return err
}
