package scim

import "context"

// groups serves groups.
type groups struct {
	dir  Directory
	t    *resourceType
	base string
}

func (s *groups) resource() *resourceType { return s.t }

func (s *groups) recordOf(g Group) record {
	r := record{attrSchemas: []string{urnGroup}, attrDisplayName: g.DisplayName}
	setCommon(r, s.t, s.base, identity{g.ID, g.ExternalID, g.Version, g.Created, g.Modified})
	return r
}

func (r record) fillGroup(g Group) (Group, error) {
	if g.DisplayName = r.text(attrDisplayName); g.DisplayName == "" {
		return g, InvalidValue("displayName has no value, and needs one.")
	}
	g.ExternalID = r.text(attrExternalID)
	return g, nil
}

func (s *groups) get(ctx context.Context, id string, sel selection) (record, error) {
	g, err := s.dir.Group(ctx, id)
	if err != nil {
		return nil, err
	}
	r := s.recordOf(g)
	if sel.names(attrMembers) {
		_, err = s.addMembers(ctx, r, MaxMembers)
	}
	return r, err
}

func (s *groups) list(ctx context.Context, q query, sel selection) ([]record, int, error) {
	ask := GroupQuery{Filter: q.text, Must: q.must, Members: q.members, Skip: q.skip, Count: q.count}
	if q.match != nil {
		ask.Match = func(g Group) bool { return q.match(s.recordOf(g)) }
	}
	page, err := s.dir.Groups(ctx, ask)
	if err != nil {
		return nil, 0, err
	}
	records, room := make([]record, len(page.Resources)), MaxMembers
	for i, g := range page.Resources {
		records[i] = s.recordOf(g)
		if sel.names(attrMembers) {
			if room, err = s.addMembers(ctx, records[i], room); err != nil {
				return nil, 0, err
			}
		}
	}
	return records, page.Total, nil
}

// addMembers puts a group's members in, and returns how many more fit into the answer. A list
// that does not fit is an error, so that nobody takes a part of it for the whole.
func (s *groups) addMembers(ctx context.Context, r record, room int) (int, error) {
	members, more, err := s.dir.Members(ctx, r.text(attrID), room)
	if err != nil {
		return 0, err
	}
	if more {
		return 0, TooMany("There are more than %d members, which is the most that one answer lists. Ask for Users with the filter groups.value eq %q, page by page.", MaxMembers, r.text(attrID))
	}
	r.set(attrMembers, s.members(members))
	return room - len(members), nil
}

func (s *groups) members(list []Reference) []record {
	records := references(list, s.base+"/Users/")
	for _, one := range records {
		one[attrType] = "User"
	}
	return records
}

// membersOf reads the members in a body; given is false where it does not speak of them.
func membersOf(body object) (ids []string, given bool, err error) {
	value, given := body.get(attrMembers)
	if !given {
		return nil, false, nil
	}
	ids, err = readMembers(value)
	return ids, true, err
}

// answer is what a write answers: the members as they were sent, since they are then those.
func (s *groups) answer(g Group, members []string) record {
	r := s.recordOf(g)
	var list []Reference
	for _, id := range members {
		list = append(list, Reference{ID: id})
	}
	r.set(attrMembers, s.members(list))
	return r
}

func (s *groups) create(ctx context.Context, body object) (record, error) {
	r, err := s.t.readResource(body)
	if err != nil {
		return nil, err
	}
	members, _, err := membersOf(body)
	if err != nil {
		return nil, err
	}
	g, err := r.fillGroup(Group{})
	if err != nil {
		return nil, err
	}
	if g, err = s.dir.CreateGroup(ctx, g, members); err != nil {
		return nil, err
	}
	return s.answer(g, members), nil
}

// replace leaves the members as they are where the body does not speak of them: they are not
// in what a client has read, unless it asked for them.
func (s *groups) replace(ctx context.Context, id string, when precondition, body object) (record, bool, error) {
	r, err := s.t.readResource(body)
	if err != nil {
		return nil, false, err
	}
	members, given, err := membersOf(body)
	if err != nil {
		return nil, false, err
	}
	g, changed, err := s.update(ctx, id, when, func(g Group) (Group, MemberChange, error) {
		g, err := r.fillGroup(g)
		return g, MemberChange{Replace: given, Add: members}, err
	})
	if err != nil {
		return nil, false, err
	}
	return s.answer(g, members), changed, nil
}

// patch answers with nothing unless attributes are asked for: a group's answer would else
// have to have its members.
func (s *groups) patch(ctx context.Context, id string, when precondition, body object, sel selection) (record, bool, error) {
	operations, err := readPatch(body, maxGroupOperations)
	if err != nil {
		return nil, false, err
	}
	g, changed, err := s.update(ctx, id, when, func(g Group) (Group, MemberChange, error) {
		p := &patcher{t: s.t, r: s.recordOf(g), members: &memberSet{}}
		if err := p.apply(operations); err != nil {
			return Group{}, MemberChange{}, err
		}
		g, err := p.r.fillGroup(g)
		return g, p.members.change(), err
	})
	if err != nil || !sel.only {
		return nil, changed, err
	}
	return s.recordOf(g), changed, nil
}

func (s *groups) update(ctx context.Context, id string, when precondition, change func(Group) (Group, MemberChange, error)) (g Group, changed bool, err error) {
	before := ""
	g, err = s.dir.UpdateGroup(ctx, id, func(g Group) (Group, MemberChange, error) {
		before = g.Version
		if err := when.check(g.Version); err != nil {
			return Group{}, MemberChange{}, err
		}
		next, members, err := change(g)
		for _, id := range members.Add {
			if err == nil && id == g.ID {
				err = InvalidValue("A group can't be a member of itself.")
			}
		}
		return next, members, err
	})
	return g, err == nil && g.Version != before, err
}

func (s *groups) remove(ctx context.Context, id string, when precondition) error {
	return s.dir.DeleteGroup(ctx, id, func(g Group) error { return when.check(g.Version) })
}
