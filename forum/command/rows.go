package command

import "sshforum/forum"

// helpAgain is the text about --again in HELP.
const helpAgain = "--again posts the same text once more, which is refused if it comes by mistake.\n"

// helpOnce is the text about --once in HELP.
const helpOnce = "--once KEY is for scripts: tried again with that key within a day, it is done\n" +
	"only once, and the answer shows what was made as it is now."

// Standard returns the table of the forum's commands.
func Standard() (*Table, error) {
	return NewTable([]Command{
		{
			Usage: "CRT thread [--once KEY]", Alias: "create", Run: createThread,
			Help: "create a thread",
			Long: "The title is one word of up to 64 letters, digits and !@#$%.?_-+, and does not\n" +
				"start with . @ or -. Capital and small letters differ.\n" + helpOnce,
		},
		{
			Usage: "LST [--titles]", Alias: "list", Run: listThreads,
			Help: "list the threads, latest activity first",
			Long: "--titles shows the titles alone.",
		},
		{
			Usage: "MSG thread [--once KEY] [--again] text...", Alias: "post", Run: postMessage,
			Help: "post a message",
			Long: "The text is the rest of the line as it stands, quotes included. A text of - is\n" +
				"read from standard input: git log | ssh forum.host MSG 3331 -\n" + helpAgain + helpOnce,
		},
		{
			Usage: "RDT thread [--from N] [--last N] [--since T] [--unfold]", Alias: "read", Run: readThread,
			Help: "read a thread",
			Long: "--from N starts at message N, --last N shows the last N messages, and --since T\n" +
				"those since a time: 15m, 2h, 3d, 2026-01-31, \"2026-01-31 18:00\" (your zone).\n" +
				"--unfold shows the messages of people you have blocked, too.",
		},
		{
			Usage: "RDM [time ...] [--old]", Alias: "since", Run: readSince,
			Help: "read what was posted since a time",
			Long: "The time is written as RDT --since takes it, or as the old chat did:\n" +
				"RDM 21 Nov 2026 01:16:51. --old writes the messages as the old chat did, too.",
		},
		{
			Usage: "REPLY thread n [--once KEY] [--again] text...", Alias: "answer", Run: reply,
			Help: "post an answer to a message",
			Long: "The answer quotes the message, whose author is told as by a mention. n is the\n" +
				"number you last saw, or a permanent id such as id:12.7.\n" + helpAgain + helpOnce,
		},
		{
			Usage: "EDT thread n text...", Alias: "edit", Run: editMessage,
			Help: "edit a message of yours",
			Long: "n is the number you last saw, or id:12.7 for a message's permanent id. Earlier\n" +
				"versions are kept; HIS shows them. A text of - is read from standard input.",
		},
		{
			Usage: "DLT thread n", Alias: "delete", Run: deleteMessage,
			Help: "delete a message of yours",
			Long: "Later messages move up by one. n is the number you last saw, or id:12.7 for a\n" +
				"message's permanent id. RESTORE brings the message back.",
		},
		{
			Usage: "RMV thread", Alias: "remove", Run: removeThread, Grave: true,
			Help: "remove a thread of yours and all in it",
			Long: "RESTORE brings the thread back. Everything in it comes along.",
		},
		{
			Usage: "RESTORE thread [n] [--as TITLE]", Alias: "undelete", Run: restore,
			Help: "bring back what was deleted or removed",
			Long: "n is the number the message had when you last saw it, or its permanent id, such\n" +
				"as id:12.7. --as gives a thread another title when its own is taken.",
		},
		{
			Usage: "HIDE thread [n] reason...", Alias: "hide", Run: hide, For: forum.Moderator,
			Help: "hide a message, or a thread, from the others",
			Long: "n is the number you last saw, or an id such as 12.7; without it the whole thread\n" +
				"is meant. Its author and moderators alone still see it, marked, with the reason.\n" +
				"Later messages move up by one, and a thread's title is free. UNHIDE shows it\n" +
				"again.",
		},
		{
			Usage: "UNHIDE thread [n] [--as TITLE]", Alias: "unhide", Run: unhide, For: forum.Moderator,
			Help: "show again what was hidden",
			Long: "n is the permanent id that RDT shows, such as id:12.7. --as gives a thread\n" +
				"another title when its own is taken.",
		},
		{
			Usage: "HIS thread n", Alias: "history", Run: messageHistory,
			Help: "show earlier versions of a message",
		},
		{
			Usage: "FOLLOW [thread ...] [--after N] [--count N]", Alias: "tail", Run: follow, Stays: true,
			Help: "show what happens, as it happens",
			Long: "Ctrl-C ends it, or --count N when it has shown N events. Without a thread it\n" +
				"follows all. With --json each line is an event with its seq, and --after N goes\n" +
				"on behind that one, over a restart too.",
		},
		{
			Usage: "NEW [--quiet]", Alias: "unread", Run: showNews,
			Help: "show what you have not read",
			Long: "Threads with their unread messages, watched ones first, mentions and private\n" +
				"messages. --quiet shows nothing: the exit status is 0 if there is something,\n" +
				"else 3.",
		},
		{
			Usage: "NEXT", Alias: "next", Run: next,
			Help: "read what is new, one step at a time",
			Long: "First mentions, then private messages, watched threads, and the other threads.\n" +
				"What a shell has shown counts as read. Elsewhere nothing does; see CATCHUP.",
		},
		{
			Usage: "CATCHUP [thread]", Alias: "catch-up", Run: catchUp,
			Help: "mark a thread, or all, as read",
			Long: "Private messages stay unread until INBOX or NEXT shows them.",
		},
		{
			Usage: "WATCH [thread]", Alias: "watch", Run: watch,
			Help: "be told what is posted in a thread",
			Long: "You watch what you create, and what you post in. UNWATCH and MUTE end it.\n" +
				"WATCH alone lists what you watch and have muted.",
		},
		{
			Usage: "UNWATCH thread", Alias: "unwatch", Run: unwatch,
			Help: "watch or mute a thread no longer",
		},
		{
			Usage: "MUTE thread", Alias: "mute", Run: mute,
			Help: "leave a thread out of what is new",
			Long: "You are still told where somebody mentions you. UNWATCH ends it.",
		},
		{
			Usage: "MENTIONS [--last N]", Alias: "mentions", Run: listMentions,
			Help: "show where you were mentioned",
			Long: "That is as @name, and in answers to messages of yours. The last 20 are shown,\n" +
				"or the last N, the last first.",
		},
		{
			Usage: "FIND [word ...] [--last N] [--page N]", Alias: "search", Run: find,
			Help: "search all messages, the last posted first",
			Long: "All words must be in a message, in any order; \"light saber\" in quotes as it\n" +
				"stands. author:yoda in:3331 after:2026-01-31 before:2d has:file narrow it down.\n" +
				"20 messages are shown, or as many as --last says; --page 2 goes on. Nothing is\n" +
				"marked as read.",
		},
		{
			Usage: "WHO [--since T] [--all]", Alias: "whoelse", Run: who,
			Help: "show who is here",
			Long: "--since T shows who was here since a time: 15m, 2h, 3d or a date. --all shows\n" +
				"the whole login history, the last login first; it is for admins.",
		},
		{
			Usage: "TELL user [--once KEY] text...", Alias: "message", Run: tell,
			Help: "send a private message",
			Long: "Who is not here gets it at the next login. INBOX keeps it for both of you.\n" +
				"A text of - is read from standard input.\n" + helpOnce,
		},
		{
			Usage: "SAY text...", Alias: "broadcast", Run: sayToAll,
			Help: "say something to everyone who is here",
			Long: "It is kept only as long as FOLLOW --after reaches back.\n" +
				"A text of - is read from standard input.",
		},
		{
			Usage: "INBOX [user] [--all] [--read]", Alias: "mail", Run: inbox,
			Help: "show your private messages",
			Long: "INBOX lists your conversations, those with unread messages first; INBOX yoda\n" +
				"shows the last 50 messages of one, or from the first unread one on, or with\n" +
				"--all every one. In a shell these are then read; elsewhere --read marks them.",
		},
		{
			Usage: "BLOCK [user]", Alias: "ignore", Run: block,
			Help: "see and hear nothing of somebody any more",
			Long: "The two of you can send each other no private messages, and messages in threads\n" +
				"are folded. Nobody is told of it. BLOCK alone lists whom you have blocked.",
		},
		{
			Usage: "UNBLOCK user", Alias: "unignore", Run: unblock,
			Help: "end a BLOCK",
		},
		{
			Usage: "PRIVATE user [text...]", Alias: "startprivate", Run: privateTalk,
			Help: "talk with one person, in shells of you both",
			Long: "It asks; the other agrees with PRIVATE and your name, or refuses with STOP and\n" +
				"your name. Then each line you type goes to the other, and /LST is the command\n" +
				"LST. STOP or Ctrl-D ends it. Nothing is kept. With a text it says one line in a\n" +
				"talk that has begun.",
		},
		{
			Usage: "STOP [user]", Alias: "stopprivate", Run: stopTalk,
			Help: "end a private talk, or refuse one",
			Long: "STOP ends your talk, takes back your asking, or refuses the one who asks. With\n" +
				"a name it is about that person.",
		},
		{
			Usage: "FILES thread [--unfold]", Alias: "attachments", Run: listFiles,
			Help: "list the files of a thread",
			Long: "--unfold names the files of people you have blocked, too.",
		},
		{
			Usage: "UPD thread name [--replace] [--progress]", Alias: "upload", Run: uploadFile,
			Help: "upload a file from standard input",
			Long: "ssh forum.host UPD 3331 report.pdf < report.pdf\n" +
				"A file of yours with that name is replaced with --replace. scp and sftp work\n" +
				"too: scp report.pdf forum.host:3331/",
		},
		{
			Usage: "DWN thread name [--progress]", Alias: "download", Run: downloadFile,
			Help: "download a file to standard output",
			Long: "ssh forum.host DWN 3331 report.pdf > report.pdf\n" +
				"scp and sftp work too: scp forum.host:3331/report.pdf .",
		},
		{
			Usage: "WHOAMI", Alias: "me", Run: whoAmI,
			Help: "show who you are logged in as",
		},
		{
			Usage: "SET [setting] [value]", Alias: "settings", Run: set,
			Help: "show or change your settings",
			Long: "SET plain on             sentences, no colour, no redrawing: for screen readers\n" +
				"SET color off            no colour; on always, auto as the terminal asks\n" +
				"SET bell never           no bell; mentions: for these and private messages;\n" +
				"                         all: for every notice\n" +
				"SET presence off         no line when somebody comes or goes\n" +
				"SET zone Europe/Berlin   the zone of the times you read and write, or server",
		},
		{
			Usage: "PASSWD", Alias: "password", Run: changePassword, Private: true,
			Help: "change your password",
		},
		{
			Usage: "KEYS [add|list|remove] [key ...]", Alias: "keys", Run: keys,
			Help: "the public keys you log in with",
			Long: "KEYS add takes the one line of your .pub file, or - for standard input:\n" +
				"ssh forum.host KEYS add - < ~/.ssh/id_ed25519.pub\n" +
				"KEYS remove takes a number of the list or a fingerprint.",
		},
		{
			Usage: "INVITE [--for T] [--revoke N]", Alias: "invite", Run: invite,
			Help: "make a code that opens one account",
			Long: "Give the code to whoever is to come. It is shown once, and holds for 7 days or\n" +
				"as long as --for says, such as 12h or 30d. --revoke N takes number N of INVITES\n" +
				"back.",
		},
		{
			Usage: "INVITES", Alias: "invited", Run: listInvites,
			Help: "list your invites that nobody has used yet",
		},
		{
			Usage: "CLOSE [--anonymise]", Alias: "close", Run: closeAccount, Grave: true,
			Help: "close your account for ever",
			Long: "It asks for your password. Your sessions end. What is private, such as inbox and\n" +
				"settings, is dropped; what you posted stays. --anonymise takes your name from\n" +
				"it. Nobody else gets the name. EXPORT before, if you like.",
		},
		{
			Usage: "EXPORT", Alias: "export", Run: export,
			Help: "everything the forum keeps about you",
			Long: "ssh forum.host EXPORT > me.ndjson\n" +
				"Each line is a JSON object. The last is an end: without it something is missing.\n" +
				"It names your files; scp and sftp copy them.",
		},
		{
			Usage: "REPORT thread [n] reason...", Alias: "report", Run: report,
			Help: "ask moderators to look at something",
			Long: "n is the number you last saw, or an id such as 12.7, which the line of an upload\n" +
				"has too (RDT --json); without it the whole thread is meant. Moderators\n" +
				"alone see who reports. You are told when one has looked.",
		},
		{
			Usage: "MODLOG [--last N]", Alias: "moderation", Run: modlog,
			Help: "show what moderators have done",
			Long: "The last 50 acts, or the last N. Each one vouches for all before it: who keeps\n" +
				"the head, which is the last line, can have the operator verify the log later.",
		},
		{
			Usage: "LOCK thread [reason...]", Alias: "lock", Run: lock, For: forum.Moderator,
			Help: "let only moderators write in a thread",
			Long: "Nobody else posts, edits, uploads or removes files there until UNLOCK.",
		},
		{
			Usage: "UNLOCK thread", Alias: "unlock", Run: unlock, For: forum.Moderator,
			Help: "end a LOCK",
		},
		{
			Usage: "PIN thread", Alias: "pin", Run: pin, For: forum.Moderator,
			Help: "list a thread first",
		},
		{
			Usage: "UNPIN thread", Alias: "unpin", Run: unpin, For: forum.Moderator,
			Help: "end a PIN",
		},
		{
			Usage: "SLOW thread interval", Alias: "slow", Run: slow, For: forum.Moderator,
			Help: "limit how often each person posts there",
			Long: "SLOW 3331 30s lets each person post once in 30 seconds there; SLOW 3331 off ends\n" +
				"it. Moderators are exempt.",
		},
		{
			Usage: "SILENCE user [--for T] reason...", Alias: "silence", Run: silence, For: forum.Moderator,
			Help: "let somebody read, but not write",
			Long: "--for 2h, 3d or 4w ends it by itself. The person can still TELL moderators, and\n" +
				"is shown the reason, as everybody is in MODLOG. Done again, the new time and\n" +
				"reason hold. One acts on those below alone: moderators on members, admins on\n" +
				"moderators too.",
		},
		{
			Usage: "UNSILENCE user", Alias: "unsilence", Run: unsilence, For: forum.Moderator,
			Help: "end a SILENCE",
		},
		{
			Usage: "BAN who [--for T] reason...", Alias: "ban", Run: ban, For: forum.Moderator,
			Help: "keep an account or a network out",
			Long: "who is a name, an address, or a network such as 192.0.2.0/24; a name that looks\n" +
				"like an address has an @ before it. --for 7d, 12h or 30m lets it end by itself.\n" +
				"What is connected ends. Whoever is banned and logs in is told the reason. Done\n" +
				"again, the new time and reason hold. A key of a banned account makes no other.\n" +
				"You are told of accounts that may be of the same person, and AUDIT has it.",
		},
		{
			Usage: "UNBAN who [reason...]", Alias: "unban", Run: unban, For: forum.Moderator,
			Help: "end a BAN",
		},
		{
			Usage: "BANS", Alias: "bans", Run: bans, For: forum.Moderator,
			Help: "list who is banned",
		},
		{
			Usage: "QUEUE [--unfold]", Alias: "reports", Run: queue, For: forum.Moderator,
			Help: "list what is reported, the oldest first",
			Long: "--unfold shows what people have written whom you have blocked, too.",
		},
		{
			Usage: "RESOLVE id note...", Alias: "resolve", Run: resolve, For: forum.Moderator,
			Help: "close the reports of one thing",
			Long: "The id is the one QUEUE shows, such as 12.7, or 12 for a thread. Its reporters\n" +
				"are told the note, not whose it is; everybody can read it in MODLOG.",
		},
		{
			Usage: "AUDIT [--last N]", Alias: "audit-log", Run: auditLog, For: forum.Moderator,
			Help: "show the audit log in full",
			Long: "The last 50 acts of moderators, admins and the operator, or the last N, and\n" +
				"which accounts may be of somebody who is banned.",
		},
		{
			Usage: "HELP [command]", Alias: "man", Run: help,
			Help: "list the commands, or explain one",
		},
		{
			Usage: "STAY", Alias: "keep-open", Run: stay,
			Help: "keep the session open",
			Long: "A session that waits long for a command ends; you are warned before. Any command\n" +
				"keeps it open. This one does nothing else.",
		},
		{
			Usage: "XIT", Alias: "exit", Run: leave,
			Help: "leave; Ctrl-D does the same",
		},
		{
			Usage: "SHT", Alias: "shutdown", Run: stopServer, For: forum.Admin,
			Help: "shut the server down",
		},
	})
}
