package access

import (
	"cmp"
	"context"
	"slices"

	"procyon/phrase"
	"procyon/store"
)

// JoinUsers says that two accounts are one human's. It only takes rights: none of them
// decides what another one asks for. To repeat it changes nothing. expect refuses an account
// id that is not as its caller thinks; nil: whatever it is.
//
// A crash may leave the other account marked as one to which others are joined, which says
// nothing until one is.
func (s *Service) JoinUsers(ctx context.Context, by Actor, id, withID string, expect func(User) error) (User, error) {
	if id == withID {
		return User{}, Errorf(CodeInvalid, "withUserId", "Give two different accounts.")
	}
	if _, err := s.asAdmin(ctx, by); err != nil {
		return User{}, err
	}
	if err := s.joinable(ctx, id, withID, expect); err != nil { // before the other account is marked
		return User{}, err
	}
	first, err := s.firstAccount(ctx, by, withID)
	if err != nil {
		return User{}, err
	}
	return Update(ctx, s.Subjects, by, id, "userId", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err == nil {
			err = expected(u, expect)
		}
		if err != nil || u.Human == first {
			return Nothing(), err
		}
		c, err := s.read(ctx, first)
		if err != nil {
			return Nothing(), err
		}
		if f, ok, err := find[User](c, first); err != nil || !ok || f.Human != first {
			return Nothing(), cmp.Or[error](err, Errorf(CodeConflict, "withUserId", "The account was joined to another one meanwhile; look before you go on."))
		}
		alone, err := s.notJoined(ctx, u)
		if err != nil {
			return Nothing(), err
		}
		u.Human = first
		together, err := s.fewEnough(ctx, u)
		return updated(u, slices.Concat(guards, c.guards(), alone, together)...), err
	})
}

func expected[S any](state S, expect func(S) error) error {
	if expect == nil {
		return nil
	}
	return expect(state)
}

// joinable refuses to join an account that can't be.
func (s *Service) joinable(ctx context.Context, id, withID string, expect func(User) error) error {
	u, err := Load[User](ctx, s.Subjects, id, "userId")
	if err == nil {
		err = expected(u, expect)
	}
	if err != nil {
		return err
	}
	with, err := Load[User](ctx, s.Subjects, withID, "withUserId")
	if err != nil || u.Human != "" && u.Human == with.Human {
		return err
	}
	_, err = s.notJoined(ctx, u)
	return err
}

// notJoined refuses an account that an administrator joined to others, and returns the guards
// that it is not.
func (s *Service) notJoined(ctx context.Context, u User) ([]Guard, error) {
	if u.Human == "" {
		return nil, nil
	}
	g := Guard{Key: humanTerm(u.Human), Since: s.Head()}
	docs, err := s.views.List(ctx, store.Query{Term: g.Key, Limit: maxSameHuman})
	if err == nil && len(docs) > 1 {
		err = Errorf(CodeConflict, "userId", "%s is joined to %s already; separate them first.", u.Name, phrase.Count(len(docs)-1, "other account"))
	}
	return []Guard{g}, err
}

// fewEnough refuses an account by which its human would have more than can be joined, and
// returns the guards that they do not.
func (s *Service) fewEnough(ctx context.Context, u User) ([]Guard, error) {
	of, err := s.AccountsOf(ctx, u)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, o := range append(of.Others, u) {
		if !o.Disabled {
			n++
		}
	}
	if of.Many || n > maxJoined {
		return nil, Errorf(CodeLimited, "withUserId", "At most %d accounts can be joined.", maxJoined)
	}
	return of.Guards, nil
}

// firstAccount returns the ID under which accounts are joined to one, and marks it.
func (s *Service) firstAccount(ctx context.Context, by Actor, id string) (string, error) {
	u, err := Update(ctx, s.Subjects, by, id, "withUserId", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil || u.Human != "" {
			return Nothing(), err
		}
		u.Human = u.ID
		return updated(u, guards...), nil
	})
	return u.Human, err
}

// SeparateUser says that an account is its own human's again, whatever the directory numbers
// it: until that gives it another number, which the administrator has not judged. To which
// others are joined is separated after them. expect is that of JoinUsers.
func (s *Service) SeparateUser(ctx context.Context, by Actor, id string, expect func(User) error) (User, error) {
	return Update(ctx, s.Subjects, by, id, "userId", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err == nil {
			err = expected(u, expect)
		}
		if err != nil {
			return Nothing(), err
		}
		next := u
		next.Human, next.Succeeds = "", nil
		if n := u.Employee(); n != "" && (u.Apart == nil || u.Apart.Employee != n) {
			next.Apart = &Apart{Employee: n, ByID: by.ID, At: s.Now()}
		}
		if sameUser(next, u) {
			return Nothing(), nil
		}
		now, more, err := s.AsOfNow(ctx, by) // with the accounts that were joined since the call began
		if err != nil {
			return Nothing(), err
		}
		for _, term := range []string{humanTerm(u.ID), successorTerm(u.ID)} {
			g, err := s.Free(ctx, term, u.ID, Errorf(CodeConflict, "userId", "Other accounts are joined to %s; separate those.", u.Name))
			if err != nil {
				return Nothing(), err
			}
			guards = append(guards, g)
		}
		if err := now.NotOwn(u.ID, "userId", Errorf(CodeForbidden, "userId", "You can't separate your own accounts; another administrator has to.")); err != nil {
			return Nothing(), err
		}
		return updated(next, append(guards, more...)...), nil
	})
}
