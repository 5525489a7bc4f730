package story

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sshforum/forum"
	"sshforum/forum/storetest"
	"sshforum/storage"
)

// age makes everything in the store older. To the server that starts next it is as if its
// machine's clock were ahead by so much.
func (s *story) age(_ *testscript.TestScript, args []string) error {
	return s.moveStore("age", args, func(tx forum.Tx, by time.Duration) {
		now := tx.Time()
		tx.SetTime(now.Add(-by))
		tx.MoveBack(time.Unix(0, 0).AddDate(-100, 0, 0), by)
	})
}

// ahead makes what was written since the last start look as if the machine's clock had been
// ahead by so much.
func (s *story) ahead(_ *testscript.TestScript, args []string) error {
	return s.moveStore("ahead", args, func(tx forum.Tx, by time.Duration) {
		now := tx.Time()
		tx.SetTime(now.Add(by))
		tx.MoveBack(s.started, -by)
		tx.SetLeaps([]forum.Leap{{From: s.started, To: s.started.Add(by)}})
	})
}

// moveStore changes the times in a store that no server uses.
func (s *story) moveStore(word string, args []string, move func(tx forum.Tx, by time.Duration)) error {
	if len(args) != 1 || s.server != nil {
		return fmt.Errorf("usage: %s DURATION, while no server runs", word)
	}
	by, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	db, err := storage.Open(filepath.Join(s.dir, "data"), storage.Options{})
	if err != nil {
		return err
	}
	_, err = db.Submit(context.Background(), storetest.Write(func(tx forum.Tx) { move(tx, by) }))
	return errors.Join(err, db.Close())
}
