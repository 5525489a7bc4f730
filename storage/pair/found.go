package pair

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sshforum/forum"
	"sshforum/storage"
	"sshforum/storage/blobs"
	"sshforum/storage/boltfile"
)

// tempSuffix is the suffix of the name of a file that is not complete yet.
const tempSuffix = ".new"

// Found makes a forum in dir if dir does not exist or is empty; hidden files, the files that a
// new disk has, and those named in ignored do not count. It reports whether it made one, and
// makes none if dir has a forum or a part of one. If the process is interrupted, the next Found
// or Open continues. Errors: Unavailable if dir has other files in it or cannot be written;
// those of boltfile.Make.
func Found(dir string, ignored ...string) (made bool, err error) {
	return found(dir, ignored, func(string) {})
}

// found is Found that calls before ahead of each step.
func found(dir string, ignored []string, before func(step string)) (made bool, err error) {
	before("make the directory")
	if err := makeDir(dir); err != nil {
		return false, pathError(dir, err)
	}
	err = whileLocked(dir, func() error {
		if made, err = mayMakeForum(dir, ignored); made {
			err = makeFiles(dir, before)
		}
		return err
	})
	return made && err == nil, err
}

// mayMakeForum reports whether dir counts as empty.
func mayMakeForum(dir string, ignored []string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, pathError(dir, err)
	}
	for _, e := range entries {
		if e.Name() == storage.FileName || e.Name() == blobs.FileName {
			return false, nil
		}
	}
	ignored = append(ignored, storage.FileName+tempSuffix, blobs.FileName+tempSuffix, "lost+found")
	i := slices.IndexFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), ".") && !slices.Contains(ignored, e.Name())
	})
	if i < 0 {
		return true, nil
	}
	return false, refuse("There is no forum in %s, and none is made where other things are (%s); name the forum's directory, or an empty one, with --data.",
		dir, forum.Printable(entries[i].Name()))
}

// makeFiles makes both files under temporary names and renames them. The forum exists from the
// moment that the rows are renamed; the contents are renamed by the next Open at the latest.
func makeFiles(dir string, before func(step string)) error {
	rows, contents := rowsPath(dir), contentsPath(dir)
	var mark boltfile.Mark
	rand.Read(mark.Forum[:])
	mark.Pairing = forum.NewPairing()
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"clear the place", func() error { return errors.Join(removeIfThere(rows+tempSuffix), removeIfThere(contents+tempSuffix)) }},
		{"make the contents", func() error { return blobs.Make(contents+tempSuffix, mark) }},
		{"make the rows", func() error { return storage.Make(rows+tempSuffix, mark) }},
		{"keep both names", func() error { return syncDir(dir) }},
		{"name the rows", func() error { return os.Rename(rows+tempSuffix, rows) }},
		{"keep the name of the rows", func() error { return syncDir(dir) }},
		{"name the contents", func() error { return os.Rename(contents+tempSuffix, contents) }},
		{"keep the name of the contents", func() error { return syncDir(dir) }},
	} {
		before(step.name)
		if err := step.do(); err != nil {
			return pathError(dir, err)
		}
	}
	return nil
}

// finishFounding renames the contents, if the process that founded the forum ended before it
// did so.
func finishFounding(dir string) error {
	path := contentsPath(dir)
	contents, err := blobs.Inspect(path+tempSuffix, blobs.Options{})
	if err != nil {
		return nil // there is none, or it is not complete: the contents are missing
	}
	rows, err := storage.Inspect(rowsPath(dir), storage.Options{})
	if err != nil {
		return err
	}
	if rows.Mark.Forum != contents.Mark.Forum || rows.Mark.Pairing != contents.Mark.Pairing {
		return nil
	}
	return errors.Join(os.Rename(path+tempSuffix, path), syncDir(dir))
}

// inspectWithout is inspect for a forum whose contents are missing. It makes an empty file of
// contents, whose pairing is zero until it is set.
func inspectWithout(dir string, o Options) (*inspected, error) {
	rows, err := storage.Inspect(rowsPath(dir), o.Rows)
	if err != nil {
		return nil, err
	}
	path := contentsPath(dir)
	err = removeIfThere(path + tempSuffix)
	if err == nil {
		err = blobs.Make(path+tempSuffix, boltfile.Mark{Forum: rows.Mark.Forum})
	}
	if err == nil {
		err = errors.Join(os.Rename(path+tempSuffix, path), syncDir(dir))
	}
	if err != nil {
		return nil, pathError(dir, err)
	}
	return inspect(dir, o)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makeDir is os.MkdirAll that makes the new names durable. It fails if dir is a link that leads
// nowhere, since a disk may not be mounted.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Lstat(dir); err == nil {
		return errDangling
	}
	parent := filepath.Dir(dir)
	if err := makeDir(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}
