package graph_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"procyon/access"
	"procyon/auth"
	"procyon/graph/fanout"
	"procyon/graph/scalar"
	"procyon/graph/transport"
	"procyon/journal"
	"procyon/policy"
	"procyon/store"
)

// walk is a random history with subscribers.
type walk struct {
	*bed
	random    *rand.Rand
	people    []access.User
	accounts  []access.Account
	resources []access.Resource
	requests  []string
	all       []string // topics
	fan       *fanout.Fanout
	followers []*listener
}

// listener is a subscription of somebody, through reconnections.
type listener struct {
	who      caller
	query    string
	filter   object
	from     string
	follower *follower
	gone     *bool // their rights have ended
	at       string
	cursors  []string
	got      []string // results
}

type goneKey struct{}

var errGone = errors.New("the rights have ended")

// Whoever subscribes gets what an execution of their own gives them, whatever else is
// followed: events are routed by what they touch, and that hides none. For random people,
// rights, filters, documents and histories, through resumes, slow readers and rights that end.
func TestRoutedEqualsAlone(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := &walk{bed: newBed(t), random: rand.New(rand.NewPCG(seed, 13))}
			w.furnishMore()
			if seed%2 == 1 {
				w.governByOwners()
			}
			w.fan = w.streamsWith(func(o *fanout.Options) {
				o.RingCount = 1 + w.random.IntN(12)
				o.Valid = func(ctx context.Context) func() error {
					gone, _ := ctx.Value(goneKey{}).(*bool)
					return func() error {
						if gone != nil && *gone {
							return errGone
						}
						return nil
					}
				}
			})
			for range 300 {
				w.step()
			}
			w.compare()
		})
	}
}

func (w *walk) furnishMore() {
	w.t.Helper()
	by := access.System()
	by.Admin = true
	w.people = []access.User{w.ada, w.bo, w.dev, w.eve}
	for _, name := range []string{"Flo", "Gus"} {
		u, err := w.CreateUser(w.t.Context(), by, access.NewUser{Name: name, Email: strings.ToLower(name) + "@example.com"})
		w.must(err)
		w.people = append(w.people, u)
	}
	w.accounts, w.resources = []access.Account{w.account}, []access.Resource{w.db, w.server}
	for _, name := range []string{"Staging", "Test"} {
		a, err := w.CreateAccount(w.t.Context(), by, access.NewAccount{Name: name, Provider: "AWS", ExternalID: name})
		w.must(err)
		r, err := w.CreateResource(w.t.Context(), by, access.NewResource{Name: "db of " + name, Kind: access.ResourceDatabase, AccountID: a.ID, Roles: []string{"reader"}})
		w.must(err)
		w.accounts, w.resources = append(w.accounts, a), append(w.resources, r)
	}
	for _, u := range w.people {
		w.all = append(w.all, "requester "+u.ID, "approver "+u.ID)
	}
	for _, a := range w.accounts {
		w.all = append(w.all, "account "+a.ID)
	}
	for _, r := range w.resources {
		w.all = append(w.all, "resource "+r.ID)
	}
	w.all = append(w.all, "approver administrators")
}

// governByOwners lets the owners of two accounts decide, who see what is for these, and
// the administrators.
func (w *walk) governByOwners() {
	w.t.Helper()
	for i, owner := range w.people[4:6] {
		w.must(w.SetOwners(w.t.Context(), access.System(), w.accounts[1+i].ID, []string{owner.ID}, nil))
	}
	w.govern(policy.Policy{
		Name: "Accounts", Who: policy.Who{Everyone: true}, What: policy.What{AccountIDs: []string{w.accounts[1].ID, w.accounts[2].ID}}, MaxDuration: 8 * 3600,
		Steps: []policy.Step{{Need: 1, Approvers: policy.Approvers{Owners: true, Administrators: true}}},
	})
}

func one[T any](w *walk, from []T) T { return from[w.random.IntN(len(from))] }

func (w *walk) step() {
	w.t.Helper()
	switch w.random.IntN(9) {
	case 0, 1:
		w.ask()
	case 2, 3, 4:
		w.change()
	case 5:
		w.pass(time.Duration(w.random.IntN(90)) * time.Minute)
		w.tick(0)
	case 6:
		w.listen()
	default:
		if len(w.followers) > 0 {
			w.read(one(w, w.followers))
		}
	}
}

// ask asks for some resources.
func (w *walk) ask() {
	var refs []access.ItemRef
	for _, i := range w.random.Perm(len(w.resources))[:1+w.random.IntN(2)] {
		refs = append(refs, access.ItemRef{ResourceID: w.resources[i].ID, Role: firstRole(w.resources[i])})
	}
	r, err := w.CreateRequest(w.t.Context(), session(one(w, w.people)).Actor, access.NewRequest{
		Items: refs, Duration: 3600, Reason: "a reason that is long enough",
	})
	if access.CodeOf(err) == "" {
		w.must(err)
		w.requests = append(w.requests, r.ID)
	}
}

// change does something to a request; some are refused, which changes nothing.
func (w *walk) change() {
	if len(w.requests) == 0 {
		return
	}
	id, who := one(w, w.requests), session(one(w, w.people))
	switch w.random.IntN(6) {
	case 0:
		w.do(who, `mutation($i: CancelAccessRequestInput!) { cancelAccessRequest(input: $i) { userErrors { code } } }`, object{"i": object{"requestId": id}})
	case 1:
		r := one(w, w.resources)
		w.do(who, `mutation($i: UpdateAccessRequestInput!) { updateAccessRequest(input: $i) { userErrors { code } } }`,
			object{"i": object{"requestId": id, "items": []object{{"resourceId": r.ID, "role": firstRole(r)}}}})
	case 2:
		w.do(who, `mutation($i: ExtendAccessRequestInput!) { extendAccessRequest(input: $i) { userErrors { code } } }`,
			object{"i": object{"requestId": id, "duration": "PT1H", "reason": "some more time for it"}})
	default:
		v, err := w.Request(w.t.Context(), id)
		w.must(err)
		w.do(who, `mutation($i: ReviewAccessRequestInput!) { reviewAccessRequest(input: $i) { userErrors { code } } }`,
			object{"i": object{"requestId": id, "decision": one(w, []string{"APPROVE", "APPROVE", "DENY"}), "subject": string(v.Subject()), "expectedVersion": int(v.Version()), "comment": "so"}})
	}
}

// listen opens a subscription of somebody with some filter and document.
func (w *walk) listen() {
	w.t.Helper()
	u := one(w, w.people)
	l := &listener{who: one(w, []caller{session(u), session(u), acting(u), token(u, "events:read"), service("events:read")}), gone: new(bool)}
	filter := object{}
	for _, f := range []struct { // in this order, for each takes random numbers
		name  string
		value any
	}{
		{"requesterId", one(w, w.people).ID},
		{"accountId", one(w, w.accounts).ID},
		{"resourceId", one(w, w.resources).ID},
		{"reviewableByMe", w.random.IntN(4) > 0},
		{"types", []string{"CREATED", "UPDATED", "APPROVED"}},
		{"status", []string{"PENDING", "ACTIVE"}},
	} {
		if w.random.IntN(5) == 0 {
			filter[f.name] = f.value
		}
	}
	if len(filter) > 0 {
		l.filter = filter
	}
	l.query = `subscription($after: Cursor, $filter: RequestEventFilter) { requestEvents(after: $after, filter: $filter) { ` + one(w, []string{
		"cursor", "cursor type request { requestId status items { resourceName } }",
		"cursor version actor { name } request { reviews { decision } } notificationRoutes { integrationName }",
	}) + " } }"
	l.from = scalar.FormatCursor(w.journal.Last())
	if w.random.IntN(2) == 0 {
		l.from = w.cursor(w.random.Uint64N(w.journal.Head() + 1))
	}
	l.at = l.from
	l.follower = w.openOn(w.fan, l)
	w.followers = append(w.followers, l)
}

func (w *walk) openOn(f *fanout.Fanout, l *listener) *follower {
	w.t.Helper()
	ctx := context.WithValue(auth.WithPrincipal(graphql.StartOperationTrace(w.t.Context()), l.who), goneKey{}, l.gone)
	op, errs := w.exec.CreateOperationContext(ctx, &graphql.RawParams{Query: l.query, Variables: w.sent(object{"after": l.at, "filter": l.filter})})
	out := &follower{b: w.bed, woken: make(chan struct{}, 1)}
	if errs == nil {
		out.stream, errs = f.Open(ctx, op, func() {
			select {
			case out.woken <- struct{}{}:
			default:
			}
		})
	}
	if errs != nil {
		w.t.Fatal(errs)
	}
	w.t.Cleanup(out.stream.Close)
	return out
}

// read takes what is there, or comes back, or loses the right to more.
func (w *walk) read(l *listener) {
	w.t.Helper()
	if *l.gone {
		return
	}
	switch w.random.IntN(12) {
	case 0:
		l.follower.stream.Close()
		l.follower = w.openOn(w.fan, l)
	case 1:
		*l.gone = w.random.IntN(3) == 0
	default:
		l.take(w.t, 1+w.random.IntN(5))
	}
}

// take pulls once.
func (l *listener) take(t *testing.T, limit int) int {
	t.Helper()
	got, err := l.follower.stream.Pull(t.Context(), nil, limit)
	for _, p := range got {
		l.got, l.cursors, l.at = append(l.got, string(p.Data)), append(l.cursors, p.Cursor), p.Cursor
	}
	switch {
	case *l.gone && len(got) == 0 && (err == nil || errors.Is(err, transport.ErrInterrupted)):
	case err != nil || *l.gone:
		t.Fatalf("%d results and %v; gone: %v", len(got), err, *l.gone)
	}
	return len(got)
}

// compare has everybody read to the end, and again by an execution of their own that
// every entry is put before.
func (w *walk) compare() {
	w.t.Helper()
	alone := w.streamsWith(func(o *fanout.Options) {
		o.Scope = func(context.Context) (string, bool) { return "", false }
		o.Read = func(e journal.Entry) (any, []string, error) {
			value, _, err := w.resolver.ReadEvent(e)
			return value, w.all, err
		}
	})
	delivered := 0
	for _, l := range w.followers {
		own := &listener{who: l.who, query: l.query, filter: l.filter, at: l.from, gone: new(bool)}
		own.follower = w.openOn(alone, own)
		expected := w.expected(l)
		w.until(own, len(expected))
		want := own.got
		if *l.gone {
			l.take(w.t, 5)
			want = want[:min(len(want), len(l.got))]
		} else {
			w.until(l, len(expected))
		}
		if !slices.Equal(own.cursors, expected) || !slices.Equal(l.got, want) {
			w.t.Errorf("%s %v %s from %s:\ngot  %s\nwant %s\nof   %s", l.who.Actor.Name, l.filter, l.query, l.from, l.got, want, expected)
		}
		delivered += len(l.got)
	}
	if delivered < 100 {
		w.t.Errorf("only %d events were delivered", delivered)
	}
}

// expected are the cursors of a subscription's events, by the domain's word on each entry.
func (w *walk) expected(l *listener) (cursors []string) {
	w.t.Helper()
	after, err := scalar.ParseCursor(l.from)
	w.must(err)
	entries, err := w.journal.Read(w.t.Context(), after.Seq, 1<<20)
	w.must(err)
	text := func(name string) string { s, _ := l.filter[name].(string); return s }
	filter := access.RequestFilter{RequesterID: text("requesterId"), AccountID: text("accountId"), ResourceID: text("resourceId")}
	if by, ok := l.filter["reviewableByMe"].(bool); ok {
		filter.ReviewableByMe = &by
	}
	if list, ok := l.filter["status"].([]string); ok {
		for _, s := range list {
			filter.Statuses = append(filter.Statuses, access.Status(s))
		}
	}
	for _, e := range entries {
		types, ok := l.filter["types"].([]string)
		if access.KindOf(e.Subject) != access.KindRequest || ok && !slices.Contains(types, e.Type) {
			continue
		}
		v, err := access.Decode[access.Request](store.Document{ID: e.Subject, Version: e.Version, Data: e.After})
		w.must(err)
		if w.Matches(l.who.Actor, &v, filter) {
			cursors = append(cursors, scalar.FormatCursor(e.Position()))
		}
	}
	return cursors
}

// until reads until n results are there, and that there are no more.
func (w *walk) until(l *listener, n int) {
	w.t.Helper()
	late := time.After(20 * time.Second)
	for len(l.got) < n {
		if l.take(w.t, 7) > 0 {
			continue
		}
		select {
		case <-l.follower.woken:
		case <-late:
			w.t.Errorf("%s %v: %d results, want %d", l.who.Actor.Name, l.filter, len(l.got), n)
			return
		}
	}
	for l.take(w.t, 7) > 0 {
	}
}
