package scim

import (
	"context"
	"net/url"
)

// users serves people.
type users struct {
	dir  Directory
	t    *resourceType
	base string
}

func (s *users) resource() *resourceType { return s.t }

// recordOf is a person as the protocol writes them.
func (s *users) recordOf(u User) record {
	r := record{attrSchemas: []string{urnUser}, attrUserName: u.UserName, attrActive: u.Active}
	setCommon(r, s.t, s.base, identity{u.ID, u.ExternalID, u.Version, u.Created, u.Modified})
	name := record{}
	for _, part := range u.Name.parts() {
		name.set(part.name, *part.value)
	}
	r.set(attrName, name)
	r.set(attrDisplayName, u.DisplayName)
	r.set(attrTitle, u.Title)
	var emails []record
	for _, e := range u.Emails {
		one := record{attrValue: e.Value}
		one.set(attrType, e.Type)
		one.set(attrDisplay, e.Display)
		if e.Primary {
			one[attrPrimary] = true
		}
		emails = append(emails, one)
	}
	r.set(attrEmails, emails)
	r.set(attrGroups, references(u.Groups, s.base+"/Groups/"))
	enterprise := record{}
	enterprise.set(attrEmployee, u.EmployeeNumber)
	enterprise.set(attrDepartment, u.Department)
	if u.ManagerID != "" {
		enterprise[attrManager] = record{attrValue: u.ManagerID, attrRef: s.base + "/Users/" + url.PathEscape(u.ManagerID)}
	}
	if len(enterprise) > 0 {
		r[urnEnterprise] = enterprise
		r[attrSchemas] = []string{urnUser, urnEnterprise}
	}
	return r
}

// fill sets in u what a provider sets, from r.
func (r record) fill(u User) (User, error) {
	if u.UserName = r.text(attrUserName); u.UserName == "" {
		return u, InvalidValue("userName has no value, and needs one.")
	}
	if active, ok := r[attrActive].(bool); ok {
		u.Active = active
	}
	u.ExternalID, u.DisplayName, u.Title = r.text(attrExternalID), r.text(attrDisplayName), r.text(attrTitle)
	name, _ := r[attrName].(record)
	u.Name = Name{}
	for _, part := range u.Name.parts() {
		*part.value = name.text(part.name)
	}
	u.Emails = nil
	emails, _ := r[attrEmails].([]record)
	for _, one := range emails {
		u.Emails = append(u.Emails, Email{one.text(attrValue), one.text(attrType), one.text(attrDisplay), one[attrPrimary] == true})
	}
	enterprise, _ := r[urnEnterprise].(record)
	u.EmployeeNumber, u.Department = enterprise.text(attrEmployee), enterprise.text(attrDepartment)
	manager, _ := enterprise[attrManager].(record)
	u.ManagerID = manager.text(attrValue)
	return u, nil
}

type namePart struct {
	name  string
	value *string
}

func (n *Name) parts() []namePart {
	return []namePart{
		{"formatted", &n.Formatted}, {"familyName", &n.FamilyName}, {"givenName", &n.GivenName}, {"middleName", &n.MiddleName},
		{"honorificPrefix", &n.HonorificPrefix}, {"honorificSuffix", &n.HonorificSuffix},
	}
}

func (s *users) get(ctx context.Context, id string, _ selection) (record, error) {
	u, err := s.dir.User(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.recordOf(u), nil
}

func (s *users) list(ctx context.Context, q query, _ selection) ([]record, int, error) {
	ask := UserQuery{Filter: q.text, Must: q.must, Skip: q.skip, Count: q.count}
	if q.match != nil {
		ask.Match = func(u User) bool { return q.match(s.recordOf(u)) }
	}
	page, err := s.dir.Users(ctx, ask)
	if err != nil {
		return nil, 0, err
	}
	records := make([]record, len(page.Resources))
	for i, u := range page.Resources {
		records[i] = s.recordOf(u)
	}
	return records, page.Total, nil
}

func (s *users) create(ctx context.Context, body object) (record, error) {
	r, err := s.t.readResource(body)
	if err != nil {
		return nil, err
	}
	u, err := r.fill(User{Active: true})
	if err != nil {
		return nil, err
	}
	if u, err = s.dir.CreateUser(ctx, u); err != nil {
		return nil, err
	}
	return s.recordOf(u), nil
}

func (s *users) replace(ctx context.Context, id string, when precondition, body object) (record, bool, error) {
	r, err := s.t.readResource(body)
	if err != nil {
		return nil, false, err
	}
	return s.update(ctx, id, when, r.fill)
}

func (s *users) patch(ctx context.Context, id string, when precondition, body object, _ selection) (record, bool, error) {
	operations, err := readPatch(body, maxUserOperations)
	if err != nil {
		return nil, false, err
	}
	return s.update(ctx, id, when, func(u User) (User, error) {
		p := &patcher{t: s.t, r: s.recordOf(u)}
		if err := p.apply(operations); err != nil {
			return User{}, err
		}
		return p.r.fill(u)
	})
}

func (s *users) update(ctx context.Context, id string, when precondition, change func(User) (User, error)) (record, bool, error) {
	before := ""
	u, err := s.dir.UpdateUser(ctx, id, func(u User) (User, error) {
		before = u.Version
		if err := when.check(u.Version); err != nil {
			return User{}, err
		}
		return change(u)
	})
	if err != nil {
		return nil, false, err
	}
	return s.recordOf(u), u.Version != before, nil
}

func (s *users) remove(ctx context.Context, id string, when precondition) error {
	return s.dir.DeleteUser(ctx, id, func(u User) error { return when.check(u.Version) })
}
