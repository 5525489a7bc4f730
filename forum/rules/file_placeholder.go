package rules

import (
	"context"

	"sshforum/forum"
)

// Placeholder makes an empty file in a thread. It is marked as a placeholder until its uploader
// replaces it. Errors: Invalid name; NotFound if there is no such thread; Conflict if the thread
// has a file of that name, or the actor has a part of that name; Limited.
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
	u.placeholder = true
	return u.Complete(ctx)
}
