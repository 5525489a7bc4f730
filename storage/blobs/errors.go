package blobs

import "sshforum/forum"

func errNotFound() error {
	return forum.Errorf(forum.NotFound, "The content of this file is gone.")
}

func errExists() error {
	return forum.Errorf(forum.Conflict, "This file exists already.")
}

func errUploading() error {
	return forum.Errorf(forum.Conflict, "This file is being uploaded already; please try again when that is done.")
}

func errTakenOver() error {
	return forum.Errorf(forum.Conflict, "The upload of this file continues on another connection.")
}

func errPosition(off int64) error {
	return forum.Errorf(forum.Invalid, "There is no position %d in a file.", off)
}

func errTooLarge(limit int64) error {
	return forum.Errorf(forum.Limited, "A file may have at most %d bytes.", limit)
}

func errBusy(err error) error {
	return &forum.Error{Kind: forum.Unavailable, Msg: "The server is too busy to store the file; please try again.", Err: err}
}
