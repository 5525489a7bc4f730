package rules

import (
	"fmt"

	"sshforum/forum"
)

// Quotas bound how many bytes files and texts may have.
type Quotas struct {
	File   int64 // one file
	Thread int64 // the files of one thread, or of one inbox
	Person int64 // the files that one person uploaded
	Total  int64 // all files
	Texts  int64 // all texts of one person, see TextsBy; 0 for any number
}

// roomForText returns nil if the author's texts would have at most most bytes with the new
// text, or if most is 0. Errors: Limited.
func roomForText(r forum.Reader, author forum.UserID, text string, most int64) error {
	if most == 0 || r.TextsBy(author)+int64(len(text)) <= most {
		return nil
	}
	if author == forum.Guests {
		return forum.Errorf(forum.Limited, "The messages of all guests have at most %s; log in to write more.", BytesText(most))
	}
	return forum.Errorf(forum.Limited, "Your messages may have at most %s in all; delete some (their space is free once they are gone for good), or ask the operator for more.", BytesText(most))
}

// room returns how many bytes can be added to a file of owner in a folder that has `has` bytes
// now, and the error for adding more.
func (q Quotas) room(r forum.Reader, folder forum.Folder, owner forum.UserID, has int64) (int64, error) {
	room, err := q.File-has, forum.Errorf(forum.Limited, "A file has at most %s.", BytesText(q.File))
	for _, bound := range []struct {
		left int64
		err  error
	}{
		{q.Thread - r.UsedIn(folder), forum.Errorf(forum.Limited, "The files of one thread have at most %s; remove some first.", BytesText(q.Thread))},
		{q.Person - r.UsedBy(owner), forum.Errorf(forum.Limited, "Your files have at most %s; remove some first.", BytesText(q.Person))},
		{q.Total - r.Used(), forum.Errorf(forum.Limited, "The forum has no room for more files; ask its operator.")},
	} {
		if bound.left < room {
			room, err = bound.left, bound.err
		}
	}
	return max(room, 0), err
}

// BytesText returns a number of bytes as text, such as "1.5 MiB".
func BytesText(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d bytes", n)
	}
	size, unit := float64(n)/1024, 0
	for size >= 1024 && unit < len(units)-1 {
		size, unit = size/1024, unit+1
	}
	return fmt.Sprintf("%.4g %ciB", size, units[unit])
}

// Quota returns how many bytes the actor's files have, and how many they may have.
func (s *FileService) Quota(actor Actor) (used, total int64, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		used = r.UsedBy(actor.User)
		return nil
	})
	return used, s.cfg.Quotas.Person, err
}
