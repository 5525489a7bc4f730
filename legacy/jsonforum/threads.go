package jsonforum

import (
	"context"

	"sshforum/forum"
	"sshforum/forum/rules"
)

func (s *session) createThread(ctx context.Context, r request) (string, error) {
	t, err := s.service.CreateThread(ctx, s.c.Actor(), r.Name)
	return threadCreated.say(t.Title), err
}

func (s *session) removeThread(ctx context.Context, r request) (string, error) {
	_, err := s.service.RemoveThread(ctx, s.c.Actor(), r.Thread)
	return threadRemoved.say(), err
}

func (s *session) post(ctx context.Context, r request) (string, error) {
	p, err := s.service.Post(ctx, s.c.Actor(), r.Thread, r.Message, rules.Casual())
	if err != nil {
		return "", err
	}
	s.seen.Learn(p.Thread, p.Number, p.Message.ID)
	return posted.say(p.Thread.Title), nil
}

func (s *session) deleteMessage(ctx context.Context, r request) (string, error) {
	target, err := s.target(ctx, r)
	if err != nil {
		return "", err
	}
	p, err := s.service.DeleteMessage(ctx, s.c.Actor(), target)
	if err == nil {
		s.seen.Deleted(p.Thread, p.Message.ID)
	}
	return deleted.say(), err
}

func (s *session) editMessage(ctx context.Context, r request) (string, error) {
	target, err := s.target(ctx, r)
	if err == nil {
		_, err = s.service.EditMessage(ctx, s.c.Actor(), target, r.Message)
	}
	return edited.say(), err
}

// target returns the message that a request names. The dialect has one sentence for a missing
// thread and another for a missing message.
func (s *session) target(ctx context.Context, r request) (rules.Target, error) {
	if err := s.thread(ctx, r.Thread); err != nil {
		return rules.Target{}, err
	}
	target, err := rules.ParseTarget(r.Thread, r.Number, &s.seen)
	if err != nil {
		err = noMessage.refuse()
	}
	return target, err
}

// thread returns the dialect's error if a thread is missing.
func (s *session) thread(ctx context.Context, title string) error {
	_, err := s.service.Thread(ctx, s.c.Actor(), title)
	if forum.KindOf(err) == forum.NotFound {
		return noThread.refuse(title)
	}
	return err
}

// shutDown stops the server for an admin who knows their own password. Everybody is told when
// their conversation ends; so is the admin.
func (s *session) shutDown(ctx context.Context, r request) (string, error) {
	err := s.service.ConfirmPassword(ctx, s.c.Actor(), r.AdmPassword)
	if err == nil {
		err = s.service.StopServer(s.c.Actor())
	}
	if err != nil {
		return "", err
	}
	return "", lost{forum.Errorf(forum.Stopping, "Shut down")}
}
