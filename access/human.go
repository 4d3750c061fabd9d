package access

import (
	"cmp"
	"context"
	"slices"

	"procyon/phrase"
	"procyon/store"
)

// A human can have several accounts here, say one for daily work and one for
// administration. Joined, they count as one: nobody decides for themselves by another one.

// maxJoined is how many accounts of one human can be joined.
const maxJoined = 20

// JoinedAccounts returns the other accounts of the human who has an account, at most 20, and the
// guard that there is no other by the time of the commit; the account itself has to be
// guarded, too.
func (s *Subjects) JoinedAccounts(ctx context.Context, u User) ([]User, []Guard, error) {
	if u.Human == "" {
		return nil, nil, nil
	}
	g := Guard{Key: humanTerm(u.Human), Since: s.Head()}
	docs, err := s.views.List(ctx, store.Query{Term: g.Key, Limit: maxJoined})
	if err != nil {
		return nil, nil, err
	}
	all, err := DecodeAll[User](docs)
	return slices.DeleteFunc(all, func(o User) bool { return o.ID == u.ID }), []Guard{g}, err
}

// Actor is a person with the rights that they have now.
func (s *Subjects) Actor(ctx context.Context, u User) (Actor, error) {
	a, _, err := s.actor(ctx, u)
	return a, err
}

// actor is Actor, with the guards that it stays so; the account itself has to be guarded, too.
func (s *Subjects) actor(ctx context.Context, u User) (Actor, []Guard, error) {
	a := ActorOf(u)
	now := s.Now()
	a.Groups = u.rights(now)
	if slices.ContainsFunc(u.Groups, func(m Membership) bool { return m.Source == SourceOIDC && u.Counts(m, now) }) {
		a.RightsUntil = u.ClaimsAt.Add(ClaimsHold)
	}
	others, guards, err := s.JoinedAccounts(ctx, u)
	for _, o := range others {
		a.SameHuman = append(a.SameHuman, o.ID)
	}
	return a, guards, err
}

// Is tells whether an actor is a person, by whichever of their accounts.
func (a *Actor) Is(userID string) bool {
	return a.Kind == ActorUser && (a.ID == userID || slices.Contains(a.SameHuman, userID))
}

// JoinUsers says that two accounts are one human's. It only takes rights: none of them
// decides what another one asks for. To repeat it changes nothing.
func (s *Service) JoinUsers(ctx context.Context, by Actor, id, withID string) (User, error) {
	if id == withID {
		return User{}, Errorf(CodeInvalid, "withUserId", "Give two different accounts.")
	}
	if _, err := s.asAdmin(ctx, by); err != nil {
		return User{}, err
	}
	if err := s.joinable(ctx, id, withID); err != nil { // before the other account is marked
		return User{}, err
	}
	first, err := s.firstAccount(ctx, by, withID)
	if err != nil {
		return User{}, err
	}
	return Update(ctx, s.Subjects, by, id, "userId", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
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
		more, err := s.alone(ctx, u)
		if err != nil {
			return Nothing(), err
		}
		of := Guard{Key: humanTerm(first), Since: s.Head()}
		docs, err := s.views.List(ctx, store.Query{Term: of.Key, Limit: maxJoined})
		if err == nil && len(docs) >= maxJoined {
			err = Errorf(CodeLimited, "withUserId", "At most %d accounts can be joined.", maxJoined)
		}
		u.Human = first
		return updated(u, slices.Concat(guards, c.guards(), more, []Guard{of})...), err
	})
}

// joinable refuses to join an account that can't be.
func (s *Service) joinable(ctx context.Context, id, withID string) error {
	u, err := Load[User](ctx, s.Subjects, id, "userId")
	if err != nil {
		return err
	}
	with, err := Load[User](ctx, s.Subjects, withID, "withUserId")
	if err != nil || u.Human != "" && u.Human == with.Human {
		return err
	}
	_, err = s.alone(ctx, u)
	return err
}

// alone refuses an account that is joined to others, and returns the guards that it is not.
func (s *Service) alone(ctx context.Context, u User) ([]Guard, error) {
	others, guards, err := s.JoinedAccounts(ctx, u)
	if err == nil && len(others) > 0 {
		err = Errorf(CodeConflict, "userId", "%s is joined to %s already; separate them first.", u.Name, phrase.Count(len(others), "other account"))
	}
	return guards, err
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

// SeparateUser says that an account is its own human's again. Whoever others are joined to
// stays until they were separated.
func (s *Service) SeparateUser(ctx context.Context, by Actor, id string) (User, error) {
	return Update(ctx, s.Subjects, by, id, "userId", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil || u.Human == "" {
			return Nothing(), err
		}
		now, _, err := s.AsOfNow(ctx, by) // with the accounts that were joined since the call began
		if err != nil {
			return Nothing(), err
		}
		others, more, err := s.JoinedAccounts(ctx, u)
		if err != nil {
			return Nothing(), err
		}
		if u.Human == u.ID && len(others) > 0 {
			return Nothing(), Errorf(CodeConflict, "userId", "Other accounts are joined to %s; separate those.", u.Name)
		}
		if now.Is(u.ID) {
			return Nothing(), Errorf(CodeForbidden, "userId", "You can't separate your own accounts; another administrator has to.")
		}
		u.Human = ""
		return updated(u, append(guards, more...)...), nil
	})
}

// joinByEmployee joins a person to another account of the same employee, as the directory
// numbers them.
func (s *Service) joinByEmployee(ctx context.Context, by Actor, u User) error {
	if !u.Known() || u.Provisioned.Employee == "" || u.Human != "" {
		return nil
	}
	docs, err := s.views.List(ctx, store.Query{Term: employeeTerm(u.Provisioned.Employee), Limit: maxJoined})
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(docs, func(d store.Document) bool { return d.ID != u.ID }); i >= 0 {
		_, err = s.JoinUsers(ctx, by, u.ID, docs[i].ID)
	}
	return err
}
