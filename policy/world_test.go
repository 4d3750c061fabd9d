package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"procyon/duration"
	"procyon/policy"
)

// dice make worlds that are small enough for things to meet.
type dice struct{ *rand.Rand }

func (d dice) one(in int) bool { return d.IntN(in) == 0 }

func pick[E any](d dice, list ...E) E { return list[d.IntN(len(list))] }

// some are up to most of a list, each once.
func some[E any](d dice, most int, list []E) []E {
	list = slices.Clone(list)
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:d.IntN(most+1)]
}

var (
	userIDs     = []string{"usr_0", "usr_1", "usr_2", "usr_3", "usr_4", "usr_5", "usr_6"}
	groupIDs    = []string{"grp_0", "grp_1", "grp_2"}
	accountIDs  = []string{"acc_0", "acc_1"}
	gatewayIDs  = []string{"gw_0", "gw_1"}
	resourceIDs = []string{"res_0", "res_1", "res_2", "res_3"}
	kinds       = []string{"DATABASE", "APPLICATION", "KAFKA_CLUSTER"}
	roles       = []string{"admin", "read"}
	tags        = []policy.Tag{{Key: "env", Value: "prod"}, {Key: "env", Value: "dev"}, {Key: "pci"}}
)

func (d dice) stamp() policy.Stamp {
	if d.one(3) {
		return policy.Stamp{}
	}
	return by(pick(d, append([]string{"system"}, userIDs...)...), pick(d, 0, time.Hour, 23*time.Hour, 24*time.Hour, 40*time.Hour))
}

func (d dice) edits() policy.Edits {
	var e policy.Edits
	for d.one(4) {
		e = append(e, d.stamp())
	}
	return e
}

func (d dice) who() policy.Who {
	if d.one(3) {
		return everyone
	}
	return policy.Who{UserIDs: some(d, 2, userIDs), GroupIDs: some(d, 2, groupIDs)}
}

func (d dice) what() (w policy.What) {
	switch d.IntN(8) {
	case 0:
		w.AccountIDs = some(d, 2, accountIDs)
	case 1:
		w.GatewayIDs = some(d, 1, gatewayIDs)
		w.ResourceIDs = some(d, 1, resourceIDs)
	case 2:
		w.ResourceIDs = some(d, 3, resourceIDs)
	}
	if d.one(3) {
		w.Kinds = some(d, 2, kinds)
	}
	if d.one(4) {
		w.Roles = some(d, 1, roles)
	}
	if d.one(4) {
		w.Tags = some(d, 2, tags)
	}
	return w
}

func (d dice) step() policy.Step {
	return policy.Step{Need: pick(d, 1, 1, 1, 2), Approvers: policy.Approvers{
		UserIDs: some(d, 2, userIDs), GroupIDs: some(d, 2, groupIDs), Changed: d.stamp(),
		Administrators: d.one(2), Owners: d.one(3), Manager: d.one(4),
	}}
}

func (d dice) policy(n int) policy.Policy {
	p := policy.Policy{ID: fmt.Sprintf("pol_%d", n), Name: fmt.Sprintf("Policy %d", n), Who: d.who(), What: d.what(), MaxDuration: duration.Seconds(60 * (1 + d.IntN(5))), ConsoleOnly: d.one(9), NoExtensions: d.one(9)}
	if d.one(6) {
		p.Refuse = "No."
		return p
	}
	for range d.IntN(3) {
		p.Steps = append(p.Steps, d.step())
	}
	return p
}

func (d dice) guardrail(n int) policy.Guardrail {
	g := policy.Guardrail{ID: fmt.Sprintf("grd_%d", n), Name: fmt.Sprintf("Guardrail %d", n), What: d.what(), Condition: pick(d, "", "", "true", "false", "admin", "admin", "oops")}
	if d.one(2) {
		g.Except = policy.Who{UserIDs: some(d, 1, userIDs), GroupIDs: some(d, 1, groupIDs)}
	}
	switch d.IntN(4) {
	case 0:
		g.Refuse = "No, by a guardrail."
	case 1:
		g.MaxDuration = duration.Seconds(60 * (1 + d.IntN(5)))
	case 2:
		g.ConsoleOnly, g.SignInWithin = d.one(2), duration.Seconds(60*(1+d.IntN(5)))
	default:
		s := d.step()
		s.Need = 1
		g.Step = &s
	}
	return g
}

// world is a set, people who have joined some of their accounts, what one of them asks for,
// and approvals.
func (d dice) world() *model {
	m := &model{}
	for n := range 1 + d.IntN(3) {
		m.set.Policies = append(m.set.Policies, d.policy(n))
	}
	last := d.policy(9)
	last.ID, last.Name, last.Who, last.What = policy.CatchAllID, "Last", everyone, policy.What{}
	m.set.Policies = append(m.set.Policies, last)
	for n := range d.IntN(3) {
		m.set.Guardrails = append(m.set.Guardrails, d.guardrail(n))
	}
	m.set.Edits = d.edits()

	people := make([]policy.Person, len(userIDs))
	for i, id := range userIDs {
		people[i] = person(id)
		for _, g := range some(d, 2, groupIDs) {
			people[i].Groups = append(people[i].Groups, right(g, d.stamp()))
		}
		if d.one(3) {
			r := right(policy.Administrators, d.stamp())
			people[i].Admin = &r
		}
		people[i].Edits = d.edits()
	}
	for d.one(3) {
		join(people, pick(d, userIDs...), pick(d, userIDs...))
	}
	m.ask = policy.Ask{Holder: people[0], Duration: 3600, Reason: "Because", Now: now, Gone: map[string]bool{}}
	if d.one(2) {
		r := right(pick(d, userIDs...), d.stamp())
		m.ask.Manager = &r
	}
	if d.one(8) {
		m.ask.Gone[pick(d, slices.Concat(userIDs, groupIDs, accountIDs, gatewayIDs, resourceIDs)...)] = true
	}
	for _, id := range append(some(d, 2, resourceIDs[1:]), resourceIDs[0]) {
		m.ask.Items = append(m.ask.Items, d.item(id))
	}
	for range d.IntN(6) {
		m.reviews = append(m.reviews, policy.Review{By: pick(d, people...), Covers: resources(&m.ask)})
		if d.one(4) {
			m.reviews[len(m.reviews)-1].Covers = some(d, 2, resourceIDs)
		}
	}
	return m
}

func (d dice) item(id string) policy.Item {
	i := policy.Item{ResourceID: id, Kind: pick(d, kinds...), Role: pick(d, roles...), Tags: some(d, 2, tags), Edits: d.edits()}
	switch d.IntN(3) {
	case 0:
		i.AccountID = pick(d, accountIDs...)
	case 1:
		i.GatewayID = pick(d, gatewayIDs...)
	}
	for _, o := range some(d, 2, slices.Concat(userIDs, groupIDs)) {
		i.Owners = append(i.Owners, right(o, d.stamp()))
	}
	return i
}

// join makes two accounts one human's, with all that they are joined to.
func join(people []policy.Person, a, b string) {
	var all []string
	for _, p := range people {
		if p.ID == a || p.ID == b {
			all = append(all, p.Accounts...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for i := range people {
		if slices.Contains(all, people[i].ID) {
			people[i].Accounts = all
		}
	}
}

// copied is a world of which all that tests change is its own.
func (m *model) copied() *model {
	out := *m
	out.set.Policies, out.set.Guardrails = slices.Clone(m.set.Policies), slices.Clone(m.set.Guardrails)
	out.ask.Items, out.ask.Holder.Groups = slices.Clone(m.ask.Items), slices.Clone(m.ask.Holder.Groups)
	out.reviews = slices.Clone(m.reviews)
	for i := range out.reviews {
		out.reviews[i].By.Groups = slices.Clone(m.reviews[i].By.Groups)
	}
	return &out
}
