package directory

import (
	"context"
	"errors"
	"slices"

	"procyon/access"
	"procyon/directory/scim"
)

func seenGroup(g access.Group) scim.Group {
	return scim.Group{
		ID: g.ID, Version: version(g.Version), Created: g.CreatedAt, Modified: g.ChangedAt,
		DisplayName: g.Name, ExternalID: g.ExternalID,
	}
}

// Group implements scim.Directory.
func (s *Service) Group(ctx context.Context, id string) (scim.Group, error) {
	g, err := s.group(ctx, id)
	return seenGroup(g), err
}

// group reads a group of the directory.
func (s *Service) group(ctx context.Context, id string) (access.Group, error) {
	g, err := s.access.Group(ctx, id)
	if err == nil && (g.Deleted || g.Source != access.SourceSCIM) {
		err = access.Missing[access.Group]("id")
	}
	return g, inWords(err, "id")
}

// Members implements scim.Directory.
func (s *Service) Members(ctx context.Context, id string, limit int) (members []scim.Reference, more bool, err error) {
	if _, err := s.group(ctx, id); err != nil {
		return nil, false, err
	}
	err = s.scan(ctx, func() error {
		return s.access.EachProvisioned(ctx, access.ByGroup, id, func(u access.User) error {
			if len(members) == limit {
				more = true
				return errEnough
			}
			members = append(members, scim.Reference{ID: u.ID, Name: u.Name})
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return members, more, inWords(err, "id")
}

// errEnough ends a list that is long enough.
var errEnough = errors.New("enough was read")

// CreateGroup implements scim.Directory.
func (s *Service) CreateGroup(ctx context.Context, g scim.Group, members []string) (scim.Group, error) {
	made, err := s.access.CreateGroup(ctx, s.by(ctx), access.NewGroup{
		Name: g.DisplayName, Source: access.SourceSCIM, ExternalID: g.ExternalID, Members: members,
	})
	return seenGroup(made), inWords(err, "groupId")
}

// UpdateGroup implements scim.Directory.
func (s *Service) UpdateGroup(ctx context.Context, id string, change func(scim.Group) (scim.Group, scim.MemberChange, error)) (scim.Group, error) {
	g, err := s.access.ChangeGroup(ctx, s.by(ctx), access.SourceSCIM, id, func(g access.Group) (access.GroupChange, error) {
		next, members, err := change(seenGroup(g))
		return access.GroupChange{
			GroupPatch: access.GroupPatch{Name: &next.DisplayName, ExternalID: &next.ExternalID},
			Add:        members.Add, Remove: members.Remove, Replace: members.Replace,
		}, err
	})
	return seenGroup(g), inWords(err, "groupId")
}

// DeleteGroup implements scim.Directory.
func (s *Service) DeleteGroup(ctx context.Context, id string, check func(scim.Group) error) error {
	return inWords(s.access.DeleteGroup(ctx, s.by(ctx), access.SourceSCIM, id, func(g access.Group) error {
		return check(seenGroup(g))
	}), "groupId")
}

// Groups implements scim.Directory.
func (s *Service) Groups(ctx context.Context, q scim.GroupQuery) (scim.Page[scim.Group], error) {
	find := func() ([]string, error) { return s.groupIDs(ctx, q) }
	lists := &s.groups
	if len(q.Members) > 0 { // these are few, and Match would not see who has left
		lists = &pages{}
	}
	ids, total, err := lists.ids(s.now(), q.Filter, q.Skip, q.Count, find)
	if err != nil {
		return scim.Page[scim.Group]{}, inWords(err, "")
	}
	groups, err := s.access.GroupsByID(ctx, ids...)
	var list []scim.Group
	for _, id := range ids {
		if g, ok := groups[id]; ok {
			list = append(list, seenGroup(g))
		}
	}
	return page(list, q.Match, total), err
}

// groupIDs are those of the groups that meet a query.
func (s *Service) groupIDs(ctx context.Context, q scim.GroupQuery) ([]string, error) {
	in, err := s.inAllOf(ctx, q.Members)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = s.eachGroup(ctx, q, in, func(g access.Group) error {
		if q.Match == nil || q.Match(seenGroup(g)) {
			ids = append(ids, g.ID)
		}
		if len(ids) > maxLooked {
			return scim.TooMany("There are more than %d groups; ask for fewer by a filter.", maxLooked)
		}
		return nil
	})
	return ids, err
}

// inAllOf are the groups of the directory in which all of some people are.
func (s *Service) inAllOf(ctx context.Context, people []string) ([]string, error) {
	var in []string
	for i, id := range people {
		u, err := s.access.User(ctx, id)
		if access.CodeOf(err) == access.CodeNotFound || err == nil && !u.Known() {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if i == 0 {
			for _, m := range u.Groups {
				if m.Source == access.SourceSCIM {
					in = append(in, m.GroupID)
				}
			}
		}
		in = slices.DeleteFunc(in, func(g string) bool { return !u.In(g) })
	}
	return in, nil
}

// eachGroup visits the groups that may meet a query.
func (s *Service) eachGroup(ctx context.Context, q scim.GroupQuery, in []string, visit func(access.Group) error) error {
	some := func(ids ...string) error {
		groups, err := s.access.GroupsByID(ctx, ids...)
		for _, g := range groups {
			if err == nil && g.Source == access.SourceSCIM {
				err = visit(g)
			}
		}
		return err
	}
	if len(q.Members) > 0 {
		return some(in...)
	}
	for _, e := range q.Must {
		switch e.By { //nolint:exhaustive // what people are found by
		case scim.ByID:
			return some(e.Value)
		case scim.ByExternalID:
			return s.access.EachDirectoryGroup(ctx, "", e.Value, visit)
		case scim.ByDisplayName:
			return s.access.EachDirectoryGroup(ctx, e.Value, "", visit)
		}
	}
	return s.scan(ctx, func() error { return s.access.EachDirectoryGroup(ctx, "", "", visit) })
}
