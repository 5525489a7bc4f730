package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"sshforum/forum"
	"sshforum/forum/gate"
	"sshforum/forum/limit"
	"sshforum/forum/password"
	"sshforum/forum/rules"
	"sshforum/sshapp"
	"sshforum/storage"
	"sshforum/storage/blobs"
	"sshforum/storage/boltfile"
	"sshforum/storage/pair"
)

type serveCmd struct{}

func (serveCmd) Run(p *program) error {
	config, err := p.config()
	if err != nil {
		return err
	}
	log := newLogger(config.LogLevel, p.stderr)
	outliveTerminal(log)
	stop, hurry := stopSignals()
	return serve(stop, hurry, config, log, p.stdout)
}

// serve runs the forum until ctx ends or an admin shuts it down. Operations in progress then
// have the configured grace to finish, unless hurry is closed.
func serve(ctx context.Context, hurry <-chan struct{}, config *Config, log *slog.Logger, stdout io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer collectWithin(int64(config.MemoryMiB) << 20)()

	founded, err := pair.Found(config.DataDir, controlSocket)
	if err != nil {
		return err
	}
	f, err := openForum(ctx, config, stop, log)
	if err != nil {
		return err
	}
	if founded {
		fmt.Fprintf(stdout, "A new forum was made in %s\n", config.DataDir)
		log.Info("a new forum was made", "dir", config.DataDir)
	}
	keys, err := hostKeys(config.SSH.HostKeys, founded, log)
	if err == nil {
		err = f.serve(ctx, afterGrace(ctx, config.ShutdownGrace, hurry), config, keys, log, stdout)
	}
	return errors.Join(err, f.close())
}

// hostKeys loads the host keys. If some were missing for a forum that is not new, it logs the
// consequence for people.
func hostKeys(dir string, founded bool, log *slog.Logger) ([]gossh.MultiAlgorithmSigner, error) {
	missing := sshapp.MissingHostKeys(dir)
	keys, err := sshapp.LoadHostKeys(dir)
	if err == nil && len(missing) > 0 && !founded {
		log.Warn("new host keys were made; people who know the forum by its old keys are warned, so put those back if you have them", "dir", dir, "keys", missing)
	}
	return keys, err
}

// openedForum has a forum's stores, rules and gate.
type openedForum struct {
	stores  *pair.Files
	hub     *forum.Hub
	clock   *rules.Clock
	gate    *gate.Gate
	service *rules.Service
}

// Values of auth.registration and auth.invites.
var (
	registrations = map[string]rules.Registration{
		"open": rules.RegistrationOpen, "invite": rules.RegistrationInvite, "closed": rules.RegistrationClosed,
	}
	inviters = map[string]rules.Inviters{
		"nobody": rules.NobodyInvites, "moderators": rules.ModeratorsInvite, "members": rules.MembersInvite,
	}
)

// openForum opens the forum in config's data directory. stop is called if an admin shuts it
// down; it is nil if there is no server.
func openForum(ctx context.Context, config *Config, stop func(), log *slog.Logger) (*openedForum, error) {
	hub := forum.NewHub()
	stores, err := pair.Open(config.DataDir, storeOptions(config, hub, log))
	if err != nil {
		return nil, err
	}
	f, err := newForum(config, hub, stores, stop, log)
	if err == nil {
		err = f.begin(ctx, config)
	}
	if err != nil {
		return nil, errors.Join(err, stores.Close())
	}
	return f, nil
}

func storeOptions(config *Config, hub *forum.Hub, log *slog.Logger) pair.Options {
	return pair.Options{
		Rows: storage.Options{
			Publish: hub.Publish, EventsKept: uint64(config.Limits.EventsKept), MinFree: minFreeRows, Logger: log,
		},
		Contents: blobs.Options{MinFree: minFreeFiles, Logger: log},
	}
}

// newForum makes the service on open stores. The gate and the service call each other, so the
// gate, which is made first, takes the service from the forum at the first connection.
func newForum(config *Config, hub *forum.Hub, stores *pair.Files, stop func(), log *slog.Logger) (*openedForum, error) {
	hasher, err := password.New(password.Params{
		MemoryKiB: uint32(config.Auth.Argon2.MemoryKiB), Time: uint32(config.Auth.Argon2.Time),
		Threads: uint8(config.Auth.Argon2.Threads), Concurrent: config.Auth.Argon2.Concurrent,
	})
	if err != nil {
		return nil, err
	}
	clock := rules.NewClock(rules.ThisMachine(), stores.Rows, stores.Rows, log)
	f := &openedForum{stores: stores, hub: hub, clock: clock}
	if f.gate, err = f.newGate(config, log); err != nil {
		return nil, err
	}
	f.service = rules.New(rules.Config{
		Store: stores.Rows, Journal: stores.Rows, Blobs: stores.Contents, Hub: hub, Passwords: hasher, Clock: clock.Now, Steady: clock.Steady,
		Stop: stop, Evict: f.gate.Evict,
		Registration:     registrations[config.Auth.Registration],
		Inviters:         inviters[config.Auth.Invites],
		GuestThread:      guestThread(config),
		Exempt:           config.SSH.Exempt,
		Lockout:          limit.Lockout{Attempts: config.Auth.Lockout.Attempts, For: config.Auth.Lockout.For},
		PasswordLength:   config.Auth.PasswordLength,
		MessageBytes:     config.Limits.MessageBytes,
		DuplicatesWithin: config.Limits.DuplicatesWithin,
		RestoreWindow:    config.Limits.RestoreWindow,
		SweepAfter:       config.Storage.SweepAfter,
		HistoryLines:     config.Limits.HistoryLines,
		MaxInline:        forum.MaxInline,
		Quotas: rules.Quotas{
			File: int64(config.Limits.FileMiB) << 20, Thread: int64(config.Limits.ThreadMiB) << 20,
			Person: int64(config.Limits.PersonMiB) << 20, Total: int64(config.Limits.TotalMiB) << 20,
			Texts: int64(config.Limits.TextMiB) << 20,
		},
		Rates: rates(config),
	})
	return f, nil
}

// begin prepares the service before anybody comes. It reports a row that cannot be read as
// damage.
func (f *openedForum) begin(ctx context.Context, config *Config) error {
	err := errors.Join(f.service.Found(ctx), f.service.EndLost(ctx), f.clock.Start(ctx), f.service.LoadBans(), f.service.LoadPasswords(), f.service.LoadSources())
	if err != nil && forum.KindOf(err) == forum.Internal {
		err = boltfile.DamagedError(filepath.Join(config.DataDir, storage.FileName), err)
	}
	return err
}

func (f *openedForum) close() error {
	f.hub.Close()
	return f.stores.Close()
}

// serve keeps the doors open until ctx ends. Operations in progress may then go on until cut is
// closed.
func (f *openedForum) serve(ctx context.Context, cut <-chan struct{}, config *Config, keys []gossh.MultiAlgorithmSigner, log *slog.Logger, stdout io.Writer) error {
	if err := f.importCredentials(ctx, config.Auth.ImportCredentials, log); err != nil {
		return err
	}
	old, err := listenLegacy(config, f.service, f.gate, cut, log)
	if err != nil {
		return err
	}
	door, err := sshapp.New(f.sshConfig(config, keys, old, cut, log))
	if err != nil {
		return errors.Join(err, old.close())
	}
	ln, err := net.Listen("tcp", config.SSH.Listen)
	if err != nil {
		err = fmt.Errorf("cannot listen on %s (%w); choose another with --ssh-listen", config.SSH.Listen, err)
		return errors.Join(err, old.close())
	}
	control, err := listenControl(config.DataDir)
	if err != nil {
		return errors.Join(err, ln.Close(), old.close())
	}
	f.logAudit(log)
	for _, warning := range beyondLoopback(config) {
		log.Warn(warning)
	}
	announce(stdout, ln.Addr(), config.DataDir, keys, old.announced())

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return door.Serve(ctx, ln) })
	old.serve(ctx, group)
	group.Go(func() error { return serveControl(ctx, control, f.control(ctx)) })
	group.Go(func() error { return keepTime(ctx, f.clock, log) })
	group.Go(func() error { return purgeNowAndThen(ctx, f.service, log) })
	group.Go(func() error { return storeOverdue(ctx, f.service, log) })
	group.Go(func() error { return f.scrub(ctx, config.Storage.ScrubEvery, log) })
	err = group.Wait()
	f.logAudit(log)
	log.Info("stopped")
	return err
}

// rates returns the configured rates, or none if they are off.
func rates(config *Config) rules.Rates {
	limits := config.Limits.Rates
	if !limits.Enabled {
		return rules.Rates{}
	}
	return rules.Rates{
		For: map[limit.Activity]limit.Rate{
			limit.Posting: limits.Posts, limit.Creating: limits.Threads, limit.Sending: limits.Private,
			limit.Uploading: limits.Uploads, limit.Searching: limits.Searches,
			limit.Reporting: limits.Reports, limit.Changing: limits.Changes, limit.Visiting: limits.Visits,
			limit.Asking: limits.Asks, limit.Working: limits.Work, limit.Registering: limits.Registrations,
		},
		New: map[limit.Activity]limit.Rate{
			limit.Posting: limits.NewPosts, limit.Creating: limits.NewThreads, limit.Sending: limits.NewPrivate,
			limit.Uploading: limits.NewUploads, limit.Searching: limits.NewSearches, limit.Reporting: limits.NewReports,
			limit.Changing: limits.NewChanges, limit.Visiting: limits.NewVisits,
			limit.Asking: limits.NewAsks, limit.Working: limits.NewWork,
		},
		PerSource: limits.PerSource, NewFor: limits.NewFor, Exempt: config.SSH.Exempt,
	}
}

// newGate returns the gate of all doors.
func (f *openedForum) newGate(config *Config, log *slog.Logger) (*gate.Gate, error) {
	ssh := config.SSH
	return gate.New(gate.Config{
		Connections: config.Limits.Connections, PerSource: ssh.PerSource,
		Startups: ssh.MaxStartups, Reserved: gate.Reserved{Known: ssh.StartupsForKnown, Admins: ssh.StartupsForAdmins}, StartupsPerSource: ssh.StartupsPerSource, Tries: ssh.MaxAuthTries,
		Penalties: gate.Penalties{
			For: map[gate.Reason]time.Duration{
				gate.AuthFail: ssh.Penalties.AuthFail, gate.InvalidUser: ssh.Penalties.InvalidUser,
				gate.NoAuth: ssh.Penalties.NoAuth, gate.GraceExceeded: ssh.Penalties.GraceExceeded,
				gate.Refused: ssh.Penalties.Refused, gate.Crash: ssh.Penalties.Crash,
			},
			Min: ssh.Penalties.Min, Max: ssh.Penalties.Max,
		},
		IPv4Bits: ssh.SourceBitsIPv4, IPv6Bits: ssh.SourceBitsIPv6, Exempt: ssh.Exempt,
		Banned:   func(addr netip.Addr) bool { return f.service.NetworkBanned(addr) },
		Standing: func(addr netip.Addr) gate.Standing { return standing(f.service.SourceKnown(addr)) },
		Logger:   log, Clock: time.Now, Random: rand.IntN,
	})
}

func standing(known, admin bool) gate.Standing {
	switch {
	case admin:
		return gate.Admins
	case known:
		return gate.Known
	}
	return gate.Stranger
}

func (f *openedForum) sshConfig(config *Config, keys []gossh.MultiAlgorithmSigner, old openDoors, cut <-chan struct{}, log *slog.Logger) sshapp.Config {
	return sshapp.Config{
		Gate: f.gate, ProxyFrom: config.SSH.ProxyFrom, Cut: cut,
		Service: f.service, HostKeys: keys, Logger: log, Banner: config.SSH.Banner, PublicHost: config.SSH.PublicHost, Ciphers: config.SSH.Ciphers,
		LoginGrace: config.SSH.LoginGrace, MaxAuthTries: config.SSH.MaxAuthTries,
		SessionsPerConnection: config.Limits.SessionsPerConnection, OpenFiles: config.Limits.OpenFiles, Tunnel: old.tunnel,
		ReceiveRate: config.Limits.ReceiveKiB << 10, SendRate: config.Limits.SendKiB << 10,
		Keepalive: config.SSH.Keepalive, KeepaliveCount: config.SSH.KeepaliveCount,
		IdleTimeout: config.SSH.IdleTimeout, StallTimeout: config.SSH.StallTimeout, UnusedTimeout: config.SSH.UnusedTimeout,
		EnvCount: config.Limits.EnvCount, EnvBytes: config.Limits.EnvBytes, LineBytes: config.Limits.LineBytes,
	}
}

// importCredentials imports the configured credentials file, if there is one.
func (f *openedForum) importCredentials(ctx context.Context, name string, log *slog.Logger) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("auth.import_credentials: %w", err)
	}
	defer func() { _ = file.Close() }()
	err = importLines(file, func(lines []string, first int) error {
		done, err := f.service.ImportCredentials(ctx, rules.Operator(), lines, first)
		for _, problem := range done.Bad {
			log.Warn("not imported", "file", name, "problem", problem)
		}
		if done.Added > 0 {
			log.Info("imported credentials", "file", name, "accounts", done.Added)
		}
		return err
	})
	if forum.KindOf(err) == forum.Unavailable {
		log.Warn("the rest of the credentials waits for the next start", "file", name, "error", err)
		return nil
	}
	return err
}

// On a disk that fills up, uploads stop while there is still room for posts; in bytes.
const (
	minFreeFiles = 256 << 20
	minFreeRows  = 16 << 20
)

// purgeEvery is the time between two purges.
const purgeEvery = time.Hour

func purgeNowAndThen(ctx context.Context, service *rules.Service, log *slog.Logger) error {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	for ran := time.Duration(0); ; ran = purgeEvery {
		if err := errors.Join(service.Purge(ctx), service.Sweep(ctx, ran)); err != nil && ctx.Err() == nil {
			log.Error("purge", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// scrub reads all stored data once in each period of every, or never if every is 0.
func (f *openedForum) scrub(ctx context.Context, every time.Duration, log *slog.Logger) error {
	if every == 0 {
		return nil
	}
	scrubber := pair.Scrubber{Files: f.stores, Every: every, Log: log, Sleep: sleep}
	if err := scrubber.Run(ctx); err != nil {
		log.Error("the check of all files has ended", "error", err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// overdueEvery is the time between two attempts to store deferred changes.
const overdueEvery = time.Second

// storeOverdue stores changes that were deferred because the disk took nothing, as soon as it
// can.
func storeOverdue(ctx context.Context, service *rules.Service, log *slog.Logger) error {
	for {
		select {
		case <-service.Deferred():
		case <-ctx.Done():
			return nil
		}
		for err := service.StoreDeferred(ctx); err != nil && ctx.Err() == nil; err = service.StoreDeferred(ctx) {
			if forum.KindOf(err) != forum.Unavailable {
				log.Error("what waited to be stored is lost", "error", err)
				break
			}
			_ = sleep(ctx, overdueEvery) // the loop ends with ctx
		}
	}
}

// announce writes the forum's addresses and host keys, and how to log in.
func announce(w io.Writer, addr net.Addr, dataDir string, keys []gossh.MultiAlgorithmSigner, old []string) {
	port := addr.(*net.TCPAddr).Port
	fmt.Fprintf(w, "sshforum listens for SSH on %s; its data is in %s\n", addr, dataDir)
	fmt.Fprintln(w, "Host keys:")
	for _, fingerprint := range sshapp.Fingerprints(keys) {
		fmt.Fprintf(w, "  %s\n", fingerprint)
	}
	for _, door := range old {
		fmt.Fprintln(w, door)
	}
	fmt.Fprintf(w, "To enter: ssh -p %d yoda@localhost\n", port)
}

func newLogger(level string, w io.Writer) *slog.Logger {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: least}))
	slog.SetDefault(log)
	return log
}
