package access_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"procyon/access"
)

// furnish makes people, groups and what can be asked for.
func (l *life) furnish() {
	s, ctx := l.servers[0], l.t.Context()
	for n, name := range []string{"Ada", "Bo", "Cy", "Dev", "Eve", "Flo"} {
		u, err := s.CreateUser(ctx, access.System(), access.NewUser{Name: name, Email: name + "@example.com", Admin: n < 3})
		l.must(err)
		l.people = append(l.people, u.ID)
	}
	for _, name := range []string{"Gil", "Hal"} { // of the directory, which may take them away
		u, err := s.ProvisionUser(ctx, access.System(), access.Provision{UserName: name, Email: name + "@example.com", Name: name, Active: true})
		l.must(err)
		l.people = append(l.people, u.ID)
	}
	for range 3 {
		l.must(l.addGroup(ctx, s))
		members := []string{drawn(l, l.people), drawn(l, l.people), drawn(l, l.people)}
		_, err := s.ChangeMembers(ctx, access.System(), access.SourceLocal, l.groups[len(l.groups)-1], members, nil, nil)
		l.must(err)
	}
	a, err := s.CreateAccount(ctx, access.System(), access.NewAccount{Name: "Production", Provider: "AWS", ExternalID: "1"})
	l.must(err)
	for n := range 4 {
		in := access.NewResource{Name: fmt.Sprint("thing ", n), Kind: access.ResourcePrivateServer}
		if n%2 == 0 {
			in.Kind, in.AccountID, in.Roles = access.ResourceDatabase, a.ID, []string{"reader", "writer"}
		}
		r, err := s.CreateResource(ctx, access.System(), in)
		l.must(err)
		l.resources = append(l.resources, r.ID)
	}
	l.takeIn(s)
	l.clock = l.clock.Add(25 * time.Hour)
}

func (l *life) addGroup(ctx context.Context, s *server) error {
	g, err := s.CreateGroup(ctx, access.System(), access.NewGroup{Name: fmt.Sprint("Group ", l.ids), Source: access.SourceLocal})
	if err == nil {
		l.groups = append(l.groups, g.ID)
	}
	return err
}

// group is one of the groups, seldom one that is deleted.
func (l *life) group() string {
	for {
		if id := drawn(l, l.groups); !l.teams[id].deleted || l.one(30) {
			return id
		}
	}
}

// actor is somebody as who calls, with the rights that a server reads.
func (l *life) actor(s *server, id string) access.Actor {
	u, err := s.User(l.t.Context(), id)
	l.must(err)
	a, err := s.Actor(l.t.Context(), u)
	l.must(err)
	if l.one(2) {
		a.Via = access.ViaConsole
	}
	return a
}

// manager is who changes people, the catalog and policies: the operator, or an administrator.
func (l *life) manager(s *server) access.Actor {
	if a := l.actor(s, drawn(l, l.people)); a.Admin && !l.persons[a.ID].disabled {
		return a
	}
	return access.System()
}

func (l *life) request(waits bool) *request {
	for range 12 {
		if n := len(l.asked); n > 0 {
			if r := l.requests[l.asked[max(0, n-1-l.rng.IntN(10))]]; r.open() && (!waits || r.waits()) {
				return r
			}
		}
	}
	return nil
}

// step is a command of somebody's, or something that happens.
func (l *life) step() {
	s := l.up()
	switch n := l.rng.IntN(100); {
	case n < 16:
		l.ask(s)
	case n < 44:
		l.review(s)
	case n < 56:
		l.requester(s)
	case n < 60:
		l.govern(s)
	case n < 76:
		l.facts(s)
	case n < 84:
		l.clock = l.clock.Add([]time.Duration{time.Second, time.Minute, 20 * time.Minute, time.Hour, 5 * time.Hour, 25 * time.Hour}[min(l.rng.IntN(6), l.rng.IntN(6))])
	case n < 85:
		l.skews[l.rng.IntN(2)] = time.Duration(l.rng.IntN(240)-120) * time.Second
	case n < 86:
		l.kill(s.n)
	case n < 90:
		l.rehearse(s)
	default:
		l.settle(s)
	}
}

// settle lets time do what it does, and looks whether all of it is done.
func (l *life) settle(s *server) {
	since := l.clock
	for range 2 { // what a crash left is ended by others after some seconds
		known, err := l.do(s, s.tick)
		if !known {
			return
		}
		l.must(err)
		if since.Equal(l.clock) {
			l.clock = l.clock.Add(6 * time.Second)
		}
	}
	now := s.Now()
	if now.Before(s.latest) {
		return // its clock was set back: what was due at once is, once it shows the same again
	}
	for _, id := range l.asked {
		r := l.requests[id]
		lost, cuts := l.missing(r.holder, r.items)
		nobody := r.needsNobody() && !now.Before(r.at) // by this server's clock, which may be behind
		switch {
		case !r.open():
			continue
		case r.status == access.StatusPending && (lost || nobody || !now.Before(r.decideBy)),
			r.status == access.StatusApproved && (lost || !now.Before(r.window.StartsAt)),
			r.status == access.StatusActive && (cuts || !now.Before(r.window.ExpiresAt) || r.extension != nil && (lost || nobody)):
			l.t.Errorf("%s is still %s at %s, %+v", id, r.status, now.Format(time.TimeOnly), r)
		}
		if !r.waits() {
			continue
		}
		if !sameRules(l.governed(r, now), r.decidedBy()) && !sameRules(l.governed(r, r.at), r.decidedBy()) {
			l.t.Errorf("%s is still decided by %+v, and should be by %+v", id, r.decidedBy(), l.governed(r, now))
		}
		for _, v := range r.reviews {
			if !l.stillCounts(r, v, now) {
				l.t.Errorf("the review of %s by %s is still shown: decided by %+v for %s, reviews %+v, they are %+v", id, v.by, r.decidedBy(), r.holder, r.reviews, l.persons[v.by])
			}
		}
	}
}

// outcome holds what came of a command against what should have: why is why it is refused, ""
// where it is not. Only where a server knew all when it began can that be told.
func (l *life) outcome(what string, why string, err error, told bool) {
	l.t.Helper()
	var e *access.Error
	if err != nil && !errors.As(err, &e) {
		l.t.Errorf("%s: %v", what, err)
	}
	if err == nil {
		l.tally[what]++
	} else {
		l.tally[what+" refused"]++
	}
	if told && (err == nil) != (why == "") {
		l.t.Errorf("%s: got %v, and should be refused because: %q", what, err, why)
	}
}

// ask asks for some items, after it was explained what that would lead to: (o).
func (l *life) ask(s *server) {
	by := l.actor(s, drawn(l, l.people))
	in := access.NewRequest{Items: l.items(), Duration: access.Seconds(600 * (1 + l.rng.IntN(4*(1+l.rng.IntN(6))))), Reason: drawn(l, []string{"x", "INC-42 is being looked at", "INC-42 is being looked at", "INC-42 is being looked at"}), AllowDuplicate: true}
	if l.one(12) {
		in.Duration = drawn(l, []access.Seconds{10, 60, 8 * 3600, 9 * 3600})
	}
	if l.one(3) {
		in.Ticket = drawn(l, []string{"OPS-1", "none"})
	}
	if l.one(5) {
		at := s.Now().Add(time.Duration(l.rng.IntN(20)) * time.Hour)
		in.StartsAt = &at
	}
	knows, now := s.knowsAll(), s.Now()
	r := &request{holder: by.ID, status: access.StatusPending, duration: in.Duration, reason: in.Reason, ticket: in.Ticket, start: in.StartsAt}
	items, itemsErr := s.Items(l.t.Context(), in.Items)
	r.items = items
	why := "there is no such item"
	if itemsErr == nil {
		why = l.asks(r, now, false)
	}
	told, toldErr := s.Explain(l.t.Context(), by, access.Wish{Items: in.Items, Duration: in.Duration, Reason: in.Reason, Ticket: in.Ticket, StartsAt: in.StartsAt})
	if l.persons[by.ID].disabled {
		why, knows = "they are disabled", knows && why == ""
	}
	var made access.Request
	known, err := l.do(s, func(ctx context.Context) (err error) {
		made, err = s.CreateRequest(ctx, by, in)
		return err
	})
	if !known {
		return
	}
	l.outcome("ask", why, err, knows)
	switch {
	case !knows || toldErr != nil || l.persons[by.ID].disabled:
	case (told.Error == nil) != (err == nil):
		l.t.Errorf("(o) explained as %v, and asking gave %v", told.Error, err)
	case err == nil && !sameRules(l.plan(&told.Plan, items), l.requests[made.ID].first):
		l.t.Errorf("(o) explained as %+v, and it is %+v", told.Plan, l.requests[made.ID].first)
	}
	if err == nil {
		l.deciders(s, made.ID)
	}
}

func (l *life) items() (out []access.ItemRef) {
	for _, id := range l.resources {
		if !l.one(3) && len(out) > 0 || l.one(2) || l.things[id].deleted && !l.one(20) {
			continue
		}
		role := ""
		if roles := l.things[id].roles; len(roles) > 0 {
			role = drawn(l, roles)
		}
		out = append(out, access.ItemRef{ResourceID: id, Role: role})
	}
	return out
}

// review decides something that waits; rather somebody who may.
func (l *life) review(s *server) {
	r := l.request(true)
	if r == nil {
		return
	}
	now, by := s.Now(), drawn(l, l.people)
	for range 12 * min(1, l.rng.IntN(6)) {
		if len(l.decidable(r, by, now)) > 0 {
			break
		}
		by = drawn(l, l.people)
	}
	c := access.ReviewRequest{Basis: access.Basis{ExpectedVersion: r.version}, Subject: access.SubjectRequest, Decision: access.DecisionApprove}
	if r.extension != nil {
		c.Subject = access.SubjectExtension
	}
	switch l.rng.IntN(20) {
	case 0:
		c.Decision, c.Comment = access.DecisionDeny, "no"
	case 1, 2:
		c.Duration = access.Seconds(60 * (1 + l.rng.IntN(200)))
	case 3:
		c.ExpectedVersion = uint64(1 + l.rng.IntN(int(r.version)))
	case 4, 5, 6:
		c.Without = []string{drawn(l, r.items).ResourceID}
	case 7:
		c.Subject = drawn(l, []access.ReviewSubject{access.SubjectRequest, access.SubjectExtension})
	}
	a := l.actor(s, by)
	knows, why := s.knowsAll(), l.mayReview(r, by, a.Via, c, now)
	if l.persons[by].disabled {
		why = "they are disabled"
	}
	known, err := l.do(s, func(ctx context.Context) error {
		_, err := s.ReviewRequest(ctx, a, r.id, c)
		return err
	})
	if known {
		l.outcome("review", why, err, knows)
		l.deciders(s, r.id)
	}
}

// requester is something that a requester does with what they have, or an approver takes away.
func (l *life) requester(s *server) {
	r := l.request(false)
	for range 3 * l.rng.IntN(3) {
		if r == nil || r.status == access.StatusActive && r.extension == nil {
			break
		}
		r = l.request(false)
	}
	if r == nil {
		return
	}
	by := l.actor(s, r.holder)
	if l.one(12) {
		by = l.actor(s, drawn(l, l.people))
	}
	if l.persons[by.ID].disabled {
		return
	}
	own, knows, now, copied, why := by.ID == r.holder, s.knowsAll(), s.Now(), *r, "it can't be done"
	var what string
	var f func(context.Context) error
	switch n := l.rng.IntN(20); {
	case n < 11:
		d := access.Seconds(600 * (1 + l.rng.IntN(12)))
		lost, _ := l.missing(r.holder, r.items)
		if own && r.status == access.StatusActive && r.extension == nil && now.Before(r.window.ExpiresAt) && !lost {
			why = l.wish(&copied, d, "still at it, and for a while", now)
		}
		what, f = "extend", func(ctx context.Context) error {
			_, err := s.ExtendRequest(ctx, by, r.id, d, "still at it, and for a while", access.Basis{})
			return err
		}
	case n < 15:
		d := access.Seconds(600 * (1 + l.rng.IntN(24)))
		reason := "another reason, which is long enough"
		if copied.duration, copied.reason = d, reason; own && r.status == access.StatusPending && now.Before(r.decideBy) {
			if why = l.asks(&copied, now, true); d == r.duration && reason == r.reason {
				return // which changes nothing
			}
		}
		what, f = "edit", func(ctx context.Context) error {
			_, err := s.UpdateRequest(ctx, by, r.id, access.RequestPatch{Duration: &d, Reason: &reason, AllowDuplicate: true}, access.Basis{})
			return err
		}
	case n < 16:
		if own && r.status != access.StatusActive {
			why = ""
		}
		what, f = "cancel", func(ctx context.Context) error { _, err := s.CancelRequest(ctx, by, r.id, access.Basis{}); return err }
	case n < 18:
		if own && r.status == access.StatusActive {
			why = ""
		}
		what, f = "close", func(ctx context.Context) error { _, err := s.CloseRequest(ctx, by, r.id, access.Basis{}); return err }
	default:
		if by = l.actor(s, drawn(l, l.people)); l.persons[by.ID].disabled {
			return
		}
		if r.window != nil && (by.Admin || l.named(r, by.ID)) {
			why = ""
		}
		what, f = "revoke", func(ctx context.Context) error {
			_, err := s.RevokeRequest(ctx, by, r.id, "enough", access.Basis{})
			return err
		}
	}
	if known, err := l.do(s, f); known {
		l.outcome(what, why, err, knows)
		l.deciders(s, r.id)
	}
}

// deciders holds who can decide what of a request now, as it is told, against the model.
func (l *life) deciders(s *server, id string) {
	l.t.Helper()
	if err := s.journal.CatchUp(l.t.Context()); err != nil || l.t.Failed() {
		return
	}
	r, now := l.requests[id], s.Now()
	if r.waits() && (!sameRules(l.governed(r, now), r.decidedBy()) || slices.ContainsFunc(r.reviews, func(v review) bool { return !l.stillCounts(r, v, now) })) {
		l.tally["is governed by something else by now"]++
		return
	}
	have, err := s.Request(l.t.Context(), id)
	l.must(err)
	for _, p := range l.people {
		if l.persons[p].disabled {
			continue
		}
		var want []string
		if r.waits() && !l.same(p, r.holder) {
			want = l.decidable(r, p, now)
		}
		got := s.DecidableBy(l.actor(s, p), &have)
		if len(l.accounts(r.holder)) > 1 && len(got) > len(want) {
			// Rights that came from another account of the requester are told as if they were
			// somebody else's doing: what is kept of a request knows no other accounts.
			l.tally["told to more than can"]++
			continue
		}
		if !slices.Equal(sorted(got), sorted(want)) {
			l.t.Errorf("of %s, %s can decide %v, and should %v\nby %+v\nreviews %+v", id, p, got, want, r.decidedBy(), r.reviews)
		}
		l.tally["deciders"] += len(want)
	}
}
