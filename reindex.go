package main

import (
	"fmt"
	"net/rpc"
	"time"

	"sshforum/forum/rules"
)

type reindexCmd struct{}

// Run rebuilds the index part by part, so that a running server can work between them.
func (reindexCmd) Run(p *program) error {
	var mended, parts uint64
	err := p.operate(func(client *rpc.Client) error {
		shown := time.Now()
		for part := uint64(0); ; part++ {
			var done rules.Reindexed
			if err := client.Call("Control.Reindex", part, &done); err != nil {
				return err
			}
			if done.Mended {
				mended++
			}
			if parts = done.Parts; part+1 >= parts {
				return nil
			}
			if time.Since(shown) > time.Second {
				shown = time.Now()
				fmt.Fprintf(p.stderr, "%d%% done\n", 100*(part+1)/parts)
			}
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "The search index has been made anew; %d of %s had been wrong\n", mended, count(int(parts), "part"))
	return nil
}
