package main

import (
	"net/netip"
	"time"

	"sshforum/forum/gate"
	"sshforum/forum/limit"
)

// Config has all settings of the server. The tags of a field are its only declaration: they
// define its path in the YAML file (ssh.login_grace), its flag (--ssh-login-grace), its
// environment variable (SSHFORUM_SSH_LOGIN_GRACE), its default, its help text and its permitted
// values. The tags are those of kong and three more: kind names an entry of kinds, if the Go
// type is not enough; min and max, both inclusive, are required for every number and duration.
// The name of a section, in its prefix, is a single word.
type Config struct {
	DataDir       string        `name:"data-dir" aliases:"data" kind:"path" default:"./data" help:"Directory of everything the forum keeps; --data for short."`
	LogLevel      string        `name:"log-level" default:"info" enum:"debug,info,warn,error" help:"Least level that is logged: debug, info, warn or error."`
	SSH           SSH           `embed:"" prefix:"ssh-"`
	Auth          Auth          `embed:"" prefix:"auth-"`
	Limits        Limits        `embed:"" prefix:"limits-"`
	Storage       Storage       `embed:"" prefix:"storage-"`
	Legacy        Legacy        `embed:"" prefix:"legacy-"`
	MemoryMiB     int           `name:"memory-mib" default:"256" min:"0" max:"1048576" help:"Memory that the server may take to collect garbage less often, which saves processor time, in MiB. It takes more when it has to; 0 for collecting as often as Go does by itself."`
	ShutdownGrace time.Duration `name:"shutdown-grace" default:"10s" min:"0s" max:"1h" help:"How long what is under way, such as a transfer, may take to finish after a stop was asked for."`
}

// SSH has the settings of the SSH door.
type SSH struct {
	Listen       string        `name:"listen" kind:"address" default:":2222" help:"Address and port the SSH server listens on."`
	PublicHost   string        `name:"public-host" help:"Name people reach the forum by, for commands they are shown; empty for the address they used."`
	HostKeys     string        `name:"host-keys" kind:"path" default:"hostkeys" help:"Directory of the host keys; missing keys are made there."`
	LoginGrace   time.Duration `name:"login-grace" default:"120s" min:"1s" max:"1h" help:"Time from connecting to being logged in, registration included."`
	MaxAuthTries int           `name:"max-auth-tries" default:"6" min:"1" max:"20" help:"Failed attempts to log in before a connection is closed, at every door; those through its tunnels are among an SSH connection's."`
	Banner       string        `name:"banner" help:"Text shown before the login; empty for none."`
	Ciphers      []string      `name:"ciphers" kind:"ciphers" help:"Ciphers offered to all, of aes128-gcm@openssh.com, aes256-gcm@openssh.com, chacha20-poly1305@openssh.com, aes128-ctr, aes192-ctr, aes256-ctr; empty for what is fastest with each client."`

	IdleTimeout    time.Duration `name:"idle-timeout" default:"4h" min:"0s" max:"8760h" help:"Time that a session may wait for a command of its person before it is closed; 0s for ever."`
	Keepalive      time.Duration `name:"keepalive" default:"1m" min:"0s" max:"24h" help:"Time without a word from a client after which it is asked for one; 0s for never asking."`
	KeepaliveCount int           `name:"keepalive-count" default:"5" min:"1" max:"1000" help:"Questions in a row that stay without an answer before the connection is closed."`
	StallTimeout   time.Duration `name:"stall-timeout" default:"5m" min:"0s" max:"24h" help:"Time that a client may take nothing of what it is sent before its connection is closed; 0s for ever."`
	UnusedTimeout  time.Duration `name:"unused-timeout" default:"1h" min:"0s" max:"8760h" help:"Time that a connection may be without a session and a tunnel before it is closed; 0s for ever."`

	MaxStartups       gate.Startups  `name:"max-startups" default:"10:30:100" placeholder:"\"${default}\"" help:"Connections at once that have not logged in: start:rate:full. Above start, rate percent of new ones are dropped, rising to all of them at full."`
	StartupsForKnown  int            `name:"startups-for-known" default:"20" min:"0" max:"100000" help:"Places beside those of max_startups for sources that somebody has logged in from within 30 days."`
	StartupsForAdmins int            `name:"startups-for-admins" default:"4" min:"0" max:"100000" help:"Places beside those for sources that an admin has logged in from within 30 days."`
	StartupsPerSource int            `name:"startups-per-source" default:"8" min:"1" max:"100000" help:"Connections at once from one source that have not logged in."`
	PerSource         int            `name:"per-source" default:"64" min:"1" max:"100000" help:"Connections at once from one source."`
	SourceBitsIPv4    int            `name:"source-bits-ipv4" default:"32" min:"1" max:"32" help:"Leading bits that the IPv4 addresses of one source have in common."`
	SourceBitsIPv6    int            `name:"source-bits-ipv6" default:"64" min:"1" max:"128" help:"Leading bits that the IPv6 addresses of one source have in common."`
	Penalties         Penalties      `embed:"" prefix:"penalties-"`
	Exempt            []netip.Prefix `name:"exempt" help:"Networks without penalties and limits per source, such as 192.0.2.0/24 or 2001:db8::/32."`
	ProxyFrom         []netip.Prefix `name:"proxy-from" help:"Networks of proxies that say for whom they connect, by the PROXY protocol; all their connections must."`
}

// Penalties are how long a source is kept from connecting, by reason. They add up.
type Penalties struct {
	AuthFail      time.Duration `name:"authfail" default:"5s" min:"0s" max:"24h" help:"For a connection on which every login failed, or a password was wrong before one that was right."`
	InvalidUser   time.Duration `name:"invaliduser" default:"5s" min:"0s" max:"24h" help:"The same, with a name that has no account. If it differs, it tells which names have one."`
	NoAuth        time.Duration `name:"noauth" default:"1s" min:"0s" max:"24h" help:"For a connection that ends before a login was tried."`
	GraceExceeded time.Duration `name:"grace-exceeded" default:"10s" min:"0s" max:"24h" help:"For a connection that was not logged in within ssh.login_grace."`
	Refused       time.Duration `name:"refused" default:"10s" min:"0s" max:"24h" help:"For a login to a banned account, another user than at first, keys that are exchanged again and again, and a PROXY header from a network that is not in ssh.proxy_from."`
	Crash         time.Duration `name:"crash" default:"90s" min:"0s" max:"24h" help:"For a connection that made the server fail before the login."`
	Min           time.Duration `name:"min" default:"15s" min:"0s" max:"24h" help:"Penalties are enforced once so much is left to serve."`
	Max           time.Duration `name:"max" default:"10m" min:"0s" max:"24h" help:"Most that is left to serve; 0s for no penalties."`
}

// Auth has the settings of accounts and of passwords.
type Auth struct {
	Registration      string  `name:"registration" default:"open" enum:"open,invite,closed" help:"Whether an unknown name may make an account: open, invite (with the code of an invite) or closed."`
	Invites           string  `name:"invites" default:"moderators" enum:"nobody,moderators,members" help:"Who makes invites beside the operator: nobody, moderators (and admins) or members (everybody)."`
	ImportCredentials string  `name:"import-credentials" help:"File of \"name password\" lines imported at start; empty for none."`
	PasswordLength    int     `name:"password-length" default:"8" min:"0" max:"64" help:"Characters that a new password has at least, and then it is not the name; 0 for any. Imported ones stay as they are."`
	Lockout           Lockout `embed:"" prefix:"lockout-"`
	Argon2            Argon2  `embed:"" prefix:"argon2-"`
}

// Lockout is the pause after wrong passwords, the same at every door.
type Lockout struct {
	Attempts int           `name:"attempts" default:"3" min:"1" max:"1000" help:"Wrong passwords from one source before an account locks for it."`
	For      time.Duration `name:"for" default:"10s" min:"0s" max:"24h" help:"How long it stays locked; 0s for never locking."`
}

// Argon2 is the cost of one argon2id derivation.
type Argon2 struct {
	MemoryKiB  int `name:"memory-kib" default:"19456" min:"1024" max:"1048576" help:"Memory one password check takes, in KiB."`
	Time       int `name:"time" default:"2" min:"1" max:"64" help:"Passes over that memory."`
	Threads    int `name:"threads" default:"1" min:"1" max:"16" help:"Threads of one password check."`
	Concurrent int `name:"concurrent" default:"0" min:"0" max:"1024" help:"Password checks at the same time; 0 for one per processor."`
}

// Storage has the settings for the maintenance of the stored data.
type Storage struct {
	ScrubEvery time.Duration `name:"scrub-every" default:"720h" min:"0s" max:"87600h" help:"Period of running time in which all stored data is read once, slowly, to find damage; 0s for never."`
	SweepAfter time.Duration `name:"sweep-after" default:"24h" min:"1h" max:"8760h" help:"How long the server must have run since it first saw a content that no file has, such as after a crash, before it is freed."`
}

// Limits has the limits for one person, one connection or the whole forum.
type Limits struct {
	MessageBytes          int           `name:"message-bytes" default:"65536" min:"1" max:"1048576" help:"Longest message, in bytes."`
	DuplicatesWithin      time.Duration `name:"duplicates-within" default:"10m" min:"0s" max:"24h" help:"How long the same text by the same person in the same thread is refused as a duplicate; 0s for never."`
	RestoreWindow         time.Duration `name:"restore-window" default:"720h" min:"0s" max:"87600h" help:"How long something deleted can be restored."`
	EventsKept            int           `name:"events-kept" default:"100000" min:"1" max:"10000000" help:"Latest events kept for followers that return."`
	FileMiB               int           `name:"file-mib" default:"2048" min:"1" max:"1048576" help:"Largest file, in MiB."`
	ThreadMiB             int           `name:"thread-mib" default:"8192" min:"1" max:"1073741824" help:"All files of one thread, or sent to one person, in MiB."`
	PersonMiB             int           `name:"person-mib" default:"4096" min:"1" max:"1073741824" help:"All files that one person uploaded, in MiB."`
	TotalMiB              int           `name:"total-mib" default:"65536" min:"1" max:"1073741824" help:"All files of the forum, in MiB."`
	TextMiB               int           `name:"text-mib" default:"256" min:"1" max:"1048576" help:"All messages that one person wrote, private ones and earlier versions among them, in MiB."`
	SessionsPerConnection int           `name:"sessions-per-connection" default:"10" min:"1" max:"100" help:"Sessions open at once in one SSH connection."`
	OpenFiles             int           `name:"open-files" default:"64" min:"1" max:"10000" help:"Files and directories open at once over SFTP in one SSH connection."`
	ReceiveKiB            int           `name:"receive-kib" default:"0" min:"0" max:"1073741824" help:"KiB a second received from one SSH connection; 0 for no limit."`
	SendKiB               int           `name:"send-kib" default:"0" min:"0" max:"1073741824" help:"KiB a second sent to one SSH connection; 0 for no limit."`
	EnvCount              int           `name:"env-count" default:"32" min:"0" max:"1000" help:"Environment variables one session may send."`
	EnvBytes              int           `name:"env-bytes" default:"8192" min:"0" max:"1048576" help:"Bytes of all the environment variables of one session."`
	Connections           int           `name:"connections" default:"1024" min:"1" max:"100000" help:"Connections at once, through all doors."`
	HistoryLines          int           `name:"history-lines" default:"500" min:"0" max:"100000" help:"Lines of command history kept for an account."`
	Rates                 Rates         `embed:"" prefix:"rates-"`
	LineBytes             int           `name:"line-bytes" default:"1048576" min:"256" max:"16777216" help:"Longest line of input in the shell, in bytes."`
}

// Rates limit how often one person may do things; each has a second one for new accounts.
type Rates struct {
	Enabled       bool          `name:"enabled" default:"true" help:"Whether there are limits on how fast people do things; moderators and admins have none."`
	NewFor        time.Duration `name:"new-for" default:"24h" min:"0s" max:"8760h" help:"How long an account is new."`
	PerSource     int           `name:"per-source" default:"10" min:"0" max:"100000" help:"So many times what one person may, one source may in all; 0 for any number."`
	Posts         limit.Rate    `name:"posts" default:"60:2s" help:"Messages, answers and edits: so many at once, then one in that time; off for no limit."`
	NewPosts      limit.Rate    `name:"new-posts" default:"30:20s" help:"The same, for new accounts."`
	Threads       limit.Rate    `name:"threads" default:"10:30s" help:"Threads created."`
	NewThreads    limit.Rate    `name:"new-threads" default:"5:2m" help:"The same, for new accounts."`
	Private       limit.Rate    `name:"private" default:"60:2s" help:"Private messages, and what is said to all."`
	NewPrivate    limit.Rate    `name:"new-private" default:"30:20s" help:"The same, for new accounts."`
	Uploads       limit.Rate    `name:"uploads" default:"1000:1s" help:"Files begun."`
	NewUploads    limit.Rate    `name:"new-uploads" default:"200:5s" help:"The same, for new accounts."`
	Searches      limit.Rate    `name:"searches" default:"30:2s" help:"Searches."`
	NewSearches   limit.Rate    `name:"new-searches" default:"20:5s" help:"The same, for new accounts."`
	Reports       limit.Rate    `name:"reports" default:"10:1m" help:"Reports to the moderators."`
	NewReports    limit.Rate    `name:"new-reports" default:"5:5m" help:"The same, for new accounts."`
	Changes       limit.Rate    `name:"changes" default:"1000:1s" help:"Changes of what is there: deletions, restorations, names and times of files, settings, keys, marks."`
	NewChanges    limit.Rate    `name:"new-changes" default:"200:5s" help:"The same, for new accounts."`
	Visits        limit.Rate    `name:"visits" default:"120:2s" help:"Shells and other sessions that stay, begun."`
	NewVisits     limit.Rate    `name:"new-visits" default:"60:10s" help:"The same, for new accounts."`
	Asks          limit.Rate    `name:"asks" default:"1000:20ms" help:"Commands of any kind; faster people wait."`
	NewAsks       limit.Rate    `name:"new-asks" default:"500:50ms" help:"The same, for new accounts."`
	Work          limit.Rate    `name:"work" default:"2048:50ms" help:"MiB that the server goes through for somebody who has not sent them: threads as files, gaps and changes of files; what is more is waited for before the next time."`
	NewWork       limit.Rate    `name:"new-work" default:"512:200ms" help:"The same, for new accounts."`
	Registrations limit.Rate    `name:"registrations" default:"10:1m" help:"Accounts made from one source."`
}

// Legacy has the settings of the doors for old programs. These use no encryption, so by default
// they listen only for this machine.
type Legacy struct {
	Zone       *time.Location `name:"zone" default:"local" placeholder:"\"${default}\"" help:"Time zone of what old programs show, such as Europe/Berlin; local for the server's own."`
	LoginGrace time.Duration  `name:"login-grace" default:"30m" min:"1s" max:"24h" help:"Time from connecting to being logged in; the programs connect before they ask for a name."`
	UDPForum   UDPForum       `embed:"" prefix:"udpforum-"`
	JSONForum  JSONForum      `embed:"" prefix:"jsonforum-"`
	TextChat   TextChat       `embed:"" prefix:"textchat-"`
	JSONChat   JSONChat       `embed:"" prefix:"jsonchat-"`
	PickleChat PickleChat     `embed:"" prefix:"picklechat-"`
}

// UDPForum is the door for clients of the TCP and UDP forum.
type UDPForum struct {
	Enabled bool   `name:"enabled" default:"true" help:"Whether clients of the TCP and UDP forum may come."`
	Listen  string `name:"listen" kind:"address" default:"127.0.0.1:10005" help:"Where they connect to, by TCP and UDP; the UDP port before it hears their hello."`
}

// JSONForum is the door for clients of the TCP forum with SHT.
type JSONForum struct {
	Enabled bool   `name:"enabled" default:"true" help:"Whether clients of the TCP forum with SHT may come."`
	Listen  string `name:"listen" kind:"address" default:"127.0.0.1:12344" help:"Where they connect to."`
}

// TextChat is the door for clients of the text chat.
type TextChat struct {
	Enabled    bool   `name:"enabled" default:"true" help:"Whether clients of the text chat may come."`
	Listen     string `name:"listen" kind:"address" default:"127.0.0.1:12345" help:"Where they connect to; the port is built into the client."`
	MaxClients int    `name:"max-clients" default:"3" min:"1" max:"100000" help:"Clients of the text chat at once that have given a name."`
	Thread     string `name:"thread" kind:"title" default:"lobby" help:"Thread that is their room."`
	Guests     bool   `name:"guests" default:"true" help:"Whether guests may come; the text chat has no passwords, so all of its people are guests. They are refused the names of accounts, which tells these."`
	Echo       bool   `name:"echo-commands" default:"false" help:"Whether commands are shown to the others in the chat, as the original did."`
}

// JSONChat is the door for clients of the JSON messenger.
type JSONChat struct {
	Enabled bool          `name:"enabled" default:"true" help:"Whether clients of the JSON messenger may come."`
	Listen  string        `name:"listen" kind:"address" default:"127.0.0.1:12346" help:"Where they connect to."`
	Timeout time.Duration `name:"timeout" default:"60s" min:"1s" max:"24h" help:"Time without a command after which they are logged out."`
}

// PickleChat is the door for clients of the conference chat.
type PickleChat struct {
	Enabled bool   `name:"enabled" default:"true" help:"Whether clients of the conference chat may come."`
	Listen  string `name:"listen" kind:"address" default:"127.0.0.1:12347" help:"Where they connect to."`
	Thread  string `name:"thread" kind:"title" default:"lobby" help:"Thread that is their board."`
}
