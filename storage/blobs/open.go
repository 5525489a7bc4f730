package blobs

import (
	"log/slog"
	"path/filepath"

	"golang.org/x/sync/semaphore"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// Open inspects the store in dir and opens it. Errors: those of boltfile.Open.
func Open(dir string, o Options) (*Store, error) {
	i, err := Inspect(filepath.Join(dir, FileName), o)
	if err != nil {
		return nil, err
	}
	return i.Open()
}

// Inspected is a store that is not open yet.
type Inspected struct {
	Mark boltfile.Mark

	options Options
	file    *boltfile.File
}

// Inspect checks the store in the file at path and changes nothing. Errors: those of
// boltfile.Inspect.
func Inspect(path string, o Options) (*Inspected, error) {
	i := &Inspected{options: o.withDefaults()}
	var err error
	i.file, err = boltfile.Inspect(path, i.options.file(), func(tx *boltfile.Tx) (err error) {
		i.Mark, err = mark(tx)
		return err
	})
	return i, err
}

// LostHead returns the damage that Options.OneHead ignored, or nil.
func (i *Inspected) LostHead() error { return i.file.LostHead() }

// Open opens the store. It may be called once. Errors: those of boltfile.Open.
func (i *Inspected) Open() (*Store, error) {
	if err := i.file.Open(); err != nil {
		return nil, err
	}
	o := i.options
	s := &Store{
		options: o, log: o.Logger, file: i.file,
		memory:   semaphore.NewWeighted(max(1, o.Memory/chunkSize)),
		stopping: make(chan struct{}), stopped: make(chan struct{}),
		busy: make(map[forum.BlobID]*upload), wake: make(chan struct{}, 1),
	}
	s.chunks.New = func() any { return &chunk{data: make([]byte, 0, chunkSize+boltfile.SealSize(chunkSize))} }
	s.commits.Store(i.Mark.Last)
	go s.commitAll()
	return s, nil
}

// Make creates the file of an empty store at path, with mode 0600; m is the mark of its forum.
// Errors: those of boltfile.Make.
func Make(path string, m boltfile.Mark) error {
	return boltfile.Make(path, Options{}.file(), func(tx *boltfile.Tx) error { return putMark(tx, m) })
}

// WithHooks returns o with the hooks that tests put between the store and the system.
func (o Options) WithHooks(h boltfile.Hooks) Options {
	o.hooks = h
	return o
}

func (o Options) file() boltfile.Options {
	return boltfile.Options{
		Migrations: migrations, Bucket: chunksBucket, Buckets: buckets, Refused: "no file",
		OneHead: o.OneHead, Logger: o.Logger, Hooks: o.hooks,
	}
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
