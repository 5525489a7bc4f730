// Package scp speaks the remote side of the old scp protocol: what a client that runs
// "scp -t" or "scp -f" on the far side expects to meet there, such as scp -O of OpenSSH.
// It knows the command line, the records, their order and their answers. It knows
// nothing of SSH, of the forum or of storage: bytes come over an io.ReadWriter, files go
// into a Target and come from a Source, and those decide what exists and who may do what.
//
// The protocol is that of rcp and has no specification but its programs; this follows
// scp.c of OpenSSH. The side that has the files sends records, and waits for an answer to
// each:
//
//	Tmtime 0 atime 0\n     seconds since 1970, for the record that follows
//	Cmode size name\n      a file; once accepted, size bytes and a zero byte follow
//	Dmode 0 name\n         a directory; once accepted, its entries follow
//	E\n                    the end of a directory
//
// An answer is a zero byte, or 1 and a line (this failed, go on with the next one), or 2
// and a line (nothing more will work). After an answer other than zero the sender leaves
// out what the record announced. A sender that cannot read a file it has announced fills
// it up and sends an error in place of the closing zero byte. Where a record is due, the
// sender may send an error too; that is not answered. The receiver speaks first, with a
// zero byte when it is ready.
package scp
