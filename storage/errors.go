package storage

import "sshforum/forum"

func errBusy(err error) error {
	return &forum.Error{Kind: forum.Unavailable, Msg: "The server is too busy to store anything; please try again.", Err: err}
}
