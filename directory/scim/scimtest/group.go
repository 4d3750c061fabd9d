package scimtest

import (
	"context"
	"slices"

	"procyon/directory/scim"
)

// Group implements scim.Directory.
func (d *Directory) Group(_ context.Context, id string) (scim.Group, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g, err := d.group(id)
	if err != nil {
		return scim.Group{}, err
	}
	return g.Group, nil
}

// Groups implements scim.Directory.
func (d *Directory) Groups(_ context.Context, q scim.GroupQuery) (scim.Page[scim.Group], error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []scim.Group
	for _, g := range d.groups {
		if !slices.ContainsFunc(q.Members, func(id string) bool { return !slices.Contains(g.members, id) }) {
			all = append(all, g.Group)
		}
	}
	return paged(all, q.Must, q.Match, holdsOfGroup, q.Skip, q.Count)
}

// Members implements scim.Directory.
func (d *Directory) Members(_ context.Context, id string, limit int) (members []scim.Reference, more bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g, err := d.group(id)
	if err != nil {
		return nil, false, err
	}
	for _, id := range g.members[:min(limit, len(g.members))] {
		u, err := d.user(id)
		if err != nil {
			return nil, false, err
		}
		members = append(members, scim.Reference{ID: id, Name: u.DisplayName})
	}
	return members, len(g.members) > limit, nil
}

// CreateGroup implements scim.Directory.
func (d *Directory) CreateGroup(_ context.Context, g scim.Group, members []string) (scim.Group, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.checkMembers(members); err != nil {
		return scim.Group{}, err
	}
	g.Version, g.Created = d.stamp()
	g.ID, g.Modified = "group-"+g.Version, g.Created
	d.groups = append(d.groups, group{g, slices.Clone(members)})
	return g, nil
}

func (d *Directory) checkMembers(ids []string) error {
	for _, id := range ids {
		if d.users[id] == nil {
			return scim.InvalidValue("members: there is no user %s.", id)
		}
	}
	return nil
}

// UpdateGroup implements scim.Directory.
func (d *Directory) UpdateGroup(ctx context.Context, id string, change func(scim.Group) (scim.Group, scim.MemberChange, error)) (scim.Group, error) {
	for {
		old, err := d.Group(ctx, id)
		if err != nil {
			return scim.Group{}, err
		}
		next, members, err := change(old)
		if err != nil {
			return scim.Group{}, err
		}
		if d.Between != nil {
			d.Between()
		}
		if g, done, err := d.commitGroup(old, next, members); done || err != nil {
			return g, err
		}
	}
}

func (d *Directory) commitGroup(old, next scim.Group, members scim.MemberChange) (g scim.Group, done bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	place, err := d.group(old.ID)
	if err != nil || place.Version != old.Version {
		return scim.Group{}, false, err
	}
	if err := d.checkMembers(members.Add); err != nil {
		return scim.Group{}, false, err
	}
	next.ID, next.Version, next.Created, next.Modified = old.ID, old.Version, old.Created, old.Modified
	list := membersAfter(place.members, members)
	if next == old && slices.Equal(list, place.members) {
		return old, true, nil
	}
	next.Version, next.Modified = d.stamp()
	*place = group{next, list}
	return next, true, nil
}

func membersAfter(old []string, c scim.MemberChange) []string {
	var list []string
	has := map[string]bool{}
	add := func(ids []string) {
		for _, id := range ids {
			if !has[id] {
				has[id] = true
				list = append(list, id)
			}
		}
	}
	if !c.Replace {
		gone := map[string]bool{}
		for _, id := range c.Remove {
			gone[id] = true
		}
		add(slices.DeleteFunc(slices.Clone(old), func(id string) bool { return gone[id] }))
	}
	add(c.Add)
	return list
}

// DeleteGroup implements scim.Directory.
func (d *Directory) DeleteGroup(_ context.Context, id string, check func(scim.Group) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	g, err := d.group(id)
	if err != nil {
		return err
	}
	if err := check(g.Group); err != nil {
		return err
	}
	d.groups = slices.DeleteFunc(d.groups, func(g group) bool { return g.ID == id })
	return nil
}
