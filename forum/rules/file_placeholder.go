package rules

import (
	"context"

	"sshforum/forum"
)

// Placeholder makes an empty file in a thread, marked as such until its uploader replaces
// it. Errors: Invalid name; NotFound, of the thread; Conflict when anybody has a file of
// that name there, or the actor an upload that is not complete; Limited.
func (s *FileService) Placeholder(ctx context.Context, actor Actor, thread, name string) (Uploaded, error) {
	at := Place{Thread: thread}
	switch info, err := s.File(ctx, actor, at, name); {
	case err == nil:
		return Uploaded{}, forum.Errorf(forum.Conflict, "%s already exists in Thread %s", info.Name, forum.Printable(thread))
	case forum.KindOf(err) != forum.NotFound:
		return Uploaded{}, err
	}
	u, err := s.Upload(ctx, actor, at, name, UploadOptions{Final: true})
	if err != nil {
		return Uploaded{}, err
	}
	u.stands = true
	return u.Complete(ctx)
}
