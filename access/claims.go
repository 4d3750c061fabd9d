package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// MaxClaimed is how many groups the claims of one sign-in can name; the rest is left out.
	MaxClaimed = 500
	// claimsKept is how old what the last sign-in said can be without being written anew,
	// where it is the same: who signs in often writes little.
	claimsKept = time.Hour
)

// claimGroups makes the groups that somebody's claims name theirs, and no others of claims.
// A group of claims is made when somebody's first name it.
func (s *Service) claimGroups(ctx context.Context, by Actor, userID string, names []string) (User, error) {
	names = claimed(names)
	return Update(ctx, s.Subjects, by, userID, "id", func(u User) (Effect, error) {
		since := s.Head() // before the groups are read: one that is deleted then takes nobody in
		ids := make([]string, len(names))
		for i, name := range names {
			g, err := s.ensureClaimed(ctx, by, name)
			if err != nil {
				return Nothing(), err
			}
			ids[i] = g.ID
		}
		now := s.Now()
		c := groupsChange{ClaimsAt: now}
		for _, m := range u.Groups {
			if m.Source == SourceOIDC && !slices.Contains(ids, m.GroupID) {
				c.Remove = append(c.Remove, m.GroupID)
			}
		}
		room := MaxGroups - len(u.Groups) + len(c.Remove)
		for _, id := range ids {
			if !u.In(id) && len(c.Add) < room {
				c.Add = append(c.Add, Membership{GroupID: id, Source: SourceOIDC, ByID: by.ID, At: now})
			}
		}
		if len(c.Add)+len(c.Remove) == 0 && now.Sub(u.ClaimsAt) < claimsKept {
			return Nothing(), nil
		}
		guards := make([]Guard, len(c.Add))
		for i, m := range c.Add {
			guards[i] = Guard{Key: m.GroupID, Since: since}
		}
		return Effect{Type: typeGroupsChanged, Data: c, Guards: guards}, nil
	})
}

// claimed are the names of groups as they can be here, each once.
func claimed(in []string) []string {
	var out []string
	for _, n := range in {
		n, err := CleanText("groups", n, 1, maxGroupName, false)
		if err == nil && !slices.Contains(out, n) && len(out) < MaxClaimed {
			out = append(out, n)
		}
	}
	return out
}

// ensureClaimed returns the group of that claim, made if absent.
func (s *Service) ensureClaimed(ctx context.Context, by Actor, name string) (g Group, err error) {
	err = retry(ctx, func() error {
		known := Guard{Key: groupExternalTerm(SourceOIDC, name), Since: s.Head()}
		var ok bool
		if g, ok, err = First[Group](ctx, s.Subjects, known.Key); err != nil || ok {
			return err
		}
		called, free, err := s.freeName(ctx, name)
		if err != nil {
			return err
		}
		now := s.Now()
		fresh := Group{ID: s.NewID(KindGroup), Name: called, Source: SourceOIDC, ExternalID: name, CreatedAt: now, ChangedAt: now}
		g = Group{}
		return s.commit(ctx, by, fresh.ID, 1, created(fresh, now, append(free, known)...), &g)
	})
	return g, err
}

// freeName is what a group of a claim is called: as the claim, unless an administrator gave
// another group of claims that name; then with a number behind it. The guards keep it so.
func (s *Service) freeName(ctx context.Context, name string) (string, []Guard, error) {
	var guards []Guard
	for n := 1; ; n++ {
		called := name
		if n > 1 {
			called = numbered(name, n)
		}
		g := Guard{Key: groupNameTerm(SourceOIDC, called), Since: s.Head()}
		_, taken, err := First[Group](ctx, s.Subjects, g.Key)
		if guards = append(guards, g); err != nil || !taken {
			return called, guards, err
		}
	}
}

// numbered is a name with a number behind it, and no longer than a group's can be.
func numbered(name string, n int) string {
	behind := fmt.Sprintf(" (%d)", n)
	r := []rune(name)
	return strings.TrimSpace(string(r[:min(len(r), maxGroupName-len(behind))])) + behind
}
