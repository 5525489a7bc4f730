package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func (t *Text) messagePosted(r command.MessagePosted) error {
	t.learn(r.Posted)
	return t.printf("Message posted to %s thread\n", forum.Printable(r.Thread.Title))
}

func (t *Text) messageEdited(command.MessageEdited) error {
	return t.printf("The message has been edited\n")
}

func (t *Text) messageDeleted(r command.MessageDeleted) error {
	t.learn(r.Posted)
	if err := t.printf("The message has been deleted\n"); err != nil {
		return err
	}
	return t.Hint("RESTORE %s id:%s brings it back until %s.", forum.Printable(r.Thread.Title), r.Message.ID, t.Look.day(r.Until))
}

func (t *Text) messageRestored(r command.MessageRestored) error {
	t.show(r.Posted)
	return t.printf("The message has been restored as number %d\n", r.Number)
}

func (t *Text) messageHidden(r command.MessageHidden) error {
	if err := t.printf("The message is hidden from all but its author and moderators\n"); err != nil {
		return err
	}
	return t.Hint("UNHIDE %s id:%s shows it again.", forum.Printable(r.Thread.Title), r.Message.ID)
}

func (t *Text) messageUnhidden(r command.MessageUnhidden) error {
	t.show(r.Posted)
	return t.printf("The message is hidden no longer; it is number %d\n", r.Number)
}

// show lets the number that a message is shown with mean it.
func (t *Text) show(p rules.Posted) {
	if t.Seen != nil && p.Number > 0 {
		t.Seen.Show(p.Thread, p.Number, p.Message.ID)
	}
}

// learn lets a number that the person can only count up to mean a message of their own.
func (t *Text) learn(p rules.Posted) {
	if t.Seen != nil {
		t.Seen.Learn(p.Thread, p.Number, p.Message.ID)
	}
}

func (t *Text) messageHistory(r command.MessageHistory) error {
	for _, e := range r.Earlier {
		if err := t.printf("until %s: %s\n", t.Look.moment(e.Until), indented(e.Text)); err != nil {
			return err
		}
	}
	if r.Message.Removed.Hidden {
		return t.printf("%s\nlast: %s\n", hiddenWords(r.Message.Removed), indented(r.Message.Text))
	}
	return t.printf("now: %s\n", indented(r.Message.Text))
}

func (t *Text) happened(r command.Happened) error {
	line, known := eventWords[r.Kind]
	if !known {
		return nil
	}
	if t.Seen != nil {
		t.Seen.Told(r.Event)
	}
	if err := t.printf("%s\n", line(t, r.Event)); err != nil {
		return err
	}
	if t.Visit != nil {
		t.Visit.Shown(r.Event)
	}
	if r.Number > 0 && r.Text != "" {
		t.saw(r.Thread, r.Message.Seq, r.Message.Seq)
	}
	return nil
}

// eventWords has a line for every kind of event that people are shown.
var eventWords = map[forum.EventKind]func(*Text, forum.Event) string{
	forum.ThreadCreated:  threadEvent("created Thread"),
	forum.ThreadRemoved:  threadEvent("removed Thread"),
	forum.ThreadRestored: threadEvent("restored Thread"),
	forum.ThreadHidden: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " hid a thread"
	},
	forum.FileUploaded: fileEvent("uploaded"),
	forum.FileRenamed:  fileEvent("renamed a file to"),
	forum.FileRemoved:  fileEvent("removed"),
	forum.FileDropped:  fileDropped,
	forum.UserRegistered: func(_ *Text, e forum.Event) string {
		return forum.Printable(e.Name) + " joined the forum"
	},
	forum.MessagePosted:   messageEvent(""),
	forum.MessageEdited:   messageEvent(" (edited)"),
	forum.MessageDeleted:  messageChange("deleted message"),
	forum.MessageHidden:   messageChange("hid message"),
	forum.MessageRestored: messageChange("restored message"),
	forum.UserCame:        presenceEvent("is here"),
	forum.UserWent:        presenceEvent("has left"),
	forum.PrivateSent: func(t *Text, e forum.Event) string {
		if t.Visit != nil && t.Visit.Person() == e.To {
			return t.addressed(e, "you")
		}
		return t.addressed(e, forum.Printable(e.ToName))
	},
	forum.SaidToAll:      func(t *Text, e forum.Event) string { return t.addressed(e, "all") },
	forum.ReportFiled:    reportFiled,
	forum.ReportResolved: saidByForum,
	forum.UserLinked:     saidByForum,
}
