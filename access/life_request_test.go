package access_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/policy"
)

// request is one as the model knows it.
type request struct {
	id, holder     string
	status         access.Status
	items          []access.Item
	duration       access.Seconds
	reason, ticket string
	start          *time.Time
	version        uint64
	decideBy       time.Time
	unasked        bool               // it needed nobody when it was asked, and nothing changed since
	by             map[string]governs // by what each item is decided
	first          map[string]governs // by what it was when it was asked for
	reviews        []review           // of what waits, or was decided last
	before         []review           // of what was decided before that
	window         *access.Grant
	extension      *extension
	at             time.Time // of its last step
}

type extension struct {
	duration access.Seconds
	reason   string
	unasked  bool
	by       map[string]governs
}

// review is one with what its author had before them.
type review struct {
	by       string
	approves bool
	covers   []string
	duration access.Seconds
	saw      []string // the resources of the items
	asked    access.Seconds
}

func (r *request) waits() bool {
	return r.status == access.StatusPending || r.status == access.StatusActive && r.extension != nil
}

func (r *request) open() bool {
	return slices.Contains([]access.Status{access.StatusPending, access.StatusApproved, access.StatusActive}, r.status)
}

func (r *request) needsNobody() bool {
	if r.extension != nil {
		return r.extension.unasked
	}
	return r.unasked
}

// decidedBy is by what what waits is decided.
func (r *request) decidedBy() map[string]governs {
	if r.extension != nil {
		return r.extension.by
	}
	return r.by
}

// waiting is how long what waits is to last, and lasting how long all of it is then.
func (r *request) waiting() access.Seconds {
	if r.extension != nil {
		return r.extension.duration
	}
	return r.duration
}

func (r *request) lasting() access.Seconds {
	switch {
	case r.window == nil:
		return r.duration
	case r.extension != nil:
		return seconds(r.window) + r.extension.duration
	}
	return seconds(r.window)
}

func seconds(g *access.Grant) access.Seconds {
	return access.Seconds(g.ExpiresAt.Sub(g.StartsAt) / time.Second)
}

func ids(items []access.Item) (out []string) {
	for _, i := range items {
		out = append(out, i.ResourceID)
	}
	return out
}

// rules are what the policies and guardrails of now say of each item of a request.
func (m *model) rules(r *request, now time.Time) map[string]rule {
	out := map[string]rule{}
	for _, i := range r.items {
		out[i.ResourceID] = m.rule(r.holder, i, asking{r.lasting()}, now)
	}
	return out
}

// governed is by what each item would be decided. What was to be approved by somebody is never
// approved by nobody.
func (m *model) governed(r *request, now time.Time) map[string]governs {
	out, nobody := map[string]governs{}, true
	for id, rule := range m.rules(r, now) {
		out[id] = rule.governs
		nobody = nobody && len(rule.steps) == 0 && !rule.refused
	}
	if nobody && !r.needsNobody() {
		for id, g := range out {
			g.steps = []step{{1, []approver{{id: policy.Administrators}}}}
			out[id] = g
		}
	}
	return out
}

// approvers are the IDs of who approved an item of what waits.
func (r *request) approvers(resourceID string) (out []string) {
	for _, v := range r.reviews {
		if v.approves && slices.Contains(v.covers, resourceID) {
			out = append(out, v.by)
		}
	}
	return out
}

// stands is how far an item is, by some reviews and the rights of now.
func (m *model) stands(r *request, resourceID string, who []string, now time.Time) (met, next int) {
	return m.progress(r.decidedBy()[resourceID].steps, who, func(s step, id string) bool { return m.may(s, id, r.holder, now) })
}

// decidable are the items of what waits whose present step somebody may decide now.
func (m *model) decidable(r *request, id string, now time.Time) (out []string) {
	for _, i := range r.items {
		g, who := r.decidedBy()[i.ResourceID], r.approvers(i.ResourceID)
		met, next := m.stands(r, i.ResourceID, who, now)
		if g.refused || met == len(g.steps) || !m.may(g.steps[met], id, r.holder, now) {
			continue
		}
		if a, b := m.stands(r, i.ResourceID, append(who, id), now); a > met || b > next {
			out = append(out, i.ResourceID)
		}
	}
	return out
}

// named tells whether somebody is an approver of a request, of whatever step of whatever it
// waited for: they see it.
func (m *model) named(r *request, id string) bool {
	lists := []map[string]governs{r.by}
	if r.extension != nil {
		lists = append(lists, r.extension.by)
	}
	for _, by := range lists {
		for _, g := range by {
			if slices.ContainsFunc(g.steps, func(s step) bool { return m.names(s, id) }) {
				return true
			}
		}
	}
	return false
}

// plan reads what the service keeps of by what a request is decided.
func (m *model) plan(p *policy.Plan, items []access.Item) map[string]governs {
	out := map[string]governs{}
	if p == nil {
		for _, i := range items {
			out[i.ResourceID] = governs{policy: policy.CatchAllID, steps: []step{{1, []approver{{id: policy.Administrators}}}}}
		}
		return out
	}
	for _, t := range p.Tracks {
		g := governs{policy: t.PolicyID, refused: t.Refused != "", console: t.ConsoleOnly}
		for _, s := range t.Steps {
			of := step{need: s.Need}
			for _, a := range s.Approvers {
				of.who = append(of.who, approver{a.ID, stamp{a.ByID, a.At}})
			}
			g.steps = append(g.steps, of)
		}
		for _, id := range t.ResourceIDs {
			out[id] = g
		}
	}
	return out
}

func sameGoverns(a, b governs) bool {
	return a.policy == b.policy && a.refused == b.refused && a.console == b.console && slices.EqualFunc(a.steps, b.steps, func(s, t step) bool {
		return s.need == t.need && slices.EqualFunc(s.who, t.who, func(x, y approver) bool { return x.id == y.id && x.by == y.by && x.at.Equal(y.at) })
	})
}

func sameRules(a, b map[string]governs) bool {
	if len(a) != len(b) {
		return false
	}
	for id := range a {
		if _, there := b[id]; !there || !sameGoverns(a[id], b[id]) {
			return false
		}
	}
	return true
}

// is holds a request of the model against what the service has.
func (m *model) is(r *request, e *journal.Entry) {
	m.t.Helper()
	var have access.Request
	m.must(json.Unmarshal(e.After, &have))
	wrong := func(what string, have, want any) {
		m.t.Helper()
		m.t.Errorf("after %s of %s by %s its %s is %+v, and should be %+v", e.Type, r.id, e.Actor.ID, what, have, want)
	}
	if have.Status != r.status {
		wrong("status", have.Status, r.status)
	}
	if have.Version() != r.version {
		wrong("version", have.Version(), r.version)
	}
	if !have.UpdatedAt.Equal(r.at) {
		wrong("time", have.UpdatedAt, r.at)
	}
	if !slices.Equal(ids(have.Items), ids(r.items)) {
		wrong("items", ids(have.Items), ids(r.items))
	}
	if (have.Grant == nil) != (r.window == nil) || have.Grant != nil && (!have.Grant.StartsAt.Equal(r.window.StartsAt) || !have.Grant.ExpiresAt.Equal(r.window.ExpiresAt)) {
		wrong("window", have.Grant, r.window)
	}
	if by := m.plan(have.Plan, have.Items); !sameRules(by, r.by) {
		wrong("plan", by, r.by)
	}
	if have.AsksNobody != r.unasked {
		wrong("need of nobody", have.AsksNobody, r.unasked)
	}
	if (have.Extension == nil) != (r.extension == nil) {
		wrong("extension", have.Extension, r.extension)
	} else if have.Extension != nil {
		if by := m.plan(have.Extension.Plan, have.Items); !sameRules(by, r.extension.by) || have.Extension.Duration != r.extension.duration || have.Extension.AsksNobody != r.extension.unasked {
			wrong("extension", have.Extension, r.extension)
		}
	}
	type said struct {
		by       string
		approves bool
		covers   []string
	}
	var got, want []said
	for _, v := range have.Reviews {
		c := v.Covers
		if c == nil {
			c = append(ids(have.Items), ids(have.Dropped)...)
		}
		got = append(got, said{v.Reviewer.ID, v.Decision == access.DecisionApprove, m.left(r, c)})
	}
	for _, v := range append(slices.Clone(r.before), r.reviews...) {
		want = append(want, said{v.by, v.approves, m.left(r, v.covers)})
	}
	if !reflect.DeepEqual(got, want) {
		wrong("reviews", got, want)
	}
}

// left are those of some resources that are still in a request.
func (m *model) left(r *request, covers []string) (out []string) {
	for _, i := range r.items {
		if slices.Contains(covers, i.ResourceID) {
			out = append(out, i.ResourceID)
		}
	}
	return out
}
