package command

import "sshforum/forum"

// Standard returns the table of the forum's commands.
func Standard() (*Table, error) {
	return NewTable([]Command{
		{
			Usage: "CRT thread", Alias: "create", Run: createThread,
			Help: "create a thread",
			Long: "The title is one word of up to 64 letters, digits and !@#$%.?_-+, and does not\n" +
				"start with . @ or -. Capital and small letters differ.",
		},
		{
			Usage: "LST [--titles]", Alias: "list", Run: listThreads,
			Help: "list the threads, latest activity first",
			Long: "--titles shows the titles alone.",
		},
		{
			Usage: "MSG thread text...", Alias: "post", Run: postMessage,
			Help: "post a message",
			Long: "The text is the rest of the line as it stands, quotes included. A text of - is\n" +
				"read from standard input: git log | ssh forum.host MSG 3331 -",
		},
		{
			Usage: "RDT thread [--from N] [--last N] [--since T]", Alias: "read", Run: readThread,
			Help: "read a thread",
			Long: "--from N starts at message N, --last N shows the last N messages, and --since T\n" +
				"those since a time: 15m, 2h, 3d, 2026-01-31, \"2026-01-31 18:00\" (the server's).",
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
			Usage: "RMV thread", Alias: "remove", Run: removeThread,
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
			Usage: "HIS thread n", Alias: "history", Run: messageHistory,
			Help: "show earlier versions of a message",
		},
		{
			Usage: "FOLLOW [thread ...] [--after N]", Alias: "tail", Run: follow,
			Help: "show what happens, as it happens",
			Long: "Ctrl-C ends it. Without a thread it follows all. With --json each line is an\n" +
				"event with its seq, and --after N goes on behind that one, over a restart too.",
		},
		{
			Usage: "FILES thread", Alias: "attachments", Run: listFiles,
			Help: "list the files of a thread",
		},
		{
			Usage: "UPD thread name [--replace] [--progress]", Alias: "upload", Run: uploadFile,
			Help: "upload a file from standard input",
			Long: "ssh forum.host UPD 3331 report.pdf < report.pdf\n" +
				"A file of yours with that name is replaced with --replace. scp and sftp work too:\n" +
				"scp report.pdf forum.host:3331/",
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
			Long: "SET plain on    sentences, no colour, no redrawing: for screen readers\n" +
				"SET color off   no colour; on always, auto as the terminal asks",
		},
		{
			Usage: "PASSWD", Alias: "password", Run: changePassword, Private: true,
			Help: "change your password",
		},
		{
			Usage: "KEYS [add|list|remove] [key...]", Alias: "keys", Run: keys,
			Help: "the public keys you log in with",
			Long: "KEYS add takes the one line of your .pub file, or - for standard input:\n" +
				"ssh forum.host KEYS add - < ~/.ssh/id_ed25519.pub\n" +
				"KEYS remove takes a number of the list or a fingerprint.",
		},
		{
			Usage: "HELP [command]", Alias: "man", Run: help,
			Help: "list the commands, or explain one",
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
