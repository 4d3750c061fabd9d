package access

import (
	"context"

	"procyon/policy"
)

// reportTerm lists the people whom somebody manages.
func reportTerm(managerID string) string { return "usr/manager=" + managerID }

// appoint makes somebody a person's manager, or ("") nobody, and returns the guard that they
// are one of those who can be. Nobody is their own manager; see ManagerCounts for other
// accounts of theirs.
func (s *Service) appoint(ctx context.Context, by Actor, u *User, managerID string, can func(User) bool) ([]Guard, error) {
	if managerID == "" {
		u.Manager = nil
		return nil, nil
	}
	if u.Manager != nil && u.Manager.UserID == managerID {
		return nil, nil
	}
	c, err := s.read(ctx, managerID)
	if err != nil {
		return nil, err
	}
	m, ok, err := find[User](c, managerID)
	switch {
	case err != nil:
		return nil, err
	case !ok || KindOf(managerID) != KindUser || m.Left || !can(m):
		return nil, Errorf(CodeNotFound, "manager", "There is no person with the ID %.80q who could be a manager.", managerID)
	case m.ID == u.ID:
		return nil, errOwnManager()
	}
	u.Manager = &Appointment{UserID: managerID, ByID: by.ID, At: s.Now()}
	return c.guards(), nil
}

// ManagerCounts tells whether somebody's manager is another human, and returns the guards
// that it stays so; the person has to be guarded, too. A manager who is the person by another
// account counts as nobody: the directory may say so of an account for administration, and
// accounts may be joined later. So does who may be: see Accounts.Many.
func (s *Subjects) ManagerCounts(ctx context.Context, u User) (bool, []Guard, error) {
	if u.Manager == nil {
		return false, nil, nil
	}
	a, guards, err := s.actor(ctx, u)
	return err == nil && !a.Is(u.Manager.UserID), guards, err
}

// SetManager says who somebody's manager is; "": nobody. The managers of people from the
// directory are kept there. Nobody manages themselves, by whichever account. expect refuses a
// person who is not as its caller thinks; nil: whatever they are.
func (s *Service) SetManager(ctx context.Context, by Actor, id, managerID string, expect func(User) error) (User, error) {
	return Update(ctx, s.Subjects, by, id, "userId", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err == nil {
			err = expected(u, expect)
		}
		if err == nil && u.Provisioned != nil {
			err = Errorf(CodeConflict, "userId", "%s comes from the directory, which also says who the manager is.", u.Name)
		}
		if err != nil {
			return Nothing(), err
		}
		next := u
		more, err := s.appoint(ctx, by, &next, managerID, func(User) bool { return true })
		if err != nil || sameUser(next, u) {
			return Nothing(), err
		}
		if next.Manager != nil {
			ok, of, err := s.ManagerCounts(ctx, next)
			if err == nil && !ok {
				err = errOwnManager()
			}
			if err != nil {
				return Nothing(), err
			}
			more = append(more, of...)
		}
		next.Edits = u.Edits.With(policy.Stamp{ByID: by.ID, At: s.Now()})
		return updated(next, append(guards, more...)...), nil
	})
}

func errOwnManager() error {
	return Errorf(CodeInvalid, "manager", "Nobody manages themselves, by whichever account.")
}
