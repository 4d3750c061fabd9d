package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"procyon/access"
)

// Principal is who is calling. It must not be changed once it is in a context,
// nor copied.
type Principal struct {
	// Actor is as whom the caller acts. Its Scopes are nil for a session, and
	// never nil for a token. A service that acts for a person is in ByID and ByName.
	Actor     access.Actor
	SessionID string    // ses_…; empty without a session
	TokenID   string    // tok_…; empty without a token
	ExpiresAt time.Time // zero: never, for calls within the process

	last atomic.Pointer[standing] // what Valid knew last; nil before
}

// How a principal came in: Actor.Via.
const (
	viaConsole = access.ViaConsole
	viaAPI     = "api"
	viaSlack   = "slack"
)

type principalKey struct{}

// WithPrincipal returns a context in which p is calling: for tests and for
// calls within the process. nil is nobody.
func WithPrincipal(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns who is calling; nil where nobody has said who they are.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p
}

// has tells whether the token holds a scope. A session holds none.
func (p *Principal) has(scope string) bool { return slices.Contains(p.Actor.Scopes, scope) }

// acting tells whether a service acts for a person.
func (p *Principal) acting() bool { return p.Actor.ByID != "" }

// full tells whether the principal may do all that the person may: the scopes of
// a token, if there is one, don't limit it.
func (p *Principal) full() bool {
	return p.Actor.Kind != access.ActorService && !p.acting() &&
		(p.Actor.Scopes == nil || p.has(ScopeSelf) || p.has(ScopeAdmin))
}

// person looks up somebody who may act; ErrUnauthenticated where they are
// unknown or disabled.
func (s *Service) person(ctx context.Context, id string) (access.User, error) {
	u, err := s.dir.User(ctx, id)
	if access.CodeOf(err) == access.CodeNotFound || err == nil && u.Disabled {
		return u, ErrUnauthenticated
	}
	if err != nil {
		return u, fmt.Errorf("look up %s: %w", id, err)
	}
	return u, nil
}

// account does for services what person does for people.
func (s *Service) account(ctx context.Context, id string) (access.ServiceAccount, error) {
	a, err := s.dir.ServiceAccount(ctx, id)
	if access.CodeOf(err) == access.CodeNotFound || err == nil && a.Disabled {
		return a, ErrUnauthenticated
	}
	if err != nil {
		return a, fmt.Errorf("look up %s: %w", id, err)
	}
	return a, nil
}

// Scope names what a principal may see and select. Those of one scope see the
// same of everything that does not depend on the viewer otherwise, so a result
// made for one of them may be handed to all. It covers all that Allows looks at
// and all that the domain's visibility of requests depends on:
//
//   - "all:…" are those who see every request: people of whom seesAll says so, and
//     services with events:read or admin; then who they are in kind, and their scopes;
//   - "user:…" is one person or service alone, with their scopes;
//   - "anonymous" is everybody who has not said who they are.
func Scope(p *Principal, seesAll func(access.Actor) bool) string {
	if p == nil {
		return "anonymous"
	}
	kind, rights := strings.ToLower(string(p.Actor.Kind)), "full"
	if p.acting() {
		kind = "acting"
	}
	if !p.full() {
		sorted := slices.Sorted(slices.Values(p.Actor.Scopes))
		rights = strings.Join(sorted, ",")
	}
	var all bool
	switch p.Actor.Kind {
	case access.ActorService:
		all = p.has(ScopeEventsRead) || p.has(ScopeAdmin)
	default:
		all = seesAll(p.Actor)
	}
	if all {
		return "all:" + kind + ":" + rights
	}
	return "user:" + p.Actor.ID + ":" + kind + ":" + rights
}
