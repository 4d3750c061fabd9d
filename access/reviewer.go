package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"procyon/store"
)

// maxReviewers is how many people are named who may decide a request.
const maxReviewers = 100

// Reviewers returns the people who may decide a request, or its extension, now, by
// name, at most 100; none where there is nothing to decide.
func (s *Service) Reviewers(ctx context.Context, r Request) ([]User, error) {
	if !r.Waits() {
		return nil, nil
	}
	asked, err := s.approvers(ctx, s.opts.Policy.Approvers(&r))
	if err != nil {
		return nil, err
	}
	may := asked[:0]
	for _, u := range asked {
		by, err := s.Actor(ctx, u)
		if err != nil {
			return nil, err
		}
		if s.opts.Policy.MayReview(by, &r) == nil {
			may = append(may, u)
		}
	}
	return may, nil
}

// approvers returns those who can sign in of the people whom a policy asks, by name, at
// most 100.
func (s *Service) approvers(ctx context.Context, asked Approvers) ([]User, error) {
	var people []User
	if asked.Administrators {
		var err error
		if people, err = s.Administrators(ctx); err != nil {
			return nil, err
		}
	}
	if len(asked.UserIDs) == 0 {
		return people, nil
	}
	docs, err := s.views.Get(ctx, asked.UserIDs...)
	if err != nil {
		return nil, fmt.Errorf("read the approvers: %w", err)
	}
	for _, d := range docs {
		u, err := Decode[User](d)
		if err != nil {
			return nil, err
		}
		if !u.Disabled && !slices.ContainsFunc(people, func(other User) bool { return other.ID == u.ID }) {
			people = append(people, u)
		}
	}
	slices.SortFunc(people, func(a, b User) int {
		return cmp.Or(cmp.Compare(Fold(a.Name), Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return people[:min(len(people), maxReviewers)], nil
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
	by.Admin, by.Groups = by.Admin && u.Admin, now.Groups
	by.SameHuman, by.ManyAccounts = now.SameHuman, now.ManyAccounts
	return by, append(c.guards(), more...), err
}
