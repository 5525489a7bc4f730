package storage

import (
	"errors"
	"log/slog"
	"path/filepath"

	"sshforum/storage/boltfile"
)

// Open inspects the store in dir and opens it. Errors: those of boltfile.Open.
func Open(dir string, o Options) (*DB, error) {
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
	dir     string
	file    *boltfile.File
}

// Inspect checks the store in the file at path and changes nothing. Errors: those of
// boltfile.Inspect.
func Inspect(path string, o Options) (*Inspected, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	i := &Inspected{options: o, dir: filepath.Dir(path)}
	var err error
	i.file, err = boltfile.Inspect(path, o.file(), func(bolt *boltfile.Tx) error {
		r := &reader{bolt: bolt}
		i.Mark = r.mark()
		return r.fault
	})
	return i, err
}

// LostHead returns the damage that Options.OneHead ignored, or nil.
func (i *Inspected) LostHead() error { return i.file.LostHead() }

// Open opens the store. It may be called once. Errors: those of boltfile.Open.
func (i *Inspected) Open() (*DB, error) {
	if err := i.file.Open(); err != nil {
		return nil, err
	}
	if err := buildIndex(i.file, i.options); err != nil {
		return nil, errors.Join(err, i.file.Close())
	}
	if i.options.Free == nil {
		i.options.Free = i.file.Free
	}
	db := &DB{
		options: i.options, log: i.options.Logger, dir: i.dir, file: i.file,
		queue: make(chan *submission), stopping: make(chan struct{}), stopped: make(chan struct{}),
	}
	db.durable.Store(i.Mark.Last)
	go db.write()
	return db, nil
}

// Make creates the file of an empty store at path, with mode 0600; m is the mark of its forum.
// Errors: those of boltfile.Make.
func Make(path string, m boltfile.Mark) error {
	return boltfile.Make(path, Options{}.file(), func(bolt *boltfile.Tx) error {
		t := &tx{reader: reader{bolt: bolt}}
		t.putMark(m)
		t.putLast()
		return t.fault
	})
}

// WithHooks returns o with the hooks that tests put between the store and the system.
func (o Options) WithHooks(h boltfile.Hooks) Options {
	o.hooks = h
	return o
}

func (o Options) file() boltfile.Options {
	return boltfile.Options{
		Migrations: migrations, Bucket: messagesBucket.String(), Buckets: otherBuckets(), Refused: "nothing more",
		ReadAhead: true, OneHead: o.OneHead, Logger: o.Logger, Hooks: o.hooks,
	}
}
