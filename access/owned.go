package access

import (
	"cmp"
	"context"
	"slices"

	"procyon/policy"
	"procyon/store"
)

// Owned is something that has owners: an account, a gateway or a resource.
type Owned struct {
	ID      string
	Name    string
	Owners  []Owner
	Version uint64 // how many entries it has
}

// ownable is a State that has owners.
type ownable[S any] interface {
	stateOf[S]
	owned() Owned
	setOwners(owners []Owner, edit policy.Stamp)
}

func (a *Account) owned() Owned  { return Owned{a.ID, a.Name, a.Owners, a.Version} }
func (g *Gateway) owned() Owned  { return Owned{g.ID, g.Name, g.Owners, g.Version} }
func (r *Resource) owned() Owned { return Owned{r.ID, r.Name, r.Owners, r.Version} }

func (a *Account) setOwners(owners []Owner, edit policy.Stamp) {
	a.Owners, a.Edits = owners, a.Edits.With(edit)
}

func (g *Gateway) setOwners(owners []Owner, edit policy.Stamp) {
	g.Owners, g.Edits = owners, g.Edits.With(edit)
}

func (r *Resource) setOwners(owners []Owner, edit policy.Stamp) {
	r.Owners, r.Edits = owners, r.Edits.With(edit)
}

// decodeOwned reads an account, a gateway or a resource.
func decodeOwned(d store.Document) (Owned, error) {
	switch KindOf(d.ID) {
	case KindAccount:
		v, err := Decode[Account](d)
		return v.owned(), err
	case KindGateway:
		v, err := Decode[Gateway](d)
		return v.owned(), err
	default:
		v, err := Decode[Resource](d)
		return v.owned(), err
	}
}

// OwnedBy is what a person or a group answers for.
type OwnedBy struct {
	Count int // MaxCounted: that or more
	// Alone is how many of these nobody else answers for.
	Alone int
	Named []OwnedAlone // at most 20: first those that nobody else answers for, then by name
}

// OwnedAlone is what somebody answers for, and whether nobody else does.
type OwnedAlone struct {
	Owned
	Alone bool
}

// OwnedBy says what somebody answers for, and for what nobody would without them. It is of a
// moment.
func (s *Service) OwnedBy(ctx context.Context, ownerID string) (OwnedBy, error) {
	l, err := store.List(ctx, s.views, []string{ownerTerm(ownerID)}, false, store.Page{First: MaxCounted}, nil)
	if err != nil {
		return OwnedBy{}, err
	}
	out := OwnedBy{Count: len(l.Docs)}
	owners := s.Lookup()
	for _, d := range l.Docs {
		o, err := decodeOwned(d)
		if err != nil {
			return out, err
		}
		for _, other := range o.Owners {
			owners.Want(other.ID)
		}
		out.Named = append(out.Named, OwnedAlone{Owned: o})
	}
	for i := range out.Named {
		o := &out.Named[i]
		if o.Alone, err = alone(ctx, owners, o.Owned, ownerID); err != nil {
			return out, err
		}
		if o.Alone {
			out.Alone++
		}
	}
	slices.SortStableFunc(out.Named, func(a, b OwnedAlone) int { return cmp.Compare(rank(a), rank(b)) })
	out.Named = out.Named[:min(len(out.Named), maxNamed)]
	return out, nil
}

func rank(o OwnedAlone) int {
	if o.Alone {
		return 0
	}
	return 1
}

// alone tells whether nobody but one owner answers for something.
func alone(ctx context.Context, owners *Lookup, of Owned, ownerID string) (bool, error) {
	for _, o := range of.Owners {
		if o.ID == ownerID {
			continue
		}
		if ok, err := answers(ctx, owners, o.ID); ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// answers tells whether somebody answers by being an owner: a group that is there, whoever is
// in it, or a person who can sign in.
func answers(ctx context.Context, owners *Lookup, ownerID string) (bool, error) {
	if KindOf(ownerID) == KindGroup {
		g, ok, err := LookedUp[Group](ctx, owners, ownerID)
		return ok && !g.Deleted, err
	}
	u, ok, err := LookedUp[User](ctx, owners, ownerID)
	return ok && !u.Disabled, err
}
