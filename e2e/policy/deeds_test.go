package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pkg/sftp"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// A deed is something that the policy decides on, as people do it at the doors that have
// a way to do it, and which the matrix in testdata/policy.golden is made of. In what they say $t stands for a thread, which has a message number 1 and a file
// map.txt, $i for its id, $p for a person and $n for a network.
type deed struct {
	name    string
	objects []string // of each there is one of its own for each cell; see stage.object
	line    string   // of exec and of a shell
	sftp    func(c *sftp.Client, o object) error
	old     string // of udpforum
	done    string // what its answer has that means yes
	set     []func(s *stage, o object)
}

// object is what a deed is done to.
type object struct {
	thread  string
	id      forum.ThreadID
	person  string
	network string
}

var (
	things  = []string{"own", "other's", "nobody's"}
	either  = []string{"own", "other's"}
	threads = []string{"other's", "nobody's"}
	people  = []string{"oneself", "a member", "a moderator", "an admin"}
	nothing = []string{""}
)

var deeds = []deed{
	{name: "list the threads", objects: nothing, line: "LST", sftp: readDir("/"), old: "active threads", done: "lobby"},
	{name: "read a thread", objects: things, line: "RDT $t", sftp: get("/$t/.thread.txt"), old: "RDT $t", done: "1 "},
	{name: "create a thread", objects: nothing, line: "CRT $t-new", sftp: makeDir("/$t-new"), old: "CRT $t-new", done: "created"},
	{name: "post", objects: things, line: "MSG $t hello", old: "MSG $t hello", done: "thread exist"},
	{name: "answer", objects: things, line: "REPLY $t 1 hello"},
	{name: "post in a locked thread", objects: things, line: "MSG $t hello", old: "MSG $t hello", done: "thread exist", set: locked},
	{name: "edit a message", objects: things, line: "EDT $t 1 changed", old: "EDT $t 1 changed", done: "has been edited"},
	{name: "edit it in a locked thread", objects: things, line: "EDT $t 1 changed", old: "EDT $t 1 changed", done: "has been edited", set: locked},
	{name: "see its earlier versions", objects: things, line: "HIS $t 1"},
	{name: "delete a message", objects: things, line: "DLT $t 1", old: "DLT $t 1", done: "has been deleted"},
	{name: "delete it in a locked thread", objects: either, line: "DLT $t 1", old: "DLT $t 1", done: "has been deleted", set: locked},
	{name: "restore one its author deleted", objects: things, line: "RESTORE $t id:$i.1", set: byOwner((*stage).delete)},
	{name: "restore one a moderator deleted", objects: things, line: "RESTORE $t id:$i.1", set: byModerator((*stage).delete)},
	{name: "remove a thread", objects: things, line: "RMV $t", old: "RMV $t", done: "has been removed"},
	{name: "remove an empty thread", objects: things, line: "RMV $t", sftp: removeDir("/$t"), old: "RMV $t", done: "has been removed", set: emptied},
	{name: "restore one its creator removed", objects: things, line: "RESTORE $t", set: byOwner((*stage).remove)},
	{name: "restore one a moderator removed", objects: things, line: "RESTORE $t", set: byModerator((*stage).remove)},
	{name: "restore one an admin removed", objects: things, line: "RESTORE $t", set: byAdmin((*stage).remove)},
	{name: "hide a message", objects: things, line: "HIDE $t 1 spam"},
	{name: "see a hidden message's versions", objects: things, line: "HIS $t id:$i.1", set: byModerator((*stage).hideMessage)},
	{name: "show a hidden message again", objects: things, line: "UNHIDE $t id:$i.1", set: byModerator((*stage).hideMessage)},
	{name: "show one again an admin hid", objects: things, line: "UNHIDE $t id:$i.1", set: byAdmin((*stage).hideMessage)},
	{name: "hide a thread", objects: things, line: "HIDE $t spam"},
	{name: "read a hidden thread", objects: things, line: "RDT $t", sftp: get("/$t/.thread.txt"), set: byModerator((*stage).hideThread)},
	{name: "read it by an old program", objects: things, old: "RDT $t", done: "1 ", set: byModerator((*stage).hideThread)},
	{name: "post in a hidden thread", objects: things, line: "MSG $t hello", old: "MSG $t hello", done: "thread exist", set: byModerator((*stage).hideThread)},
	{name: "download from a hidden thread", objects: either, line: "DWN $t map.txt", sftp: get("/$t/map.txt"), set: byModerator((*stage).hideThread)},
	{name: "show a hidden thread again", objects: things, line: "UNHIDE $t", set: byModerator((*stage).hideThread)},
	{name: "lock a thread", objects: either, line: "LOCK $t enough"},
	{name: "unlock a thread", objects: either, line: "UNLOCK $t", set: locked},
	{name: "pin a thread", objects: either, line: "PIN $t"},
	{name: "slow a thread down", objects: either, line: "SLOW $t 30s"},
	{name: "upload a file", objects: threads, line: "UPD $t new.txt", sftp: put("/$t/new.txt"), old: "UPD $t new.txt", done: "new.txt uploaded"},
	{name: "upload to a locked thread", objects: threads, line: "UPD $t new.txt", sftp: put("/$t/new.txt"), old: "UPD $t new.txt", done: "new.txt uploaded", set: locked},
	{name: "download a file", objects: either, line: "DWN $t map.txt", sftp: get("/$t/map.txt"), old: "DWN $t map.txt", done: "fetch it by"},
	{name: "rename a file", objects: either, sftp: renameFile},
	{name: "remove a file", objects: either, sftp: removeFile},
	{name: "remove it in a locked thread", objects: either, sftp: removeFile, set: locked},
	{name: "send a private message", objects: people[1:], line: "TELL $p hello"},
	{name: "send a person a file", objects: people[1:], sftp: put("/@$p/$t.txt")},
	{name: "say something to all", objects: nothing, line: "SAY hello"},
	{name: "silence", objects: people, line: "SILENCE $p --for 1h spam"},
	{name: "silence no longer", objects: people[1:], line: "UNSILENCE $p", set: []func(*stage, object){(*stage).silence}},
	{name: "ban", objects: people, line: "BAN $p --for 1h spam"},
	{name: "ban no longer", objects: people[1:], line: "UNBAN $p", set: []func(*stage, object){(*stage).ban}},
	{name: "report a message", objects: things, line: "REPORT $t 1 spam"},
	{name: "see what is reported", objects: nothing, line: "QUEUE"},
	{name: "resolve a report", objects: either, line: "RESOLVE $i.1 seen", set: []func(*stage, object){(*stage).report}},
	{name: "see who is banned", objects: nothing, line: "BANS"},
	{name: "ban a network", objects: nothing, line: "BAN $n spam"},
	{name: "read the public log of moderation", objects: nothing, line: "MODLOG"},
	{name: "read the audit log", objects: nothing, line: "AUDIT"},
	{name: "see the login history", objects: nothing, line: "WHO --all"},
	{name: "export what is kept about oneself", objects: nothing, line: "EXPORT"},
	{name: "stop the server", objects: nothing, line: "SHT"},
}

var (
	locked  = []func(*stage, object){(*stage).lock}
	emptied = []func(*stage, object){(*stage).empty}
)

func byOwner(do func(s *stage, by rules.Actor, o object)) []func(*stage, object) {
	return []func(*stage, object){func(s *stage, o object) { do(s, s.owner, o) }}
}

func byModerator(do func(s *stage, by rules.Actor, o object)) []func(*stage, object) {
	return []func(*stage, object){func(s *stage, o object) { do(s, s.moderator(), o) }}
}

func byAdmin(do func(s *stage, by rules.Actor, o object)) []func(*stage, object) {
	return []func(*stage, object){func(s *stage, o object) { do(s, s.chief(), o) }}
}

func readDir(path string) func(*sftp.Client, object) error {
	return func(c *sftp.Client, o object) error {
		_, err := c.ReadDir(o.fill(path))
		return err
	}
}

func get(path string) func(*sftp.Client, object) error {
	return func(c *sftp.Client, o object) error {
		f, err := c.Open(o.fill(path))
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	}
}

func put(path string) func(*sftp.Client, object) error {
	return func(c *sftp.Client, o object) error {
		f, err := c.Create(o.fill(path))
		if err != nil {
			return err
		}
		_, err = f.Write([]byte("hello\n"))
		return errors.Join(err, f.Close())
	}
}

func makeDir(path string) func(*sftp.Client, object) error {
	return func(c *sftp.Client, o object) error { return c.Mkdir(o.fill(path)) }
}

func removeDir(path string) func(*sftp.Client, object) error {
	return func(c *sftp.Client, o object) error { return c.RemoveDirectory(o.fill(path)) }
}

func renameFile(c *sftp.Client, o object) error {
	return c.Rename(o.fill("/$t/map.txt"), o.fill("/$t/new.txt"))
}

func removeFile(c *sftp.Client, o object) error { return c.Remove(o.fill("/$t/map.txt")) }

// fill puts an object into what is said of it.
func (o object) fill(text string) string {
	return strings.NewReplacer("$t", o.thread, "$p", o.person, "$i", fmt.Sprint(o.id), "$n", o.network).Replace(text)
}

// sftpOutcome is what a file's door answers.
func sftpOutcome(err error) string {
	switch {
	case err == nil:
		return "yes"
	case errors.Is(err, fs.ErrPermission):
		return "-"
	case errors.Is(err, fs.ErrNotExist):
		return "not_found"
	}
	return "refused"
}
