package access

import (
	"context"
	"sync"
)

// Lookup reads some subjects by their IDs, all that are wanted at once and when the first of
// them is asked for: so a list reads what its objects refer to together. It is safe for
// concurrent use, and for one answer alone: what it has read stays as it was.
type Lookup struct {
	subjects *Subjects

	mu     sync.Mutex // guards all that follows
	asked  map[string]bool
	wanted []string // of these, what is not read yet
	read   catalog
}

// Lookup makes a Lookup; it reads nothing yet.
func (s *Subjects) Lookup() *Lookup { return &Lookup{subjects: s, asked: map[string]bool{}} }

// Want says that these may be asked for; "" is nobody.
func (l *Lookup) Want(ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if id != "" && !l.asked[id] {
			l.asked[id] = true
			l.wanted = append(l.wanted, id)
		}
	}
}

// known returns what was read, once it has all that is wanted.
func (l *Lookup) known(ctx context.Context) (catalog, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.wanted) == 0 {
		return l.read, nil
	}
	c, err := l.subjects.read(ctx, l.wanted...)
	if err != nil {
		return c, err
	}
	if l.read.docs != nil {
		c = c.with(l.read)
	}
	l.read, l.wanted = c, nil
	return c, nil
}

// LookedUp returns a subject that was wanted, also what has ended; ok is false where there
// is none.
func LookedUp[S any, P stateOf[S]](ctx context.Context, l *Lookup, id string) (state S, ok bool, err error) {
	if KindOf(id) != P(&state).Named().Kind {
		return state, false, nil
	}
	c, err := l.known(ctx)
	if err != nil {
		return state, false, err
	}
	d, ok := c.docs[id]
	if !ok {
		return state, false, nil
	}
	state, err = Decode[S](d)
	return state, err == nil, err
}

// Related reads what the objects of one list refer to, each kind of reference together.
type Related struct {
	Groups  *Lookup // in which people are
	People  *Lookup // managers, owners of either kind, and whose doing anything was
	Parents *Lookup // to which resources belong
}

// Related makes a Related; it reads nothing yet.
func (s *Subjects) Related() *Related {
	return &Related{Groups: s.Lookup(), People: s.Lookup(), Parents: s.Lookup()}
}

// WantUser wants what a person refers to.
func (r *Related) WantUser(u User) {
	if m := u.Manager; m != nil {
		r.People.Want(m.UserID, m.ByID)
	}
	for _, m := range u.Groups {
		r.Groups.Want(m.GroupID)
		r.People.Want(m.ByID)
	}
}

// WantOwners wants the owners of something.
func (r *Related) WantOwners(owners []Owner) {
	for _, o := range owners {
		r.People.Want(o.ID, o.ByID)
	}
}

// WantResource wants what a resource refers to.
func (r *Related) WantResource(v Resource) {
	r.Parents.Want(v.AccountID, v.GatewayID)
	r.WantOwners(v.Owners)
	for _, t := range v.Tags {
		r.People.Want(t.ByID)
	}
}
