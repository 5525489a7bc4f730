package legacy

import "sshforum/forum"

// hints are the advice for errors, for programs in which the usual command for it does not
// exist: use another text, or ssh.
var hints = map[forum.Hint]string{
	forum.HintAgain:     "change the text and send it again.",
	forum.HintLogin:     "log in with ssh.",
	forum.HintRemoveAll: "RMV in a shell removes it with all that is in it.",
	forum.HintSendFile:  "send it with UPD or scp.",
	forum.HintShorten:   "Shorten it, post it in parts, or send it as a file with UPD or scp.",
	forum.HintUnblock:   "end that with ssh: UNBLOCK ABOUT.",
}

// Explain returns the sentence that people see for err, with advice if there is any.
func Explain(err error) string { return forum.Advise(err, hints) }
