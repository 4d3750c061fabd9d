package access_test

import (
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/journal"
)

// mayReview says why somebody can't decide what waits as they want to, by everything as it is
// at a time; "" where they can.
func (m *model) mayReview(r *request, by, via string, c access.ReviewRequest, now time.Time) string {
	ends := r.decideBy
	if r.extension != nil {
		ends = r.window.ExpiresAt
	}
	approve, extension := c.Decision == access.DecisionApprove, r.extension != nil
	lost, _ := m.missing(r.holder, r.items)
	rules, covers := m.rules(r, now), m.decidable(r, by, now)
	switch {
	case m.same(by, r.holder): // nobody decides for themselves
		return "they are a party"
	case !r.waits() || extension != (c.Subject == access.SubjectExtension):
		return "it does not wait"
	case c.ExpectedVersion != r.version:
		return "they saw another version"
	case !now.Before(ends):
		return "it is over"
	case lost && approve:
		return "something is gone"
	case !lost && !sameRules(m.governed(r, now), r.decidedBy()):
		return "it is governed by something else by now"
	case len(covers) == 0:
		return "they can decide nothing"
	case c.Duration != 0 && (!approve || c.Duration < 60 || c.Duration > r.waiting()):
		return "it may only be shortened"
	case len(c.Without) > 0 && (!approve || extension):
		return "nothing can be left out"
	case !approve:
		return ""
	}
	left := *r
	left.items = nil
	for _, i := range r.items {
		if !slices.Contains(c.Without, i.ResourceID) {
			left.items = append(left.items, i)
		}
	}
	for _, id := range c.Without {
		if !slices.Contains(covers, id) {
			return "they leave out what they don't decide"
		}
	}
	if len(left.items) == 0 {
		return "nothing is left"
	}
	if via != access.ViaConsole && slices.ContainsFunc(covers, func(id string) bool { return r.decidedBy()[id].console }) {
		return "it is approved in the console alone"
	}
	leftRules := m.rules(&left, now)
	for _, i := range left.items {
		if rules[i.ResourceID].no { // (j)
			return i.ResourceID + " is refused"
		}
		if extension && leftRules[i.ResourceID].fixed {
			return "there are no extensions"
		}
	}
	if !extension {
		if why := m.lacks(r, leftRules, now); why != "" {
			return why
		}
	}
	next := m.withReview(r, by, c, covers)
	if met, _ := m.met(next, now); !met {
		return ""
	}
	w := next.granted(now)
	longest := access.Seconds(lifeMax / time.Second)
	for _, i := range next.items {
		if d := rules[i.ResourceID].longest; d > 0 {
			longest = min(longest, d)
		}
	}
	if seconds(w) > longest {
		return "it is longer than the maximum by now"
	}
	return m.unbroken(next, ids(next.items), *w, rules)
}

// withReview is a request with one more approval.
func (m *model) withReview(r *request, by string, c access.ReviewRequest, covers []string) *request {
	next := *r
	next.reviews = append(slices.Clone(r.reviews), review{by, c.Decision == access.DecisionApprove, covers, c.Duration, ids(r.items), r.waiting()})
	if len(c.Without) > 0 {
		next.items, next.by = nil, map[string]governs{}
		for _, i := range r.items {
			if !slices.Contains(c.Without, i.ResourceID) {
				next.items, next.by[i.ResourceID] = append(next.items, i), r.by[i.ResourceID]
			}
		}
	}
	return &next
}

// met tells whether all items have all that they need, each by itself, by humans of its own for
// each step: (c), (f). It says which lacks somebody.
func (m *model) met(r *request, now time.Time) (all bool, lacking string) {
	for _, i := range r.items {
		g := r.decidedBy()[i.ResourceID]
		if met, _ := m.stands(r, i.ResourceID, r.approvers(i.ResourceID), now); g.refused || met < len(g.steps) {
			return false, i.ResourceID
		}
	}
	return true, ""
}

// granted is the window that the approvals give: no longer than any of them allowed.
func (r *request) granted(now time.Time) *access.Grant {
	d := r.waiting()
	for _, v := range r.reviews {
		if v.approves && v.duration > 0 {
			d = min(d, v.duration)
		}
	}
	if r.extension != nil {
		return &access.Grant{StartsAt: r.window.StartsAt, ExpiresAt: r.window.ExpiresAt.Add(d.Duration())}
	}
	from := now
	if r.start != nil && r.start.After(now) {
		from = *r.start
	}
	return &access.Grant{StartsAt: from, ExpiresAt: from.Add(d.Duration())}
}

// reviewed is a review that was committed: it may be made, and is what it leads to.
func (m *model) reviewed(r *request, typ access.EventType, e *journal.Entry, d *happened, now time.Time) string {
	v := d.Review
	c := access.ReviewRequest{Basis: access.Basis{ExpectedVersion: d.Seen}, Subject: access.SubjectRequest, Decision: v.Decision, Duration: v.Duration, Without: v.Without}
	if r.extension != nil {
		c.Subject = access.SubjectExtension
	}
	if e.Actor.Kind != access.ActorUser || e.Actor.ID != v.Reviewer.ID || m.persons[e.Actor.ID].disabled {
		return "who decided can't"
	}
	if why := m.mayReview(r, e.Actor.ID, e.Actor.Via, c, now); why != "" { // (a), (f), (j), (l)
		return why
	}
	covers := m.decidable(r, e.Actor.ID, now)
	if said := v.Covers; said != nil && !slices.Equal(sorted(said), sorted(covers)) || said == nil && len(covers) != len(r.items) {
		return fmt.Sprintf("it covers %v, and should %v", said, covers)
	}
	next := m.withReview(r, e.Actor.ID, c, covers)
	met, lacking := m.met(next, now)
	want, status := access.EventReviewed, r.status
	switch extension := r.extension != nil; {
	case !next.reviews[len(next.reviews)-1].approves && extension:
		want, next.extension = access.EventExtensionDenied, nil
	case !next.reviews[len(next.reviews)-1].approves: // one denial denies all
		want, status = access.EventDenied, access.StatusDenied
	case met && extension:
		want, next.window = access.EventExtended, next.granted(now)
		next.extension = nil
	case met:
		want, status, next.window = access.EventApproved, access.StatusApproved, next.granted(now)
	}
	if typ != want {
		return fmt.Sprintf("it should be %s; %s lacks somebody", want, lacking)
	}
	if typ == access.EventApproved || typ == access.EventExtended {
		if why := m.within(r, next, d, status); why != "" {
			return why
		}
		m.tally[fmt.Sprintf("%s by %d", typ, len(next.reviews))]++
		if len(next.items) > 1 {
			m.tally["of several items"]++
		}
	}
	next.status = status
	*r = *next
	return ""
}

// within says where what is granted is more than a reviewer who counts saw: (i).
func (m *model) within(before, r *request, d *happened, _ access.Status) string {
	w := d.Grant
	longest := seconds(w)
	if before.extension != nil {
		longest = access.Seconds(w.ExpiresAt.Sub(before.window.ExpiresAt) / time.Second)
	}
	for _, v := range r.reviews {
		if !v.approves {
			continue
		}
		for _, id := range ids(r.items) {
			if !slices.Contains(v.saw, id) {
				return v.by + " did not see " + id
			}
		}
		if longest > v.asked || v.duration > 0 && longest > v.duration {
			return "it is longer than " + v.by + " allowed"
		}
	}
	return ""
}

// approvedUnasked is an approval without anybody's: (h).
func (m *model) approvedUnasked(r *request, typ access.EventType, d *happened, now time.Time, byPerson bool) string {
	lost, _ := m.missing(r.holder, r.items)
	rules := m.rules(r, now)
	ends := r.decideBy
	if r.extension != nil {
		ends = r.window.ExpiresAt
	}
	if byPerson || lost || !r.waits() || !r.needsNobody() || !now.Before(ends) || (typ == access.EventExtended) != (r.extension != nil) {
		return "it can't be approved by nobody"
	}
	longest := access.Seconds(lifeMax / time.Second)
	for id, rule := range rules {
		if len(rule.steps) > 0 || rule.no {
			return id + " needs somebody"
		}
		if rule.longest > 0 {
			longest = min(longest, rule.longest)
		}
	}
	w := r.granted(now)
	if seconds(w) > longest {
		return "it is longer than the maximum"
	}
	if why := m.unbroken(r, ids(r.items), *w, rules); why != "" {
		return why
	}
	if why := m.lacks(r, rules, now); r.extension == nil && why != "" {
		return why
	}
	m.tally[string(typ)+" by nobody"]++
	r.window = w
	if r.extension != nil {
		r.extension = nil
	} else {
		r.status = access.StatusApproved
	}
	return ""
}

func sorted(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return out
}
