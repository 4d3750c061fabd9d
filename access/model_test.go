package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"procyon/policy"
)

// The model: policies, people, groups and owners that change between, requests, reviews and
// time, in any order, on the real service. After each command a naive reference, which knows
// nothing of plans and tracks but the rules in words, says who may decide what, and what was
// approved is held against it. PROCYON_TEST_STEPS says how many commands there are,
// PROCYON_TEST_SEED which.

// model is a world and what the reference knows of it.
type model struct {
	*world
	rng       *rand.Rand
	people    []Actor
	groups    []Group
	resources []Resource
	requests  []string
	counted   map[string]int
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{world: newWorld(t), rng: rand.New(rand.NewPCG(seed, 11)), counted: map[string]int{}}
	m.maxOpen, m.maxPerHour = 0, 0
	m.people = []Actor{m.admin, m.boss, m.dev, m.person("Eve", false), m.person("Flo", false), m.person("Gil", true)}
	m.resources = []Resource{m.db}
	for _, name := range []string{"bastion", "bench"} {
		r, err := m.CreateResource(t.Context(), System(), NewResource{Name: name, Kind: ResourcePrivateServer})
		m.must(err)
		m.resources = append(m.resources, r)
	}
	for _, name := range []string{"Red", "Blue"} {
		g, err := m.CreateGroup(t.Context(), System(), NewGroup{Name: name, Source: SourceLocal})
		m.must(err)
		m.groups = append(m.groups, g)
	}
	m.pass(25 * time.Hour)
	return m
}

func pick[E any](m *model, list []E) E { return list[m.rng.IntN(len(list))] }

// approvers are some, drawn.
func (m *model) approvers() policy.Approvers {
	switch m.rng.IntN(4) {
	case 0:
		return policy.Approvers{Administrators: true}
	case 1:
		return policy.Approvers{GroupIDs: []string{pick(m, m.groups).ID}}
	case 2:
		return policy.Approvers{Owners: true, Administrators: m.rng.IntN(2) == 0}
	}
	return policy.Approvers{UserIDs: []string{pick(m, m.people).ID, m.boss.ID}[:1+m.rng.IntN(2)]}
}

func (m *model) steps() (out []policy.Step) {
	for range min(2, m.rng.IntN(6)) {
		out = append(out, policy.Step{Need: 1, Approvers: m.approvers()})
	}
	return out
}

func (m *model) set() policy.Set {
	one := policy.Policy{ID: "pol_one", Name: "One", Who: policy.Who{GroupIDs: []string{pick(m, m.groups).ID}}, MaxDuration: 2 * 3600, Steps: m.steps()}
	two := policy.Policy{ID: "pol_two", Name: "Two", Who: policy.Who{Everyone: true}, What: policy.What{ResourceIDs: []string{pick(m, m.resources).ID}}, MaxDuration: 4 * 3600, Steps: m.steps()}
	if m.rng.IntN(6) == 0 {
		two.Refuse, two.Steps = "Nobody.", nil
	}
	s := policy.Set{Policies: []policy.Policy{one, two, everybody(m.steps()...)}}
	if m.rng.IntN(3) == 0 {
		s.Guardrails = []policy.Guardrail{{ID: "grd_one", Name: "One more", What: policy.What{ResourceIDs: []string{pick(m, m.resources).ID}}, Step: &policy.Step{Need: 1, Approvers: policy.Approvers{Administrators: true}}}}
	}
	return s
}

// command does something, which may be refused; what is neither done nor refused in words is
// a mistake.
func (m *model) command() error {
	ctx := m.t.Context()
	by, _, err := m.AsOfNow(ctx, pick(m, m.people))
	if CodeOf(err) == CodeForbidden {
		return nil // switched off
	}
	m.must(err)
	switch n := m.rng.IntN(40); {
	case n < 9:
		items := []ItemRef{}
		for _, r := range m.resources {
			if m.rng.IntN(2) == 0 {
				role := ""
				if len(r.Roles) > 0 {
					role = "reader"
				}
				items = append(items, ItemRef{r.ID, role})
			}
		}
		in := NewRequest{Items: items, Duration: Seconds(600*(1+m.rng.IntN(18)) - 590*(m.rng.IntN(10)/9)), Reason: "INC-42", AllowDuplicate: true}
		told, explainErr := m.Explain(ctx, by, Wish{Items: in.Items, Duration: in.Duration, Reason: in.Reason})
		r, err := m.CreateRequest(ctx, by, in)
		m.explained(told, explainErr, &r, err)
		if err != nil {
			return err
		}
		m.requests = append(m.requests, r.ID)
		return nil
	case n < 26 && len(m.requests) > 0:
		id := m.requests[max(0, len(m.requests)-1-m.rng.IntN(5))]
		r, err := m.Request(ctx, id)
		m.must(err)
		c := ReviewRequest{Basis: Basis{ExpectedVersion: r.Version()}, Subject: r.Subject(), Decision: DecisionApprove}
		if m.rng.IntN(12) == 0 {
			c.Decision, c.Comment = DecisionDeny, "no"
		}
		if len(r.Items) > 1 && m.rng.IntN(8) == 0 {
			c.Without = []string{r.Items[0].ResourceID}
		}
		for range m.rng.IntN(4) { // rather somebody who may
			if m.MayReviewNow(by, &r) {
				break
			}
			if other, _, err := m.AsOfNow(ctx, pick(m, m.people)); err == nil {
				by = other
			}
		}
		_, err = m.ReviewRequest(ctx, by, id, c)
		return err
	case n < 28 && len(m.requests) > 0:
		var r Request
		for _, id := range m.requests[max(0, len(m.requests)-12):] {
			if r, err = m.Request(ctx, id); err != nil || r.Status == StatusActive && r.Extension == nil {
				break
			}
		}
		m.must(err)
		_, err = m.ExtendRequest(ctx, Actor{Kind: ActorUser, ID: r.Requester.ID, Name: r.Requester.Name}, r.ID, 600, "still at it", Basis{})
		return err
	case n < 30:
		now, err := m.Policies(ctx)
		m.must(err)
		_, _, err = m.SetPolicies(ctx, pick(m, []Actor{System(), m.admin, m.boss}), m.set(), PolicyChange{Version: now.Version})
		return err
	case n < 32:
		add, remove := []string{pick(m, m.people).ID}, []string(nil)
		if m.rng.IntN(2) == 0 {
			add, remove = nil, add
		}
		_, err := m.ChangeMembers(ctx, pick(m, []Actor{System(), m.admin, m.boss}), SourceLocal, pick(m, m.groups).ID, add, remove, nil)
		return err
	case n < 33:
		return m.SetOwners(ctx, System(), pick(m, m.resources).ID, []string{pick(m, m.people).ID}, nil)
	case n < 34:
		_, err := m.SetAdmin(ctx, System(), pick(m, m.people[3:]).ID, m.rng.IntN(2) == 0)
		return err
	case n < 35:
		if len(m.requests) > 0 && m.rng.IntN(2) == 0 { // who reviewed last, if anybody did
			r, err := m.Request(ctx, m.requests[len(m.requests)-1])
			m.must(err)
			if n := len(r.Reviews); n > 0 && r.Waits() {
				_, _, err = m.DisableUser(ctx, System(), r.Reviews[n-1].Reviewer.ID)
			}
			return err
		}
		_, err := m.EnableUser(ctx, System(), pick(m, m.people).ID)
		return err
	case n < 36:
		m.pass([]time.Duration{time.Minute, time.Hour, 5 * time.Hour, 25 * time.Hour}[m.rng.IntN(4)])
	default:
		for _, id := range m.requests[max(0, len(m.requests)-6):] {
			_, err := m.takeRequestStep(ctx, id)
			m.must(err)
		}
	}
	return nil
}

// explained holds what was explained against what asking did: invariant (o).
func (m *model) explained(told Explanation, explainErr error, r *Request, err error) {
	m.t.Helper()
	switch {
	case explainErr != nil || CodeOf(err) == CodeLimited:
	case (told.Error == nil) != (err == nil):
		m.t.Fatalf("explained as %v, and asking gave %v", told.Error, err)
	case err == nil && !r.plan().Same(&told.Plan):
		m.t.Fatalf("explained as %+v, and it is %+v", told.Plan, r.plan())
	}
}

// approved holds an approval that was just committed against the reference: (a), (f), (h),
// (i), (l).
func (m *model) approved(before, after *Request, c Change) {
	m.t.Helper()
	extension := c.Type == string(EventExtended)
	set, err := m.Policies(m.t.Context())
	m.must(err)
	for _, i := range after.Items {
		steps, longest := m.needed(&set.Set, after.Requester.ID, i)
		if before.asksNobody() && len(steps) == 0 && c.Actor.Kind == ActorSystem {
			m.counted["nobody"]++
		} else if c.Actor.Kind != ActorUser {
			m.t.Fatalf("%s by %s, which needs %d steps", c.Type, c.Actor.Kind, len(steps))
		}
		var who []string
		for _, v := range after.Reviews[before.firstReview():] {
			if v.Decision == DecisionApprove && slices.Contains(after.covered(&v), i.ResourceID) {
				who = append(who, v.Reviewer.ID)
			}
		}
		if !m.fit(steps, who, after.Requester.ID, i.ResourceID) {
			m.t.Fatalf("%s of %s: %v do not meet %+v", c.Type, i.ResourceID, who, steps)
		}
		if held := m.holding(after, i); held > longest {
			m.t.Fatalf("%s of %s: it is held for %s, at most %s is allowed", c.Type, i.ResourceID, held, longest)
		}
		m.counted[fmt.Sprintf("%s by %d steps", c.Type, len(steps))]++
	}
	if !extension && after.Grant.duration() > after.Duration {
		m.t.Fatalf("%s is more than was asked for", after.Grant.duration().Duration())
	}
}

// needed are the steps that a set has for an item, and how long it may be held: the rules in
// words.
func (m *model) needed(set *policy.Set, holder string, i Item) ([]policy.Step, time.Duration) {
	u, err := m.User(m.t.Context(), holder)
	m.must(err)
	for _, p := range set.Policies {
		in := p.Who.Everyone || slices.ContainsFunc(p.Who.GroupIDs, u.In)
		if !in || len(p.What.ResourceIDs) > 0 && !slices.Contains(p.What.ResourceIDs, i.ResourceID) {
			continue
		}
		if p.Refuse != "" {
			m.t.Fatalf("%s was approved, though %s refuses it", i.ResourceID, p.Name)
		}
		steps := slices.Clone(p.Steps)
		longest := p.MaxDuration.Duration()
		for _, g := range set.Guardrails {
			if slices.Contains(g.What.ResourceIDs, i.ResourceID) {
				steps = append(steps, *g.Step)
			}
		}
		return steps, longest
	}
	m.t.Fatal("no policy")
	return nil, 0
}

// fit tells whether some people meet some steps, each by another one: it tries all ways.
func (m *model) fit(steps []policy.Step, who []string, holder, resourceID string) bool {
	if len(steps) == 0 {
		return true
	}
	for n, id := range who {
		if id != holder && m.may(&steps[0].Approvers, id, resourceID) && m.fit(steps[1:], slices.Delete(slices.Clone(who), n, n+1), holder, resourceID) {
			return true
		}
	}
	return false
}

// may tells whether somebody is among approvers.
func (m *model) may(a *policy.Approvers, id, resourceID string) bool {
	u, err := m.User(m.t.Context(), id)
	m.must(err)
	r, err := m.Resource(m.t.Context(), resourceID)
	m.must(err)
	owns := slices.ContainsFunc(r.Owners, func(o Owner) bool { return o.ID == id })
	return !u.Disabled && (slices.Contains(a.UserIDs, id) || a.Administrators && u.Admin || slices.ContainsFunc(a.GroupIDs, u.In) || a.Owners && owns)
}

// holding is how long somebody has an item without a break, minute by minute.
func (m *model) holding(r *Request, i Item) time.Duration {
	var windows []Grant
	for _, id := range m.requests {
		o, err := m.Request(m.t.Context(), id)
		m.must(err)
		if o.Requester.ID == r.Requester.ID && o.Grant != nil && o.Grant.ExpiresAt.After(o.Grant.StartsAt) && o.hasItem(func(have Item) bool { return have.ResourceID == i.ResourceID && have.Role == i.Role }) {
			windows = append(windows, *o.Grant)
		}
	}
	from, to := r.Grant.StartsAt, r.Grant.ExpiresAt
	for range windows { // as often as there can be something to add
		for _, w := range windows {
			if !w.StartsAt.After(to) && !w.ExpiresAt.Before(from) {
				from, to = minTime(from, w.StartsAt), maxTime(to, w.ExpiresAt)
			}
		}
	}
	return to.Sub(from)
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestModel runs the model.
func TestModel(t *testing.T) {
	number := func(name string, otherwise uint64) uint64 {
		if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
			return n
		}
		return otherwise
	}
	steps := number("PROCYON_TEST_STEPS", 20_000)
	if testing.Short() {
		steps = min(steps, 4_000)
	}
	const aWorld = 500
	seed := number("PROCYON_TEST_SEED", rand.Uint64()>>32)
	t.Logf("PROCYON_TEST_SEED=%d", seed)
	counted := map[string]int{}
	for n := range max(1, steps/aWorld) {
		m := newModel(t, seed+n)
		m.t = t
		for range aWorld {
			from := len(m.log.changes)
			err := m.command()
			if e := (*Error)(nil); err != nil && !errors.As(err, &e) {
				t.Fatalf("seed %d: %v", seed+n, err)
			}
			for at := from; at < len(m.log.changes); at++ {
				c := m.log.changes[at]
				if KindOf(c.Subject) == KindRequest && c.Version > 1 && (c.Type == string(EventApproved) || c.Type == string(EventExtended)) {
					m.judge(c)
				}
			}
			if t.Failed() {
				t.Fatalf("seed %d", seed+n)
			}
		}
		for k, v := range m.counted {
			counted[k] += v
		}
	}
	t.Log(counted)
	for _, k := range []string{"nobody", "APPROVED by 1 steps", "APPROVED by 2 steps", "EXTENDED by 1 steps"} {
		if steps >= 20_000 && counted[k] == 0 {
			t.Errorf("%s: never", k)
		}
	}
}

// judge holds an approval against the reference.
func (m *model) judge(c Change) {
	m.t.Helper()
	var states [2]Request
	for _, old := range m.log.changes {
		if old.Subject == c.Subject && old.Version >= c.Version-1 && old.Version <= c.Version {
			m.must(json.Unmarshal(old.After, &states[old.Version+1-c.Version]))
		}
	}
	m.requests = append(slices.DeleteFunc(m.requests, func(id string) bool { return id == c.Subject }), c.Subject)
	m.approved(&states[0], &states[1], c)
}
