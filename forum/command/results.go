package command

import (
	"iter"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// The results of the commands, one type for each kind of answer.
type (
	// ThreadCreated answers CRT.
	ThreadCreated struct{ Thread forum.Thread }
	// ThreadList answers LST.
	ThreadList struct {
		Threads    []forum.Thread
		Hidden     []forum.Thread // hidden threads that the person may see
		TitlesOnly bool
	}
	// ThreadRemoved answers RMV.
	ThreadRemoved struct {
		Thread forum.Thread
		Until  time.Time // end of the time in which it can be restored
	}
	// ThreadRestored answers RESTORE without a message.
	ThreadRestored struct{ Thread forum.Thread }
	// ThreadHidden answers HIDE without a message, ThreadUnhidden UNHIDE.
	ThreadHidden   struct{ Thread forum.Thread }
	ThreadUnhidden struct{ Thread forum.Thread }
	// ThreadText answers RDT. Its entries are read while they are ranged over.
	ThreadText struct {
		rules.Reading
		Unread uint64 // only for NEXT, which shows unread messages only: how many there are
	}

	// MessagePosted answers MSG.
	MessagePosted struct{ rules.Posted }
	// MessageEdited answers EDT.
	MessageEdited struct{ rules.Posted }
	// MessageDeleted answers DLT.
	MessageDeleted struct {
		rules.Posted
		Until time.Time // end of the time in which it can be restored
	}
	// MessageRestored answers RESTORE with a message.
	MessageRestored struct{ rules.Posted }
	// MessageHidden answers HIDE with a message, MessageUnhidden UNHIDE.
	MessageHidden   struct{ rules.Posted }
	MessageUnhidden struct{ rules.Posted }
	// MessageHistory answers HIS.
	MessageHistory struct{ rules.History }
	// Happened is one event of FOLLOW.
	Happened struct{ *forum.Event }

	// LevelSet answers WATCH, UNWATCH and MUTE with a thread.
	LevelSet struct{ rules.ThreadInterest }
	// LevelList answers WATCH without a thread.
	LevelList struct{ Threads []rules.ThreadInterest }
	// News answers NEW.
	News struct{ rules.News }
	// CaughtUp answers CATCHUP.
	CaughtUp struct{ rules.CaughtUp }
	// MentionList answers MENTIONS.
	MentionList struct{ Messages []rules.Posted }
	// MentionShown answers NEXT if somebody mentioned the person.
	MentionShown struct{ rules.Posted }
	// MessagesSince answers RDM. Its messages are read while they are ranged over.
	MessagesSince struct {
		Messages iter.Seq2[rules.Posted, error]
		Old      bool // in the form of the old chat
	}

	// MessagesFound answers FIND.
	MessagesFound struct{ rules.Found }

	// AreHere answers WHO, WereHere WHO --since.
	AreHere  struct{ People []rules.Presence }
	WereHere struct{ People []rules.LastSeen }
	// LoginHistory answers WHO --all. It is read while it is ranged over.
	LoginHistory struct {
		Visits iter.Seq2[rules.NamedVisit, error]
	}
	// PrivateSent answers TELL.
	PrivateSent struct{ rules.Delivery }
	// SaidToAll answers SAY.
	SaidToAll struct{ rules.Said }
	// Inbox answers INBOX.
	Inbox struct{ Conversations []rules.NamedConversation }
	// Conversation answers INBOX with a user. Its messages are read while they are ranged over.
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
	// TalkBegun answers PRIVATE if the other person has asked already.
	TalkBegun struct{ With forum.User }
	// TalkLineSent answers PRIVATE with a text.
	TalkLineSent struct{ With forum.User }
	// TalkEnded answers STOP. How is that of StopTalk.
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
	// FileContent answers DWN. Its renderer must close Content.
	FileContent struct {
		Info     rules.FileInfo
		Content  forum.BlobReader
		Progress func(bytes int64)
	}
	// CopyHint answers UPD and DWN if no file can be transferred here: a command to run
	// elsewhere.
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

	// AccountClosed answers CLOSE; the session ends. User is the closed account.
	AccountClosed struct{ User forum.User }
	// InviteMade answers INVITE, InviteRevoked INVITE --revoke, InviteList INVITES.
	InviteMade    struct{ rules.NewInvite }
	InviteRevoked struct{ forum.Invite }
	InviteList    struct{ Invites []forum.Invite }
	// Export answers EXPORT. It is read while it is ranged over.
	Export struct {
		Records iter.Seq2[rules.Record, error]
	}
	// ExportHint answers EXPORT if bytes cannot be sent here: a command to run elsewhere.
	ExportHint struct{}

	// ThreadModerated answers the moderators' commands about a thread.
	ThreadModerated struct {
		Thread forum.Thread
		Act    forum.AuditAct
	}
	// PersonModerated answers the moderators' commands about a person.
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
