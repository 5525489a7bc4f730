// Package pair opens the two files of a forum together: forum.db, which has its rows, and
// files.db, which has the contents of its files.
//
// It knows how a forum is founded, and decides by the marks of the two files (boltfile.Mark)
// whether they belong together. It knows nothing of the rows and contents.
package pair

import (
	"errors"
	"path/filepath"

	"sshforum/storage"
	"sshforum/storage/blobs"
)

// Options are the options of the two files. The functions by which each store asks the other
// for its number (Rows.Contents, Contents.Journal) are filled in by Open and Join.
type Options struct {
	Rows     storage.Options
	Contents blobs.Options
}

// Files are the open files of a forum.
type Files struct {
	Rows     *storage.DB
	Contents *blobs.Store
}

// Close closes both files.
func (f *Files) Close() error { return errors.Join(f.Contents.Close(), f.Rows.Close()) }

// Open opens the forum in dir. Before it changes anything, it checks that the two files are
// undamaged and belong together. Errors: those of boltfile.Open; NotFound if there is no forum;
// Unavailable if one file is missing, belongs to another forum, or is older than the other
// says.
func Open(dir string, o Options) (files *Files, err error) {
	err = whileLocked(dir, func() error {
		found, err := inspect(dir, o)
		if err == nil {
			err = checkTogether(dir, found.rows.Mark, found.contents.Mark)
		}
		if err == nil {
			files, err = found.open()
		}
		return err
	})
	return files, err
}

// Join opens the forum in dir like Open, but also if Open refuses it; refused is Open's reason
// then. If the contents are missing, it makes an empty file of contents. The forum must not be
// written to before its pairing is set. Errors: those of Open that cannot be accepted, such as
// files of two forums.
func Join(dir string, o Options) (files *Files, refused, err error) {
	o.Rows.OneHead, o.Contents.OneHead = true, true
	err = whileLocked(dir, func() error {
		found, err := inspect(dir, o)
		if errors.Is(err, errNoContents) {
			refused = err
			found, err = inspectWithout(dir, o)
		}
		if err != nil {
			return err
		}
		if err := checkSameForum(dir, found.rows.Mark, found.contents.Mark); err != nil {
			return err
		}
		for _, reason := range []error{
			checkTogether(dir, found.rows.Mark, found.contents.Mark), found.rows.LostHead(), found.contents.LostHead(),
		} {
			if refused == nil {
				refused = reason
			}
		}
		files, err = found.open()
		return err
	})
	return files, refused, err
}

// inspected are two files that are not open yet.
type inspected struct {
	rows     *storage.Inspected
	contents *blobs.Inspected
	files    *Files
}

// inspect inspects both files in dir.
func inspect(dir string, o Options) (*inspected, error) {
	if err := mustHaveBoth(dir); err != nil {
		return nil, err
	}
	i := &inspected{files: &Files{}}
	o.Rows.Contents = func() uint64 { return i.files.Contents.Commits() }
	o.Contents.Journal = func() uint64 { return i.files.Rows.Durable() }
	var err error
	if i.rows, err = storage.Inspect(rowsPath(dir), o.Rows); err != nil {
		return nil, err
	}
	if i.contents, err = blobs.Inspect(contentsPath(dir), o.Contents); err != nil {
		return nil, err
	}
	return i, nil
}

// open opens both files. The functions by which they ask for each other's numbers are called
// only after that.
func (i *inspected) open() (*Files, error) {
	var err error
	if i.files.Rows, err = i.rows.Open(); err != nil {
		return nil, err
	}
	if i.files.Contents, err = i.contents.Open(); err != nil {
		return nil, errors.Join(err, i.files.Rows.Close())
	}
	return i.files, nil
}

func rowsPath(dir string) string     { return filepath.Join(dir, storage.FileName) }
func contentsPath(dir string) string { return filepath.Join(dir, blobs.FileName) }
