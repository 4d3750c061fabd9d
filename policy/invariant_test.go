package policy_test

import (
	"flag"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"procyon/duration"
	"procyon/policy"
)

var (
	runs  = flag.Int("policy.runs", 20_000, "how many worlds TestInvariants looks at")
	seed  = flag.Uint64("policy.seed", 1, "by what it makes them")
	first = flag.Uint64("policy.first", 0, "the first of them")
)

// outcome is what is decided of a world, by item.
type outcome struct {
	governed policy.Governed
	deciding policy.Deciding
	refused  map[string]bool
	stands   map[string]policy.Stand
}

func (m *model) outcome() outcome {
	o := outcome{governed: m.set.Govern(1, &m.ask, conditions{}), refused: map[string]bool{}, stands: map[string]policy.Stand{}}
	for _, r := range o.governed.Refused {
		o.refused[m.ask.Items[r.Item].ResourceID] = true
	}
	o.deciding = policy.Deciding{Plan: &o.governed.Plan, Parties: m.ask.Holder.Accounts, Reviews: m.reviews, Now: m.ask.Now}
	for _, s := range o.deciding.Stands() {
		o.stands[s.ResourceID] = s
	}
	return o
}

// allows tells whether an item is had.
func (o *outcome) allows(id string) bool { return o.stands[id].Met && !o.refused[id] }

// track is what governs an item, whichever items it is with.
func (o *outcome) track(id string) policy.Track {
	t := o.governed.Plan.Tracks[o.stands[id].Track]
	t.ResourceIDs = nil
	return t
}

func (o *outcome) longest(id string) duration.Seconds { return o.track(id).MaxDuration }

// TestInvariants makes worlds and looks whether what has to hold for any set holds in each.
// Other worlds: go test ./policy -run Invariants -policy.seed=2 -policy.runs=1000000.
func TestInvariants(t *testing.T) {
	allowed, refused, waiting, asked := 0, 0, 0, 0
	for i := *first; i < *first+uint64(*runs); i++ {
		d := dice{rand.New(rand.NewPCG(*seed, i))}
		m := d.world()
		o := m.outcome()
		for _, item := range m.ask.Items {
			switch {
			case o.refused[item.ResourceID]:
				refused++
			case !o.stands[item.ResourceID].Met:
				waiting++
			default:
				allowed++
				if len(o.track(item.ResourceID).Steps) > 0 {
					asked++
				}
			}
		}
		for _, check := range invariants {
			if check.always || d.one(3) { // a third of them tells as much in a third of the time
				check.holds(&checking{t, m, &o, d, check.name})
			}
		}
		if t.Failed() {
			t.Fatalf("to see it again: go test ./policy -run Invariants -policy.seed=%d -policy.first=%d -policy.runs=1", *seed, i)
		}
	}
	t.Logf("seed %d: %d items allowed (%d of them by people), %d refused, %d waiting", *seed, allowed, asked, refused, waiting)
	if all := allowed + refused + waiting; *runs > 1000 && (allowed < all/10 || refused < all/10 || waiting < all/10 || asked < all/50) {
		t.Error("too little of something happened for this to say much")
	}
}

type checking struct {
	*testing.T

	*model
	o    *outcome
	d    dice
	name string
}

func (c *checking) wrong(what ...any) { c.Helper(); c.Error(append([]any{c.name + ":"}, what...)...) }

var invariants = []struct {
	name   string
	holds  func(*checking)
	always bool
}{
	{"It is decided as the words of the design say", asTheModel, true},
	{"Other items, duration, start, reason and ticket never change what governs an item", byItselfAlone, false},
	{"Items asked together are decided as so many requests", asSoManyRequests, false},
	{"Adding a guardrail never allows more, longer or by fewer", guardrailsTighten, false},
	{"Swapping neighbours that do not overlap changes nothing", neighboursSwap, false},
	{"Each step that is met has its humans, disjoint, and none of them a party", stepsHaveTheirHumans, false},
	{"Joining two accounts into one human never allows more", joiningTightens, false},
	{"A right given lately by the reviewer or a party counts for nothing", newRightsCountForNothing, false},
	{"Removing a review or a right never makes something approved", removingTightens, false},
	{"Whoever may decide an item brings it on", decidingBringsOn, false},
	{"An escalation lets more people approve, and time approves nothing", escalatingAdds, false},
}

func asTheModel(c *checking) {
	for i := range c.ask.Items {
		item := &c.ask.Items[i]
		want := c.verdict(item)
		got := verdict{c.o.track(item.ResourceID).PolicyName, c.o.refused[item.ResourceID], c.o.stands[item.ResourceID].Met}
		if got != want {
			c.wrong(item.ResourceID, "is", got, "and should be", want)
		}
	}
	if all := !slices.ContainsFunc(c.ask.Items, func(i policy.Item) bool { return !c.o.stands[i.ResourceID].Met }); all != c.o.deciding.Approved() {
		c.wrong("approved:", c.o.deciding.Approved())
	}
}

func byItselfAlone(c *checking) {
	m := c.copied()
	m.ask.Duration, m.ask.StartsAt, m.ask.Reason, m.ask.Ticket = duration.Seconds(c.d.IntN(1e6)), now.Add(time.Duration(c.d.IntN(99))*time.Hour), "", "OPS-1"
	id := pick(c.d, resources(&c.ask)...)
	for i := range m.ask.Items {
		if m.ask.Items[i].ResourceID != id {
			m.ask.Items[i] = c.d.item(m.ask.Items[i].ResourceID)
		}
	}
	if o := m.outcome(); !reflect.DeepEqual(o.track(id), c.o.track(id)) || o.refused[id] != c.o.refused[id] {
		c.wrong(id, "is by", o.track(id), "instead of", c.o.track(id))
	}
}

func asSoManyRequests(c *checking) {
	m := c.copied()
	for _, item := range c.ask.Items {
		m.ask.Items = []policy.Item{item}
		o, id := m.outcome(), item.ResourceID
		if !reflect.DeepEqual(o.track(id), c.o.track(id)) || o.refused[id] != c.o.refused[id] || o.stands[id].Met != c.o.stands[id].Met || o.stands[id].Step != c.o.stands[id].Step {
			c.wrong(id, "alone is", o.stands[id], "and with others", c.o.stands[id])
		}
	}
}

func guardrailsTighten(c *checking) {
	m := c.copied()
	m.set.Guardrails = slices.Insert(m.set.Guardrails, c.d.IntN(len(m.set.Guardrails)+1), c.d.guardrail(8))
	o := m.outcome()
	for _, id := range resources(&c.ask) {
		if o.allows(id) && !c.o.allows(id) {
			c.wrong(id, "is allowed by one more:", m.set.Guardrails)
		}
		if was := c.o.longest(id); was > 0 && (o.longest(id) == 0 || o.longest(id) > was) {
			c.wrong(id, "lasts", o.longest(id), "instead of", was)
		}
		if humans(o.track(id)) < humans(c.o.track(id)) || c.o.refused[id] && !o.refused[id] || c.o.track(id).ConsoleOnly && !o.track(id).ConsoleOnly ||
			c.o.track(id).SignInWithin > 0 && (o.track(id).SignInWithin == 0 || o.track(id).SignInWithin > c.o.track(id).SignInWithin) {
			c.wrong(id, "is by", o.track(id), "instead of", c.o.track(id))
		}
	}
}

func humans(t policy.Track) (n int) {
	for _, s := range t.Steps {
		n += s.Need
	}
	return n
}

func neighboursSwap(c *checking) {
	m := c.copied()
	if len(m.set.Policies) < 3 {
		return
	}
	n := c.d.IntN(len(m.set.Policies) - 2) // the last one stays
	p, q := &m.set.Policies[n], &m.set.Policies[n+1]
	if c.d.one(2) {
		p.What.Kinds, q.What.Kinds = kinds[:1], kinds[1:]
	} else {
		p.Who, q.Who = users(userIDs[0]), users(userIDs[1:]...)
	}
	before := m.outcome()
	*p, *q = *q, *p
	after := m.outcome()
	if !before.governed.Plan.Same(&after.governed.Plan) || !reflect.DeepEqual(before.governed.Refused, after.governed.Refused) {
		c.wrong("it is", after.governed, "instead of", before.governed)
	}
}

func stepsHaveTheirHumans(c *checking) {
	for id, s := range c.o.stands {
		steps, taken := c.o.track(id).Steps, map[string]bool{}
		for n, ids := range s.By {
			if n < s.Step && len(ids) != steps[n].Need || len(ids) > steps[n].Need {
				c.wrong(id, "step", n, "is by", ids)
			}
			for _, by := range ids {
				i := slices.IndexFunc(c.reviews, func(r policy.Review) bool { return r.By.ID == by && slices.Contains(r.Covers, id) })
				if i < 0 || slices.Contains(c.ask.Holder.Accounts, by) || taken[c.reviews[i].By.Accounts[0]] {
					c.wrong(id, "step", n, "is by", ids, "of", s.By)
					return
				}
				taken[c.reviews[i].By.Accounts[0]] = true
			}
		}
	}
}

// compare tells whether the world allows something, or meets a step, that it did not.
func (c *checking) compare(m *model, why ...any) {
	c.Helper()
	o := m.outcome()
	for _, id := range resources(&c.ask) {
		before, after := c.o.stands[id], o.stands[id]
		if o.allows(id) && !c.o.allows(id) || after.Step > before.Step || after.Step == before.Step && after.Lacking < before.Lacking && reflect.DeepEqual(o.track(id), c.o.track(id)) {
			c.wrong(append([]any{id, "is", after, "and was", before}, why...)...)
		}
	}
}

func joiningTightens(c *checking) {
	m := c.copied()
	people := []policy.Person{m.ask.Holder}
	for _, r := range m.reviews {
		people = append(people, r.By)
	}
	join(people, pick(c.d, people...).ID, pick(c.d, people...).ID)
	m.ask.Holder = people[0]
	for i := range m.reviews {
		m.reviews[i].By = people[i+1]
	}
	o := m.outcome()
	for _, id := range resources(&c.ask) {
		if o.allows(id) && !c.o.allows(id) {
			c.wrong(id, "is allowed after", people)
		}
	}
}

func newRightsCountForNothing(c *checking) {
	if len(c.reviews) == 0 {
		return
	}
	given, none := c.copied(), c.copied()
	n := c.d.IntN(len(c.reviews))
	who := c.reviews[n].By.ID
	stamp := by(pick(c.d, slices.Concat(c.reviews[n].By.Accounts, c.ask.Holder.Accounts)...), time.Minute)
	for i := range c.reviews {
		p, q := &given.reviews[i].By, &none.reviews[i].By
		if p.ID != who {
			continue
		}
		q.Groups, q.Admin = nil, nil
		for g := range p.Groups {
			p.Groups[g].Stamp = stamp
		}
		if p.Admin != nil {
			p.Admin = &policy.Right{ID: policy.Administrators, Stamp: stamp}
		}
	}
	a, b := given.outcome(), none.outcome()
	for id := range a.stands {
		if a.stands[id].Step != b.stands[id].Step || a.stands[id].Lacking != b.stands[id].Lacking {
			c.wrong(id, "is", a.stands[id], "and without the rights", b.stands[id])
		}
	}
}

func removingTightens(c *checking) {
	if len(c.reviews) == 0 {
		return
	}
	n := c.d.IntN(len(c.reviews))
	m := c.copied()
	m.reviews = slices.Delete(m.reviews, n, n+1)
	c.compare(m, "without review", n)

	m = c.copied()
	by := &m.reviews[n].By
	if len(by.Groups) > 0 && c.d.one(2) {
		by.Groups = by.Groups[1:]
	} else {
		by.Admin = nil
	}
	c.compare(m, "without a right of", by.ID)
}

func decidingBringsOn(c *checking) {
	who := pick(c.d, c.anybody()...)
	m := c.copied()
	m.reviews = append(m.reviews, policy.Review{By: who, Covers: resources(&c.ask)})
	o := m.outcome()
	for _, id := range c.o.deciding.Decidable(&who) {
		before, after := c.o.stands[id], o.stands[id]
		if after.Step == before.Step && after.Lacking >= before.Lacking {
			c.wrong(who.ID, "may decide", id, "which is", after, "then, and was", before)
		}
	}
}

// anybody are whoever approved something, and an administrator.
func (m *model) anybody() []policy.Person {
	out := []policy.Person{admin("usr_admin")}
	for _, r := range m.reviews {
		out = append(out, r.By)
	}
	return out
}

func escalatingAdds(c *checking) {
	later := c.o.deciding.Plan.Only(resources(&c.ask))
	for i := range later.Tracks {
		steps := slices.Clone(later.Tracks[i].Steps)
		for n := range steps {
			steps[n].EscalateAfter = 3600
			steps[n].Escalation = []policy.Approver{{ID: pick(c.d, append(slices.Concat(userIDs, groupIDs), policy.Administrators)...), Stamp: c.d.stamp()}}
		}
		later.Tracks[i].Steps = steps
	}
	now := c.o.deciding
	now.Plan = later
	if !reflect.DeepEqual(now.Stands(), c.o.deciding.Stands()) {
		c.wrong("an escalation counts before its time")
	}
	waits := now.Waits(nil, c.ask.Now)
	now.Plan = later.Escalate(waits, resources(&c.ask))
	stands := map[string]policy.Stand{}
	for _, s := range now.Stands() {
		stands[s.ResourceID] = s
	}
	for id, before := range c.o.stands {
		if before.Met && !stands[id].Met || before.Step > stands[id].Step {
			c.wrong(id, "was further before the escalation:", before, stands[id])
		}
	}
	now.Reviews = nil
	for _, s := range now.Stands() {
		if t := now.Plan.Tracks[s.Track]; s.Met && len(t.Steps) > 0 {
			c.wrong(s.ResourceID, "is approved by nobody")
		}
	}
	if again := later.EscalatedAs(now.Plan); !again.Same(now.Plan) {
		c.wrong("the plan made anew is not escalated as it was")
	}
}
