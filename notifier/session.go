package notifier

import (
	"context"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"procyon/client"
	"procyon/worker"
)

// session is the work under one lease.
type session struct {
	opt    Options
	log    *slog.Logger
	server server
	lease  *worker.Lease
	pace   *pace
	lanes  *worker.Lanes // by integration
}

// run works until ctx is done, and lets messages in flight end; until the lease is
// lost; or until something fails for good.
func (n *Notifier) run(ctx context.Context, lease *worker.Lease) error {
	group, ctx := errgroup.WithContext(ctx)
	s := &session{opt: n.opt, log: n.log, server: n.server, lease: lease, pace: newPace(n.opt.Interval)}
	s.lanes = worker.NewLanes(ctx, func(integrationID string) func(context.Context) error {
		return (&lane{session: s, id: integrationID}).drain
	})
	group.Go(s.lanes.Wait)
	group.Go(func() error { return s.follow(ctx) })
	group.Go(func() error { return worker.Every(ctx, s.opt.PollEvery, s.poll()) })
	return group.Wait()
}

// maxBatch is how many events are planned at once, and maxPlanned how many
// deliveries the server takes at once.
const (
	maxBatch   = 100
	maxPlanned = 500
)

// follow writes down what each event owes, in order, and wakes the lanes.
func (s *session) follow(ctx context.Context) error {
	events, err := s.server.events(ctx, s.lease.Cursor)
	if err != nil {
		return err
	}
	defer events.Close()
	cursor := s.lease.Cursor
	for {
		first, err := events.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		batch := []event{first}
		for len(batch) < maxBatch {
			e, ok, err := events.Poll()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			batch = append(batch, e)
		}
		if cursor, err = s.plan(ctx, cursor, batch); err != nil {
			return err
		}
	}
}

// plan writes down what a batch of events owes. An event with more integrations
// than the server takes at once is planned in parts, and the cursor moves past it
// with the last. It returns where the consumer stands.
func (s *session) plan(ctx context.Context, cursor string, batch []event) (string, error) {
	var owed []planned
	flush := func(to string) error {
		err := s.retry(ctx, "plan", func() error {
			return s.server.plan(ctx, s.lease.Name, s.lease.Epoch, to, owed)
		})
		if err != nil {
			return err
		}
		for _, p := range owed {
			s.lanes.Wake(p.IntegrationID)
		}
		cursor, owed = to, nil
		return nil
	}
	for _, e := range batch {
		for _, route := range e.Routes {
			if s.opt.Channels[route.IntegrationKind] == nil {
				continue // another worker's
			}
			if len(owed) == maxPlanned {
				if err := flush(cursor); err != nil {
					return cursor, err
				}
			}
			owed = append(owed, planned{EventCursor: e.Cursor, IntegrationID: route.IntegrationID})
		}
		if len(owed) >= maxPlanned/2 {
			if err := flush(e.Cursor); err != nil {
				return cursor, err
			}
		}
	}
	if last := batch[len(batch)-1].Cursor; cursor != last || len(owed) > 0 {
		return cursor, flush(last)
	}
	return cursor, nil
}

// retry tries again what fails for a while, until ctx is done.
func (s *session) retry(ctx context.Context, what string, f func() error) error {
	return worker.Retry(ctx, func(err error) bool {
		again := client.IsRetryable(err)
		if again {
			s.log.Warn("the gateway did not answer; trying again", "what", what, "error", err)
		}
		return again
	}, f)
}

// sweepEvery is after how many polls all integrations are looked through.
const sweepEvery = 10

// poll wakes the lanes of what no event tells of: what was owed before this session
// began, test messages, what is to be sent again, and what waited for its integration to be
// mended. Most of that was owed last. Whatever was not is found now and then, by a look at
// all integrations, which costs by their number and not by what they are owed.
func (s *session) poll() func(context.Context) error {
	polls := 0
	return func(ctx context.Context) error {
		look := s.lookAtLast
		if polls%sweepEvery == 0 {
			look = s.lookAtAll
		}
		polls++
		err := look(ctx)
		if client.IsRetryable(err) && ctx.Err() == nil {
			s.log.Warn("can't look for what is owed; trying again", "error", err)
			return nil
		}
		return err
	}
}

func (s *session) lookAtLast(ctx context.Context) error {
	found, err := s.server.pending(ctx)
	s.wake(found)
	return err
}

func (s *session) lookAtAll(ctx context.Context) error {
	return client.EachPage(func(after string) (client.PageInfo, error) {
		found, page, err := s.server.owed(ctx, after)
		s.wake(found)
		return page, err
	})
}

// wake wakes the lanes of those whom this notifier sends to.
func (s *session) wake(found []target) {
	for _, t := range found {
		if s.opt.Channels[t.Kind] != nil {
			s.lanes.Wake(t.ID)
		}
	}
}
