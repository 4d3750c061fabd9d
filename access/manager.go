package access

import (
	"context"

	"procyon/policy"
)

// reportTerm lists the people whom somebody manages.
func reportTerm(managerID string) string { return "usr/manager=" + managerID }

// appoint makes somebody a person's manager, or ("") nobody, and returns the guard that they
// are one of those who can be. Nobody manages themselves, by whichever account.
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
	case m.ID == u.ID || m.Human != "" && m.Human == u.Human:
		return nil, Errorf(CodeInvalid, "manager", "Nobody manages themselves.")
	}
	u.Manager = &Appointment{UserID: managerID, ByID: by.ID, At: s.Now()}
	return c.guards(), nil
}

// SetManager says who somebody's manager is; "": nobody. The managers of people from the
// directory are kept there.
func (s *Service) SetManager(ctx context.Context, by Actor, id, managerID string) (User, error) {
	return Update(ctx, s.Subjects, by, id, "userId", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
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
		next.Edits = u.Edits.With(policy.Stamp{ByID: by.ID, At: s.Now()})
		return updated(next, append(guards, more...)...), nil
	})
}
