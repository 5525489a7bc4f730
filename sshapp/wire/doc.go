// Package wire is what the bytes of a client pass between the network and a session. Each
// wrapper does one thing, and where it stands is part of that. From the network to a session
// they are, in this order:
//
//  1. The reader of a PROXY header, for the connections of a listed proxy (enter.go of package
//     sshapp). It comes first since the gate, by the address in the header, decides whether
//     anything else is read.
//  2. Link counts, for the rates, for signs of life and for the backlog, what arrives and what
//     is sent. It stands next to the network, so that it counts bytes as they cost: encrypted,
//     framed, and before anybody has looked at them. Keepalive asks it who was silent.
//  3. Opening hears what the client says in clear before the SSH library does. It stands above
//     Link, which counts that too, and below the library, which has it all repeated.
//  4. The SSH library decrypts, and deals out to channels. It holds what nobody has read.
//  5. The stream of a channel (Link.Stream) tells the backlog of its Link what was read, and so
//     comes before whatever reads a channel. Requests come beside it; who takes them off says
//     so by Link.Took.
//  6. The SSH library's session, which changes nothing of what is read.
//
// What follows depends on what the session is for:
//
//   - a terminal: the line editor (package lineedit), with the time that its person may take
//     (package shell), and above that, for the text of a command, the composer
//   - one command, or commands on standard input: WholeInput, since the end of a text must be
//     told from a lost connection; InputUntil above it, so that who waits for input ends with
//     the session; and for commands the reader of lines, which commands that take a text share
//   - scp, and sums of what is sent: InputUntil alone, since a client of scp says how long a file
//     is, and of what is summed nothing is kept
//   - SFTP: IdleChannel, which sees what goes either way; above it the filter of package
//     sftpext, which holds requests back and so must not be what silence is measured by
//   - a tunnel: NewTunnel, in place of the session, which makes the stream a network connection
//
// From a session to the network the bytes take the same way back. On it, from the session:
//
//   - at a terminal the pager, then the line editor, which ends lines as a terminal needs them:
//     what it writes goes to the stream, and not through the library's session, which would end
//     them once more
//   - of commands OutputUntil, by which nothing is written after the session has ended; of scp
//     OutputUntilSignal, since there the end has still to be told, unless by a signal
//   - of SFTP the filter of package sftpext, then IdleChannel; of a tunnel NewTunnel, to whose
//     writes the door behind it sets a deadline of its own
//   - the stream, which writes in pieces: the client must make room for each within the stall
//     timeout. It makes room for one channel, and so is measured here
//   - Opening, which leaves out the identification that it has sent itself
//   - Link, which writes in pieces, too: each waits until the rate lets it, and must then be taken
//     by the network within the stall timeout. So a client is noticed that takes nothing at all,
//     not even the answers to its requests, which pass no stream.
//
// What people wrote is made safe to show before all that, where results are rendered.
package wire
