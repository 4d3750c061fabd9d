package access

import (
	"cmp"
	"context"
	"slices"
	"time"

	"procyon/store"
)

// MembershipNow is that somebody is in a group, and what that is worth now.
type MembershipNow struct {
	Membership
	Group        Group     `json:"group"`
	GroupVersion uint64    `json:"groupVersion"`
	Counts       bool      `json:"counts"`
	Until        time.Time `json:"until,omitzero"` // zero: it does not end by itself
}

// Memberships lists the groups in which a person is, by name, as documents of MembershipNow,
// and says how many there are. groups reads them.
func (s *Service) Memberships(ctx context.Context, u User, groups *Lookup, p store.Page) (store.Listed, int, error) {
	now := s.Now()
	var all []MembershipNow
	for _, m := range u.Groups {
		g, ok, err := LookedUp[Group](ctx, groups, m.GroupID)
		if err != nil {
			return store.Listed{}, 0, err
		}
		if !ok {
			continue
		}
		of := MembershipNow{Membership: m, Group: g, GroupVersion: g.Version, Counts: u.Counts(m, now)}
		if m.Source == SourceOIDC {
			of.Until = u.ClaimsAt.Add(ClaimsHold)
		}
		all = append(all, of)
	}
	at := func(m MembershipNow) store.Position { return store.Position{Sort: Fold(m.Group.Name), ID: m.GroupID} }
	slices.SortFunc(all, func(a, b MembershipNow) int {
		return cmp.Or(cmp.Compare(at(a).Sort, at(b).Sort), cmp.Compare(a.GroupID, b.GroupID))
	})
	l, err := store.List(ctx, store.Memory[MembershipNow]{All: all, At: at}, []string{""}, false, p, nil)
	return l, len(all), err
}
