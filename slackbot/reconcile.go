package slackbot

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
	"procyon/worker"
)

// reconciler makes Slack show what messages should show. Each workspace has a lane
// of its own, so that one's rate limit holds up no other.
type reconciler struct {
	bot     *Bot
	showing showing

	mu     sync.Mutex        // guards all below, and what is in the queues
	lanes  *worker.Lanes     // of the session, by the workspace's ID at Slack; nil between sessions
	queues map[string]*queue // of the lanes
}

// queue holds a workspace's keys of messages, each once. Those that may offer a
// decision on what is asked for no longer come before all others; among either, everybody
// whose requests they are about gets their turn.
type queue struct {
	urgent, rest rotation
	in           map[string]queued // by key: what is queued
	row          int               // how many urgent ones were taken in a row
}

// queued is a message that is to be looked at.
type queued struct {
	by     string // who has their turn with it: see message.by
	urgent bool
}

func newQueue() *queue { return &queue{in: map[string]queued{}} }

// urgentInRow is how many urgent messages are taken before one of the rest: whoever
// changes one request all the time holds up no other.
const urgentInRow = 4

// push queues a key, or makes one urgent that is queued already.
func (k *queue) push(key string, q queued) {
	was, ok := k.in[key]
	if ok && (was.urgent || !q.urgent) {
		return
	}
	k.in[key] = q
	if ok {
		k.rest.remove(was.by, key)
	}
	if q.urgent {
		k.urgent.push(q.by, key)
	} else {
		k.rest.push(q.by, key)
	}
}

// pop takes the next key. What happens to it from now on is worth another look.
func (k *queue) pop() (key string, q queued, ok bool) {
	if !k.urgent.empty() && (k.row < urgentInRow || k.rest.empty()) {
		key, ok = k.urgent.pop()
		k.row++
	} else {
		key, ok = k.rest.pop()
		k.row = 0
	}
	q = k.in[key]
	delete(k.in, key)
	return key, q, ok
}

// begin begins a session, which ends with ctx: then end is to be called. The lanes are
// waited for by the caller.
func (r *reconciler) begin(ctx context.Context) *worker.Lanes {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lanes, r.queues = worker.NewLanes(ctx, r.lane), map[string]*queue{}
	r.showing.clear()
	return r.lanes
}

func (r *reconciler) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lanes, r.queues = nil, nil
}

const (
	// dirtyPrefix begins the keys of notes from a replica to the one that reconciles.
	dirtyPrefix = "dirty/"
	// byMark begins whose turn it is, in the value of a note, behind the workspace.
	byMark = " by="
	// urgentMark ends the value of a note about an urgent message.
	urgentMark = " urgent"
)

// by is who has their turn with a message: the requester. A Home tab, and what an earlier
// release remembered, have a turn of their own.
func (m *message) by() string { return cmp.Or(m.By, m.Request, m.key) }

// note is what is left for the replica that reconciles: the workspace, and how to queue.
func (m *message) note() string {
	value := m.SlackID + byMark + m.by()
	if m.urgent() {
		value += urgentMark
	}
	return value
}

// readNote is the inverse of note. An earlier release names nobody: then it is key's own
// turn.
func readNote(value, key string) (slackID string, q queued) {
	value, q.urgent = strings.CutSuffix(value, urgentMark)
	slackID, q.by, _ = strings.Cut(value, byMark)
	q.by = cmp.Or(q.by, key)
	return slackID, q
}

// urgent tells whether a message may offer a decision on something else than is asked
// for now: it was posted for people who may decide, and shows an earlier event.
func (m *message) urgent() bool {
	return (m.Kind == kindApprover || m.Kind == kindChannel) && m.At.TS != "" && m.stale()
}

// dirty says that a message shows something else than it should. Where another
// replica does the reconciling, it is left a note.
func (b *Bot) dirty(ctx context.Context, m *message) error {
	if b.reconciler.take(m) {
		return nil
	}
	value := m.note()
	err := b.server.put(ctx, change{Key: dirtyPrefix + m.key, Version: 1, Value: &value})
	if errors.Is(err, errChanged) {
		return nil // there is one already
	}
	return err
}

// readNotes takes what other replicas found out.
func (b *Bot) readNotes(ctx context.Context) error {
	for list, err := range b.server.records(ctx, dirtyPrefix) {
		if err != nil {
			return err
		}
		var taken []change
		for _, r := range list {
			taken = append(taken, change{Key: r.Key})
		}
		// First of all: who finds a note there leaves no other, so what it is about has
		// to be read after it is gone.
		if err := b.server.put(ctx, taken...); err != nil {
			return err
		}
		for _, r := range list {
			key := strings.TrimPrefix(r.Key, dirtyPrefix)
			slackID, q := readNote(r.Value, key)
			b.reconciler.queue(slackID, key, q)
		}
	}
	return nil
}

// take queues a message, where this replica does the reconciling.
func (r *reconciler) take(m *message) bool {
	return r.queue(m.SlackID, m.key, queued{m.by(), m.urgent()})
}

func (r *reconciler) queue(slackID, key string, q queued) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lanes == nil {
		return false
	}
	if r.queues[slackID] == nil {
		r.queues[slackID] = newQueue()
	}
	r.queues[slackID].push(key, q)
	return r.lanes.Wake(slackID)
}

func (r *reconciler) pop(slackID string) (key string, q queued, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.queues[slackID].pop()
}

func (r *reconciler) push(slackID, key string, q queued) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queues[slackID].push(key, q)
}

// lane works a workspace's queue off. What fails comes again, after a while in which the
// workspace is left alone.
func (r *reconciler) lane(slackID string) func(context.Context) error {
	failures := 0
	return func(ctx context.Context) error {
		for {
			key, q, ok := r.pop(slackID)
			if !ok {
				return nil
			}
			err := r.bot.reconcile(ctx, key)
			switch {
			case ctx.Err() != nil, worker.Refused(err):
				return err
			case err == nil:
				failures = 0
				continue
			}
			wait := client.Backoff(failures, 500*time.Millisecond, 10*time.Second)
			if asked, ok := slackapi.RetryAfter(err); ok {
				wait = max(wait, asked)
			}
			failures++
			r.bot.log.Warn("a message of Slack's is late", "message", key, "error", err, "again in", wait)
			r.push(slackID, key, q)
			if !client.Sleep(ctx, r.bot.opt.Shorten(wait)) {
				return nil
			}
		}
	}
}

// reconcile makes one message show what it should. An error means to try again.
//
// A message with buttons is posted without them, and gets them once the server
// remembers where it is. So a crash at any point leaves no buttons that nobody
// would take away.
func (b *Bot) reconcile(ctx context.Context, key string) error {
	m, err := b.server.message(ctx, key)
	if err != nil || m == nil || !m.stale() {
		return err
	}
	if m.Kind == kindHome {
		return b.reconcileHome(ctx, m)
	}
	r, err := b.server.request(ctx, m.Request)
	if err != nil {
		return err
	}
	unposted := m.At.TS == ""
	switch {
	case unposted && m.Kind == kindChannel:
		return nil // whoever delivers it posts it
	case r == nil, unposted && m.outdated(r): // too late to ask
		return b.forget(ctx, m)
	}
	space, err := b.spaces.open(ctx, m.SlackID)
	if errors.Is(err, errNotInstalled) {
		if unposted || m.At.Age(b.now()) > threadsLast {
			return b.forget(ctx, m)
		}
		return nil // it is drawn once the app is installed again: the sweep comes back to it
	}
	if errors.Is(err, errWaiting) {
		return nil // it stays as it is; the sweep comes back to it
	}
	if err != nil {
		return err
	}
	if unposted { // a message that is there has to change, whoever may see it
		switch _, err := b.member(ctx, space, m.To, "", ofLate); {
		case settled(err):
			b.log.Info("a message is not sent: Slack does not say that its reader is a full member", "message", m.key, "error", err)
			return errors.Join(b.left(ctx, arrival{installations: []string{m.SlackID}, user: m.To}), b.forget(ctx, m))
		case err != nil:
			return err
		}
	}
	done, err := b.show(ctx, space, m, r)
	if errors.Is(err, errNotInstalled) {
		return nil // likewise
	}
	if err != nil {
		return err
	}
	if done {
		m.Shown = m.Want
	}
	if done && r.over() {
		return b.forget(ctx, m) // nothing can change it any more
	}
	return b.keepPlace(ctx, space, m)
}

// keepPlace keeps where a message is and what it shows, also where its record was
// changed meanwhile: else it would be posted again. Where another replica has posted
// it too, theirs stays and this one is taken away.
func (b *Bot) keepPlace(ctx context.Context, space workspace, m *message) error {
	at, shown := m.At, m.Shown
	for range 5 {
		err := b.server.keep(ctx, []*message{m})
		if err == nil {
			if m.stale() {
				return b.dirty(ctx, m)
			}
			return nil
		}
		if !errors.Is(err, errChanged) {
			return err
		}
		now, err := b.server.message(ctx, m.key)
		switch {
		case err != nil:
			return err
		case now == nil:
			return nil // it is over, and forgotten
		case now.At.TS != "" && now.At != at:
			return space.Delete(ctx, at)
		}
		*m = *now
		m.At, m.Shown = at, shown
	}
	return errChanged
}

func (b *Bot) forget(ctx context.Context, m *message) error {
	return b.server.put(ctx, change{Key: m.key})
}

// show posts a message, or changes it, and tells whether it is now as it should be.
// What Slack refuses for good counts as shown; errNotInstalled where it refuses the token.
func (b *Bot) show(ctx context.Context, space workspace, m *message, r *request) (done bool, err error) {
	done = true
	if m.At.TS != "" {
		drawn := m.draw(r, true)
		err = b.reconciler.showing.send(m.key, m.At, drawn, func() error { return space.Update(ctx, m.At, drawn) })
	} else {
		channel := m.At.Channel
		if channel == "" {
			channel, err = space.OpenDM(ctx, m.To)
		}
		if err == nil {
			m.At, err = b.post(ctx, space, m.key, place{channel: channel}, m.draw(r, false))
			done = len(m.buttons(r)) == 0
		}
	}
	if err == nil || ctx.Err() != nil {
		return done, err
	}
	if _, again := slackapi.RetryAfter(err); again {
		return false, err
	}
	switch code := slackapi.CodeOf(err); {
	case slackapi.TokenLost(err):
		b.spaces.forget(m.SlackID) // perhaps there is a newer one
		b.log.Warn("Slack refuses the app's token", "workspace", m.SlackID, "error", err)
		return false, errNotInstalled
	case m.At.TS != "" && (code == "edit_window_closed" || code == "cant_update_message"):
		// A workspace may forbid changes after a while. Then the message goes, rather
		// than offer what is over.
		if gone := space.Delete(ctx, m.At); gone != nil {
			if _, again := slackapi.RetryAfter(gone); again {
				return false, gone
			}
		}
	}
	b.log.Warn("Slack refuses a message", "message", m.key, "error", err)
	return true, nil
}
