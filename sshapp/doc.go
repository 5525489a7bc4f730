// Package sshapp is the SSH door of the forum. It knows SSH connections, who logged in
// on them, terminals, and how commands are typed and their results are shown. It knows
// no rule of the forum and no file format: it parses what people send, calls
// rules.Service through the table of package command, and renders what comes back.
//
// A connection is served by charm.land/ssh under wish; server.go and auth.go lead from
// a socket to a session of a known account, and session.go from there to one of three
// ways of use: a shell on a terminal, one command (exec), or commands on standard input.
package sshapp
