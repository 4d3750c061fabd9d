package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"procyon/access"
	"procyon/directory/scim"
)

// record is what is kept of a person only for the directory to read again.
type record struct {
	Name        scim.Name    `json:"name,omitzero"`
	DisplayName string       `json:"displayName,omitempty"`
	Title       string       `json:"title,omitempty"`
	Emails      []scim.Email `json:"emails,omitempty"`
	Department  string       `json:"department,omitempty"`
}

// groupNames has the names of groups by their IDs; "" of one that is gone.
type groupNames map[string]string

// seen is a person as the directory sees them.
func seen(u access.User, groups groupNames) (scim.User, error) {
	var r record
	if len(u.Provisioned.Record) > 0 {
		if err := json.Unmarshal(u.Provisioned.Record, &r); err != nil {
			return scim.User{}, fmt.Errorf("what the directory says of %s: %w", u.ID, err)
		}
	}
	p := u.Provisioned
	out := scim.User{
		ID: u.ID, Version: version(u.Version), Created: p.CreatedAt, Modified: p.ChangedAt,
		UserName: p.UserName, ExternalID: p.ExternalID, Active: p.Active,
		Name: r.Name, DisplayName: r.DisplayName, Title: r.Title, Emails: r.Emails,
		EmployeeNumber: p.Employee, Department: r.Department,
	}
	if u.Manager != nil {
		out.ManagerID = u.Manager.UserID
	}
	for _, m := range u.Groups {
		if m.Source == access.SourceSCIM {
			out.Groups = append(out.Groups, scim.Reference{ID: m.GroupID, Name: groups[m.GroupID]})
		}
	}
	return out, nil
}

// wanted is what the directory says of a person, for the domain.
func wanted(u scim.User) (access.Provision, error) {
	data, err := json.Marshal(record{u.Name, u.DisplayName, u.Title, u.Emails, u.Department})
	if err != nil {
		return access.Provision{}, fmt.Errorf("encode what the directory says: %w", err)
	}
	p := access.Provision{
		UserName: u.UserName, ExternalID: u.ExternalID, Active: u.Active, ManagerID: u.ManagerID,
		Email: u.PrimaryEmail(), Name: called(u), Employee: u.EmployeeNumber, Record: data,
	}
	if p.Email == "" {
		p.Email = u.UserName
	}
	for _, e := range u.Emails {
		p.Addresses = append(p.Addresses, e.Value)
	}
	return p, nil
}

// maxCalled is how many characters a person's name has here.
const maxCalled = 80

// called is what a person is called here.
func called(u scim.User) string {
	for _, name := range []string{u.DisplayName, u.Name.Formatted, u.Name.GivenName + " " + u.Name.FamilyName, u.UserName} {
		name = strings.Join(strings.Fields(name), " ")
		if r := []rune(name); len(r) > maxCalled {
			name = strings.TrimSpace(string(r[:maxCalled]))
		}
		if name != "" {
			return name
		}
	}
	return u.UserName
}

// User implements scim.Directory.
func (s *Service) User(ctx context.Context, id string) (scim.User, error) {
	u, err := s.known(ctx, id)
	if err != nil {
		return scim.User{}, err
	}
	return s.seen(ctx, u)
}

// known reads a person whom the directory knows.
func (s *Service) known(ctx context.Context, id string) (access.User, error) {
	u, err := s.access.User(ctx, id)
	if err == nil && !u.Known() {
		err = access.Missing[access.User]("id")
	}
	return u, inWords(err, "id")
}

// seen is a person as the directory sees them, with their groups.
func (s *Service) seen(ctx context.Context, u access.User) (scim.User, error) {
	list, err := s.seenAll(ctx, []access.User{u})
	if err != nil {
		return scim.User{}, err
	}
	return list[0], nil
}

func (s *Service) seenAll(ctx context.Context, list []access.User) ([]scim.User, error) {
	names := groupNames{}
	if err := s.name(ctx, names, list...); err != nil {
		return nil, err
	}
	out := make([]scim.User, len(list))
	for i, u := range list {
		var err error
		if out[i], err = seen(u, names); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// name adds the names of the groups in which some people are.
func (s *Service) name(ctx context.Context, names groupNames, list ...access.User) error {
	var ids []string
	for _, u := range list {
		for _, m := range u.Groups {
			if _, known := names[m.GroupID]; !known && m.Source == access.SourceSCIM {
				ids, names[m.GroupID] = append(ids, m.GroupID), ""
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	groups, err := s.access.GroupsByID(ctx, ids...)
	for id, g := range groups {
		names[id] = g.Name
	}
	return err
}

// CreateUser implements scim.Directory.
func (s *Service) CreateUser(ctx context.Context, u scim.User) (scim.User, error) {
	p, err := wanted(u)
	if err != nil {
		return scim.User{}, err
	}
	made, err := s.access.ProvisionUser(ctx, s.by(ctx), p)
	if err != nil {
		return scim.User{}, inWords(err, "id")
	}
	return s.seen(ctx, made)
}

// UpdateUser implements scim.Directory.
func (s *Service) UpdateUser(ctx context.Context, id string, change func(scim.User) (scim.User, error)) (scim.User, error) {
	u, err := s.access.ReprovisionUser(ctx, s.by(ctx), id, func(u access.User) (access.Provision, error) {
		now, err := s.seen(ctx, u)
		if err != nil {
			return access.Provision{}, err
		}
		next, err := change(now)
		if err != nil {
			return access.Provision{}, err
		}
		return wanted(next)
	})
	if err == nil && u.Disabled {
		err = s.over(ctx, u.ID)
	}
	if err != nil {
		return scim.User{}, inWords(err, "id")
	}
	return s.seen(ctx, u)
}

// DeleteUser implements scim.Directory.
func (s *Service) DeleteUser(ctx context.Context, id string, check func(scim.User) error) error {
	err := inWords(s.access.DeprovisionUser(ctx, s.by(ctx), id, func(u access.User) error {
		now, err := s.seen(ctx, u)
		if err != nil {
			return err
		}
		return check(now)
	}), "id")
	if err != nil {
		return err
	}
	return s.over(ctx, id)
}

// userKeys are what the domain finds people by, the most telling first. many may have the same.
var userKeys = []struct {
	by   scim.By
	key  access.ProvisionedBy
	many bool
}{
	{scim.ByUserName, access.ByUserName, false},
	{scim.ByExternalID, access.ByExternalID, false},
	{scim.ByEmail, access.ByAddress, true},
	{scim.ByGroup, access.ByGroup, true},
	{scim.ByManager, access.ByManager, true},
}

// Users implements scim.Directory.
func (s *Service) Users(ctx context.Context, q scim.UserQuery) (scim.Page[scim.User], error) {
	ids, total, err := s.users.ids(s.now(), q.Filter, q.Skip, q.Count, func() ([]string, error) { return s.userIDs(ctx, q) })
	if err != nil {
		return scim.Page[scim.User]{}, inWords(err, "")
	}
	list, err := s.usersByID(ctx, ids)
	return page(list, q.Match, total), err
}

// userIDs are those of who meets a query.
func (s *Service) userIDs(ctx context.Context, q scim.UserQuery) ([]string, error) {
	var ids []string
	names := groupNames{}
	look := func(u access.User) error {
		ok := q.Match == nil
		if !ok {
			if err := s.name(ctx, names, u); err != nil {
				return err
			}
			now, err := seen(u, names)
			if err != nil {
				return err
			}
			ok = q.Match(now)
		}
		if ok {
			ids = append(ids, u.ID)
		}
		if len(ids) > maxLooked {
			return scim.TooMany("There are more than %d users; ask for fewer by a filter.", maxLooked)
		}
		return nil
	}
	err := s.eachUser(ctx, q.Must, look)
	return ids, err
}

// eachUser visits those who may meet some conditions.
func (s *Service) eachUser(ctx context.Context, must []scim.Equality, visit func(access.User) error) error {
	if i := slices.IndexFunc(must, func(e scim.Equality) bool { return e.By == scim.ByID }); i >= 0 {
		u, err := s.access.User(ctx, must[i].Value)
		if access.CodeOf(err) == access.CodeNotFound || err == nil && !u.Known() {
			return nil
		}
		if err != nil {
			return err
		}
		return visit(u)
	}
	key, value, many := access.ByAnything, "", true
	for _, k := range userKeys {
		if i := slices.IndexFunc(must, func(e scim.Equality) bool { return e.By == k.by }); i >= 0 {
			key, value, many = k.key, must[i].Value, k.many
			break
		}
	}
	each := func() error { return s.access.EachProvisioned(ctx, key, value, visit) }
	if !many {
		return each()
	}
	return s.scan(ctx, each)
}

// usersByID reads people in an order. Who left meanwhile is left out.
func (s *Service) usersByID(ctx context.Context, ids []string) ([]scim.User, error) {
	list, err := s.access.UsersByID(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return s.seenAll(ctx, slices.DeleteFunc(list, func(u access.User) bool { return !u.Known() }))
}
