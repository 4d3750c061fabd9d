package access

import (
	"context"

	"procyon/store"
)

// NewGroup is a group to be added.
type NewGroup struct {
	Name           string
	Source         Source // who keeps it: SourceLocal or SourceSCIM
	ExternalID     string // of SourceSCIM
	Members        []string
	IdempotencyKey *string
}

// GroupPatch is a change of a group; nil leaves a part as it is.
type GroupPatch struct {
	Name       *string
	ExternalID *string // of SourceSCIM
}

// MaxMembersChanged is how many people one call puts into a group, and takes out of it.
const MaxMembersChanged = 10_000

// Group returns a group by ID, deleted ones too, or a NOT_FOUND *Error.
func (s *Service) Group(ctx context.Context, id string) (Group, error) {
	return Load[Group](ctx, s.Subjects, id, "id")
}

// GroupFilter narrows a list of groups.
type GroupFilter struct {
	Search  string
	Sources []Source // any of these, so none of an empty list; nil: all
}

func (f GroupFilter) query() NameQuery {
	return NameQuery{Kind: KindGroup, Tags: narrow(tags(sourceTag, f.Sources))}
}

// Groups lists the groups by name.
func (s *Service) Groups(ctx context.Context, f GroupFilter, p store.Page) (store.Listed, error) {
	return s.Named(ctx, groupsTerm, f.query(), f.Search, p)
}

// GroupCount is how many groups pass a filter; see Names.Count.
func (s *Service) GroupCount(ctx context.Context, f GroupFilter) (int, bool, error) {
	return s.count(ctx, f.query(), f.Search)
}

// GroupOf returns the group that its source calls so, or a NOT_FOUND *Error.
func (s *Service) GroupOf(ctx context.Context, source Source, externalID string) (Group, error) {
	return s.firstGroup(ctx, groupExternalTerm(source, externalID))
}

// GroupNamed returns the group of a source by its name, or a NOT_FOUND *Error.
func (s *Service) GroupNamed(ctx context.Context, source Source, name string) (Group, error) {
	return s.firstGroup(ctx, groupNameTerm(source, name))
}

func (s *Service) firstGroup(ctx context.Context, term string) (Group, error) {
	g, ok, err := First[Group](ctx, s.Subjects, term)
	if err == nil && !ok {
		err = Missing[Group]("name")
	}
	return g, err
}

// CreateGroup adds a group with its members, or none of it; DUPLICATE where its source has one of that
// name, or of that external ID. Only administrators and the directory keep groups.
func (s *Service) CreateGroup(ctx context.Context, by Actor, in NewGroup) (Group, error) {
	name, external, err := cleanGroup(in.Name, in.ExternalID)
	if err != nil {
		return Group{}, err
	}
	c, err := s.creation(by, KindGroup, in.IdempotencyKey, in)
	if err != nil {
		return Group{}, err
	}
	g, err := create[Group](ctx, s.Subjects, by, c, func() (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		now := s.Now()
		g := Group{ID: c.id, Name: name, Source: in.Source, ExternalID: external, CreatedAt: now, ChangedAt: now, Asked: c.asked}
		add, _, err := s.membersOf(ctx, g, GroupChange{Add: in.Members})
		if err != nil {
			return Nothing(), err
		}
		if len(add) > 0 {
			g.Change = &MembersChange{Add: add, ByID: by.ID, At: now}
		}
		free, err := s.groupFree(ctx, g)
		return created(g, now, append(guards, free...)...), err
	})
	if err != nil {
		return g, err
	}
	return s.settleGroup(ctx, by, g)
}

func cleanGroup(name, externalID string) (string, string, error) {
	name, err := CleanText("name", name, 1, maxGroupName, false)
	if err != nil {
		return "", "", err
	}
	externalID, err = CleanText("externalId", externalID, 0, maxExternalID, false)
	return name, externalID, err
}

const (
	maxGroupName  = 256 // characters, as directories have them
	maxExternalID = 256
)

// groupFree checks that a group's names are no other's.
func (s *Service) groupFree(ctx context.Context, g Group) ([]Guard, error) {
	name, err := s.Free(ctx, groupNameTerm(g.Source, g.Name), g.ID, Errorf(CodeDuplicate, "name", "There is already a group named %q.", g.Name))
	if err != nil || g.ExternalID == "" {
		return []Guard{name}, err
	}
	external, err := s.Free(ctx, groupExternalTerm(g.Source, g.ExternalID), g.ID, Errorf(CodeDuplicate, "externalId", "There is already a group with the external ID %q.", g.ExternalID))
	return []Guard{name, external}, err
}

// keeps refuses who may not change a group: administrators change those that are kept here,
// the directory its own, and nobody those of claims, but for their name.
func (s *Service) keeps(ctx context.Context, by Actor, as Source, g Group) ([]Guard, error) {
	guards, err := s.asAdmin(ctx, by)
	switch {
	case err != nil:
	case g.Source == as:
	case g.Source == SourceOIDC:
		err = Errorf(CodeForbidden, "groupId", "Who is in the group %q is said by the identity provider when people sign in.", g.Name)
	case as == SourceSCIM: // it sees no others
		err = Missing[Group]("groupId")
	default:
		err = Errorf(CodeForbidden, "groupId", "The group %q is kept by the directory; change it there.", g.Name)
	}
	return guards, err
}

// UpdateGroup changes what a group is called. as says for which source: administrators also
// name the groups of claims. expect refuses a group that is not as its caller thinks; nil:
// whatever it is.
func (s *Service) UpdateGroup(ctx context.Context, by Actor, as Source, id string, p GroupPatch, expect func(Group) error) (Group, error) {
	return Update(ctx, s.Subjects, by, id, "groupId", func(g Group) (Effect, error) {
		keeper := as
		if as == SourceLocal && g.Source == SourceOIDC {
			keeper = SourceOIDC
		}
		guards, err := s.keeps(ctx, by, keeper, g)
		if err == nil && expect != nil {
			err = expect(g)
		}
		if err != nil {
			return Nothing(), err
		}
		next, free, err := s.patchedGroup(ctx, g, p)
		if err != nil || next == g {
			return Nothing(), err
		}
		next.ChangedAt = s.Now()
		return updated(next, append(guards, free...)...), nil
	})
}

// patchedGroup is a group as it is called after a change, and what that rests on: nothing
// where it is called as before.
func (s *Service) patchedGroup(ctx context.Context, g Group, p GroupPatch) (Group, []Guard, error) {
	next := g
	if p.Name != nil {
		next.Name = *p.Name
	}
	if p.ExternalID != nil && g.Source == SourceSCIM {
		next.ExternalID = *p.ExternalID
	}
	var err error
	if next.Name, next.ExternalID, err = cleanGroup(next.Name, next.ExternalID); err != nil || next == g {
		return next, nil, err
	}
	free, err := s.groupFree(ctx, next)
	return next, free, err
}

// GroupChange is a change of a group and its members, as a whole.
type GroupChange struct {
	GroupPatch
	// Add are to be members and Remove no longer, up to MaxMembersChanged together. Who is a
	// member already, or is none, stays so.
	Add, Remove []string
	// Replace: those in Add are the members, and nobody else; Remove is empty.
	Replace bool
}

// ChangeMembers puts people into a group and takes others out of it. as says for which
// source. See ChangeGroup.
func (s *Service) ChangeMembers(ctx context.Context, by Actor, as Source, id string, add, remove []string, expect func(Group) error) (Group, error) {
	return s.ChangeGroup(ctx, by, as, id, func(g Group) (GroupChange, error) {
		if expect != nil {
			if err := expect(g); err != nil {
				return GroupChange{}, err
			}
		}
		return GroupChange{Add: add, Remove: remove}, nil
	})
}

// ChangeGroup changes a group and its members. as says for which source. decide is given the
// group as it is, may be called again, and refuses what is not as its caller thinks. All of
// the change is checked before anything is done; the members are then changed person by
// person, and ChangeGroup returns when all are. A crash in between is made up for by any
// server (see Schedule), and by the next change of the group.
func (s *Service) ChangeGroup(ctx context.Context, by Actor, as Source, id string, decide func(Group) (GroupChange, error)) (Group, error) {
	g, err := Update(ctx, s.Subjects, by, id, "groupId", func(g Group) (Effect, error) {
		guards, err := s.keeps(ctx, by, as, g)
		if err != nil {
			return Nothing(), err
		}
		if g.Change != nil { // a crash may have left something of the last change
			if _, err := s.finishMembers(ctx, by, g, 0); err != nil {
				return Nothing(), err
			}
			return Nothing(), ErrRaced
		}
		want, err := decide(g)
		if err != nil {
			return Nothing(), err
		}
		c := MembersChange{ByID: by.ID, At: s.Now()}
		if c.Add, c.Remove, err = s.membersOf(ctx, g, want); err != nil {
			return Nothing(), err
		}
		next, free, err := s.patchedGroup(ctx, g, want.GroupPatch)
		if err != nil || next == g && len(c.Add)+len(c.Remove) == 0 {
			return Nothing(), err
		}
		c.Name, c.ExternalID = changed(g.Name, next.Name), changed(g.ExternalID, next.ExternalID)
		return Effect{Type: typeMembersChanging, Data: c, Guards: append(guards, free...)}, nil
	})
	if err != nil {
		return g, err
	}
	return s.settleGroup(ctx, by, g)
}

// changed is what is new; nil where nothing is.
func changed(was, is string) *string {
	if was == is {
		return nil
	}
	return &is
}

// settleGroup makes the change of a group's members that is under way, and returns the group
// as it is then.
func (s *Service) settleGroup(ctx context.Context, by Actor, g Group) (Group, error) {
	if g.Change == nil {
		return g, nil
	}
	if _, err := s.finishMembers(ctx, by, g, 0); err != nil {
		return g, err
	}
	return s.Group(ctx, g.ID)
}

// DeleteGroup takes a group away, and everybody out of it. as says for which source:
// administrators may delete any. It returns when nobody is in it; a crash in between is
// made up for by any server. expect is that of UpdateGroup.
func (s *Service) DeleteGroup(ctx context.Context, by Actor, as Source, id string, expect func(Group) error) error {
	_, err := Update(ctx, s.Subjects, by, id, "groupId", func(g Group) (Effect, error) {
		if as == SourceLocal {
			as = g.Source
		}
		guards, err := s.keeps(ctx, by, as, g)
		if err == nil && expect != nil {
			err = expect(g)
		}
		return Effect{Type: typeDeleted, Data: MembersChange{ByID: by.ID, At: s.Now()}, Guards: guards}, err
	})
	if err != nil {
		return err
	}
	g, err := s.Group(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.finishMembers(ctx, by, g, 0)
	return err
}
