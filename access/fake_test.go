package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/integration"
	"procyon/policy"
	"procyon/store"
)

// kinds are those of the subjects in these tests.
var kinds = NewKinds(OwnKinds())

// memory is a log and its views, in memory, one change at a time.
type memory struct {
	mu      sync.Mutex
	changes []Change
	docs    map[string]store.Document
	raceOn  func(c Change)       // runs before a change is committed, once, without the lock
	fail    func(c Change) error // says whether a change fails; nil: none does
	failing sync.Mutex           // is held while fail is asked
}

func (m *memory) Head() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(len(m.changes))
}

func (m *memory) Append(_ context.Context, c Change) (uint64, error) {
	if f := m.raceOn; f != nil {
		m.raceOn = nil
		f(c)
	}
	if fail := m.fail; fail != nil {
		m.failing.Lock()
		err := fail(c)
		m.failing.Unlock()
		if err != nil {
			return 0, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.docs[c.Subject].Version+1 != c.Version {
		return 0, ErrRaced
	}
	for _, g := range c.Guards {
		for _, old := range m.changes[g.Since:] {
			v, err := kinds.View(old.Subject, old.Version, old.After)
			if err != nil {
				return 0, err
			}
			if old.Subject == g.Key || slices.Contains(v.Terms, g.Key) {
				return 0, ErrRaced
			}
		}
	}
	v, err := kinds.View(c.Subject, c.Version, c.After)
	if err != nil {
		return 0, err
	}
	m.docs[c.Subject] = v
	m.changes = append(m.changes, c)
	return uint64(len(m.changes)), nil
}

func (m *memory) history(_ context.Context, subject string, after uint64, limit int) ([]Step, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Step
	for _, c := range m.changes {
		if c.Subject == subject && c.Version > after && len(out) < limit {
			out = append(out, Step{Version: c.Version, Type: c.Type, At: c.At, Actor: c.Actor, After: c.After})
		}
	}
	return out, nil
}

func (m *memory) Get(_ context.Context, ids ...string) ([]store.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []store.Document
	for _, id := range ids {
		if d, ok := m.docs[id]; ok {
			out = append(out, d)
		}
	}
	return out, nil
}

func (m *memory) List(_ context.Context, q store.Query) ([]store.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []store.Document
	for _, d := range m.docs {
		if slices.Contains(d.Terms, q.Term) {
			out = append(out, d)
		}
	}
	less := func(a, b store.Document) bool { return a.Sort < b.Sort || a.Sort == b.Sort && a.ID < b.ID }
	sort.Slice(out, func(i, j int) bool { return less(out[i], out[j]) != q.Desc })
	if q.After != nil {
		from := store.Document{Sort: q.After.Sort, ID: q.After.ID}
		out = slices.DeleteFunc(out, func(d store.Document) bool {
			return d.ID == from.ID || less(d, from) != q.Desc
		})
	}
	return out[:min(len(out), q.Limit)], nil
}

// plain seals nothing: the tests look at other things.
type plain struct{}

func (plain) Seal(s, context string) (string, error) { return context + ":" + s, nil }
func (plain) Open(s, context string) (string, error) { return s[len(context)+1:], nil }

// world is a service on a memory, with a clock that the test moves.
type world struct {
	*Service
	t       *testing.T
	log     *memory
	mu      sync.Mutex
	clock   time.Time
	ids     int
	admin   Actor
	boss    Actor
	dev     Actor
	account Account
	db      Resource
	// endedFor says for whom what other rooms keep has ended, by user.
	endedFor map[string]bool
}

// The kinds of integrations here are as the product's.
const (
	SlackWebhook IntegrationKind = "SLACK_WEBHOOK"
	SlackChannel IntegrationKind = "SLACK_CHANNEL"
)

func integrationKinds() []integration.Kind {
	mask := func(string) string { return "https://hooks.example/…" }
	return []integration.Kind{
		{Name: string(SlackWebhook), Destination: []integration.Field{{Name: integration.WebhookURL, Secret: true, Check: checkURL, Mask: mask}}},
		{Name: string(SlackChannel), Destination: []integration.Field{{Name: integration.SlackWorkspace}, {Name: integration.SlackChannel, Check: checkChannel}}},
	}
}

func checkURL(raw string) error {
	if raw != "https://hooks.example/x" {
		return errors.New("the URL is not allowed")
	}
	return nil
}

func checkChannel(id string) error {
	if !strings.HasPrefix(id, "C") {
		return errors.New("this is no channel")
	}
	return nil
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, endedFor: map[string]bool{}, log: &memory{docs: map[string]store.Document{}}, clock: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	subjects := NewSubjects(w.log, w.log, SubjectOptions{
		Kinds: kinds, Now: w.now, NewID: w.newID, DeriveID: func(parts ...string) string { return fmt.Sprintf("%q", parts) },
	})
	w.Service = New(subjects, Options{
		Secrets:      plain{},
		Integrations: integrationKinds(),
		EndFor: func(_ context.Context, _ Actor, userID string) error {
			w.endedFor[userID] = true
			return nil
		},
		History: w.log.history,
	})
	w.admin, w.boss, w.dev = w.person("Ada", true), w.person("Bo", true), w.person("Dev", false)
	var err error
	w.account, err = w.CreateAccount(t.Context(), w.admin, NewAccount{Name: "Production", Provider: "AWS", ExternalID: "123"})
	w.must(err)
	w.db, err = w.CreateResource(t.Context(), w.admin, NewResource{
		Name: "Orders DB", Kind: ResourceDatabase, AccountID: w.account.ID, Roles: []string{"reader", "writer"},
	})
	w.must(err)
	return w
}

// govern puts a set of policies in force.
func (w *world) govern(set policy.Set) {
	w.t.Helper()
	now, err := w.Policies(w.t.Context())
	w.must(err)
	_, problems, err := w.SetPolicies(w.t.Context(), System(), set, PolicyChange{Version: now.Version})
	w.must(err)
	if len(problems.Wrong) > 0 {
		w.t.Fatal(problems.Wrong)
	}
}

// person makes somebody, and returns them as who calls.
func (w *world) person(name string, admin bool) Actor {
	w.t.Helper()
	u, err := w.CreateUser(w.t.Context(), System(), NewUser{Name: name, Email: strings.ToLower(name) + "@example.com", Admin: admin})
	w.must(err)
	return Actor{Kind: ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin}
}

// review decides what waits now, as somebody who has just looked.
func (w *world) review(by Actor, id string, c ReviewRequest) (Request, error) {
	w.t.Helper()
	r, err := w.Request(w.t.Context(), id)
	w.must(err)
	if c.Subject == "" {
		c.Subject = r.Subject()
	}
	if c.ExpectedVersion == 0 {
		c.ExpectedVersion = r.Version()
	}
	if c.Decision == DecisionDeny && c.Comment == "" {
		c.Comment = "no"
	}
	return w.ReviewRequest(w.t.Context(), by, id, c)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("%04d", w.ids)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wants(err error, code Code, field string) {
	w.t.Helper()
	e, ok := err.(*Error) //nolint:errorlint // the service returns them bare
	if !ok || e.Code != code || e.Field != field {
		w.t.Fatalf("got %#v, want %s at %q", err, code, field)
	}
}

func (w *world) ask(d Seconds) Request {
	w.t.Helper()
	r, err := w.CreateRequest(w.t.Context(), w.dev, w.request(d))
	w.must(err)
	return r
}

func (w *world) request(d Seconds) NewRequest {
	return NewRequest{Items: []ItemRef{{w.db.ID, "reader"}}, Duration: d, Reason: "INC-42", AllowDuplicate: true}
}
