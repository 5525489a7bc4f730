package command

import (
	"errors"
	"path"
	"strings"

	"sshforum/forum"
)

// ErrProgram is in the chain of the error for a verb that is the name of a program and of no
// command. People and programs expect such names to work on a machine with a shell. The error's
// kind is Usage.
var ErrProgram = errors.New("a program, which does not run here")

// copying are programs that copy or back up files and run on both sides.
var copying = fields(`rsync rrsync borg restic unison rdiff-backup duplicity bup mosh-server tar cpio dd zfs btrfs nc
	git git-upload-pack git-receive-pack git-upload-archive git-lfs-authenticate git-lfs-transfer hg svnserve cvs bzr darcs`)

// ofShells are shells, their built-in commands, and programs that people run in them.
var ofShells = fields(`sh ash bash csh dash fish ksh rbash tcsh zsh cmd powershell pwsh
	alias bg cd clear command echo env eval exec false fg jobs nohup printf pwd reset source test time true type which
	awk cat chmod chown cp cut date df diff du ed egrep emacs grep head id kill killall last less ln make mkdir more
	mv nano paste perl pkill ps python python3 rm rmdir ruby sed sleep sort stat tee top htop touch tr uniq vi vim
	w wc xargs hostname uname uptime free mount umount su sudo doas halt poweroff reboot restart service systemctl journalctl
	screen tmux curl ftp telnet wget dig ifconfig ip nslookup ping traceroute`)

func fields(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// program returns the error for a verb that is a program's name or path, or nil. Small letters
// distinguish programs from misspelt commands.
func program(verb string) error {
	switch name := path.Base(verb); {
	case copying[name]:
		return &forum.Error{Kind: forum.Usage, Msg: "This is a forum and runs no " + name + "; copy files with sftp, scp or rclone.", Err: ErrProgram}
	case ofShells[name]:
		return &forum.Error{Kind: forum.Usage, Msg: "This is a forum and no shell; HELP lists its commands.", Err: ErrProgram}
	}
	return nil
}
