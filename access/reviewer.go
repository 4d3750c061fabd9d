package access

import (
	"context"

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
	admins, err := s.Administrators(ctx)
	if err != nil {
		return nil, err
	}
	var out []User
	for _, u := range admins {
		by := Actor{Kind: ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin}
		if s.opts.Policy.MayReview(by, &r) == nil {
			out = append(out, u)
		}
	}
	return out, nil
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
	by.Admin = by.Admin && u.Admin
	return by, c.guards(), nil
}
