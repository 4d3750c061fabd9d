// Package scimtest is for the tests of whoever serves SCIM: a directory in memory, and the
// calls of identity providers, which Play makes.
package scimtest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"procyon/directory/scim"
)

// Directory keeps people and groups in memory. It holds what scim promises against it: of a
// query that Match meets, Must has to hold too.
type Directory struct {
	// Between, if not nil, is called once each time between an update's change and its
	// commit, with nothing locked; the update then begins anew if somebody else has changed
	// the same.
	Between func()

	mu     sync.Mutex // guards the fields below
	last   int
	users  map[string]*scim.User // by ID
	names  map[string]string     // IDs by userName, folded
	order  []string              // IDs of people
	groups []group
}

type group struct {
	scim.Group
	members []string
}

var _ scim.Directory = (*Directory)(nil)

// stamp is the next version, and the time that goes with it.
func (d *Directory) stamp() (version string, at time.Time) {
	d.last++
	return strconv.Itoa(d.last), time.Date(2026, 1, 1, 0, 0, d.last, 0, time.UTC)
}

func (d *Directory) user(id string) (*scim.User, error) {
	if u := d.users[id]; u != nil {
		return u, nil
	}
	return nil, scim.NotFound("There is no user %s.", id)
}

func (d *Directory) group(id string) (*group, error) {
	for i := range d.groups {
		if d.groups[i].ID == id {
			return &d.groups[i], nil
		}
	}
	return nil, scim.NotFound("There is no group %s.", id)
}

// whole is a person with their groups.
func (d *Directory) whole(u scim.User) scim.User {
	u.Groups, u.Emails = nil, slices.Clone(u.Emails)
	for _, g := range d.groups {
		if slices.Contains(g.members, u.ID) {
			u.Groups = append(u.Groups, scim.Reference{ID: g.ID, Name: g.DisplayName})
		}
	}
	return u
}

// User implements scim.Directory.
func (d *Directory) User(_ context.Context, id string) (scim.User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, err := d.user(id)
	if err != nil {
		return scim.User{}, err
	}
	return d.whole(*u), nil
}

// Users implements scim.Directory.
func (d *Directory) Users(_ context.Context, q scim.UserQuery) (scim.Page[scim.User], error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []scim.User
	for _, id := range d.order {
		all = append(all, d.whole(*d.users[id]))
	}
	return paged(all, q.Must, q.Match, holdsOfUser, q.Skip, q.Count)
}

func paged[R any](all []R, must []scim.Equality, match func(R) bool, holds func(R, scim.Equality) bool, skip, count int) (scim.Page[R], error) {
	var p scim.Page[R]
	for _, r := range all {
		if match != nil && !match(r) {
			continue
		}
		for _, e := range must {
			if !holds(r, e) {
				return p, fmt.Errorf("%+v matches, and %+v does not hold", r, e)
			}
		}
		if p.Total++; p.Total > skip && len(p.Resources) < count {
			p.Resources = append(p.Resources, r)
		}
	}
	return p, nil
}

func same(a, b string) bool { return scim.Fold(a) == scim.Fold(b) }

func holdsOfUser(u scim.User, e scim.Equality) bool {
	switch e.By {
	case scim.ByID:
		return u.ID == e.Value
	case scim.ByUserName:
		return same(u.UserName, e.Value)
	case scim.ByExternalID:
		return u.ExternalID == e.Value
	case scim.ByDisplayName:
		return same(u.DisplayName, e.Value)
	case scim.ByEmail:
		return slices.ContainsFunc(u.Emails, func(m scim.Email) bool { return same(m.Value, e.Value) })
	case scim.ByGroup:
		return slices.ContainsFunc(u.Groups, func(g scim.Reference) bool { return g.ID == e.Value })
	case scim.ByManager:
		return u.ManagerID == e.Value
	}
	return false
}

func holdsOfGroup(g scim.Group, e scim.Equality) bool {
	switch e.By {
	case scim.ByID:
		return g.ID == e.Value
	case scim.ByExternalID:
		return g.ExternalID == e.Value
	case scim.ByDisplayName:
		return same(g.DisplayName, e.Value)
	}
	return false
}

// CreateUser implements scim.Directory.
func (d *Directory) CreateUser(_ context.Context, u scim.User) (scim.User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(u); err != nil {
		return scim.User{}, err
	}
	u.Version, u.Created = d.stamp()
	u.ID, u.Modified = "user-"+u.Version, u.Created
	if d.users == nil {
		d.users, d.names = map[string]*scim.User{}, map[string]string{}
	}
	d.order = append(d.order, u.ID)
	d.keep(u)
	return d.whole(u), nil
}

// keep keeps a person in place of what was kept of them.
func (d *Directory) keep(u scim.User) {
	if old := d.users[u.ID]; old != nil {
		delete(d.names, scim.Fold(old.UserName))
	}
	d.users[u.ID], d.names[scim.Fold(u.UserName)] = &u, u.ID
}

func (d *Directory) check(u scim.User) error {
	if id, taken := d.names[scim.Fold(u.UserName)]; taken && id != u.ID {
		return scim.Uniqueness("Somebody else has the userName %s.", u.UserName)
	}
	if u.ManagerID != "" {
		if _, err := d.user(u.ManagerID); err != nil || u.ManagerID == u.ID {
			return scim.InvalidValue("The manager %s is no other user.", u.ManagerID)
		}
	}
	return nil
}

// UpdateUser implements scim.Directory.
func (d *Directory) UpdateUser(ctx context.Context, id string, change func(scim.User) (scim.User, error)) (scim.User, error) {
	for {
		old, err := d.User(ctx, id)
		if err != nil {
			return scim.User{}, err
		}
		next, err := change(old)
		if err != nil {
			return scim.User{}, err
		}
		if d.Between != nil {
			d.Between()
		}
		if u, done, err := d.commit(old, next); done || err != nil {
			return u, err
		}
	}
}

// commit is done unless somebody has changed the person since it was old.
func (d *Directory) commit(old, next scim.User) (u scim.User, done bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	place, err := d.user(old.ID)
	if err != nil || place.Version != old.Version {
		return scim.User{}, false, err
	}
	next.ID, next.Version, next.Created, next.Modified, next.Groups = old.ID, old.Version, old.Created, old.Modified, old.Groups
	if reflect.DeepEqual(old, next) {
		return old, true, nil
	}
	if err := d.check(next); err != nil {
		return scim.User{}, false, err
	}
	next.Version, next.Modified = d.stamp()
	d.keep(next)
	return d.whole(next), true, nil
}

// DeleteUser implements scim.Directory.
func (d *Directory) DeleteUser(_ context.Context, id string, check func(scim.User) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, err := d.user(id)
	if err != nil {
		return err
	}
	if err := check(*u); err != nil {
		return err
	}
	delete(d.names, scim.Fold(u.UserName))
	delete(d.users, id)
	d.order = slices.DeleteFunc(d.order, func(other string) bool { return other == id })
	for i := range d.groups {
		d.groups[i].members = slices.DeleteFunc(d.groups[i].members, func(m string) bool { return m == id })
	}
	return nil
}
