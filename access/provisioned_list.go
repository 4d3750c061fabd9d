package access

import "context"

// ProvisionedBy is by what the directory finds whom it knows.
type ProvisionedBy int

// What the directory finds by. The names have no case.
const (
	ByAnything ProvisionedBy = iota // all
	ByUserName
	ByExternalID
	ByAddress
	ByGroup   // the ID of a group that they are in
	ByManager // the ID of who manages them
)

// EachProvisioned visits those whom the directory knows and who have a value, until visit
// fails; in no order that means something. Who is changed meanwhile may be visited twice, or
// not at all.
func (s *Service) EachProvisioned(ctx context.Context, by ProvisionedBy, value string, visit func(User) error) error {
	term := provisionedTerm
	switch by {
	case ByUserName:
		term = userNameTerm(value)
	case ByExternalID:
		term = userExternalTerm(value)
	case ByAddress:
		term = userAddressTerm(value)
	case ByGroup:
		term = memberTerm(value)
	case ByManager:
		term = reportTerm(value)
	case ByAnything:
	}
	return each(ctx, s.Subjects, term, func(f Found[User]) error {
		if !f.State.Known() {
			return nil
		}
		return visit(f.State)
	})
}

// Known tells whether the directory knows somebody.
func (u *User) Known() bool { return u.Provisioned != nil && !u.Left }

// EachDirectoryGroup visits the groups of the directory, those of a name where it is not "",
// and of an external ID where that is not, until visit fails.
func (s *Service) EachDirectoryGroup(ctx context.Context, name, externalID string, visit func(Group) error) error {
	term := scimGroupsTerm
	switch {
	case externalID != "":
		term = groupExternalTerm(SourceSCIM, externalID)
	case name != "":
		term = groupNameTerm(SourceSCIM, name)
	}
	return each(ctx, s.Subjects, term, func(f Found[Group]) error { return visit(f.State) })
}

// GroupsByID returns those of some groups that are there.
func (s *Service) GroupsByID(ctx context.Context, ids ...string) (map[string]Group, error) {
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Group, len(ids))
	for _, id := range ids {
		g, ok, err := find[Group](c, id)
		if err != nil {
			return nil, err
		}
		if ok && !g.Deleted {
			out[id] = g
		}
	}
	return out, nil
}

// UsersByID returns those of some people who are there, in the order of the IDs.
func (s *Service) UsersByID(ctx context.Context, ids ...string) ([]User, error) {
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]User, 0, len(ids))
	for _, id := range ids {
		u, ok, err := find[User](c, id)
		if err != nil {
			return nil, err
		}
		if ok && KindOf(id) == KindUser {
			out = append(out, u)
		}
	}
	return out, nil
}
