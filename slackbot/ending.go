package slackbot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"procyon/client"
)

const (
	// soon is how long before its end an access ends soon.
	soon = 10 * time.Minute
	// longEnough is how long an access must last for its end to be announced.
	longEnough = 15 * time.Minute
)

// endings are when accesses end of which that is still to be told, for the time of one lease.
// What is in force when it begins is listed once, and from then on events say what changes: so
// a look costs by what ends soon, and not by all that is in force.
type endings struct {
	listed bool // what was in force when the lease began is known, too; of whoever sweeps

	mu sync.Mutex           // guards at
	at map[string]time.Time // by request
}

// clear forgets all: a lease begins.
func (e *endings) clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listed, e.at = false, map[string]time.Time{}
}

// note takes in how a request is after an event.
func (e *endings) note(r *request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.at == nil { // nobody looks here
		return
	}
	delete(e.at, r.ID)
	if g := r.Grant; r.Status == AccessRequestStatusActive && g != nil && g.ExpiresAt.Sub(g.StartsAt) >= longEnough {
		e.at[r.ID] = g.ExpiresAt
	}
}

// list takes in what is in force, but for what an event has told of already.
func (e *endings) list(requestID string, startsAt, expiresAt time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.at[requestID]; !known && expiresAt.Sub(startsAt) >= longEnough {
		e.at[requestID] = expiresAt
	}
}

// done forgets what was told, unless the access ends at another time by now.
func (e *endings) done(requestID string, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.at[requestID].Equal(at) {
		delete(e.at, requestID)
	}
}

// due are those that end soon.
func (e *endings) due(now time.Time) map[string]time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]time.Time{}
	for id, at := range e.at {
		if at.Sub(now) <= soon {
			out[id] = at
		}
	}
	return out
}

// tellWhoExpires tells those whose access ends soon, once.
func (b *Bot) tellWhoExpires(ctx context.Context) error {
	if !b.endings.listed {
		err := client.EachPage(func(after string) (client.PageInfo, error) {
			out, err := listActive(ctx, b.server, aPage, after)
			if err != nil {
				return client.PageInfo{}, err
			}
			for _, n := range out.AccessRequests.Nodes {
				if n.Grant != nil {
					b.endings.list(n.ID, n.Grant.StartsAt, n.Grant.ExpiresAt)
				}
			}
			return out.AccessRequests.PageInfo, nil
		})
		if err != nil {
			return err
		}
		b.endings.listed = true
	}
	for id, at := range b.endings.due(b.now()) {
		if err := b.tellExpiring(ctx, id, at); err != nil {
			return err
		}
		b.endings.done(id, at)
	}
	return nil
}

func (b *Bot) tellExpiring(ctx context.Context, requestID string, at time.Time) error {
	r, err := b.server.request(ctx, requestID)
	if err != nil || r == nil || r.Grant == nil || !r.Grant.ExpiresAt.Equal(at) || r.over() {
		return err // an event tells of it
	}
	for key, m := range b.wanted(r, eventExpiring, fmt.Sprint(at.Unix())) {
		if m.Kind != kindNote {
			continue
		}
		if _, known, err := b.server.record(ctx, key); err != nil {
			return err
		} else if known {
			continue // but perhaps not where else they are
		}
		if err := b.server.keep(ctx, []*message{m}); err != nil && !errors.Is(err, errChanged) {
			return err
		}
		if err := b.dirty(ctx, m); err != nil {
			return err
		}
	}
	return nil
}
