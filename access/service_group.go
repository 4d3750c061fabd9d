package access

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"procyon/store"
)

// NewGroup is a group to be added.
type NewGroup struct {
	Name           string
	Source         Source // who keeps it: SourceLocal or SourceSCIM
	ExternalID     string // of SourceSCIM
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
	return s.named(ctx, groupsTerm, f.query(), f.Search, p)
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

// CreateGroup adds a group without members; DUPLICATE where its source has one of that
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
	return create[Group](ctx, s.Subjects, by, c, func() (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		now := s.Now()
		g := Group{ID: c.id, Name: name, Source: in.Source, ExternalID: external, CreatedAt: now, ChangedAt: now, Asked: c.asked}
		free, err := s.groupFree(ctx, g)
		return created(g, now, append(guards, free...)...), err
	})
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
		next := g
		if p.Name != nil {
			next.Name = *p.Name
		}
		if p.ExternalID != nil && g.Source == SourceSCIM {
			next.ExternalID = *p.ExternalID
		}
		if next.Name, next.ExternalID, err = cleanGroup(next.Name, next.ExternalID); err != nil {
			return Nothing(), err
		}
		if next == g {
			return Nothing(), nil
		}
		free, err := s.groupFree(ctx, next)
		next.ChangedAt = s.Now()
		return updated(next, append(guards, free...)...), err
	})
}

// ChangeMembers puts people into a group and takes others out of it, up to
// MaxMembersChanged. as says for which source. All of it is checked before anything is
// done; then it is done person by person, and ChangeMembers returns when it is. A crash in
// between is made up for by any server (see Schedule), and by the next change of the group.
// Who is in the group already, or is not, stays so. expect is that of UpdateGroup.
func (s *Service) ChangeMembers(ctx context.Context, by Actor, as Source, id string, add, remove []string, expect func(Group) error) (Group, error) {
	if len(add) > MaxMembersChanged || len(remove) > MaxMembersChanged {
		return Group{}, Errorf(CodeInvalid, "members", "Change at most %d members at once.", MaxMembersChanged)
	}
	add, remove = distinctIDs(add), distinctIDs(remove)
	for _, id := range add {
		if slices.Contains(remove, id) {
			return Group{}, Errorf(CodeInvalid, "members", "%s is to be put into the group and taken out of it.", id)
		}
	}
	g, err := Update(ctx, s.Subjects, by, id, "groupId", func(g Group) (Effect, error) {
		guards, err := s.keeps(ctx, by, as, g)
		if err == nil && expect != nil {
			err = expect(g)
		}
		if err == nil {
			err = s.finishMembers(ctx, by, g) // a crash may have left something of the last change
		}
		if err != nil {
			return Nothing(), err
		}
		if g.Change != nil {
			return Nothing(), ErrRaced // it is another one now
		}
		c := MembersChange{ByID: by.ID, At: s.Now()}
		if c.Add, err = s.toAdd(ctx, g, add); err != nil {
			return Nothing(), err
		}
		if c.Remove, err = s.toRemove(ctx, g, remove); err != nil || len(c.Add)+len(c.Remove) == 0 {
			return Nothing(), err
		}
		return Effect{Type: typeMembersChanging, Data: c, Guards: guards}, nil
	})
	if err == nil {
		err = s.finishMembers(ctx, by, g)
	}
	if err != nil {
		return g, err
	}
	return s.Group(ctx, id)
}

func distinctIDs(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// toAdd are those of some people who are not in a group yet; it refuses who can't be.
func (s *Service) toAdd(ctx context.Context, g Group, ids []string) ([]string, error) {
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		u, ok, err := find[User](c, id)
		switch {
		case err != nil:
			return nil, err
		case !ok || KindOf(id) != KindUser || u.Left || g.Source == SourceSCIM && u.Provisioned == nil:
			return nil, Errorf(CodeNotFound, "members", "There is no person with the ID %q.", id)
		case u.In(g.ID):
		case len(u.Groups) >= MaxGroups:
			return nil, Errorf(CodeLimited, "members", "%s is in %d groups already, and can be in no other.", u.Name, MaxGroups)
		default:
			out = append(out, id)
		}
	}
	return out, nil
}

// toRemove are those of some people who are in a group.
func (s *Service) toRemove(ctx context.Context, g Group, ids []string) ([]string, error) {
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		u, ok, err := find[User](c, id)
		if err != nil {
			return nil, err
		}
		if ok && KindOf(id) == KindUser && u.In(g.ID) {
			out = append(out, id)
		}
	}
	return out, nil
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
	return s.finishMembers(ctx, by, g)
}

const (
	memberChunk   = 500 // people read at once
	membersAtOnce = 32  // people changed at once, so that one write carries many
)

// finishMembers makes the change of a group's members that is under way. It is harmless to
// repeat, also by several at once.
func (s *Service) finishMembers(ctx context.Context, by Actor, g Group) error {
	if g.Change == nil {
		return nil
	}
	done, err := s.makeMembersChange(ctx, by, g)
	if errors.Is(err, errChangeOver) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("change the members of %s: %w", g.ID, err)
	}
	_, err = Upsert(ctx, s.Subjects, by, g.ID, func(f Found[Group]) (Effect, error) {
		now := f.State.Change
		if now == nil || !now.At.Equal(g.Change.At) || f.State.Deleted != g.Deleted {
			return Nothing(), nil // somebody else has said so
		}
		return Effect{Type: typeMembersChanged, Data: done}, nil
	})
	return err
}

func (s *Service) makeMembersChange(ctx context.Context, by Actor, g Group) (done MembersChanged, err error) {
	if done.Added, err = s.eachMember(ctx, by, g, g.Change.Add, true); err != nil {
		return done, err
	}
	if done.Removed, err = s.eachMember(ctx, by, g, g.Change.Remove, false); err != nil {
		return done, err
	}
	if g.Deleted {
		if done.Removed, err = s.emptyGroup(ctx, by, g); err != nil {
			return done, err
		}
	}
	done.At = s.Now()
	return done, nil
}

// emptyGroup takes everybody out of a group.
func (s *Service) emptyGroup(ctx context.Context, by Actor, g Group) (int, error) {
	n := 0
	for {
		docs, err := s.views.List(ctx, store.Query{Term: memberTerm(g.ID), Limit: memberChunk})
		if err != nil || len(docs) == 0 {
			return n, err
		}
		ids := make([]string, len(docs))
		for i, d := range docs {
			ids[i] = d.ID
		}
		some, err := s.eachMember(ctx, by, g, ids, false)
		n += some
		if err != nil {
			return n, err
		}
	}
}

// eachMember puts people into a group, or takes them out of it, many at once, and returns
// how many were not so yet.
func (s *Service) eachMember(ctx context.Context, by Actor, g Group, ids []string, in bool) (int, error) {
	n := 0
	for some := range slices.Chunk(ids, memberChunk) {
		since, err := s.stillChanging(ctx, g)
		if err != nil {
			return n, err
		}
		changed, errs := make([]bool, len(some)), make([]error, len(some))
		InParallel(len(some), membersAtOnce, func(i int) {
			if ctx.Err() == nil {
				changed[i], errs[i] = s.setMember(ctx, by, g, since, some[i], in)
			}
		})
		for _, c := range changed {
			if c {
				n++
			}
		}
		if err := errors.Join(append(errs, ctx.Err())...); err != nil {
			return n, err
		}
	}
	return n, nil
}

// errChangeOver says that a change of a group's members was made by somebody else. What
// came after it is not to be undone.
var errChangeOver = errors.New("access: the change of the group is over")

// stillChanging looks whether a change of a group's members is still under way, and returns
// since when that is to be guarded.
func (s *Service) stillChanging(ctx context.Context, g Group) (uint64, error) {
	since := s.Head()
	now, err := s.Group(ctx, g.ID)
	if err == nil && (now.Change == nil || !now.Change.At.Equal(g.Change.At) || now.Deleted != g.Deleted) {
		err = errChangeOver
	}
	return since, err
}

// setMember puts one person into a group, or takes them out of it, as long as the change
// of the group is under way. Who is gone, or is in too many others by now, stays out.
func (s *Service) setMember(ctx context.Context, by Actor, g Group, since uint64, id string, in bool) (changed bool, err error) {
	raced := false
	_, err = Update(ctx, s.Subjects, by, id, "members", func(u User) (Effect, error) {
		if raced {
			var err error
			if since, err = s.stillChanging(ctx, g); err != nil {
				return Nothing(), err
			}
		}
		raced = true
		if changed = u.In(g.ID) != in && (!in || len(u.Groups) < MaxGroups && !u.Left); !changed {
			return Nothing(), nil
		}
		c := groupsChange{Remove: []string{g.ID}}
		if in {
			c = groupsChange{Add: []Membership{{GroupID: g.ID, Source: g.Source, ByID: g.Change.ByID, At: g.Change.At}}}
		}
		return Effect{Type: typeGroupsChanged, Data: c, Guards: []Guard{{Key: g.ID, Since: since}}}, nil
	})
	if err != nil {
		changed = false
	}
	if CodeOf(err) == CodeNotFound {
		err = nil
	}
	return changed, err
}
