package blobs

import (
	"log/slog"
	"path/filepath"

	"golang.org/x/sync/semaphore"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// Open opens the store in dir, which must exist, and makes its file with mode 0600 when
// there is none. Errors: those of boltfile.Open.
func Open(dir string, o Options) (*Store, error) {
	o = o.withDefaults()
	file, err := boltfile.Open(filepath.Join(dir, FileName), boltfile.Options{
		Migrations: migrations, Bucket: "chunks", Refused: "no file",
		Logger: o.Logger, Hooks: o.hooks,
	})
	if err != nil {
		return nil, err
	}
	s := &Store{
		options: o, log: o.Logger, file: file,
		memory:   semaphore.NewWeighted(max(1, o.Memory/chunkSize)),
		stopping: make(chan struct{}), stopped: make(chan struct{}),
		busy: make(map[forum.BlobID]*upload), wake: make(chan struct{}, 1),
	}
	s.chunks.New = func() any { return &chunk{data: make([]byte, 0, chunkSize)} }
	go s.commitAll()
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.MaxSize <= 0 || o.MaxSize > maxSize {
		o.MaxSize = maxSize
	}
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
