package story

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/bbolt"

	"sshforum/storage/boltfile"
)

func (s *story) alter(ts *testscript.TestScript, args []string) error {
	if len(args) != 4 {
		return errors.New("usage: alter FILE BUCKET OLD NEW")
	}
	var text [2][]byte
	for i, quoted := range args[2:] {
		unquoted, err := strconv.Unquote(`"` + quoted + `"`)
		if err != nil {
			return fmt.Errorf("%s: %w", quoted, err)
		}
		text[i] = []byte(unquoted)
	}
	if len(text[0]) != len(text[1]) {
		return errors.New("OLD and NEW differ in length")
	}
	return changeStore(ts.MkAbs(args[0]), func(tx *boltfile.Tx) error { return replaceIn(tx.Bucket(args[1]), text[0], text[1]) })
}

// rot changes a bit in place, as a disk does, also while a server has the file open.
func (s *story) rot(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: rot FILE TEXT")
	}
	content, err := os.ReadFile(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	found := 0
	for at := 0; ; found++ {
		next := bytes.Index(content[at:], []byte(args[1]))
		if next < 0 {
			break
		}
		at += next
		if _, err := file.WriteAt([]byte{content[at] ^ 1}, int64(at)); err != nil {
			return err
		}
		at++
	}
	if found == 0 {
		return fmt.Errorf("%s does not have %q", args[0], args[1])
	}
	return nil
}

// changeStore changes a store that is closed, past its rules.
func changeStore(path string, fn func(*boltfile.Tx) error) error {
	version, err := schemaVersion(path)
	if err != nil {
		return err
	}
	file, err := boltfile.Open(path, boltfile.Options{Migrations: make([]func(*boltfile.Tx) error, version), Bucket: "mark"})
	if err != nil {
		return err
	}
	tx, err := file.Begin()
	if err == nil {
		err = fn(tx)
	}
	if err == nil {
		err = file.Commit(tx)
	}
	if tx != nil {
		tx.Rollback()
	}
	return errors.Join(err, file.Close())
}

// schemaVersion returns the version of a store, which opening it must know.
func schemaVersion(path string) (version uint64, err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, NoFreelistSync: true, PreLoadFreelist: false})
	if err != nil {
		return 0, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		version = binary.BigEndian.Uint64(tx.Bucket([]byte(boltfile.MetaBucket)).Get([]byte("sshforum schema")))
		return nil
	})
	return version, errors.Join(err, db.Close())
}

// replaceIn writes another text for one that at least one value of b has in it.
func replaceIn(b *boltfile.Bucket, old, other []byte) error {
	found := make(map[string][]byte)
	c := b.Cursor()
	k, v, err := c.Seek(nil)
	for ; k != nil && err == nil; k, v, err = c.Next() {
		if bytes.Contains(v, old) {
			found[string(k)] = bytes.ReplaceAll(v, old, other)
		}
	}
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no row has %q", old)
	}
	for k, v := range found {
		err = errors.Join(err, b.Put([]byte(k), v))
	}
	return err
}
