package udpforum

import (
	"context"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

func (s *session) createThread(ctx context.Context, a arguments) (string, error) {
	t, err := s.service.CreateThread(ctx, s.c.Actor(), a.thread())
	return threadCreated.say(t.Title), err
}

func (s *session) removeThread(ctx context.Context, a arguments) (string, error) {
	_, err := s.service.RemoveThread(ctx, s.c.Actor(), a.thread())
	return threadRemoved.say(), err
}

func (s *session) post(ctx context.Context, a arguments) (string, error) {
	p, err := s.service.Post(ctx, s.c.Actor(), a.thread(), a.last(), rules.Casual())
	if err != nil {
		return "", err
	}
	s.seen.Learn(p.Thread, p.Number, p.Message.ID)
	return posted.say(), nil
}

func (s *session) deleteMessage(ctx context.Context, a arguments) (string, error) {
	target, err := s.target(ctx, a, deleteNoThread, deleteNoMessage)
	if err != nil {
		return "", err
	}
	p, err := s.service.DeleteMessage(ctx, s.c.Actor(), target)
	if err == nil {
		s.seen.Deleted(p.Thread, p.Message.ID)
	}
	return deleted.say(), err
}

func (s *session) editMessage(ctx context.Context, a arguments) (string, error) {
	target, err := s.target(ctx, a, editNoThread, editNoMessage)
	if err == nil {
		_, err = s.service.EditMessage(ctx, s.c.Actor(), target, a.last())
	}
	return edited.say(), err
}

// target returns the message that a thread and a number name. The dialect has one sentence for
// a missing thread and another for a missing message.
func (s *session) target(ctx context.Context, a arguments, noThread, noMessage sentence) (rules.Target, error) {
	if err := s.thread(ctx, a.thread(), noThread); err != nil {
		return rules.Target{}, err
	}
	target, err := rules.ParseTarget(a.thread(), a[1], &s.seen)
	if err != nil {
		err = noMessage.refuse()
	}
	return target, err
}

// thread returns the error missing, in the words of the command, if a thread is missing.
func (s *session) thread(ctx context.Context, title string, missing sentence) error {
	_, err := s.service.Thread(ctx, s.c.Actor(), title)
	if forum.KindOf(err) == forum.NotFound {
		return missing.refuse()
	}
	return err
}

// upload makes a placeholder: the client names a file and does not send it.
func (s *session) upload(ctx context.Context, a arguments) (string, error) {
	done, err := s.service.Placeholder(ctx, s.c.Actor(), a.thread(), a.last())
	if forum.KindOf(err) == forum.Conflict {
		return "", fileExists.refuse(a.last(), a.thread())
	}
	return fileUploaded.say(done.File.Name, done.Title), err
}

// download replies with the command that fetches a file, since the client does not fetch it. A
// placeholder has no content to fetch.
func (s *session) download(ctx context.Context, a arguments) (string, error) {
	if err := s.thread(ctx, a.thread(), downloadNoThread); err != nil {
		return "", err
	}
	info, err := s.service.File(ctx, s.c.Actor(), rules.Place{Thread: a.thread()}, a.last())
	switch {
	case forum.KindOf(err) == forum.NotFound:
		return "", noFile.refuse(a.last(), a.thread())
	case err != nil || info.Placeholder:
		return fileReady.say(), err
	}
	line := s.ssh.Fetch(a.thread(), info.Name)
	return legacy.OneLine(fileBySSH.say(info.Name)+line, maxMessage), nil
}
