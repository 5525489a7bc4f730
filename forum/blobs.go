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

// IsZero reports whether id names nothing.
func (id BlobID) IsZero() bool { return id == BlobID{} }

// Sums are the hashes of a whole content. SHA256 is the one we trust; the others are
// for clients that compare with them.
type Sums struct {
	SHA256 [32]byte
	SHA1   [20]byte
	MD5    [16]byte
}

// Blobs keeps the contents of files apart from the forum's rows. A blob that no row of
// the forum names is garbage; the forum says which ones those are.
//
// Where the disk is full or has failed, what writes answers Unavailable; when the store
// is closed everything answers Stopping.
type Blobs interface {
	// Create begins a blob with an id that has none. It exists as soon as some of it is
	// durable. Errors: Conflict.
	//
	// Resume goes on with what there is of one. When it is being written, it ends that
	// as Close does, after which the other writer answers Conflict. Errors: NotFound;
	// Conflict while it is being removed; Unavailable when the end of what the other
	// writer took cannot be made durable.
	Create(id BlobID) (BlobWriter, error)
	Resume(id BlobID) (BlobWriter, error)

	// Open reads a blob, complete or not; of one that is being written, what was written
	// so far. Reading holds nothing between calls. Errors: NotFound.
	Open(id BlobID) (BlobReader, error)

	// Size returns with how many bytes of a blob Resume goes on: all of them when it was
	// finished, else a beginning without gaps. Errors: NotFound.
	Size(id BlobID) (int64, error)

	// Sums returns the hashes of a blob that is not being written. The first call reads
	// all of it, two seconds a gigabyte; later ones have the answer at hand. Errors:
	// NotFound; Conflict when it is being written; Unavailable when ctx ends.
	Sums(ctx context.Context, id BlobID) (Sums, error)

	// Hash reads all of a blob that is not being written, and returns its SHA-256 as it is
	// now. Errors: NotFound; Conflict when it is being written; Unavailable when ctx ends;
	// Internal when it is damaged.
	Hash(ctx context.Context, id BlobID) (sha256 [32]byte, err error)

	// Heal looks at all of a blob that others have, and writes what is damaged or missing
	// anew from another one with the same content. It does nothing to one that is being
	// removed.
	Heal(ctx context.Context, id, from BlobID) error

	// Room returns how many bytes of contents the disk has room for, about, and what is
	// answered beyond that.
	Room() (bytes int64, full error)

	// All yields every blob there is, those being written included.
	All(yield func(BlobID) bool) error
	// Remove takes some away; those that are gone, or being written, are passed over. It
	// waits for nothing: their space is freed step by step afterwards. What a crash or a
	// fault of the disk keeps from being freed is there again, for All to yield.
	Remove(ids ...BlobID)
}

// BlobWriter takes a content in any order. Its methods may be called from several
// goroutines. What is not written before the end is zeroes and takes no space. While a
// writer is open, Remove passes its blob over; so who publishes a blob does that between
// Finish and Close.
type BlobWriter interface {
	io.WriterAt
	io.ReaderAt // of what was written so far, durable or not

	// Size returns the end of what was written so far, in bytes.
	Size() int64
	// Truncate makes the content size bytes long.
	Truncate(size int64) error
	// Sync returns when all that was written before is durable, as is the size.
	Sync(ctx context.Context) error
	// Finish makes the content durable and returns its SHA-256. Nothing can be written
	// after it.
	Finish(ctx context.Context) (sha256 [32]byte, err error)
	// Close ends the writing. Without Finish it keeps, for Resume, what was written
	// without a gap from the beginning.
	Close() error
}

// BlobReader reads a blob: what there is of it at the time, also while it is being
// written and after that. When the blob is removed meanwhile, ReadAt answers NotFound.
type BlobReader interface {
	io.ReaderAt
	io.Closer
	Size() int64 // when it was opened
}

// ErrBlobClosed is what a writer answers after Finish or Close.
var ErrBlobClosed = errors.New("the upload is closed")
