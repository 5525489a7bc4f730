package command

import (
	"cmp"
	"context"
	"time"

	"sshforum/forum/rules"
	"sshforum/forum/search"
)

// pageHits is how many messages FIND shows by default.
const pageHits = 20

func find(ctx context.Context, c *Call) (Result, error) {
	size, err := c.Args.Number("last")
	if err != nil {
		return nil, err
	}
	number, err := c.Args.Number("page")
	if err != nil {
		return nil, err
	}
	if size > rules.MaxPage {
		return nil, c.Args.Errorf("--last takes a number up to %d; --page goes on", rules.MaxPage)
	}
	query, err := c.query()
	if err != nil {
		return nil, c.Args.Errorf("%v", err)
	}
	found, err := c.Service.Find(ctx, c.Actor, query, rules.Page{Size: cmp.Or(size, pageHits), Number: cmp.Or(number, 1)})
	return MessagesFound{found}, err
}

// query returns the query that the arguments of FIND stand for.
func (c *Call) query() (q rules.Query, err error) {
	if q.Query, err = search.Parse(c.Args.Words("word")); err != nil {
		return q, err
	}
	now := c.Service.Clock().In(c.Zone)
	for _, bound := range []struct {
		written string
		to      *time.Time
	}{{q.Query.After, &q.After}, {q.Query.Before, &q.Before}} {
		if bound.written == "" {
			continue
		}
		if *bound.to, err = parseSince(bound.written, now); err != nil {
			return q, err
		}
	}
	return q, nil
}
