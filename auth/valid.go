package auth

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	checkFor     = 5 * time.Second // how long the answer of one check is good
	maxChecks    = 20_000          // answers kept
	checkTimeout = 5 * time.Second // for reading the store
)

// standing is what the store says of a principal.
type standing struct {
	good    bool // the session or token is there, and nobody behind it is disabled
	admin   bool
	expires time.Time

	generation uint64
	readAt     time.Time
	of         *checks        // whose it is
	current    *atomic.Uint64 // what counts: generation is what it was when reading began
}

// fresh tells whether what was read is still good.
func (a *standing) fresh(now time.Time) bool {
	age := now.Sub(a.readAt)
	return a.generation == a.current.Load() && age >= 0 && age < checkFor
}

// checks keeps the answers of the last seconds. What is ended by this process
// is forgotten at once, also where its answer is just being read: an answer
// counts only in the generation in which reading began. IDs are spread over many
// generations so that one ending does not make everybody's answer be read anew.
type checks struct {
	generations [256]atomic.Uint64
	flight      singleflight.Group

	mu      sync.Mutex           // guards answers
	answers map[string]*standing // not changed once they are here
}

func newChecks() *checks { return &checks{answers: map[string]*standing{}} }

// generation is the one that a session's or token's ID belongs to; the end of an
// ID is the end of a hash.
func (c *checks) generation(id string) *atomic.Uint64 {
	n, _ := strconv.ParseUint(id[max(0, len(id)-2):], 16, 8)
	return &c.generations[n]
}

func (c *checks) forget(ids ...string) {
	for _, id := range ids {
		c.generation(id).Add(1)
	}
}

// answer returns what was read lately; nil where nothing was.
func (c *checks) answer(key string, now time.Time) *standing {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.answers[key]; a != nil && a.fresh(now) {
		return a
	}
	return nil
}

func (c *checks) keep(key string, a *standing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) >= maxChecks {
		for k, old := range c.answers {
			if a.readAt.Sub(old.readAt) >= checkFor {
				delete(c.answers, k)
			}
		}
		if len(c.answers) > maxChecks/2 {
			clear(c.answers) // most are in use: read them anew rather than look through them often
		}
	}
	c.answers[key] = a
}

// Valid tells whether the principal in ctx may still act as when they were
// authenticated. It returns ErrUnauthenticated where the session or token is
// over or gone, or somebody behind it was disabled, ErrRightsChanged where they
// became or are no longer an administrator, and another error where the store
// can't tell. It is cheap enough to be asked for each event: an answer is good
// for 5 seconds, but what this process itself ends is over at once. Nobody, and
// principals without session or token that act for themselves, stay as they are.
func (s *Service) Valid(ctx context.Context) error {
	p := From(ctx)
	if p.stays() {
		return nil
	}
	a, err := s.standing(ctx, p)
	if err != nil {
		return err
	}
	return s.judge(p, a)
}

// stays tells that nothing can end or change what the principal may do.
func (p *Principal) stays() bool {
	return p == nil || p.SessionID == "" && p.TokenID == "" && !p.acting()
}

// checked returns the ID whose end is the end of p, and what answers about p are
// kept under.
func (p *Principal) checked() (id, key string) {
	id = p.SessionID + p.TokenID // one of them is empty
	return id, id + " " + p.Actor.ID
}

func (s *Service) judge(p *Principal, a *standing) error {
	switch {
	case !a.good || !s.now().Before(a.expires):
		return ErrUnauthenticated
	case a.admin != p.Actor.Admin:
		return ErrRightsChanged
	}
	return nil
}

// standing returns what is known of p, reading it where that is too old; many
// who ask for the same at once share one reading. A principal keeps the last answer, so
// that an event that goes to thousands looks up nothing.
func (s *Service) standing(ctx context.Context, p *Principal) (*standing, error) {
	if a := p.last.Load(); a != nil && a.of == s.checks && a.fresh(s.now()) {
		return a, nil
	}
	id, key := p.checked()
	if a := s.checks.answer(key, s.now()); a != nil {
		p.last.Store(a)
		return a, nil
	}
	current := s.checks.generation(id)
	generation := current.Load()
	v, err, _ := s.checks.flight.Do(key+" "+strconv.FormatUint(generation, 10), func() (any, error) {
		// Who asks first may leave; the others still wait for the answer.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
		defer cancel()
		readAt := s.now()
		a, err := s.readStanding(ctx, p)
		if err != nil {
			return (*standing)(nil), err
		}
		a.generation, a.readAt, a.of, a.current = generation, readAt, s.checks, current
		s.checks.keep(key, &a)
		return &a, nil
	})
	if err != nil {
		return nil, err
	}
	a := v.(*standing) //nolint:forcetypeassert // as it returns
	p.last.Store(a)
	return a, nil
}

func (s *Service) readStanding(ctx context.Context, p *Principal) (standing, error) {
	a, c, err := s.readCredential(ctx, p)
	if err != nil || !a.good {
		return standing{}, err
	}
	acts, epoch, err := s.owner(ctx, c.owner)
	switch {
	case c.local && errors.Is(err, ErrUnauthenticated):
		err = nil
	case err == nil && epoch != c.epoch && !c.local:
		return standing{}, nil
	}
	if err == nil && p.acting() {
		acts, _, err = s.owner(ctx, p.Actor.ID)
		if err == nil {
			a.good, err = s.mayActFor(ctx, p.Actor.ID)
		}
	}
	if errors.Is(err, ErrUnauthenticated) {
		return standing{}, nil
	}
	a.admin = acts.Admin
	return a, err
}

// issued says whose a session or token is, and in which epoch of theirs it was made; a
// token of this process is good in any, and while they are disabled: see LocalToken.
type issued struct {
	owner string
	epoch int
	local bool
}

// readCredential reads p's session or token, and whose it is.
func (s *Service) readCredential(ctx context.Context, p *Principal) (standing, issued, error) {
	if p.SessionID != "" {
		var r sessionRecord
		version, err := s.get(ctx, p.SessionID, &r)
		return standing{good: version > 0, expires: s.sessionEnd(r)}, issued{owner: r.UserID, epoch: r.Epoch}, err
	}
	if p.TokenID == "" { // a worker of this process, whose token ends with it
		return standing{good: true, expires: s.now().Add(checkFor)}, issued{owner: p.Actor.ByID, local: true}, nil
	}
	var r tokenRecord
	version, err := s.get(ctx, p.TokenID, &r)
	return standing{good: version > 0, expires: r.ExpiresAt}, issued{owner: r.OwnerID, epoch: r.Epoch}, err
}
