// Package sshapp is the SSH door of the forum. It knows SSH connections and who logged in
// on them, and no rule of the forum.
//
// A connection is served by charm.land/ssh under wish; server.go and auth.go lead from
// a socket to a session of a known account, and session.go from there to what serves it:
// package shell, where the client gives commands, or package files, where it asks for files.
// Package wire has what the bytes pass on their way.
package sshapp
