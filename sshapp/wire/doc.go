// Package wire has the layers that a client's bytes pass between the network and a session.
// Each wrapper does one thing, and its position matters. From the network to a session they
// are, in this order:
//
//  1. The reader of a PROXY header, for the connections of a listed proxy (enter.go of package
//     sshapp). It comes first, since the gate decides by the address in the header whether
//     anything else is read.
//  2. Link counts the bytes that arrive and are sent, for the rates, for signs of life and for
//     the backlog. It is next to the network, so that it counts bytes at their cost: encrypted,
//     framed, and before anything processes them. Keepalive asks it whether the client is silent.
//  3. Opening reads the client's unencrypted messages before the SSH library does. It is above
//     Link, which counts these bytes too, and below the library, to which it repeats them.
//  4. The SSH library decrypts, and distributes to channels. It holds bytes that are not read
//     yet.
//  5. The stream of a channel (Link.Stream) tells the backlog of its Link how many bytes were
//     read, and so it is below everything that reads a channel. Requests come beside it; the
//     code that takes them calls Link.Took.
//  6. The SSH library's session, which does not change the bytes that are read.
//
// The layers above depend on the purpose of the session:
//
//   - a terminal: the line editor (package lineedit), with the time that its person may take
//     (package shell), and above that, for the text of a command, the composer
//   - one command, or commands on standard input: WholeInput, since the end of a text must be
//     told from a lost connection; InputUntil above it, so that waiting for input ends with the
//     session; and for commands the reader of lines, shared by commands that take a text
//   - scp, and sums of standard input: only InputUntil, since a client of scp sends the length of
//     a file, and nothing is kept of standard input
//   - SFTP: IdleChannel, which sees the bytes of both directions; above it the filter of package
//     sftpext, which holds requests back and so must not be the measure of silence
//   - a tunnel: NewTunnel instead of the session; it makes the stream a network connection
//
// From a session to the network the bytes go the same way back. On it are, from the session:
//
//   - at a terminal the pager, then the line editor, which writes line ends as a terminal needs
//     them: its output goes to the stream, and not through the library's session, which would
//     convert line ends a second time
//   - for commands OutputUntil, so that nothing is written after the session has ended; for scp
//     OutputUntilSignal, since there the end must still be sent, unless a signal ended it
//   - for SFTP the filter of package sftpext, then IdleChannel; for a tunnel NewTunnel, on whose
//     writes the door behind it sets a deadline of its own
//   - the stream, which writes in pieces: the client must make room for each within the stall
//     timeout. A client makes room for each channel separately, so it is measured here
//   - Opening, which omits the identification that it has sent itself
//   - Link, which writes in pieces too: each piece waits for the rate, and must then be taken by
//     the network within the stall timeout. So it notices a client that takes nothing at all, not
//     even the answers to its requests, which pass no stream.
//
// Texts of people are made safe to show before all these layers, where results are rendered.
package wire
