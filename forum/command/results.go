package command

import (
	"iter"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// The results of the commands, one type for each thing a door has words for.
type (
	// ThreadCreated answers CRT.
	ThreadCreated struct{ Thread forum.Thread }
	// ThreadList answers LST.
	ThreadList struct {
		Threads    []forum.Thread
		Hidden     []forum.Thread // that the person may see
		TitlesOnly bool
	}
	// ThreadRemoved answers RMV.
	ThreadRemoved struct {
		Thread forum.Thread
		Until  time.Time // it can be restored
	}
	// ThreadRestored answers RESTORE without a message.
	ThreadRestored struct{ Thread forum.Thread }
	// ThreadHidden answers HIDE without a message, ThreadUnhidden UNHIDE.
	ThreadHidden   struct{ Thread forum.Thread }
	ThreadUnhidden struct{ Thread forum.Thread }
	// ThreadText answers RDT. Its entries are read as they are ranged over.
	ThreadText struct {
		rules.Reading
		Unread uint64 // of NEXT: so many of the messages are unread, and no others are shown
	}

	// MessagePosted answers MSG.
	MessagePosted struct{ rules.Posted }
	// MessageEdited answers EDT.
	MessageEdited struct{ rules.Posted }
	// MessageDeleted answers DLT.
	MessageDeleted struct {
		rules.Posted
		Until time.Time // it can be restored
	}
	// MessageRestored answers RESTORE with a message.
	MessageRestored struct{ rules.Posted }
	// MessageHidden answers HIDE with a message, MessageUnhidden UNHIDE.
	MessageHidden   struct{ rules.Posted }
	MessageUnhidden struct{ rules.Posted }
	// MessageHistory answers HIS.
	MessageHistory struct{ rules.History }
	// Happened is one line of FOLLOW.
	Happened struct{ forum.Event }

	// LevelSet answers WATCH, UNWATCH and MUTE with a thread.
	LevelSet struct{ rules.ThreadInterest }
	// LevelList answers WATCH alone.
	LevelList struct{ Threads []rules.ThreadInterest }
	// News answers NEW.
	News struct{ rules.News }
	// CaughtUp answers CATCHUP.
	CaughtUp struct{ rules.CaughtUp }
	// MentionList answers MENTIONS.
	MentionList struct{ Messages []rules.Posted }
	// MentionShown answers NEXT where somebody mentioned the person.
	MentionShown struct{ rules.Posted }
	// MessagesSince answers RDM. Its messages are read as they are ranged over.
	MessagesSince struct {
		Messages iter.Seq2[rules.Posted, error]
		Old      bool // as the old chat wrote them
	}

	// MessagesFound answers FIND.
	MessagesFound struct{ rules.Found }

	// AreHere answers WHO, WereHere WHO --since.
	AreHere  struct{ People []rules.Presence }
	WereHere struct{ People []rules.LastSeen }
	// LoginHistory answers WHO --all. It is read as it is ranged over.
	LoginHistory struct {
		Visits iter.Seq2[rules.NamedVisit, error]
	}
	// PrivateSent answers TELL.
	PrivateSent struct{ rules.Delivery }
	// SaidToAll answers SAY.
	SaidToAll struct{ rules.Said }
	// Inbox answers INBOX.
	Inbox struct{ Conversations []rules.NamedConversation }
	// Conversation answers INBOX with a user. Its messages are read as they are ranged over.
	Conversation struct{ rules.ConversationReading }
	// BlockList answers BLOCK.
	BlockList struct{ Users []forum.User }
	// Blocked answers BLOCK with a user.
	Blocked struct{ User forum.User }
	// Unblocked answers UNBLOCK.
	Unblocked struct{ User forum.User }
	// Reported answers REPORT, ReportQueue QUEUE, ReportsResolved RESOLVE.
	Reported        struct{ rules.Reported }
	ReportQueue     struct{ Cases []rules.Case }
	ReportsResolved struct{ rules.Resolved }
	// Banned answers BAN, Unbanned UNBAN, BanList BANS.
	Banned   struct{ rules.Ban }
	Unbanned struct{ rules.Ban }
	BanList  struct{ Bans []rules.Ban }
	// TalkAsked answers PRIVATE.
	TalkAsked struct{ With forum.User }
	// TalkBegun answers PRIVATE when the other has asked.
	TalkBegun struct{ With forum.User }
	// TalkLineSent answers PRIVATE with a text.
	TalkLineSent struct{ With forum.User }
	// TalkEnded answers STOP. How is as StopTalk returns it.
	TalkEnded struct {
		With forum.User
		How  forum.EventKind
	}

	// FileList answers FILES.
	FileList struct {
		Thread string
		Files  []rules.FileInfo
	}
	// FileUploaded answers UPD.
	FileUploaded struct{ rules.Uploaded }
	// FileContent answers DWN. Whoever renders it closes Content.
	FileContent struct {
		Info     rules.FileInfo
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
	Settings struct {
		forum.Preferences
		Only string // the setting asked for; "" for all
	}
	// PasswordChanged answers PASSWD.
	PasswordChanged struct{}
	// KeyList answers KEYS.
	KeyList struct{ Keys []forum.Key }
	// KeyAdded answers KEYS add.
	KeyAdded struct{ Key forum.Key }
	// KeyRemoved answers KEYS remove.
	KeyRemoved struct{ Key forum.Key }

	// AccountClosed answers CLOSE; the session ends. User is what is left.
	AccountClosed struct{ User forum.User }
	// InviteMade answers INVITE, InviteRevoked INVITE --revoke, InviteList INVITES.
	InviteMade    struct{ rules.NewInvite }
	InviteRevoked struct{ forum.Invite }
	InviteList    struct{ Invites []forum.Invite }
	// Export answers EXPORT. It is read as it is ranged over.
	Export struct {
		Records iter.Seq2[rules.Record, error]
	}
	// ExportHint answers EXPORT where it would be read by nobody: a command to run elsewhere.
	ExportHint struct{}

	// ThreadModerated answers what moderators do to a thread.
	ThreadModerated struct {
		Thread forum.Thread
		Act    forum.AuditAct
	}
	// PersonModerated answers what moderators do to a person.
	PersonModerated struct {
		User forum.User
		Act  forum.AuditAct
	}
	// AuditLog answers AUDIT, Modlog MODLOG.
	AuditLog struct{ rules.AuditLog }
	Modlog   struct{ rules.Modlog }

	// Overview answers HELP.
	Overview struct{ Commands []*Command }
	// Manual answers HELP with a command.
	Manual struct{ Command *Command }
	// Stayed answers STAY.
	Stayed struct{}
	// Goodbye answers XIT; the session ends.
	Goodbye struct{}
	// ShuttingDown answers SHT.
	ShuttingDown struct{}
)
