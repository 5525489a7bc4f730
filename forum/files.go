package forum

import "time"

// Folder is where files are: one thread, or one person's inbox.
type Folder struct {
	Thread ThreadID
	Inbox  UserID
}

// File is a whole file.
type File struct {
	Folder   Folder
	Name     string
	Line     uint64 // Seq of its line in the thread; 0 in an inbox
	From     UserID // who uploaded it
	Blob     BlobID
	Origin   BlobID // the Blob it had at first, if it was only added to at its end since then
	Size     int64  // bytes
	SHA256   [32]byte
	Uploaded time.Time
	Modified time.Time // as its uploader's machine has it, see SetModified

	Placeholder bool // it is empty until its uploader replaces it
}

// Part is an upload that its owner alone can see: it is under way, was cut off, or is
// complete under a temporary name and waits for its rename.
type Part struct {
	Folder   Folder
	Name     string
	Owner    UserID
	Blob     BlobID
	Size     int64    // bytes that count against the quotas
	Whole    bool     // complete, under a temporary name; its blob is that of its Content
	SHA256   [32]byte // of the Content it has, or of one that it keeps to begin with; or zero
	Modified time.Time
	Touched  time.Time // when it was last begun, left or completed
	Writer   BlobID    // the Blob that its last beginning brought; who has another may not go on

	Placeholder bool // the file it becomes is one
}

// Content is what one or more files have in them, kept once.
type Content struct {
	SHA256 [32]byte
	Blob   BlobID
	Refs   uint64 // files and parts that have it
}

// DropPrefix returns what stands before the names of a sender's files in an inbox.
func DropPrefix(sender string) string { return sender + "_" }
