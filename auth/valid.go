package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"procyon/access"
	"procyon/store"
)

const (
	checkFor     = 5 * time.Second // how long it may take until what others end is noticed
	keepFor      = time.Minute     // how long an answer is kept where nothing was ended
	maxChecks    = 20_000          // answers kept
	checkTimeout = 5 * time.Second // for reading the store
	lookTimeout  = time.Second     // for one look for all
)

// standing is what the store says of a principal.
type standing struct {
	good    bool // the session or token is there, and nobody behind it is disabled
	acts    access.Actor
	expires time.Time

	generation uint64
	epoch      uint64 // of the checks, when reading began
	readAt     time.Time
	of         *checks        // whose it is
	current    *atomic.Uint64 // what counts: generation is what it was when reading began
}

// fresh tells whether what was read is still good.
func (a *standing) fresh(now time.Time) bool {
	age := now.Sub(a.readAt)
	switch {
	case a.generation != a.current.Load() || age < 0 || age >= keepFor:
		return false
	case !a.acts.RightsUntil.IsZero() && !now.Before(a.acts.RightsUntil):
		return false
	case age < checkFor:
		return true
	case a.good && !now.Before(a.expires): // unless it was prolonged
		return false
	}
	return a.epoch == a.of.epoch.Load() && a.of.looked(now)
}

// checks keeps answers. What is ended by this process is forgotten at once, also where its
// answer is just being read: an answer counts only in the generation in which reading
// began. IDs are spread over many generations so that one ending does not make
// everybody's answer be read anew.
//
// What other processes end is noticed by one look at the store for all answers, see look,
// so that an event that goes to ten thousand reads nothing for each of them.
type checks struct {
	generations [256]atomic.Uint64
	epoch       atomic.Uint64 // another one once anything was ended, by anybody
	moves       atomic.Uint64 // another one once a generation or the epoch is
	lookedAt    atomic.Int64  // in ns since 1970: when the last look began; 0: never
	flight      singleflight.Group

	mu      sync.Mutex           // guards all that follows
	answers map[string]*standing // not changed once they are here
	ended   uint64               // what the last look found; see look
	changed uint64
}

func newChecks() *checks { return &checks{answers: map[string]*standing{}} }

// looked tells whether the last look at the store is recent enough.
func (c *checks) looked(now time.Time) bool {
	at := c.lookedAt.Load()
	age := now.UnixNano() - at
	return at != 0 && age >= 0 && age < int64(checkFor)
}

// found takes in what a look that began at a time has found.
func (c *checks) found(began time.Time, ended, changed uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != ended || c.changed != changed {
		c.ended, c.changed = ended, changed
		c.forgetAll()
	}
	c.lookedAt.Store(began.UnixNano())
}

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
	c.moves.Add(1)
}

// forgetAll has what is known of anybody get old.
func (c *checks) forgetAll() {
	c.epoch.Add(1)
	c.moves.Add(1)
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

// endedID is the document whose version is how often sessions or tokens were ended before
// their time, by all processes together.
const endedID = "auth_ended"

// announce has all processes read anew what they know of sessions and tokens, within
// checkFor. It is called once they are deleted. Where somebody else announces at the same
// time theirs does for both: they began after this one had read, and so after what is
// announced was done.
func (s *Service) announce(ctx context.Context) error {
	var none struct{}
	version, err := s.get(ctx, endedID, &none)
	if err == nil {
		err = s.put(ctx, endedID, version+1, "", nil, none)
	}
	if errors.Is(err, store.ErrVersion) {
		return nil
	}
	return err
}

// look finds out whether anything was ended since the last look, in one reading for all
// principals. Where it can't, what is known of each gets old by itself.
func (s *Service) look(ctx context.Context) {
	_, _, _ = s.checks.flight.Do("look", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
		defer cancel()
		began := s.now()
		var none struct{}
		ended, err := s.get(ctx, endedID, &none)
		if err != nil {
			return nil, err
		}
		changed, err := s.opts.Changed(ctx)
		if err == nil {
			s.checks.found(began, ended, changed)
		}
		return nil, err
	})
}

// Valid tells whether the principal in ctx may still act as when they were
// authenticated. It returns ErrUnauthenticated where the session or token is
// over or gone, or somebody behind it was disabled, ErrRightsChanged where they
// became or are no longer an administrator, or are in other groups or have other accounts
// than then, and another error where the store can't tell. It is cheap enough to be asked
// for each event: what others end is noticed within 5 seconds, and what this process itself
// ends is over at once. Where another process crashed between ending something and saying
// so, it takes until this one has finished it by the journal, see Finish, and a minute at
// most. Nobody, and principals without session or token that act for themselves, stay as they are.
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
	case !a.acts.SameRights(p.Actor):
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
	if s.opts.Changed != nil && !s.checks.looked(s.now()) {
		s.look(ctx)
		if a := p.last.Load(); a != nil && a.of == s.checks && a.fresh(s.now()) {
			return a, nil
		}
	}
	id, key := p.checked()
	if a := s.checks.answer(key, s.now()); a != nil {
		p.last.Store(a)
		return a, nil
	}
	current := s.checks.generation(id)
	generation, epoch := current.Load(), s.checks.epoch.Load()
	v, err, _ := s.checks.flight.Do(fmt.Sprint(key, " ", generation, " ", epoch), func() (any, error) {
		// Who asks first may leave; the others still wait for the answer.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
		defer cancel()
		readAt := s.now()
		a, err := s.readStanding(ctx, p)
		if err != nil {
			return (*standing)(nil), err
		}
		a.generation, a.epoch, a.readAt, a.of, a.current = generation, epoch, readAt, s.checks, current
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
	a.acts = acts
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
