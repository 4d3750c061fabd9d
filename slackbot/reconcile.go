package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/client"
	"procyon/internal/slackapi"
)

// reconciler makes Slack show what messages should show. Each workspace has a lane
// of its own, so that one's rate limit holds up no other.
type reconciler struct {
	bot *Bot

	mu    sync.Mutex
	ctx   context.Context // of the session; nil between sessions
	group *errgroup.Group
	lanes map[string]*lane // by the workspace's ID at Slack
}

// lane is the queue of a workspace: keys of messages, each once.
type lane struct {
	queue []string
	in    map[string]bool
	wake  chan struct{}
}

func (r *reconciler) begin(ctx context.Context, group *errgroup.Group) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx, r.group, r.lanes = ctx, group, map[string]*lane{}
}

func (r *reconciler) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx, r.group, r.lanes = nil, nil, nil
}

// dirty says that a message shows something else than it should. Where another
// replica does the reconciling, it finds out by its sweep.
func (b *Bot) dirty(m *message) {
	r := b.reconciler
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx == nil || r.ctx.Err() != nil {
		return
	}
	l, ok := r.lanes[m.SlackID]
	if !ok {
		l = &lane{in: map[string]bool{}, wake: make(chan struct{}, 1)}
		r.lanes[m.SlackID] = l
		ctx := r.ctx
		r.group.Go(func() error { return r.run(ctx, l) })
	}
	r.push(l, m.key)
}

// push needs the lock.
func (r *reconciler) push(l *lane, key string) {
	if l.in[key] {
		return
	}
	l.in[key] = true
	l.queue = append(l.queue, key)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (r *reconciler) pop(l *lane) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(l.queue) == 0 {
		return "", false
	}
	key := l.queue[0]
	l.queue = l.queue[1:]
	delete(l.in, key) // what happens from now on is worth another look
	return key, true
}

// run works a lane off until ctx is done.
func (r *reconciler) run(ctx context.Context, l *lane) error {
	failures := 0
	for {
		key, ok := r.pop(l)
		if !ok {
			select {
			case <-l.wake:
			case <-ctx.Done():
				return nil
			}
			continue
		}
		err := r.bot.reconcile(ctx, key)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to stop
		}
		if err == nil {
			failures = 0
			continue
		}
		if code := client.CodeOf(err); code == client.CodeUnauthenticated || code == client.CodeForbidden {
			return err
		}
		wait := client.Backoff(failures, 500*time.Millisecond, time.Minute)
		if asked, ok := slackapi.RetryAfter(err); ok {
			wait = max(wait, asked)
		}
		failures++
		r.bot.log.Warn("a message of Slack's is late", "message", key, "error", err, "again in", wait)
		r.mu.Lock()
		r.push(l, key)
		r.mu.Unlock()
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// reconcile makes one message show what it should. An error means to try again.
func (b *Bot) reconcile(ctx context.Context, key string) error {
	rec, ok, err := b.gateway.record(ctx, key)
	if err != nil || !ok {
		return err
	}
	m := &message{key: key, version: rec.Version}
	if err := json.Unmarshal([]byte(rec.Value), m); err != nil {
		return fmt.Errorf("record %s: %w", key, err)
	}
	if !m.stale() {
		return nil
	}
	r, err := b.gateway.request(ctx, m.Request)
	if err != nil {
		return err
	}
	if r == nil {
		return b.forget(ctx, m)
	}
	space, err := b.spaces.get(ctx, m.SlackID)
	if errors.Is(err, errNotInstalled) {
		return b.forget(ctx, m)
	}
	if err != nil {
		return err
	}
	if err := b.show(ctx, space, m, r); err != nil {
		return err
	}
	m.Shown = m.Want
	if r.over() {
		return b.forget(ctx, m) // nothing can change it any more
	}
	err = b.gateway.keep(ctx, []*message{m})
	if errors.Is(err, errChanged) {
		return b.keepPlace(ctx, m)
	}
	return err
}

// keepPlace keeps where a message was posted, though its record was changed
// meanwhile: else it would be posted again.
func (b *Bot) keepPlace(ctx context.Context, m *message) error {
	rec, ok, err := b.gateway.record(ctx, m.key)
	if err != nil || !ok {
		return err
	}
	at, shown := m.At, m.Shown
	if err := json.Unmarshal([]byte(rec.Value), m); err != nil {
		return fmt.Errorf("record %s: %w", m.key, err)
	}
	m.At, m.Shown, m.version = at, shown, rec.Version
	if err := b.gateway.keep(ctx, []*message{m}); err != nil {
		return err
	}
	if m.stale() {
		b.dirty(m)
	}
	return nil
}

func (b *Bot) forget(ctx context.Context, m *message) error {
	return b.gateway.put(ctx, change{Key: m.key})
}

// show posts a message, or changes it. What Slack refuses for good counts as shown.
func (b *Bot) show(ctx context.Context, space workspace, m *message, r *request) error {
	var err error
	if content := m.draw(r); m.At.TS == "" {
		if m.Kind == kindApprover && r.over() {
			return nil // too late to ask
		}
		if m.At.Channel == "" {
			if m.At.Channel, err = space.OpenDM(ctx, m.To); err == nil {
				m.At, err = space.Post(ctx, m.At.Channel, "", content)
			}
		} else {
			m.At, err = space.Post(ctx, m.At.Channel, "", content)
		}
	} else {
		err = space.Update(ctx, m.At, content)
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	if _, again := slackapi.RetryAfter(err); again {
		return err
	}
	if slackapi.TokenLost(err) {
		b.spaces.forget(m.SlackID) // perhaps there is a newer one
	}
	b.log.Warn("Slack refuses a message", "message", m.key, "error", err)
	return nil
}

const activeQuery = `query Active($after: String) {
  accessRequests(filter: {status: [ACTIVE]}, first: 100, after: $after) {
    nodes { id grant { startsAt expiresAt } } pageInfo { hasNextPage endCursor }
  }
}`

const (
	// soon is how long before its end an access ends soon.
	soon = 10 * time.Minute
	// longEnough is how long an access must last for its end to be announced.
	longEnough = 15 * time.Minute
)

// tellWhoExpires tells those whose access ends soon, once.
func (b *Bot) tellWhoExpires(ctx context.Context) error {
	for after := ""; ; {
		var out struct {
			AccessRequests struct {
				Nodes []struct {
					ID    string
					Grant *struct{ StartsAt, ExpiresAt time.Time }
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		vars := map[string]any{}
		if after != "" {
			vars["after"] = after
		}
		if err := b.gateway.Do(ctx, activeQuery, vars, &out); err != nil {
			return err
		}
		for _, n := range out.AccessRequests.Nodes {
			if n.Grant == nil || n.Grant.ExpiresAt.Sub(n.Grant.StartsAt) < longEnough || n.Grant.ExpiresAt.Sub(b.now()) > soon {
				continue
			}
			if err := b.tellExpiring(ctx, n.ID, n.Grant.ExpiresAt); err != nil {
				return err
			}
		}
		if !out.AccessRequests.PageInfo.HasNextPage {
			return nil
		}
		after = out.AccessRequests.PageInfo.EndCursor
	}
}

func (b *Bot) tellExpiring(ctx context.Context, requestID string, at time.Time) error {
	r, err := b.gateway.request(ctx, requestID)
	if err != nil || r == nil {
		return err
	}
	for key, m := range wanted(r, eventExpiring, fmt.Sprint(at.Unix())) {
		if m.Kind != kindNote {
			continue
		}
		if _, known, err := b.gateway.record(ctx, key); err != nil || known {
			return err
		}
		if err := b.gateway.keep(ctx, []*message{m}); err != nil && !errors.Is(err, errChanged) {
			return err
		}
		b.dirty(m)
	}
	return nil
}
