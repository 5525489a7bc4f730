package forum

import "fmt"

// Quotas bound how many bytes files may take.
type Quotas struct {
	File   int64 // one file
	Thread int64 // the files of one thread, or of one inbox
	Person int64 // what one person uploaded
	Total  int64 // all files
}

// room returns how many bytes can be added for owner in a folder, of a file that has
// `has` bytes now, and what stands in the way of more.
func (q Quotas) room(r Reader, folder Folder, owner UserID, has int64) (int64, error) {
	room, err := q.File-has, Errorf(Limited, "A file has at most %s.", BytesText(q.File))
	for _, bound := range []struct {
		left int64
		err  error
	}{
		{q.Thread - r.UsedIn(folder), Errorf(Limited, "The files of one thread have at most %s; remove some first.", BytesText(q.Thread))},
		{q.Person - r.UsedBy(owner), Errorf(Limited, "Your files have at most %s; remove some first.", BytesText(q.Person))},
		{q.Total - r.Used(), Errorf(Limited, "The forum has no room for more files; ask its operator.")},
	} {
		if bound.left < room {
			room, err = bound.left, bound.err
		}
	}
	return max(room, 0), err
}

// BytesText writes a number of bytes as people do.
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

// Quota returns how many bytes the actor's files have and may have.
func (s *Service) Quota(actor Actor) (used, total int64, err error) {
	err = s.view(actor, func(r Reader) error {
		used = r.UsedBy(actor.User)
		return nil
	})
	return used, s.Quotas.Person, err
}
