package gate

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"
)

// Accept passes the connections of ln to serve, one after the other, until ctx ends or ln is
// closed; the caller closes ln when ctx ends. It logs temporary errors, such as running out of
// file descriptors, and waits. It returns nil if ctx has ended.
func Accept(ctx context.Context, ln net.Listener, log *slog.Logger, serve func(net.Conn)) error {
	for pause := time.Duration(0); ; {
		conn, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			log.Error("cannot accept connections", "error", err, "retry", pause)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		}
		pause = 0
		serve(conn)
	}
}
