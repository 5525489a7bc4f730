package jsonchat

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"sshforum/forum"
)

func (s *session) message(ctx context.Context, r request) (any, error) {
	_, err := s.service.SendPrivateMessage(ctx, s.c.Actor(), r.User, r.Message)
	switch {
	case forum.KindOf(err) == forum.Conflict: // the forum's sentence has the command for ssh
		return newNotice(fmt.Sprintf("You have blocked %s; unblock %[1]s first.", forum.Printable(r.User))), nil
	case err != nil:
		return nil, err
	}
	return statusReply{r.Action, success}, nil
}

// broadcast replies with the number of people reached, and with n_blocked 1 if it missed
// anybody: the exact number would tell who they are.
func (s *session) broadcast(ctx context.Context, r request) (any, error) {
	said, err := s.service.Say(ctx, s.c.Actor(), r.Message)
	if err != nil {
		return nil, err
	}
	reply := broadcastReply{Action: r.Action, Sent: said.Reached}
	if said.Missed {
		reply.Blocked = 1
	}
	return reply, nil
}

func (s *session) whoElse(ctx context.Context, r request) (any, error) {
	here, err := s.service.Who(ctx, s.c.Actor())
	var names []string
	for i, h := range here {
		if !h.You && (i == 0 || here[i-1].User != h.User) { // there is one presence for each door
			names = append(names, h.Name)
		}
	}
	return newNames(r.Action, names), err
}

func (s *session) whoElseSince(ctx context.Context, r request) (any, error) {
	seconds, err := strconv.ParseUint(r.Since, 10, 32)
	if err != nil {
		return nil, forum.Errorf(forum.Usage, "whoelsesince needs a whole number of seconds.")
	}
	were, err := s.service.WhoSince(ctx, s.c.Actor(), s.service.Clock().Add(-time.Duration(seconds)*time.Second))
	var names []string
	for _, was := range were {
		if !was.You {
			names = append(names, was.Name)
		}
	}
	return newNames(r.Action, names), err
}

func (s *session) block(ctx context.Context, r request) (any, error) {
	_, err := s.service.Block(ctx, s.c.Actor(), r.User)
	return statusReply{r.Action, success}, err
}

// unblock accepts a person who is not blocked, as the original did.
func (s *session) unblock(ctx context.Context, r request) (any, error) {
	_, err := s.service.Unblock(ctx, s.c.Actor(), r.User)
	if forum.KindOf(err) == forum.NotFound && !s.isSelf(r.User) {
		if _, known, failed := s.service.Lookup(r.User); known || failed != nil {
			err = failed
		}
	}
	return statusReply{r.Action, success}, err
}

// startPrivate replies with the address at which the other's client waits for this one. People
// who are here by another door have no such address.
func (s *session) startPrivate(_ context.Context, r request) (any, error) {
	u, err := s.service.Introduce(s.c.Actor(), r.User)
	if err != nil {
		return nil, err
	}
	to, here := s.peers.find(u.ID)
	if !here {
		return asReply(r.Action, userOffline), nil
	}
	return introduction{r.Action, success, to.addr, to.port, u.Name}, nil
}
