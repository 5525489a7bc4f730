// Package sshlog limits the log lines and bytes that the clients of a connection cause, and
// logs commands.
package sshlog
