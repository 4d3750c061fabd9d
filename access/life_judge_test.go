package access_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/journal"
)

// happened is what an entry of a request says, as far as the model does not know it itself.
type happened struct {
	Request   *access.Request   `json:"request"`
	Terms     *access.Request   `json:"terms"` // its items, duration, reason, ticket and start
	Review    *access.Review    `json:"review"`
	Grant     *access.Grant     `json:"grant"`
	Extension *access.Extension `json:"extension"`
	Seen      uint64            `json:"seen"`
	Gone      bool              `json:"gone"`
}

// takeRequest judges a step of a request: whether it may be taken by everything as it is at that
// place of the journal, and what it leads to.
func (m *model) takeRequest(e *journal.Entry, now time.Time) {
	m.t.Helper()
	var d happened
	m.must(json.Unmarshal(e.Data, &d))
	typ := access.EventType(e.Type)
	r := m.requests[e.Subject]
	if (r == nil) != (typ == access.EventCreated) || r != nil && !r.open() {
		m.t.Errorf("%s of %s, which is %+v", typ, e.Subject, r)
		return
	}
	m.tally["event "+e.Type]++
	if r == nil {
		m.requests[e.Subject] = m.create(e, &d, now)
		m.requests[e.Subject].first = m.requests[e.Subject].by
		m.asked = append(m.asked, e.Subject)
	} else if why := m.takeStep(r, typ, e, &d, now); why != "" {
		m.t.Errorf("%s of %s by %s (%s) at %s: %s\nitems %v, by %+v, rules now %+v\nreviews %+v\n%s",
			typ, r.id, e.Actor.ID, e.Actor.Name, now.Format(time.TimeOnly), why, ids(r.items), r.decidedBy(), m.rules(r, now), r.reviews, e.Data)
		return
	}
	r = m.requests[e.Subject]
	r.at = now
	m.is(r, e)
}

// create is a request as it was just asked for.
func (m *model) create(e *journal.Entry, d *happened, now time.Time) *request {
	m.t.Helper()
	q := d.Request
	r := &request{
		id: e.Subject, holder: q.Requester.ID, status: access.StatusPending, items: q.Items, duration: q.Duration, reason: q.Reason, ticket: q.Ticket,
		start: q.StartsAt, version: 1, decideBy: now.Add(lifeDecideIn),
	}
	if why := m.asks(r, now, false); why != "" || e.Actor.ID != r.holder || m.persons[r.holder].disabled || !q.DecideBy.Equal(r.decideBy) {
		m.t.Errorf("%s was asked by %s: %s", r.id, e.Actor.ID, why)
	}
	return r
}

// asks says why terms can't be asked for now, and notes by what they are decided. Where these
// are the same that they were, enough people could approve.
func (m *model) asks(r *request, now time.Time, edit bool) string {
	rules := m.rules(r, now)
	if lost, _ := m.missing(r.holder, r.items); lost || len(r.items) == 0 {
		return "something of it is gone"
	}
	nobody, was := true, r.by
	r.by = map[string]governs{}
	for id, rule := range rules {
		r.by[id] = rule.governs
		nobody = nobody && len(rule.steps) == 0 && !rule.refused
	}
	meet := !edit || !sameRules(was, r.by)
	for id, rule := range rules {
		switch {
		case rule.no:
			return id + " is refused"
		case meet && !m.meetable(rule, r.holder):
			return "too few could approve " + id
		case rule.longest > 0 && r.duration > rule.longest:
			return "it is too long"
		}
	}
	r.unasked = nobody
	if r.duration < 60 || r.duration > access.Seconds(lifeMax/time.Second) {
		return "it is too long or too short"
	}
	return m.lacks(r, rules, now)
}

// lacks says what policies require and a request lacks.
func (m *model) lacks(r *request, rules map[string]rule, now time.Time) string {
	for _, rule := range rules {
		if rule.ahead > 0 && r.start != nil && r.start.Sub(now) > rule.ahead.Duration() {
			return "it starts too late"
		}
		if len(r.reason) < max(1, rule.reason) {
			return "its reason is too short"
		}
		for _, t := range rule.tickets {
			if r.ticket == "" || t.Pattern != "" && r.ticket != t.Example {
				return "it lacks a ticket"
			}
		}
	}
	return ""
}

// takeStep takes one step of a request, or says why it may not be taken.
func (m *model) takeStep(r *request, typ access.EventType, e *journal.Entry, d *happened, now time.Time) string {
	lost, cuts := m.missing(r.holder, r.items)
	byPerson := e.Actor.Kind == access.ActorUser
	refused := ""
	for id, rule := range m.rules(r, now) {
		if rule.no {
			refused = id
		}
	}
	switch typ {
	case access.EventUpdated:
		if r.status != access.StatusPending || e.Actor.ID != r.holder || !now.Before(r.decideBy) {
			return "it can't be changed"
		}
		t := d.Terms
		r.items, r.duration, r.reason, r.ticket, r.start = t.Items, t.Duration, t.Reason, t.Ticket, t.StartsAt
		r.version, r.reviews = r.version+1, nil
		return m.asks(r, now, true)
	case access.EventPolicyChanged:
		return m.governedAnew(r, now)
	case access.EventReviewed, access.EventApproved, access.EventExtended, access.EventDenied:
		if d.Review == nil && typ != access.EventDenied {
			return m.approvedUnasked(r, typ, d, now, byPerson)
		}
		return m.reviewed(r, typ, e, d, now)
	case access.EventExtensionDenied:
		if d.Review != nil {
			return m.reviewed(r, typ, e, d, now)
		}
		if !lost && !r.stoppedUnasked(byPerson) {
			return "nothing is gone"
		}
		r.extension = nil
	case access.EventExtensionRequested:
		return m.extends(r, e, d, now, lost)
	case access.EventActivated: // (a), (j): what is refused by now, or gone, does not start
		if r.status != access.StatusApproved || now.Before(r.window.StartsAt) || lost || refused != "" {
			return "it can't begin: " + refused
		}
		r.status = access.StatusActive
	case access.EventExpired:
		if r.status != access.StatusActive || now.Before(r.window.ExpiresAt) {
			return "its time is not over"
		}
		return r.ended(access.StatusExpired, now)
	case access.EventTimedOut:
		if r.status != access.StatusPending || now.Before(r.decideBy) {
			return "its time is not over"
		}
		return r.ended(access.StatusTimedOut, now)
	case access.EventCanceled:
		if d.Gone && r.status == access.StatusPending && (lost || r.stoppedUnasked(byPerson)) {
			return r.ended(access.StatusCanceled, now)
		}
		if d.Gone || r.status == access.StatusActive || e.Actor.ID != r.holder {
			return "it can't be canceled"
		}
		return r.ended(access.StatusCanceled, now)
	case access.EventClosed:
		if r.status != access.StatusActive || e.Actor.ID != r.holder {
			return "it can't be closed"
		}
		return r.ended(access.StatusClosed, now)
	case access.EventRevoked:
		gone := d.Gone && (cuts || r.status == access.StatusApproved && (lost || refused != "" && !now.Before(r.window.StartsAt)))
		may := !d.Gone && byPerson && (m.persons[e.Actor.ID].admin || m.named(r, e.Actor.ID)) && !m.persons[e.Actor.ID].disabled
		if r.window == nil || !gone && !may {
			return "it can't be revoked"
		}
		return r.ended(access.StatusRevoked, now)
	default:
		return "that never happens"
	}
	return ""
}

// stoppedUnasked tells whether what needed nobody may have been stopped by the policies.
func (r *request) stoppedUnasked(byPerson bool) bool { return r.needsNobody() && !byPerson }

// ended ends a request; its window is over then.
func (r *request) ended(as access.Status, now time.Time) string {
	r.status = as
	r.extension = nil
	if r.window != nil && now.Before(r.window.ExpiresAt) {
		w := access.Grant{StartsAt: r.window.StartsAt, ExpiresAt: now}
		if w.StartsAt.After(now) {
			w.StartsAt = now
		}
		r.window = &w
	}
	return ""
}

// governedAnew is what becomes of a request where what governs it changed, or who approved it
// lost the right.
func (m *model) governedAnew(r *request, now time.Time) string {
	if !r.waits() {
		return "nothing waits"
	}
	by, was := m.governed(r, now), r.decidedBy()
	nobody := r.needsNobody()
	for _, g := range by {
		nobody = nobody && len(g.steps) == 0 && !g.refused
	}
	changed := !sameRules(by, was) || nobody != r.needsNobody()
	kept := r.reviews[:0:0]
	for _, v := range r.reviews {
		if !changed && !m.stillCounts(r, v, now) {
			continue
		}
		w := v
		w.covers = slices.DeleteFunc(m.left(r, v.covers), func(id string) bool { return changed && !sameGoverns(by[id], was[id]) })
		if len(w.covers) > 0 {
			kept = append(kept, w)
		}
	}
	if !changed && len(kept) == len(r.reviews) {
		return "nothing changed"
	}
	r.reviews, r.version = kept, r.version+1
	if r.extension != nil {
		r.extension.by, r.extension.unasked = by, nobody
	} else {
		r.by, r.unasked = by, nobody
	}
	return ""
}

// stillCounts tells whether who gave an approval could still give all of theirs, after those
// before that still could be given.
func (m *model) stillCounts(r *request, v review, now time.Time) bool {
	void := map[string]bool{}
	for again := true; again; {
		again = false
		kept := *r
		kept.reviews = nil
		for _, o := range r.reviews {
			if void[o.by] {
				continue
			}
			may := m.decidable(&kept, o.by, now)
			if m.persons[o.by].disabled || slices.ContainsFunc(m.left(r, o.covers), func(id string) bool { return !slices.Contains(may, id) }) {
				void[o.by], again = true, true
				break
			}
			kept.reviews = append(kept.reviews, o)
		}
	}
	return !void[v.by]
}

// extends is a wish for an extension, by the policies of today.
func (m *model) extends(r *request, e *journal.Entry, d *happened, now time.Time, lost bool) string {
	if r.status != access.StatusActive || r.extension != nil || e.Actor.ID != r.holder || !now.Before(r.window.ExpiresAt) || lost {
		return "it can't be extended"
	}
	return m.wish(r, d.Extension.Duration, d.Extension.Reason, now)
}

func (m *model) wish(r *request, more access.Seconds, reason string, now time.Time) string {
	x := &extension{duration: more, reason: reason, unasked: true}
	if r.extension = x; more < 60 {
		return "it is too short"
	}
	rules := m.rules(r, now)
	for id, rule := range rules {
		switch {
		case rule.no: // (j)
			return id + " is refused"
		case rule.fixed:
			return "there are no extensions"
		case !m.meetable(rule, r.holder):
			return "too few could approve " + id
		case rule.longest > 0 && r.lasting() > rule.longest, r.lasting() > access.Seconds(lifeMax/time.Second):
			return "it would be too long"
		case len(reason) < max(1, rule.reason):
			return "its reason is too short"
		}
		x.unasked = x.unasked && len(rule.steps) == 0
	}
	if why := m.unbroken(r, ids(r.items), access.Grant{StartsAt: r.window.StartsAt, ExpiresAt: r.window.ExpiresAt.Add(more.Duration())}, rules); why != "" {
		return why
	}
	x.by = map[string]governs{}
	for id, rule := range rules {
		x.by[id] = rule.governs
	}
	r.version++
	r.before, r.reviews = append(r.before, r.reviews...), nil
	return ""
}

// unbroken says why a window would let somebody hold an item for longer than allowed, by
// whatever requests of whichever of their accounts: (l). It goes from window to window for as
// long as there is one that hangs together with what there is.
func (m *model) unbroken(r *request, resources []string, w access.Grant, rules map[string]rule) string {
	mine := m.accounts(r.holder)
	for _, i := range r.items {
		if !slices.Contains(resources, i.ResourceID) {
			continue
		}
		longest := lifeMax
		if d := rules[i.ResourceID].longest; d > 0 {
			longest = min(longest, d.Duration())
		}
		from, to := w.StartsAt, w.ExpiresAt
		for again := true; again; {
			again = false
			for _, o := range m.requests {
				if o.id == r.id || o.window == nil || o.status == access.StatusCanceled || !o.window.ExpiresAt.After(o.window.StartsAt) || !slices.Contains(mine, o.holder) ||
					!slices.ContainsFunc(o.items, func(j access.Item) bool { return j.ResourceID == i.ResourceID && j.Role == i.Role }) ||
					o.window.StartsAt.After(to) || o.window.ExpiresAt.Before(from) {
					continue
				}
				if o.window.StartsAt.Before(from) {
					from, again = o.window.StartsAt, true
				}
				if o.window.ExpiresAt.After(to) {
					to, again = o.window.ExpiresAt, true
				}
			}
		}
		if to.Sub(from) > longest {
			return fmt.Sprintf("(l) %s would be held for %s, and at most %s is allowed", i.ResourceID, to.Sub(from), longest)
		}
	}
	return ""
}
