package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"procyon/store"
)

// crowd makes requests of all kinds by two people, and returns them, the oldest first.
func (w *world) crowd(n int) []Request {
	w.t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	w.maxOpen, w.maxPerHour = 0, 0
	eve := w.person("Eve", false)
	gw, err := w.CreateGateway(w.t.Context(), w.admin, NewGateway{Name: "Edge"})
	w.must(err)
	server, err := w.CreateResource(w.t.Context(), w.admin, NewResource{Name: "支付系统", Kind: ResourcePrivateServer, GatewayID: gw.ID, Roles: []string{"Root", "reader"}})
	w.must(err)
	var out []Request
	for i := range n {
		in := w.request(600)
		in.AllowDuplicate = true
		in.Items[0].Role = []string{"reader", "writer"}[r.IntN(2)]
		if r.IntN(3) == 0 {
			in.Items = []ItemRef{{ResourceID: server.ID, Role: []string{"Root", "reader"}[r.IntN(2)]}}
		}
		in.Reason = []string{"Fix the stuck migration", "Look at incident 4821", "迁移数据库", "Andr\u00e9 asked", "re"}[r.IntN(5)]
		in.Ticket = []string{"", "INC-48", "inc-48", "OPS-7"}[r.IntN(4)]
		q, err := w.CreateRequest(w.t.Context(), []Actor{w.dev, eve}[r.IntN(2)], in)
		w.must(err)
		by, d := []Actor{w.admin, w.boss}[r.IntN(2)], []Decision{DecisionApprove, DecisionDeny, ""}[r.IntN(3)]
		if d != "" {
			q, err = w.review(by, q.ID, ReviewRequest{Decision: d})
			w.must(err)
		}
		if i%3 == 0 {
			w.pass(time.Hour)
		}
		w.pass(time.Second)
		out = append(out, q)
	}
	return out
}

// filters are filters that narrow by one thing each.
func (w *world) filters(of Request) []RequestFilter {
	from := of.CreatedAt
	return []RequestFilter{
		{Statuses: []Status{StatusPending}}, {Statuses: []Status{StatusApproved, StatusDenied}}, {Statuses: []Status{}},
		{RequesterID: of.Requester.ID}, {AccountID: w.account.ID}, {ResourceID: of.Items[0].ResourceID}, {GatewayID: of.Items[0].GatewayID}, {GatewayID: "gw_none"},
		{Role: "READER"}, {Role: "root"}, {Ticket: "INC-48"}, {Ticket: "ops-7"}, {Ticket: "OPS"},
		{ReviewerID: w.boss.ID}, {Decision: DecisionDeny}, {ReviewerID: w.admin.ID, Decision: DecisionApprove},
		{Search: "migr"}, {Search: "stuck fix"}, {Search: "48"}, {Search: "4821 incident"}, {Search: "据库"}, {Search: "ANDRE"}, {Search: "re"}, {Search: "orders dev"},
		{Search: "edge 支付"}, {Search: "--"}, {Search: "nobody"}, {Search: "root inc"},
		{AskedFrom: from}, {AskedBefore: from}, {AskedFrom: from.Add(-3 * time.Hour), AskedBefore: from.Add(time.Microsecond)},
		{ReviewableByMe: new(true)}, {ReviewableByMe: new(false)},
	}
}

// and is passed by what passes both.
func (f RequestFilter) and(g RequestFilter) RequestFilter {
	for _, s := range []struct{ to, from *string }{
		{&f.RequesterID, &g.RequesterID}, {&f.AccountID, &g.AccountID}, {&f.ResourceID, &g.ResourceID}, {&f.GatewayID, &g.GatewayID},
		{&f.Role, &g.Role}, {&f.Ticket, &g.Ticket}, {&f.ReviewerID, &g.ReviewerID}, {&f.Search, &g.Search},
	} {
		if *s.to == "" {
			*s.to = *s.from
		}
	}
	if f.Statuses == nil {
		f.Statuses = g.Statuses
	}
	if f.Decision == "" {
		f.Decision = g.Decision
	}
	if f.AskedFrom.IsZero() {
		f.AskedFrom = g.AskedFrom
	}
	if f.AskedBefore.IsZero() {
		f.AskedBefore = g.AskedBefore
	}
	if f.ReviewableByMe == nil {
		f.ReviewableByMe = g.ReviewableByMe
	}
	return f
}

// Whatever the terms under which a filter looks, it lists what passes it, and that alone:
// one at a time and two together, forwards and backwards, for those who see all and for
// those who see their own.
func TestEveryFilterListsWhatPasses(t *testing.T) {
	w := newWorld(t)
	made := w.crowd(60)
	one := w.filters(made[31])
	var all []RequestFilter
	for i, f := range one {
		for k, g := range one {
			if i == k || (i+k)%4 == 0 {
				all = append(all, f.and(g))
			}
		}
	}
	narrows := map[int]int{}
	for _, f := range all {
		for _, by := range []Actor{w.admin, w.dev} {
			var want []string
			for _, r := range made {
				r, err := w.Request(t.Context(), r.ID)
				w.must(err)
				if w.Matches(by, &r, f) && f.Search != "--" {
					want = append(want, r.ID)
				}
			}
			narrows[len(want)]++
			for _, desc := range []bool{false, true} {
				got := w.turn(w.Service, by, f, RequestOrder{Desc: desc}, store.Page{First: 7})
				if desc {
					slices.Reverse(got)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s, %+v (newest first %t):\ngot  %v\nwant %v", by.Name, f, desc, got, want)
				}
			}
		}
	}
	if len(narrows) < 20 {
		t.Errorf("the filters are too alike: %v", narrows)
	}
}

// What only a word finds is found without a look at all else.
func TestAWordIsLookedUp(t *testing.T) {
	w := newWorld(t)
	w.maxOpen, w.maxPerHour = 0, 0
	for i := range 300 {
		in := w.request(600)
		in.AllowDuplicate, in.Reason = true, "Look into it"
		if i == 3 {
			in.Reason = "The kraken woke"
		}
		_, err := w.CreateRequest(t.Context(), w.dev, in)
		w.must(err)
	}
	count := &counted{Reader: w.views}
	w.views = count
	for _, f := range []RequestFilter{{Search: "krak"}, {Search: "krak", Decision: DecisionDeny}, {Ticket: "none"}, {ReviewerID: w.boss.ID}, {GatewayID: "gw_x"}, {Role: "none"}} {
		count.docs = 0
		_, err := w.Requests(t.Context(), w.admin, f, RequestOrder{Desc: true}, store.Page{First: 10})
		w.must(err)
		if count.docs > 1 {
			t.Errorf("%s: %d documents were read", fmt.Sprint(f), count.docs)
		}
	}
	// Of two words the rarer is looked up, whichever comes first.
	for _, f := range []RequestFilter{{Search: "look krak"}, {Search: "krak prod dev example"}} {
		count.docs = 0
		_, err := w.Requests(t.Context(), w.admin, f, RequestOrder{Desc: true}, store.Page{First: 10})
		if w.must(err); count.docs > 4*probe {
			t.Errorf("%s: %d documents were read", f.Search, count.docs)
		}
	}
	// A member's pages look at their own alone.
	count.docs = 0
	eve := w.person("Eve", false)
	count.docs = 0
	l, err := w.Requests(t.Context(), eve, RequestFilter{Search: "look"}, RequestOrder{Desc: true}, store.Page{First: 10})
	if w.must(err); count.docs > 0 || l.Next || l.End != nil {
		t.Errorf("of others' requests %d were read: %+v", count.docs, l)
	}
}
