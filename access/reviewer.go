package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"procyon/policy"
	"procyon/store"
)

// maxReviewers is how many people are named who may decide a request.
const maxReviewers = 100

// Reviewers returns the people who may decide something of a request, or its extension,
// now, by name, at most 100; none where there is nothing to decide. Of a group, at most
// its first 100 are looked at.
func (s *Service) Reviewers(ctx context.Context, r Request) ([]User, error) {
	if !r.Waits() {
		return nil, nil
	}
	asked, err := s.approvers(ctx, r.presentApprovers())
	if err != nil {
		return nil, err
	}
	may := asked[:0]
	for _, u := range asked {
		by, err := s.Actor(ctx, u)
		if err != nil {
			return nil, err
		}
		if s.MayReviewNow(by, &r) {
			may = append(may, u)
		}
	}
	return may[:min(len(may), maxReviewers)], nil
}

// presentApprovers are the IDs of the approvers of the steps that wait, each once.
func (r *Request) presentApprovers() []string {
	d := r.asRecorded()
	var ids []string
	for _, st := range d.Stands() {
		if t := &d.Plan.Tracks[st.Track]; st.Step < len(t.Steps) {
			for _, a := range t.Steps[st.Step].CanApprove() {
				if !slices.Contains(ids, a.ID) {
					ids = append(ids, a.ID)
				}
			}
		}
	}
	return ids
}

// approvers returns the people who are meant by IDs of approvers and can sign in, by name.
func (s *Service) approvers(ctx context.Context, ids []string) ([]User, error) {
	var people []User
	var named []string
	for _, id := range ids {
		var some []User
		var err error
		switch {
		case id == policy.Administrators:
			some, err = s.Administrators(ctx)
		case KindOf(id) == KindGroup:
			some, err = s.firstMembers(ctx, id)
		default:
			named = append(named, id)
		}
		if err != nil {
			return nil, err
		}
		people = append(people, some...)
	}
	c, err := s.read(ctx, named...)
	if err != nil {
		return nil, fmt.Errorf("read the approvers: %w", err)
	}
	for _, id := range named {
		u, ok, err := find[User](c, id)
		if err != nil {
			return nil, err
		}
		if ok {
			people = append(people, u)
		}
	}
	people = slices.DeleteFunc(people, func(u User) bool { return u.Disabled })
	slices.SortFunc(people, func(a, b User) int {
		return cmp.Or(cmp.Compare(Fold(a.Name), Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(people, func(a, b User) bool { return a.ID == b.ID }), nil
}

// firstMembers are people of a group, at most 100.
func (s *Subjects) firstMembers(ctx context.Context, groupID string) ([]User, error) {
	docs, err := s.views.List(ctx, store.Query{Term: memberTerm(groupID), Limit: maxReviewers})
	if err != nil {
		return nil, err
	}
	return DecodeAll[User](docs)
}

// Administrators are those who can sign in, by name, at most 100.
func (s *Subjects) Administrators(ctx context.Context) ([]User, error) {
	l, err := store.List(ctx, s.views, []string{adminTerm}, false, store.Page{First: maxReviewers}, nil)
	if err != nil {
		return nil, err
	}
	return DecodeAll[User](l.Docs)
}

// AsOfNow returns a person with the rights that they have now, not those that they had
// when their call was authenticated, and the guard that keeps them.
func (s *Subjects) AsOfNow(ctx context.Context, by Actor) (Actor, []Guard, error) {
	if by.Kind != ActorUser {
		return by, nil, nil
	}
	c, err := s.read(ctx, by.ID)
	if err != nil {
		return by, nil, err
	}
	u, ok, err := find[User](c, by.ID)
	if err != nil {
		return by, nil, err
	}
	if !ok || u.Disabled {
		return by, nil, errDisabled()
	}
	now, more, err := s.actor(ctx, u)
	by.Admin, by.AdminBy, by.Groups = by.Admin && u.Admin, now.AdminBy, now.Groups
	by.SameHuman, by.ManyAccounts = now.SameHuman, now.ManyAccounts
	return by, append(c.guards(), more...), err
}
