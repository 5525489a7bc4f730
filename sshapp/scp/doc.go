// Package scp implements the remote side of the old scp protocol, for clients that run "scp -t"
// or "scp -f" there, such as scp -O of OpenSSH. It knows the command line, the records, their
// order and their answers. It knows nothing of SSH, of the forum or of storage: bytes come over
// an io.ReadWriter, files go into a Target and come from a Source, and those decide what exists
// and who may do what.
//
// The protocol is that of rcp and has no specification except its programs; this package
// follows scp.c of OpenSSH. The side that has the files sends records, and waits for an answer
// to each:
//
//	Tmtime 0 atime 0\n     seconds since 1970, for the record that follows
//	Cmode size name\n      a file; once accepted, size bytes and a zero byte follow
//	Dmode 0 name\n         a directory; once accepted, its entries follow
//	E\n                    the end of a directory
//
// An answer is a zero byte, or 1 and a line (this failed, go on with the next one), or 2 and a
// line (nothing more will work). After an answer other than zero the sender omits the content
// that the record announced. A sender that cannot read a file it has announced fills it up with
// zeroes, and sends an error instead of the closing zero byte. Instead of a record, the sender
// may also send an error, which is not answered. The receiver speaks first, with a zero byte
// when it is ready.
package scp
