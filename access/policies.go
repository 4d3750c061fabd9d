package access

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"procyon/policy"
	"procyon/store"
)

// DefaultMaxDuration is how long access may last where nothing else is set.
const DefaultMaxDuration = 8 * time.Hour

// Policies are the guardrails and policies in force: one list, with one version, changed as
// a whole in one entry.
type Policies struct {
	policy.Set

	ChangedAt time.Time `json:"changedAt"`
	ChangedBy string    `json:"changedBy"` // the ID of who did

	// Version counts the changes. 0: nobody made any, and the settings alone say what holds.
	Version uint64 `json:"-"`
}

// PoliciesID is the ID of the only subject of its kind.
const PoliciesID = string(KindPolicies) + "_set"

// Named implements State.
func (*Policies) Named() Naming { return Naming{KindPolicies, "policy set"} }

func (p *Policies) at(version uint64) { p.Version = version }

// Apply implements State.
func (p *Policies) Apply(typ string, data []byte) error {
	return applyCatalog(p, typ, data, func(*Policies) {})
}

// Index implements State.
func (*Policies) Index() (string, []string) { return "", nil }

// decodedPolicies keeps the last that were read, so that they are decoded once.
type decodedPolicies struct{ last atomic.Pointer[Policies] }

// Policies returns those in force. They are not to be changed.
func (s *Service) Policies(ctx context.Context) (*Policies, error) {
	p, _, err := s.policies(ctx)
	return p, err
}

// policies returns those in force, and the guard that they stay so.
func (s *Service) policies(ctx context.Context) (*Policies, Guard, error) {
	g := Guard{Key: PoliciesID, Since: s.Head()}
	docs, err := s.views.Get(ctx, PoliciesID)
	if err != nil {
		return nil, g, fmt.Errorf("read the policies: %w", err)
	}
	if len(docs) == 0 {
		return s.FirstPolicies(), g, nil
	}
	if last := s.decoded.last.Load(); last != nil && last.Version == docs[0].Version {
		return last, g, nil
	}
	p, err := Decode[Policies](docs[0])
	if err != nil {
		return nil, g, err
	}
	s.decoded.last.Store(&p)
	return &p, g, nil
}

// FirstPolicies are those that hold as long as nobody made any: by the settings.
func (s *Service) FirstPolicies() *Policies {
	return &Policies{Set: policy.Default(Seconds(s.opts.MaxDuration/time.Second), 0)}
}

// PoliciesAt reads the policies of a version out of the state that its entry of the journal
// has.
func PoliciesAt(version uint64, state []byte) (*Policies, error) {
	p, err := Decode[Policies](store.Document{ID: PoliciesID, Version: version, Data: state})
	return &p, err
}

// PolicyProblems are what is wrong with policies that somebody wants to save, or what
// they should know.
type PolicyProblems struct {
	Wrong    []policy.Problem // nothing is saved where there is one
	Warnings []policy.Problem
}

// PolicyChange is how policies are changed.
type PolicyChange struct {
	Version uint64 // that which the maker saw; 0: nobody had made any
	DryRun  bool   // only say what is wrong
}

// SetPolicies puts a set of guardrails and policies in the place of those in force.
// Policies and guardrails without an ID are new, and get one. Where the version is
// another one by now than its maker saw, it is CONFLICT. What is wrong with the set is
// no error, but returned, and then nothing is saved. Only administrators change policies.
func (s *Service) SetPolicies(ctx context.Context, by Actor, set policy.Set, c PolicyChange) (Policies, PolicyProblems, error) {
	if by.Kind != ActorUser && by.Kind != ActorSystem {
		return Policies{}, PolicyProblems{}, Errorf(CodeForbidden, "", "Only an administrator can change policies.")
	}
	var problems PolicyProblems
	if problems.Wrong = set.TooMuch(); len(problems.Wrong) > 0 {
		return Policies{}, problems, nil
	}
	set = s.withIDs(set)
	known, err := s.known(ctx, &set)
	if err != nil {
		return Policies{}, problems, err
	}
	if problems.Wrong, problems.Warnings = set.Check(known); len(problems.Wrong) > 0 || c.DryRun {
		return Policies{}, problems, nil
	}
	out, err := Upsert(ctx, s.Subjects, by, PoliciesID, func(f Found[Policies]) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		if f.Version != c.Version {
			return Nothing(), Errorf(CodeConflict, "expectedVersion", "The policies were changed meanwhile: this is version %d now, and you saw version %d. Look at them again.", f.Version, c.Version)
		}
		before := f.State
		if f.Version == 0 {
			first, _, err := s.policies(ctx)
			if err != nil {
				return Nothing(), err
			}
			before = *first
		}
		now := s.Now()
		next := Policies{Set: set, ChangedAt: now, ChangedBy: by.ID}
		next.Stamp(&before.Set, policy.Stamp{ByID: by.ID, At: now})
		if f.Version > 0 && next.Same(&before.Set) {
			return Nothing(), nil
		}
		if f.Version == 0 {
			return created(next, now, guards...), nil
		}
		return Effect{Type: typeUpdated, Data: next, At: now, Guards: guards}, nil
	})
	return out, problems, err
}

// asSaved is a set as it would be if somebody saved it now: that which is in force, where it
// says the same.
func (s *Service) asSaved(ctx context.Context, by Actor, set policy.Set) (*policy.Set, error) {
	now, _, err := s.policies(ctx)
	switch {
	case err != nil:
		return nil, err
	case set.Same(&now.Set):
		return &now.Set, nil
	}
	set = s.withIDs(set)
	set.Stamp(&now.Set, policy.Stamp{ByID: by.ID, At: s.Now()})
	return &set, nil
}

// withIDs gives IDs to what has none.
func (s *Service) withIDs(set policy.Set) policy.Set {
	set.Policies, set.Guardrails, set.Edits = slices.Clone(set.Policies), slices.Clone(set.Guardrails), nil
	for i := range set.Policies {
		if set.Policies[i].ID == "" {
			set.Policies[i].ID = "pol_" + s.Subjects.opts.NewID()
		}
	}
	for i := range set.Guardrails {
		if set.Guardrails[i].ID == "" {
			set.Guardrails[i].ID = "grd_" + s.Subjects.opts.NewID()
		}
	}
	return set
}

// known reads what checking a set needs of others.
func (s *Service) known(ctx context.Context, set *policy.Set) (policy.Known, error) {
	k := policy.Known{Names: map[string]string{}, Members: map[string]int{}, Conditions: s.opts.Conditions}
	for _, kind := range resourceKinds {
		k.Kinds = append(k.Kinds, string(kind))
	}
	c, err := s.read(ctx, set.Names()...)
	if err != nil {
		return k, err
	}
	for _, id := range c.ids {
		name, there, err := c.named(id)
		if err != nil {
			return k, err
		}
		if there {
			k.Names[id] = name
		}
		if there && KindOf(id) == KindGroup {
			_, some, err := First[User](ctx, s.Subjects, memberTerm(id))
			if err != nil {
				return k, err
			}
			k.Members[id] = 0
			if some {
				k.Members[id] = 1
			}
		}
	}
	return k, nil
}

// named says what something is called that policies can name, and whether it is still there.
func (c catalog) named(id string) (name string, there bool, err error) {
	switch KindOf(id) {
	case KindUser:
		u, ok, err := find[User](c, id)
		return u.Name, ok && !u.Left, err
	case KindGroup:
		g, ok, err := find[Group](c, id)
		return g.Name, ok && !g.Deleted, err
	case KindAccount:
		a, ok, err := find[Account](c, id)
		return a.Name, ok && !a.Deleted, err
	case KindGateway:
		g, ok, err := find[Gateway](c, id)
		return g.Name, ok && !g.Deleted, err
	case KindResource:
		r, ok, err := find[Resource](c, id)
		return r.Name, ok && !r.Deleted, err
	default:
		return "", false, nil
	}
}

// NameOf is what something that policies can name is called; there is false where it was
// removed.
func NameOf(ctx context.Context, l *Lookup, id string) (name string, there bool, err error) {
	c, err := l.known(ctx)
	if err != nil {
		return "", false, err
	}
	return c.named(id)
}

// NamedBy are the names of the policies and guardrails in force that name something: what is
// removed although a policy names it makes the policy refuse all that it is for.
func (s *Service) NamedBy(ctx context.Context, id string) ([]string, error) {
	now, _, err := s.policies(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range now.Policies {
		if slices.Contains(now.Policies[i].Names(), id) {
			out = append(out, now.Policies[i].Name)
		}
	}
	for i := range now.Guardrails {
		if slices.Contains(now.Guardrails[i].Names(), id) {
			out = append(out, now.Guardrails[i].Name)
		}
	}
	return out, nil
}

// BrokenPolicy is a policy in force that names what was removed, and so refuses all that it
// is for.
type BrokenPolicy struct {
	ID, Name string
	GoneIDs  []string // in order
	Gone     []string // what these were called
}

// BrokenPolicies returns them in the order of the policies.
func (s *Service) BrokenPolicies(ctx context.Context) ([]BrokenPolicy, error) {
	now, _, err := s.policies(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.read(ctx, now.Names()...)
	if err != nil {
		return nil, err
	}
	var out []BrokenPolicy
	for i := range now.Policies {
		p := BrokenPolicy{ID: now.Policies[i].ID, Name: now.Policies[i].Name}
		for _, id := range now.Policies[i].Names() {
			name, there, err := c.named(id)
			if err != nil {
				return nil, err
			}
			if !there {
				p.GoneIDs, p.Gone = append(p.GoneIDs, id), append(p.Gone, name)
			}
		}
		if len(p.Gone) > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}
