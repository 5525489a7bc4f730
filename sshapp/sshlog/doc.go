// Package sshlog bounds what the clients of a connection bring into the log, in lines and in
// bytes, and writes the line of a command.
package sshlog
