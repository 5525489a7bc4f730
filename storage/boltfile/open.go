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

// Inspect looks at every page of the file at path, has look read what it likes, and
// changes nothing. The file it returns is not open yet, nor locked.
//
// Errors: Conflict, with ErrLocked in its chain, when another process has the file open;
// Unavailable when it cannot be used, such as one that is damaged, that look has an error
// for, or that a newer program wrote.
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

// Make makes the file at path, where nothing may be, with mode 0600 and what fill puts
// there. It is durable but for its name. Errors: those of Inspect.
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
	return &File{path: path, options: o, log: o.Logger, damages: damages{told: make(map[string]bool)}}
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

// inspect looks for what is wrong with the file.
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
	// Also when bbolt cannot open it: this says better why.
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

// openMapped opens the file, which must exist, with as much room to grow as the system
// grants: a file that outgrows its mapping can only be mapped again when no one reads,
// and a commit would wait.
func (f *File) openMapped() (err error) {
	for _, f.Mapped = range f.options.Hooks.MapSizes {
		f.Bolt, err = bbolt.Open(f.path, 0o600, &bbolt.Options{
			Timeout:         lockTimeout,
			InitialMmapSize: f.Mapped,
			OpenFile:        f.openExisting,
			// Without both, commits get slower with every page that was freed.
			FreelistType:   bbolt.FreelistMapType,
			NoFreelistSync: true,
		})
		if !errors.Is(err, syscall.ENOMEM) {
			break
		}
	}
	return err
}

// openExisting is os.OpenFile that makes nothing, and notes which file the path leads to.
func (f *File) openExisting(name string, flag int, perm os.FileMode) (*os.File, error) {
	file, err := f.options.Hooks.OpenFile(name, flag&^os.O_CREATE, perm)
	if err != nil {
		return nil, err
	}
	if f.info, err = file.Stat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if f.info.Size() == 0 { // bbolt would make a database of it
		return nil, errors.Join(fs.ErrNotExist, file.Close())
	}
	f.file = file
	return file, nil
}
