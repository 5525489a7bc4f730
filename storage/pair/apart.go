package pair

import (
	"errors"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// errNoContents is in the chain of the error for a forum without its contents.
var errNoContents = errors.New("no contents")

// restoreAdvice is the advice for two files that were restored at different times.
const restoreAdvice = "restore both from the same backup, or run sshforum pair to go on with them as they are."

// checkTogether returns an error if two files do not belong together, and nil if they do.
//
// Each file contains the number of the other's last commit that was durable when it was
// written. So after a power failure, neither is older than the other says.
func checkTogether(dir string, rows, contents boltfile.Mark) error {
	older, newer := rowsPath(dir), contentsPath(dir)
	rowsOlder, contentsOlder := rows.Last < contents.Other, contents.Last < rows.Other
	switch {
	case rows.Forum != contents.Forum:
		return checkSameForum(dir, rows, contents)
	case rows.Pairing != contents.Pairing || rowsOlder && contentsOlder:
		return refuse("%s and %s do not belong together; "+restoreAdvice, older, newer)
	case rowsOlder:
		return refuse("%s is older than %s: it ends with change %d, and change %d had happened; "+restoreAdvice,
			older, newer, rows.Last, contents.Other)
	case contentsOlder:
		return refuse("%s is older than %s: it ends with commit %d, and commit %d had happened; "+restoreAdvice,
			newer, older, contents.Last, rows.Other)
	}
	return nil
}

// checkSameForum returns an error if two files are of two forums.
func checkSameForum(dir string, rows, contents boltfile.Mark) error {
	if rows.Forum == contents.Forum {
		return nil
	}
	return refuse("%s is of another forum than %s; put the file of this forum in its place.", contentsPath(dir), rowsPath(dir))
}

func refuse(format string, args ...any) error {
	return forum.Errorf(forum.Unavailable, format, args...)
}
