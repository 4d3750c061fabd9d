package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/access"
	"procyon/store"
)

// memory is a store of documents.
type memory struct {
	mu   sync.Mutex
	docs map[string]store.Document
	gets int
	fail error            // returned by all, if set
	hook func(put string) // runs after a document was stored, without the lock
}

func (m *memory) Get(_ context.Context, ids ...string) ([]store.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gets++
	var out []store.Document
	for _, id := range ids {
		if d, ok := m.docs[id]; ok {
			out = append(out, d)
		}
	}
	return out, m.fail
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
	slices.SortFunc(out, func(a, b store.Document) int { return strings.Compare(a.Sort+" "+a.ID, b.Sort+" "+b.ID) })
	if q.Desc {
		slices.Reverse(out)
	}
	if q.After != nil {
		i := slices.IndexFunc(out, func(d store.Document) bool { return d.ID == q.After.ID })
		out = out[i+1:]
	}
	return out[:min(len(out), q.Limit)], m.fail
}

func (m *memory) Put(ctx context.Context, docs ...store.Document) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, d := range docs {
		m.mu.Lock()
		if m.docs[d.ID].Version+1 != d.Version {
			m.mu.Unlock()
			return store.ErrVersion
		}
		m.docs[d.ID] = d
		hook := m.hook
		m.mu.Unlock()
		if hook != nil {
			hook(d.ID)
		}
	}
	return m.fail
}

func (m *memory) Remove(ctx context.Context, docs ...store.Document) error {
	for _, d := range docs {
		now, err := m.Get(ctx, d.ID)
		if err == nil && len(now) == 1 && now[0].Version == d.Version {
			err = m.Delete(ctx, d.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Delete(ctx context.Context, ids ...string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.docs, id)
	}
	return m.fail
}

func (m *memory) count(prefix string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for id := range m.docs {
		if strings.HasPrefix(id, prefix) {
			n++
		}
	}
	return n
}

func (m *memory) reads() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gets
}

// directory is a list of identities.
type directory struct {
	actor func(*access.Actor) // says what else is known of somebody; nil: nothing

	mu       sync.Mutex
	users    map[string]access.User
	accounts map[string]access.ServiceAccount
	issued   []access.TokenIssued
	noted    []string // what was recorded besides
	onNote   func()   // runs before that
	failing  error    // of RecordToken and RecordRevocation
}

var errAbsent = access.Errorf(access.CodeNotFound, "id", "There is no such identity.")

func (d *directory) User(_ context.Context, id string) (access.User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if u, ok := d.users[id]; ok {
		return u, nil
	}
	return access.User{}, errAbsent
}

func (d *directory) Actor(_ context.Context, u access.User) (access.Actor, error) {
	a := access.ActorOf(u)
	if d.actor != nil {
		d.actor(&a)
	}
	return a, nil
}

func (d *directory) UserByEmail(_ context.Context, email string) (access.User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, u := range d.users {
		if strings.EqualFold(u.Email, email) {
			return u, nil
		}
	}
	return access.User{}, errAbsent
}

func (d *directory) CreateUser(ctx context.Context, _ access.Actor, in access.NewUser) (access.User, error) {
	if _, err := d.UserByEmail(ctx, in.Email); err == nil {
		return access.User{}, access.Errorf(access.CodeDuplicate, "email", "taken")
	}
	u := access.User{ID: "usr_" + in.Email, Email: in.Email, Name: in.Name, Admin: in.Admin}
	d.set(u)
	return u, nil
}

func (d *directory) set(u access.User) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users[u.ID] = u
}

func (d *directory) setAccount(a access.ServiceAccount) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[a.ID] = a
}

func (d *directory) ServiceAccount(_ context.Context, id string) (access.ServiceAccount, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		return a, nil
	}
	return access.ServiceAccount{}, errAbsent
}

func (d *directory) EnsureServiceAccount(_ context.Context, _ access.Actor, name string) (access.ServiceAccount, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := d.accounts["svc_"+name]
	if !ok {
		a = access.ServiceAccount{ID: "svc_" + name, Name: name}
		d.accounts[a.ID] = a
	}
	return a, nil
}

func (d *directory) RecordRevocation(_ context.Context, by access.Actor, ownerID, _ string) error {
	d.note(fmt.Sprintf("token of %s revoked by %s", ownerID, by.ID))
	return d.failing
}

func (d *directory) RecordPassword(_ context.Context, by access.Actor, userID string, oneTime bool) error {
	d.note(fmt.Sprintf("password of %s by %s, one-time %v", userID, by.ID, oneTime))
	return nil
}

func (d *directory) RecordSessionsEnded(_ context.Context, by access.Actor, userID, _ string, count int) error {
	d.note(fmt.Sprintf("%d sessions of %s ended by %s", count, userID, by.ID))
	return nil
}

func (d *directory) note(what string) {
	if d.onNote != nil {
		d.onNote()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted = append(d.noted, what)
}

func (d *directory) RecordToken(_ context.Context, _ access.Actor, _ string, t access.TokenIssued) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failing != nil {
		return d.failing
	}
	d.issued = append(d.issued, t)
	return nil
}

const (
	adaEmail = "ada@example.com" // an administrator
	devEmail = "dev@example.com"
	password = "correct horse battery"
	home     = "192.0.2.1:4711"
)

// world is a Service on a memory, with a clock that the test moves and hashes
// that cost next to nothing.
type world struct {
	*Service
	t        *testing.T
	store    *memory
	dir      *directory
	mu       sync.Mutex
	clock    time.Time
	operator access.Actor
	ada, dev access.User
	watches  map[watched]func(context.Context) error // see Valid
}

// watched is whom a watch is of.
type watched struct {
	by *Service
	p  *Principal
}

// Valid is the service's. A watch of the principal, asked before, must say the same.
func (w *world) Valid(ctx context.Context) error {
	w.t.Helper()
	key := watched{w.Service, From(ctx)}
	w.mu.Lock()
	watch := w.watches[key]
	if watch == nil {
		watch = w.Watch(key.p)
		w.watches[key] = watch
	}
	w.mu.Unlock()
	said, err := watch(ctx), w.Service.Valid(ctx)
	if !errors.Is(said, err) {
		w.t.Errorf("a watch says %v, Valid %v", said, err)
	}
	return err
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	w := &world{
		watches: map[watched]func(context.Context) error{},
		t:       t, store: &memory{docs: map[string]store.Document{}}, clock: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		dir:      &directory{users: map[string]access.User{}, accounts: map[string]access.ServiceAccount{}},
		operator: access.Actor{Kind: access.ActorSystem, ID: "operator", Admin: true},
		ada:      access.User{ID: "usr_ada", Email: adaEmail, Name: "Ada", Admin: true},
		dev:      access.User{ID: "usr_dev", Email: devEmail, Name: "Dev"},
	}
	opts := Options{Clock: w.now, CheapHashes: true}
	for _, f := range change {
		f(&opts)
	}
	w.Service = New(w.store, w.dir, opts)
	w.dir.set(w.ada)
	w.dir.set(w.dev)
	return w
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

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wants(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Fatalf("got %v, want %v", err, want)
	}
}

func (w *world) wantsCode(err error, code access.Code, field string) {
	w.t.Helper()
	var e *access.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field {
		w.t.Fatalf("got %#v, want %s at %q", err, code, field)
	}
}

// signIn gives a person the password, if they have none yet, and signs them in.
func (w *world) signIn(u access.User) Session {
	w.t.Helper()
	if len(w.store.docs[credentialID(u.ID)].Data) == 0 {
		w.must(w.SetPassword(w.t.Context(), w.operator, u.ID, password))
	}
	v, err := w.try(u.Email, password, home)
	w.must(err)
	return v
}

// try tries to sign in from a network address, in a browser that is not known.
func (w *world) try(email, password, addr string) (Session, error) {
	return w.SignIn(w.t.Context(), Attempt{Email: email, Password: password, RemoteAddr: addr})
}

// tryIn tries to sign in from home, in a browser with that token.
func (w *world) tryIn(browser, email, password string) (Session, error) {
	return w.SignIn(w.t.Context(), Attempt{Email: email, Password: password, RemoteAddr: home, Browser: browser})
}

func (w *world) service(scopes ...string) (secret, id string) {
	w.t.Helper()
	secret, info, err := w.CreateServiceToken(w.t.Context(), w.operator, "worker", scopes, 0)
	w.must(err)
	return secret, info.ID
}

func (w *world) personal(email string, scopes ...string) (secret, id string) {
	w.t.Helper()
	secret, info, err := w.CreatePersonalToken(w.t.Context(), w.operator, email, "laptop", scopes, 0)
	w.must(err)
	return secret, info.ID
}

// post is a request to the API; headers are pairs.
func (w *world) post(headers ...string) *http.Request {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "http://procyon.example/graphql", http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func (w *world) cookie(v Session) string { return w.CookieName() + "=" + v.Token }

// who authenticates a request; nil is nobody.
func (w *world) who(r *http.Request) *Principal {
	w.t.Helper()
	ctx, err := w.Authenticate(r.Context(), r)
	w.must(err)
	return From(ctx)
}

// as returns a context in which the holder of a token is calling.
func (w *world) as(secret string, headers ...string) context.Context {
	w.t.Helper()
	r := w.post(append(headers, "Authorization", "Bearer "+secret)...)
	ctx, err := w.Authenticate(r.Context(), r)
	w.must(err)
	return ctx
}
