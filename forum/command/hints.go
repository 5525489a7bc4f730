package command

import "sshforum/forum"

// hints has the remedies for errors, as commands.
var hints = map[forum.Hint]string{
	forum.HintAgain:        "add --again to post it anyway.",
	forum.HintAnotherKey:   "set a password with PASSWD or add another key first.",
	forum.HintAnotherTitle: "add --as TITLE to ABOUT under another title.",
	forum.HintAskTalk:      "PRIVATE ABOUT asks for one.",
	forum.HintEndTalk:      "STOP ends it.",
	forum.HintInvites:      "INVITES lists them.",
	forum.HintLeaveWord:    "TELL leaves a private message.",
	forum.HintLogin:        "log in with ssh.",
	forum.HintRefuseTalk:   "STOP and a name refuses one.",
	forum.HintRemoveAll:    "RMV in a shell removes it with all that is in it.",
	forum.HintReports:      "QUEUE lists what is.",
	forum.HintSendFile:     "send it with UPD or scp.",
	forum.HintShorten:      "Shorten it, post it in parts, or send it as a file with UPD or scp.",
	forum.HintTell:         "TELL sends a private message.",
	forum.HintUnban:        "UNBAN ABOUT.",
	forum.HintUnblock:      "UNBLOCK ABOUT first.",
}

// Explain returns the sentence that a person may see for err, with the command that would help.
func Explain(err error) string { return forum.Advise(err, hints) }
