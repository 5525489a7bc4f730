package shell

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/sshapp/render"
)

const (
	welcomeNames    = 10 // people who are shown as here
	welcomeMessages = 20 // private messages shown in full
)

// welcome shows whether changes cannot be stored, who is here, what is new and waiting for the
// person, and how to go on.
func (sh *shell) welcome(ctx context.Context) {
	out := sh.textRenderer(sh.editor, sh.editor)
	_, _ = fmt.Fprintf(out.Out, "Welcome to the forum, %s.\n", forum.Printable(sh.actor.Name))
	if why := sh.visit.Unstored(); why != "" {
		_, _ = fmt.Fprintf(out.Out, "%s\n", why)
	}
	sh.welcomeOthers(ctx, out)
	sh.welcomeNews(ctx, out)
	sh.welcomeMessages(ctx, out)
	sh.welcomeFiles(ctx, out)
	sh.welcomeReports(out)
	_ = out.Hint("HELP lists the commands, LST the threads, XIT leaves.")
}

func (sh *shell) welcomeOthers(ctx context.Context, out *render.Text) {
	all, err := sh.service.Who(ctx, sh.actor)
	if err != nil {
		return
	}
	var names []string
	for _, who := range all {
		if !who.You && !slices.Contains(names, who.Name) {
			names = append(names, who.Name)
		}
	}
	_, _ = fmt.Fprintf(out.Out, "%s\n", here(names))
}

// here returns a sentence about the other people who are here.
func here(names []string) string {
	if len(names) == 0 {
		return "Nobody else is here."
	}
	shown := make([]string, min(len(names), welcomeNames))
	for i := range shown {
		shown[i] = forum.Printable(names[i])
	}
	line := "Here: " + strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	return line + "."
}

func (sh *shell) welcomeNews(ctx context.Context, out *render.Text) {
	news, err := sh.service.News(ctx, sh.actor)
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(out.Out, "%s\n", whatIsNew(news))
}

// whatIsNew returns a sentence with the numbers of unread messages and mentions.
func whatIsNew(news rules.News) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, render.Count(n, what))
		}
	}
	messages, private := 0, 0
	for _, t := range news.Threads {
		messages += int(t.Messages)
	}
	for _, p := range news.Private {
		private += int(p.Messages)
	}
	add(messages, "message")
	if messages > 0 {
		parts[0] += " in " + render.Count(len(news.Threads), "thread")
		if news.More {
			parts[0] = "more than " + parts[0]
		}
	}
	add(news.Mentions, "mention")
	add(private, "private message")
	if len(parts) == 0 {
		return "Nothing new."
	}
	return "New: " + strings.Join(parts, ", ") + ". NEW lists them, NEXT shows them."
}

// welcomeMessages shows the private messages that wait for the person.
func (sh *shell) welcomeMessages(ctx context.Context, out *render.Text) {
	messages, more, err := sh.visit.Waiting(ctx, welcomeMessages)
	if err != nil {
		sh.log.Error("read private messages", "session", sh.actor.Session, "error", err)
		return
	}
	for _, l := range messages {
		out.PrivateMessage(l)
		sh.visit.MarkShown(l)
	}
	if more > 0 {
		_, _ = fmt.Fprintf(out.Out, "and %d more; INBOX lists them.\n", more)
	}
}

// welcomeFiles shows how many files others have sent to the inbox.
func (sh *shell) welcomeFiles(ctx context.Context, out *render.Text) {
	files, err := sh.service.Files(ctx, sh.actor, rules.Place{Own: true})
	if err == nil && len(files) > 0 {
		_, _ = fmt.Fprintf(out.Out, "%s in your inbox; sftp: ls %s\n", render.Count(len(files), "file"), render.InboxDir)
	}
}

// welcomeReports shows a moderator how many reports wait in the queue.
func (sh *shell) welcomeReports(out *render.Text) {
	queue, err := sh.service.Queue(sh.actor, false)
	reports := 0
	for _, c := range queue {
		reports += len(c.Reports)
	}
	if err == nil && reports > 0 {
		_, _ = fmt.Fprintf(out.Out, "%s to look at; QUEUE lists them.\n", render.Count(reports, "report"))
	}
}
