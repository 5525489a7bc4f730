package storage

import (
	"errors"
	"log/slog"
	"path/filepath"

	"sshforum/storage/boltfile"
)

// Open opens the store in dir, and makes both when they do not exist: dir with mode
// 0700, the file with 0600. Errors: those of boltfile.Open.
func Open(dir string, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	file, err := openFile(dir, o)
	if err != nil {
		return nil, err
	}
	if err := buildIndex(file, o); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	db := &DB{
		options: o, log: o.Logger, dir: dir, file: file,
		queue: make(chan *submission), stopping: make(chan struct{}), stopped: make(chan struct{}),
	}
	go db.write()
	return db, nil
}

func openFile(dir string, o Options) (*boltfile.File, error) {
	return boltfile.Open(filepath.Join(dir, FileName), boltfile.Options{
		Migrations: migrations, Bucket: bucketNames[messagesBucket], Refused: "nothing more",
		MakeDir: true, ReadAhead: true, Logger: o.Logger, Hooks: o.hooks,
	})
}
