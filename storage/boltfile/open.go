package boltfile

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long Open waits for a process that is just closing the file.
const lockTimeout = time.Second

// Open inspects the file at path and opens it. A file of an older schema is brought up
// to date. Errors: those of Inspect.
func Open(path string, o Options) (*File, error) {
	f, err := Inspect(path, o, func(*Tx) error { return nil })
	if err != nil {
		return nil, err
	}
	return f, f.Open()
}

// Inspect checks every page of the file at path, calls look, which may read anything, and
// changes nothing. The returned file is neither open nor locked yet.
//
// Errors: Conflict, with ErrLocked in its chain, if another process has the file open;
// Unavailable if the file cannot be used, for example because it is damaged, look returned an
// error, or a newer program wrote it.
func Inspect(path string, o Options, look func(*Tx) error) (*File, error) {
	f := newFile(path, o)
	if err := Contain(func() error { return f.inspect(look) }); err != nil {
		return nil, openError(path, err)
	}
	return f, nil
}

// Open opens a file that was inspected. It may be called once. Errors: those of Inspect.
func (f *File) Open() error {
	err := Contain(func() error {
		if err := f.openMapped(); err != nil {
			return err
		}
		err := errors.Join(f.migrate(), f.Bolt.View(func(tx *bbolt.Tx) error {
			f.last = tx.ID()
			return nil
		}))
		if err != nil {
			return errors.Join(err, f.Bolt.Close())
		}
		return nil
	})
	if err != nil {
		return openError(f.path, err)
	}
	return nil
}

// Make creates the file at path, which must not exist, with mode 0600 and the rows that fill
// stores. The file is durable, except its name in the directory. Errors: those of Inspect.
func Make(path string, o Options, fill func(*Tx) error) error {
	f := newFile(path, o)
	err := Contain(func() (err error) {
		openFile := f.options.Hooks.OpenFile
		f.Bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:        lockTimeout,
			NoFreelistSync: true,
			OpenFile: func(name string, flag int, perm os.FileMode) (*os.File, error) {
				return openFile(name, flag|os.O_EXCL, perm)
			},
		})
		if err != nil {
			return err
		}
		return errors.Join(f.Bolt.Update(func(bolt *bbolt.Tx) error {
			tx := f.tx(bolt)
			if err := f.options.migrateFrom(tx, 0); err != nil {
				return err
			}
			return fill(tx)
		}), f.Bolt.Close())
	})
	if err != nil {
		return openError(path, err)
	}
	return nil
}

func newFile(path string, o Options) *File {
	o = o.withDefaults()
	return &File{path: path, options: o, log: o.Logger, damages: damages{logged: make(map[string]bool)}}
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Hooks.OpenFile == nil {
		o.Hooks.OpenFile = os.OpenFile
	}
	if o.Hooks.Commit == nil {
		o.Hooks.Commit = (*Tx).Commit
	}
	if o.Hooks.MapSizes == nil {
		o.Hooks.MapSizes = mapSizes()
	}
	return o
}

// inspect returns an error if the file cannot be used.
func (f *File) inspect(look func(*Tx) error) error {
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errForeign
	case info.Size() == 0:
		return errEmpty
	}
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	bolt, err := bbolt.Open(f.path, 0, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err == nil {
		defer func() { _ = bolt.Close() }()
	}
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return err
	}
	// verify runs even if bbolt could not open the file, since its error is more precise.
	if err := errors.Join(f.verify(file, info.Size()), err); err != nil {
		return err
	}
	return bolt.View(func(bolt *bbolt.Tx) error {
		tx := f.tx(bolt)
		if _, err := f.options.schema(tx); err != nil {
			return err
		}
		if err := look(tx); err != nil {
			return damaged("a row cannot be read: %v", err)
		}
		return nil
	})
}

// openMapped opens the file, which must exist, with the largest mapping that the system grants.
// A file that outgrows its mapping can only be mapped again when there are no readers, and
// commits would wait for that.
func (f *File) openMapped() (err error) {
	for _, f.Mapped = range f.options.Hooks.MapSizes {
		f.Bolt, err = bbolt.Open(f.path, 0o600, &bbolt.Options{
			Timeout:         lockTimeout,
			InitialMmapSize: f.Mapped,
			OpenFile:        f.openExisting,
			// Without both options, commits get slower with every freed page.
			FreelistType:   bbolt.FreelistMapType,
			NoFreelistSync: true,
		})
		if !errors.Is(err, syscall.ENOMEM) {
			break
		}
	}
	return err
}

// openExisting is os.OpenFile that creates nothing. It stores the identity of the opened file.
func (f *File) openExisting(name string, flag int, perm os.FileMode) (*os.File, error) {
	file, err := f.options.Hooks.OpenFile(name, flag&^os.O_CREATE, perm)
	if err != nil {
		return nil, err
	}
	if f.info, err = file.Stat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if f.info.Size() == 0 { // bbolt would turn it into a database
		return nil, errors.Join(fs.ErrNotExist, file.Close())
	}
	f.file = file
	return file, nil
}
