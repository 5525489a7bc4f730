// Package sshapp is the SSH door of the forum. It knows SSH connections and their accounts, and
// no rule of the forum.
//
// A connection is served by charm.land/ssh under wish; server.go and auth.go lead from a socket
// to a session of a known account, and session.go leads from there to the package that serves
// it: package shell, where the client gives commands, or package files, where it asks for
// files. Package wire has the layers between the network and a session.
package sshapp
