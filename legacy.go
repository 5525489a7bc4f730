package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"sshforum/forum/gate"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/jsonchat"
	"sshforum/legacy/jsonforum"
	"sshforum/legacy/picklechat"
	"sshforum/legacy/textchat"
	"sshforum/legacy/udpforum"
)

// oldDoor is a door for an old program, as configured.
type oldDoor struct {
	enabled bool
	listen  string
	config  legacy.Config // of the dialect; the other fields are the same for all doors
}

// oldDoors returns the doors that are enabled.
func oldDoors(config *Config) (doors []oldDoor) {
	l := config.Legacy
	for _, door := range []oldDoor{
		{l.UDPForum.Enabled, l.UDPForum.Listen, udpforum.Config(sshDoor(config))},
		{l.JSONForum.Enabled, l.JSONForum.Listen, jsonforum.Config()},
		{l.TextChat.Enabled, l.TextChat.Listen, textChat(config)},
		{l.JSONChat.Enabled, l.JSONChat.Listen, jsonchat.Config(l.JSONChat.Timeout)},
		{l.PickleChat.Enabled, l.PickleChat.Listen, picklechat.Config(l.PickleChat.Thread, l.Zone)},
	} {
		if door.enabled {
			doors = append(doors, door)
		}
	}
	return doors
}

func textChat(config *Config) legacy.Config {
	room := config.Legacy.TextChat
	return textchat.Config(textchat.Room{
		Thread: room.Thread, Seats: room.MaxClients, Zone: config.Legacy.Zone, SSH: sshDoor(config), Echo: room.Echo,
	})
}

// sshDoor returns the SSH address that old programs show to people.
func sshDoor(config *Config) legacy.SSH {
	_, port, _ := net.SplitHostPort(config.SSH.Listen)
	return legacy.SSH{Host: cmp.Or(config.SSH.PublicHost, "localhost"), Port: port}
}

// guestThread returns the only thread that guests may post to, or "" if there are no guests.
func guestThread(config *Config) string {
	if room := config.Legacy.TextChat; room.Enabled && room.Guests {
		return room.Thread
	}
	return ""
}

// openDoor is a door with its listeners.
type openDoor struct {
	oldDoor
	server *legacy.Server
	ln     net.Listener
	udp    *udpforum.UDP // nil for a door that uses only TCP
}

// listenLegacy opens all enabled doors, or none. When they stop, operations in progress may go
// on until cut is closed.
func listenLegacy(config *Config, service *rules.Service, gate *gate.Gate, cut <-chan struct{}, log *slog.Logger) (open openDoors, err error) {
	for _, door := range oldDoors(config) {
		d, err := door.open(config, service, gate, cut, log)
		if err != nil {
			return nil, errors.Join(err, open.close())
		}
		open = append(open, d)
	}
	return open, nil
}

func (d oldDoor) open(config *Config, service *rules.Service, gate *gate.Gate, cut <-chan struct{}, log *slog.Logger) (openDoor, error) {
	c := d.config
	c.Service, c.Logger, c.Gate, c.Cut = service, log, gate, cut
	c.LoginGrace, c.MaxClients = config.Legacy.LoginGrace, config.Limits.Connections
	server, err := legacy.New(c)
	if err != nil {
		return openDoor{}, err
	}
	open := openDoor{oldDoor: d, server: server}
	err = open.bind(log, c)
	for tries := 1; err != nil && d.anyPort() && tries < 10; tries++ {
		err = open.bind(log, c)
	}
	if err != nil {
		return openDoor{}, d.cannotListen(err)
	}
	return open, nil
}

// bind opens the ports of a door, all or none.
func (d *openDoor) bind(log *slog.Logger, c legacy.Config) (err error) {
	if d.ln, err = net.Listen("tcp", d.listen); err != nil {
		return err
	}
	if dialect, ok := c.Dialect.(udpforum.Dialect); ok {
		d.udp, err = dialect.ListenUDP(d.server, log, d.ln.Addr().(*net.TCPAddr), c.MaxClients)
	}
	if err != nil {
		return errors.Join(err, d.ln.Close())
	}
	return nil
}

// anyPort reports whether the system chooses the port. The system may choose one whose
// neighbouring port is taken.
func (d oldDoor) anyPort() bool {
	_, port, err := net.SplitHostPort(d.listen)
	return err == nil && port == "0"
}

func (d oldDoor) cannotListen(err error) error {
	return fmt.Errorf("%s cannot listen on %s (%w); choose another with --legacy-%[1]s-listen, or switch it off with --legacy-%[1]s-enabled=false",
		d.config.Name, d.listen, err)
}

type openDoors []openDoor

func (doors openDoors) close() error {
	var errs []error
	for _, d := range doors {
		errs = append(errs, d.ln.Close())
		if d.udp != nil {
			errs = append(errs, d.udp.Close())
		}
	}
	return errors.Join(errs...)
}

func (doors openDoors) serve(ctx context.Context, group *errgroup.Group) {
	for _, d := range doors {
		group.Go(func() error { return d.server.Serve(ctx, d.ln) })
		if d.udp != nil {
			group.Go(func() error { return d.udp.Serve(ctx) })
		}
	}
}

// announced returns a line about the address of each door.
func (doors openDoors) announced() (lines []string) {
	for _, d := range doors {
		lines = append(lines, fmt.Sprintf("%s clients connect to %s", d.config.Name, d.ln.Addr()))
	}
	return lines
}

// tunnel returns the function that serves a connection which an SSH client asks for, as in ssh
// -L 12344:legacy:12344. Nothing is resolved or dialled: the only host is this one, and the
// only ports are those of its doors.
func (doors openDoors) tunnel(host string, port uint32) (serve func(net.Conn, *gate.Pass), ok bool) {
	if ip, err := netip.ParseAddr(host); host != "legacy" && host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, false
	}
	for _, d := range doors {
		if uint32(d.ln.Addr().(*net.TCPAddr).Port) == port {
			return d.server.ServeConn, true
		}
	}
	return nil, false
}
