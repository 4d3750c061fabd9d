package access_test

import (
	"encoding/json"
	"slices"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/policy"
)

// The reference: who people are, what they can have and by whose doing, as the journal's
// entries say one after the other; and how access is decided, in the plainest way. It shares no
// code with what it judges, keeps its own stamps, and tries all ways where that is simpler than
// to find the right one.

// model is all that is known. What is asked for is in life_request_test.go.
type model struct {
	*life

	persons  map[string]*person
	things   map[string]*thing // resources and accounts
	teams    map[string]*team
	set      policy.Set // with the stamps of the model
	version  uint64
	setEdits []stamp
	requests map[string]*request
}

// stamp is by whom something was done, and when.
type stamp struct {
	by string
	at time.Time
}

type person struct {
	admin, disabled, left bool
	adminBy               stamp
	groups                map[string]stamp
	manager               string
	managerBy             stamp
	human                 string // the same for all accounts of one human; "": it is alone
	edits                 []stamp
}

type thing struct {
	account string
	roles   []string
	tags    map[string]string
	owners  []approver
	deleted bool
	ending  bool // what names a role that went is to end, running access too
	edits   []stamp
}

// team is a group. Its members change one by one, by whose doing change says.
type team struct {
	deleted bool
	change  *stamp
}

func newModel(l *life) *model {
	return &model{
		life: l, persons: map[string]*person{}, things: map[string]*thing{}, teams: map[string]*team{}, requests: map[string]*request{},
		set: policy.Default(access.Seconds(lifeMax/time.Second), 0),
	}
}

// take takes in an entry that was decided at a time: a fact, or a step of a request, which is
// judged.
func (m *model) take(e *journal.Entry, now time.Time) {
	m.t.Helper()
	by := stamp{e.Actor.ID, now}
	switch access.KindOf(e.Subject) {
	case access.KindUser:
		m.takePerson(e, by)
	case access.KindGroup:
		var g access.Group
		m.must(json.Unmarshal(e.After, &g))
		was := m.teams[e.Subject]
		t := &team{deleted: g.Deleted}
		if t.change = nil; g.Change != nil {
			t.change = &by
			if was != nil && was.change != nil && was.deleted == g.Deleted {
				t.change = was.change
			}
		}
		m.teams[e.Subject] = t
	case access.KindResource:
		var r access.Resource
		m.must(json.Unmarshal(e.After, &r))
		t := m.thing(e.Subject, r.Owners, by)
		t.account, t.roles, t.tags, t.deleted, t.ending = r.AccountID, r.Roles, map[string]string{}, r.Deleted, r.Ending
		for _, tag := range r.Tags {
			t.tags[tag.Key] = tag.Value
		}
	case access.KindAccount:
		var a access.Account
		m.must(json.Unmarshal(e.After, &a))
		m.thing(e.Subject, a.Owners, by).deleted = a.Deleted
	case access.KindPolicies:
		m.takePolicies(e, by)
	case access.KindRequest:
		m.takeRequest(e, now)
	}
}

func (m *model) takePerson(e *journal.Entry, by stamp) {
	var u access.User
	m.must(json.Unmarshal(e.After, &u))
	p := m.persons[e.Subject]
	if p == nil {
		p = &person{groups: map[string]stamp{}, admin: u.Admin, adminBy: by}
		m.persons[e.Subject] = p
	}
	p.disabled, p.left, p.human = u.Disabled, u.Left, u.Human
	edit := func(s stamp) { p.edits = append(p.edits, s) }
	if p.admin != u.Admin {
		p.admin, p.adminBy = u.Admin, by
		edit(by)
	}
	manager := ""
	if u.Manager != nil {
		manager = u.Manager.UserID
	}
	if p.manager != manager {
		p.manager, p.managerBy = manager, by
		edit(by)
	}
	for id := range p.groups {
		if !u.In(id) {
			delete(p.groups, id)
			edit(m.inGroup(id, by))
		}
	}
	for _, g := range u.Groups {
		if _, in := p.groups[g.GroupID]; !in {
			p.groups[g.GroupID] = m.inGroup(g.GroupID, by)
			edit(p.groups[g.GroupID])
		}
	}
}

// inGroup is by whom somebody comes into a group or leaves it: who wanted that, whoever
// finishes it.
func (m *model) inGroup(id string, by stamp) stamp {
	if t := m.teams[id]; t != nil && t.change != nil {
		return *t.change
	}
	return by
}

func (m *model) thing(id string, owners []access.Owner, by stamp) *thing {
	t := m.things[id]
	if t == nil {
		t = &thing{}
		m.things[id] = t
	}
	var now []approver
	for _, o := range owners {
		if i := slices.IndexFunc(t.owners, func(a approver) bool { return a.id == o.ID }); i >= 0 {
			now = append(now, t.owners[i])
		} else {
			now = append(now, approver{o.ID, by})
		}
	}
	t.owners, t.edits = now, append(t.edits, by)
	return t
}

// takePolicies keeps since when, and by whose doing, somebody is an approver.
func (m *model) takePolicies(e *journal.Entry, by stamp) {
	var p access.Policies
	m.must(json.Unmarshal(e.After, &p))
	old := map[string]policy.Step{} // by the policy's or guardrail's ID and the place
	key := func(id string, n int) string { return id + string(rune('0'+n)) }
	for _, q := range m.set.Policies {
		for n, s := range q.Steps {
			old[key(q.ID, n)] = s
		}
	}
	for _, g := range m.set.Guardrails {
		if g.Step != nil {
			old[key(g.ID, 0)] = *g.Step
		}
	}
	mark := func(s *policy.Step, id string, n int) {
		a := &s.Approvers
		a.Changed = policy.Stamp{ByID: by.by, At: by.at}
		if o, ok := old[key(id, n)]; ok {
			b := o.Approvers
			if slices.Equal(a.UserIDs, b.UserIDs) && slices.Equal(a.GroupIDs, b.GroupIDs) && a.Administrators == b.Administrators && a.Owners == b.Owners && a.Manager == b.Manager {
				a.Changed = b.Changed
			}
		}
	}
	for i := range p.Policies {
		for n := range p.Policies[i].Steps {
			mark(&p.Policies[i].Steps[n], p.Policies[i].ID, n)
		}
	}
	for i := range p.Guardrails {
		if s := p.Guardrails[i].Step; s != nil {
			mark(s, p.Guardrails[i].ID, 0)
		}
	}
	m.set, m.version, m.setEdits = p.Set, e.Version, append(m.setEdits, by)
}

// accounts are those of one human.
func (m *model) accounts(id string) []string {
	out := []string{id}
	for other, p := range m.persons {
		if other != id && p.human != "" && p.human == m.persons[id].human {
			out = append(out, other)
		}
	}
	return out
}

// same tells whether two accounts are one human's.
func (m *model) same(a, b string) bool { return slices.Contains(m.accounts(a), b) }

// lately tells whether something is the doing of one of these, within a day.
func lately(s stamp, accounts []string, now time.Time) bool {
	return slices.Contains(accounts, s.by) && now.Before(s.at.Add(24*time.Hour))
}

func changedLately(edits []stamp, accounts []string, now time.Time) bool {
	return slices.ContainsFunc(edits, func(s stamp) bool { return lately(s, accounts, now) })
}

// gone tells whether what a policy names is there no more.
func (m *model) gone(id string) bool {
	switch access.KindOf(id) {
	case access.KindUser:
		return m.persons[id].left
	case access.KindGroup:
		return m.teams[id].deleted
	default:
		return m.things[id].deleted
	}
}

// missing says whether what a request rests on is gone, and whether that ends running access.
func (m *model) missing(holder string, items []access.Item) (lost, cuts bool) {
	if m.persons[holder].disabled {
		return true, true
	}
	for _, i := range items {
		t := m.things[i.ResourceID]
		role := i.Role == "" && len(t.roles) > 0 || i.Role != "" && !slices.Contains(t.roles, i.Role)
		away := t.deleted || i.AccountID != "" && m.things[i.AccountID].deleted
		lost, cuts = lost || role || away, cuts || away || role && t.ending
	}
	return lost, cuts
}
