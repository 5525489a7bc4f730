package forum

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
)

// BlobID names the content of a file in the blob store. It is random and never reused.
type BlobID [16]byte

func (id BlobID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id is the zero id, which names no blob.
func (id BlobID) IsZero() bool { return id == BlobID{} }

// Sums are the hashes of a whole content. Only SHA256 is trusted; the others are for clients
// that compare with them.
type Sums struct {
	SHA256 [32]byte
	SHA1   [20]byte
	MD5    [16]byte
}

// Blobs keeps the contents of files, apart from the forum's rows. A blob that no row of the
// forum names is garbage, and the forum decides which blobs are.
//
// Errors of all methods: Unavailable if a write finds the disk full or failed; Stopping if the
// store is closed.
type Blobs interface {
	// Create begins a blob with an id that is not in use. It exists as soon as a part of it is
	// durable. Errors: Conflict.
	//
	// Resume continues a blob from its durable part. If the blob is being written, Resume ends
	// that like Close, and then the other writer gets Conflict. Errors: NotFound; Conflict
	// while the blob is being removed; Unavailable if the end of the bytes that the other
	// writer took cannot be made durable.
	Create(id BlobID) (BlobWriter, error)
	Resume(id BlobID) (BlobWriter, error)

	// Open opens a blob for reading, complete or not; a blob that is being written can be read
	// as far as it was written. A reader holds no transaction between calls. Errors: NotFound.
	Open(id BlobID) (BlobReader, error)

	// Size returns the number of bytes of a blob from which Resume continues: all of them if it
	// was finished, otherwise the first bytes without a gap. Errors: NotFound.
	Size(id BlobID) (int64, error)

	// Sums returns the hashes of a blob that is not being written. The first call reads the
	// whole blob, which takes two seconds for a gigabyte; later calls return the stored hashes.
	// Errors: NotFound; Conflict if the blob is being written; Unavailable if ctx ends.
	Sums(ctx context.Context, id BlobID) (Sums, error)

	// Hash reads the whole of a blob that is not being written, and returns the SHA-256 of its
	// present bytes. Errors: NotFound; Conflict if the blob is being written; Unavailable if
	// ctx ends; Internal if the blob is damaged.
	Hash(ctx context.Context, id BlobID) (sha256 [32]byte, err error)

	// Heal reads the whole of blob id, and replaces damaged or missing pieces by those of blob
	// from, which has the same content. It does nothing to a blob that is being removed.
	Heal(ctx context.Context, id, from BlobID) error

	// Room returns about how many more bytes of contents fit on the disk, and the error for a
	// write that does not fit.
	Room() (bytes int64, full error)

	// All yields the ids of all blobs, including those being written.
	All(yield func(BlobID) bool) error
	// Remove removes blobs. It ignores those that are gone or are being written. It returns at
	// once, and their space is freed step by step afterwards. After a crash or a disk fault,
	// All yields the blobs that were not freed.
	Remove(ids ...BlobID)
}

// BlobWriter writes a content in any order. Its methods may be called from several goroutines.
// A gap that is not written before the end has zeros and takes no space. While a writer is
// open, Remove ignores its blob; so a blob must be published between Finish and Close.
type BlobWriter interface {
	io.WriterAt
	io.ReaderAt // reads the bytes written so far, durable or not

	// Size returns the end of the bytes written so far.
	Size() int64
	// Truncate sets the size of the content in bytes.
	Truncate(size int64) error
	// Sync returns when all earlier writes and the size are durable.
	Sync(ctx context.Context) error
	// Finish makes the content durable and returns its SHA-256. Nothing can be written after
	// it.
	Finish(ctx context.Context) (sha256 [32]byte, err error)
	// Close ends the writing. Without Finish it keeps the bytes from the beginning to the first
	// gap, for Resume.
	Close() error
	// Discard ends the writing and removes the blob. It waits for no commit. It does nothing
	// after Close.
	Discard()
}

// BlobReader reads the present bytes of a blob, both while it is being written and after that.
// If the blob was removed, ReadAt returns NotFound.
type BlobReader interface {
	io.ReaderAt
	io.Closer
	Size() int64 // when the reader was opened
}

// ErrBlobClosed is the error of a writer after Finish or Close.
var ErrBlobClosed = errors.New("the upload is closed")
