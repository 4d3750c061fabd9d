package notifier

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/client"
)

// session is the work under one lease.
type session struct {
	opt     Options
	log     *slog.Logger
	gateway gateway
	lease   *client.Lease
	pace    *pace
	held    context.Context // done when the lease is lost: then nothing may be sent
	group   *errgroup.Group

	mu    sync.Mutex
	wakes map[string]chan struct{} // by integration: a token says that something is owed
}

// run works until ctx is done, and lets messages in flight end; until the lease is
// lost; or until something fails for good.
func (n *Notifier) run(ctx context.Context, l *client.Lease) error {
	held, stop := l.Hold(ctx)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unlink := context.AfterFunc(held, func() { cancel(context.Cause(held)) })
	defer unlink()
	group, ctx := errgroup.WithContext(ctx)
	s := &session{
		opt: n.opt, log: n.log, gateway: n.gateway, lease: l, pace: newPace(n.opt.Interval),
		held: held, group: group, wakes: map[string]chan struct{}{},
	}
	group.Go(func() error { return s.follow(ctx) })
	group.Go(func() error { return s.poll(ctx) })
	if err := group.Wait(); err != nil && held.Err() == nil {
		return err
	}
	return context.Cause(ctx) // what ended because the lease was lost does not say so
}

// wake tells an integration's lane that something is owed, and makes the lane if it
// is the first time. To be called by goroutines of the group only.
func (s *session) wake(ctx context.Context, integrationID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.wakes[integrationID]
	if !ok {
		w = make(chan struct{}, 1)
		s.wakes[integrationID] = w
		l := &lane{session: s, id: integrationID}
		s.group.Go(func() error { return l.run(ctx, w) })
	}
	select {
	case w <- struct{}{}:
	default: // it will look anyway
	}
}

// maxBatch is how many events are planned at once, and maxPlanned how many
// deliveries the gateway takes at once.
const (
	maxBatch   = 100
	maxPlanned = 500
)

// follow writes down what each event owes, in order, and wakes the lanes.
func (s *session) follow(ctx context.Context) error {
	events, err := s.gateway.events(ctx, s.lease.Cursor)
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
// than the gateway takes at once is planned in parts, and the cursor moves past it
// with the last. It returns where the consumer stands.
func (s *session) plan(ctx context.Context, cursor string, batch []event) (string, error) {
	var owed []planned
	flush := func(to string) error {
		err := s.insist(ctx, "plan", func() error {
			return s.gateway.plan(ctx, s.lease.Name, s.lease.Epoch, to, owed)
		})
		if err != nil {
			return err
		}
		for _, p := range owed {
			s.wake(ctx, p.IntegrationID)
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

// insist tries again what fails for a while, until ctx is done.
func (s *session) insist(ctx context.Context, what string, f func() error) error {
	for failures := 0; ; failures++ {
		err := f()
		if err == nil || ctx.Err() != nil || !client.IsRetryable(err) {
			return err
		}
		s.log.Warn("the gateway did not answer; trying again", "what", what, "error", err)
		if !sleep(ctx, client.Backoff(failures, 100*time.Millisecond, 5*time.Second)) {
			return err
		}
	}
}

// sweepEvery is after how many polls all that is owed is looked through.
const sweepEvery = 30

// poll wakes the lanes of what no event tells of: what was owed before this session
// began, test messages, and what is to be sent again. Those are owed last, so the
// first page has them; beyond it lies what is in the lanes already, but for the
// unlucky, so all pages are looked through now and then.
func (s *session) poll(ctx context.Context) error {
	t := time.NewTicker(s.opt.PollEvery)
	defer t.Stop()
	for n := 0; ; n++ {
		if err := s.look(ctx, n%sweepEvery == 0); err != nil && ctx.Err() == nil {
			if !client.IsRetryable(err) {
				return err
			}
			s.log.Warn("can't look for what is owed; trying again", "error", err)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *session) look(ctx context.Context, all bool) error {
	for after := ""; ; {
		found, next, err := s.gateway.pending(ctx, after)
		if err != nil {
			return err
		}
		for _, t := range found {
			if s.opt.Channels[t.Kind] != nil {
				s.wake(ctx, t.ID)
			}
		}
		if next == "" || !all {
			return nil
		}
		after = next
	}
}
