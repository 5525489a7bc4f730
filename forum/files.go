package forum

import "time"

// Folder is the place of files: one thread, or one person's inbox.
type Folder struct {
	Thread ThreadID
	Inbox  UserID
}

// File is a complete file.
type File struct {
	Folder   Folder
	Name     string
	Line     uint64 // Seq of its line in the thread; 0 in an inbox
	From     UserID // the uploader
	Blob     BlobID
	Origin   BlobID // the first Blob of the file, if the file has only been appended to since; otherwise zero
	Size     int64  // bytes
	SHA256   [32]byte
	Uploaded time.Time
	Modified time.Time // by the clock of its uploader's machine, see SetModified

	Placeholder bool // it is empty until its uploader replaces it
}

// Part is an upload that only its owner can see: it is under way, was interrupted, or is
// complete under a temporary name and waits for its rename.
type Part struct {
	Folder   Folder
	Name     string
	Owner    UserID
	Blob     BlobID
	Size     int64    // bytes that count towards the quotas
	Whole    bool     // complete, under a temporary name; its blob is that of its Content
	SHA256   [32]byte // of its Content, or of a Content that it keeps to begin with; or zero
	Modified time.Time
	Touched  time.Time // when it was last begun, left or completed
	Writer   BlobID    // the Blob of its last beginning; writers with another one must stop

	Placeholder bool // the file that it becomes is one
}

// Content has the bytes of one or more files, stored once: in a blob, or inline with the rows.
type Content struct {
	SHA256 [32]byte
	Blob   BlobID
	Refs   uint64 // number of files and parts that have it
}

// MaxInline is the maximum size in bytes of a content that is stored with the rows, in the
// change that names it. A larger one is a blob, which takes a commit of its own.
const MaxInline = 16 << 10

// DropPrefix returns the prefix of the names of a sender's files in an inbox.
func DropPrefix(sender string) string { return sender + "_" }
