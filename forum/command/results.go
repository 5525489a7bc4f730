package command

import (
	"time"

	"sshforum/forum"
)

// The results of the commands, one type for each thing a door has words for.
type (
	// ThreadCreated answers CRT.
	ThreadCreated struct{ Thread forum.Thread }
	// ThreadList answers LST.
	ThreadList struct {
		Threads    []forum.Thread
		TitlesOnly bool
		Now        time.Time
	}
	// ThreadRemoved answers RMV.
	ThreadRemoved struct {
		Thread forum.Thread
		Until  time.Time // it can be restored
	}
	// ThreadRestored answers RESTORE without a message.
	ThreadRestored struct{ Thread forum.Thread }
	// ThreadText answers RDT. Its entries are read as they are ranged over.
	ThreadText struct{ forum.Reading }

	// MessagePosted answers MSG.
	MessagePosted struct{ forum.Posted }
	// MessageEdited answers EDT.
	MessageEdited struct{ forum.Posted }
	// MessageDeleted answers DLT.
	MessageDeleted struct {
		forum.Posted
		Until time.Time // it can be restored
	}
	// MessageRestored answers RESTORE with a message.
	MessageRestored struct{ forum.Posted }
	// MessageHistory answers HIS.
	MessageHistory struct{ forum.History }
	// Happened is one line of FOLLOW.
	Happened struct{ forum.Event }

	// FileList answers FILES.
	FileList struct {
		Thread string
		Files  []forum.FileInfo
	}
	// FileUploaded answers UPD.
	FileUploaded struct{ forum.Uploaded }
	// FileContent answers DWN. Whoever renders it closes Content.
	FileContent struct {
		Info     forum.FileInfo
		Content  forum.BlobReader
		Progress func(bytes int64)
	}
	// CopyHint answers UPD and DWN where no file can pass: a command to run elsewhere.
	CopyHint struct {
		Upload       bool
		Thread, Name string
	}

	// Identity answers WHOAMI.
	Identity struct {
		User     forum.User
		Door     string
		Password bool
		Keys     int
	}
	// Settings answers SET.
	Settings struct{ forum.Preferences }
	// PasswordChanged answers PASSWD.
	PasswordChanged struct{}
	// KeyList answers KEYS.
	KeyList struct{ Keys []forum.Key }
	// KeyAdded answers KEYS add.
	KeyAdded struct{ Key forum.Key }
	// KeyRemoved answers KEYS remove.
	KeyRemoved struct{ Key forum.Key }

	// Overview answers HELP.
	Overview struct{ Commands []*Command }
	// Manual answers HELP with a command.
	Manual struct{ Command *Command }
	// Goodbye answers XIT; the session ends.
	Goodbye struct{}
	// ShuttingDown answers SHT.
	ShuttingDown struct{}
)

func (ThreadCreated) Schema() string   { return "sshforum.thread-created.v1" }
func (ThreadList) Schema() string      { return "sshforum.threads.v1" }
func (ThreadRemoved) Schema() string   { return "sshforum.thread-removed.v1" }
func (ThreadRestored) Schema() string  { return "sshforum.thread-restored.v1" }
func (ThreadText) Schema() string      { return "sshforum.message.v1" }
func (MessagePosted) Schema() string   { return "sshforum.message-posted.v1" }
func (MessageEdited) Schema() string   { return "sshforum.message-edited.v1" }
func (MessageDeleted) Schema() string  { return "sshforum.message-deleted.v1" }
func (MessageRestored) Schema() string { return "sshforum.message-restored.v1" }
func (MessageHistory) Schema() string  { return "sshforum.history.v1" }
func (Happened) Schema() string        { return "sshforum.event.v1" }
func (FileList) Schema() string        { return "sshforum.files.v1" }
func (FileUploaded) Schema() string    { return "sshforum.file-uploaded.v1" }
func (FileContent) Schema() string     { return "sshforum.file-content.v1" }
func (CopyHint) Schema() string        { return "sshforum.copy-hint.v1" }
func (Identity) Schema() string        { return "sshforum.identity.v1" }
func (Settings) Schema() string        { return "sshforum.settings.v1" }
func (PasswordChanged) Schema() string { return "sshforum.password-changed.v1" }
func (KeyList) Schema() string         { return "sshforum.keys.v1" }
func (KeyAdded) Schema() string        { return "sshforum.key-added.v1" }
func (KeyRemoved) Schema() string      { return "sshforum.key-removed.v1" }
func (Overview) Schema() string        { return "sshforum.help.v1" }
func (Manual) Schema() string          { return "sshforum.manual.v1" }
func (Goodbye) Schema() string         { return "sshforum.goodbye.v1" }
func (ShuttingDown) Schema() string    { return "sshforum.shutting-down.v1" }
