package access

import (
	"context"
	"slices"
)

// EachUser visits all people by name, until visit fails. Whoever is renamed meanwhile may
// be visited twice, or not at all.
func (s *Service) EachUser(ctx context.Context, visit func(User) error) error {
	return each(ctx, s.Subjects, "usr/", func(f Found[User]) error { return visit(f.State) })
}

// EachMember visits the people who are in a group by name, until visit fails, also those
// whose membership does not count at present. Who comes, goes or is renamed meanwhile may be
// visited twice, or not at all.
func (s *Service) EachMember(ctx context.Context, groupID string, visit func(User, Membership) error) error {
	return each(ctx, s.Subjects, memberTerm(groupID), func(f Found[User]) error {
		i := slices.IndexFunc(f.State.Groups, func(m Membership) bool { return m.GroupID == groupID })
		if i < 0 {
			return nil
		}
		return visit(f.State, f.State.Groups[i])
	})
}

// EachGroup visits all groups by name, until visit fails. One that is renamed meanwhile may be
// visited twice, or not at all.
func (s *Service) EachGroup(ctx context.Context, visit func(Group) error) error {
	return each(ctx, s.Subjects, groupsTerm, func(f Found[Group]) error { return visit(f.State) })
}

// Sources are all sources of groups.
func Sources() []Source { return []Source{SourceLocal, SourceOIDC, SourceSCIM} }

// GroupCalled returns the one group of a name, of any of the sources; none: of all. NOT_FOUND
// where there is none, CONFLICT where there are several.
func (s *Service) GroupCalled(ctx context.Context, name string, of ...Source) (Group, error) {
	if len(of) == 0 {
		of = Sources()
	}
	var all []Group
	for _, source := range of {
		some, err := All[Group](ctx, s.Subjects, groupNameTerm(source, name))
		if err != nil {
			return Group{}, err
		}
		all = append(all, some...)
	}
	switch {
	case len(all) == 0:
		return Group{}, Missing[Group]("name")
	case len(all) == 1:
		return all[0], nil
	case all[0].Source == all[len(all)-1].Source:
		return Group{}, Errorf(CodeConflict, "name", "There are %d groups named %q; give one another name in the console first.", len(all), name)
	}
	return Group{}, Errorf(CodeConflict, "name", "There are groups named %q of several sources; say which source is meant.", name)
}
