package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/bbolt"

	"sshforum/storage"
	"sshforum/storage/pair"
)

// foundForum makes a forum in the data directory of a server that is started in dir.
func foundForum(t testing.TB, dir string) {
	t.Helper()
	if _, err := pair.Found(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
}

// checkStore fails the test if the store in dir is not consistent.
func checkStore(t testing.TB, dir string) {
	t.Helper()
	store, err := storage.Open(dir, storage.Options{})
	if err != nil {
		t.Error(err)
		return
	}
	if err := errors.Join(store.Check(), store.Close()); err != nil {
		t.Error(err)
	}
}

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
	db, err := bbolt.Open(ts.MkAbs(args[0]), 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error { return replaceIn(tx.Bucket([]byte(args[1])), text[0], text[1]) })
	return errors.Join(err, db.Close())
}

// replaceIn writes another text for one that at least one value of b has in it.
func replaceIn(b *bbolt.Bucket, old, other []byte) error {
	found := make(map[string][]byte)
	err := b.ForEach(func(k, v []byte) error {
		if bytes.Contains(v, old) {
			found[string(k)] = bytes.ReplaceAll(v, old, other)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no row has %q", old)
	}
	for k, v := range found {
		err = errors.Join(err, b.Put([]byte(k), v))
	}
	return err
}
