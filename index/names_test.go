package index_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"procyon/access"
	"procyon/index"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plain seals nothing: the tests look at other things.
type plain struct{}

func (plain) Seal(s, _ string) (string, error) { return s, nil }
func (plain) Open(s, _ string) (string, error) { return s, nil }

// server is a process on a store, with an index and without one.
type server struct {
	*access.Service                 // finds by the index
	reads           *access.Service // reads the store, one document after the other
	journal         *journal.Journal
	store           journal.Store
	names           *index.Names
	ended           *index.Ended
	counted         func() // runs after those that have ended were counted; may be nil
}

var admin = access.Actor{Kind: access.ActorSystem, ID: "system", Name: "Procyon", Via: "system", Admin: true}

// open starts a server on a file, until the test ends or stop is called.
func open(t *testing.T, path string) (s *server, stop func()) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	must(t, err)
	j, err := journal.Open(t.Context(), db, journal.Options{Kinds: subject.Kinds(), Poll: time.Hour})
	must(t, err)
	s = &server{journal: j, store: db}
	fail := func(err error) { t.Error(err) }
	s.names = index.NewNames(j, db, index.Options{Kinds: subject.Kinds(), Terms: subject.NameTerms(), OnError: fail})
	s.ended = index.NewEnded(j, db)
	ids := 0
	of := access.SubjectOptions{
		Kinds: subject.Kinds(), Now: time.Now, DeriveID: access.DeriveID,
		NewID: func() string { ids++; return fmt.Sprintf("%d_%p", ids, s) },
	}
	options := access.Options{Secrets: plain{}, MaxOpen: -1, MaxPerHour: -1}
	s.reads = access.New(access.NewSubjects(j, db, of), options)
	of.Names, options.Ended = s.names, func(ctx context.Context) (map[access.Status]int, bool, error) {
		n, ok, err := s.ended.Count(ctx)
		if s.counted != nil {
			s.counted()
		}
		return n, ok, err
	}
	s.Service = access.New(access.NewSubjects(j, db, of), options)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		must(t, <-ended)
		must(t, db.Close())
	}
	t.Cleanup(stop)
	return s, stop
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// parts are what names are made of, so that many share some.
var parts = []string{
	"orders", "Orders", "DB", "AWSAdministratorAccess", "André", "Andre\u0301", "支付系统", "迁移", "прод", "eu-west-1", "Straße", "37", "İzmir", "_", "ﬁnance", "x",
}

func name(r *rand.Rand) string {
	var out []string
	for range 1 + r.IntN(3) {
		out = append(out, parts[r.IntN(len(parts))])
	}
	return strings.Join(out, []string{" ", "-", ""}[r.IntN(3)])
}

// What the index finds, in whichever order things happened and on whichever server they
// did, is what one finds who reads the store from one end to the other.
func TestTheIndexFindsWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "procyon.db")
	a, _ := open(t, path)
	b, _ := open(t, path)
	r := rand.New(rand.NewPCG(7, uint64(time.Now().UnixNano())))
	var accounts, gateways, resources, users []string
	pick := func(of []string) string { return of[r.IntN(len(of))] }
	change := func(s *server) error {
		switch n := r.IntN(12); {
		case n == 0 || len(accounts) < 3:
			v, err := s.CreateAccount(t.Context(), admin, access.NewAccount{Name: name(r) + fmt.Sprint(len(accounts)), Provider: "AWS", ExternalID: fmt.Sprint(len(accounts))})
			accounts = append(accounts, v.ID)
			return err
		case n == 1 || len(gateways) < 2:
			v, err := s.CreateGateway(t.Context(), admin, access.NewGateway{Name: name(r) + fmt.Sprint(len(gateways))})
			gateways = append(gateways, v.ID)
			return err
		case n == 2:
			_, err := s.RenameAccount(t.Context(), admin, pick(accounts), name(r)+fmt.Sprint(r.Int64()))
			return err
		case n == 3 && len(resources) > 0:
			_, _, err := s.UpdateResource(t.Context(), admin, pick(resources), access.ResourcePatch{Name: new(name(r) + fmt.Sprint(r.Int64()))})
			if access.CodeOf(err) == access.CodeNotFound {
				err = nil
			}
			return err
		case n == 4 && len(resources) > 0:
			_, err := s.DeleteResource(t.Context(), admin, pick(resources), false)
			if access.CodeOf(err) == access.CodeNotFound {
				err = nil
			}
			return err
		case n == 5 && len(users) > 0:
			_, _, err := s.DisableUser(t.Context(), admin, pick(users))
			if access.CodeOf(err) == access.CodeConflict {
				err = nil // the last administrator stays
			}
			return err
		case n <= 7:
			v, err := s.CreateUser(t.Context(), admin, access.NewUser{Name: name(r), Email: fmt.Sprintf("p%d@example.com", len(users)), Admin: r.IntN(3) == 0})
			users = append(users, v.ID)
			return err
		default:
			in := access.NewResource{Name: name(r) + fmt.Sprint(len(resources)), Kind: access.ResourceDatabase, AccountID: pick(accounts)}
			if r.IntN(2) == 0 {
				in = access.NewResource{Name: name(r) + fmt.Sprint(len(resources)), Kind: access.ResourcePrivateServer, GatewayID: pick(gateways)}
			}
			v, err := s.CreateResource(t.Context(), admin, in)
			resources = append(resources, v.ID)
			return err
		}
	}
	for round := range 60 {
		s, other := a, b
		if r.IntN(2) == 0 {
			s, other = b, a
		}
		for range 4 {
			must(t, change(s))
		}
		text := pick(parts)
		runes := []rune(text)
		from := r.IntN(len(runes))
		text = string(runes[from : from+1+r.IntN(len(runes)-from)])
		if r.IntN(3) == 0 {
			text += " " + pick(parts)
		}
		f := access.ResourceFilter{Search: text}
		if r.IntN(3) == 0 {
			f.Parent = pick(append(accounts, gateways...))
		}
		if r.IntN(3) == 0 {
			f.Kinds = []access.ResourceKind{access.ResourcePrivateServer, access.ResourceKafkaCluster}[:r.IntN(3)]
		}
		u := access.UserFilter{Search: text, Statuses: [][]access.UserStatus{nil, {access.UserDisabled}, {access.UserEnabled}}[r.IntN(3)], Roles: [][]access.Role{nil, {access.RoleAdmin}}[r.IntN(2)]}
		if r.IntN(2) == 0 {
			u.Search = ""
		}
		for what, list := range map[string]func(*access.Service, store.Page) (store.Listed, error){
			fmt.Sprintf("resources %+v", f): func(s *access.Service, p store.Page) (store.Listed, error) { return s.Resources(t.Context(), f, p) },
			fmt.Sprintf("users %+v", u):     func(s *access.Service, p store.Page) (store.Listed, error) { return s.Users(t.Context(), u, p) },
			"accounts " + text:              func(s *access.Service, p store.Page) (store.Listed, error) { return s.Accounts(t.Context(), text, p) },
		} {
			want := turn(t, other.reads, list, 100, false)
			size, back := 1+r.IntN(5), r.IntN(2) == 0
			if got := turn(t, other.Service, list, size, back); !slices.Equal(got, want) {
				t.Fatalf("round %d, %s by %d (backward %t):\ngot  %q\nwant %q", round, what, size, back, got, want)
			}
		}
		n, ok, err := other.ResourceCount(t.Context(), access.ResourceFilter{Parent: f.Parent})
		want := len(turn(t, other.reads, func(s *access.Service, p store.Page) (store.Listed, error) {
			return s.Resources(t.Context(), access.ResourceFilter{Parent: f.Parent}, p)
		}, 100, false))
		if err != nil || !ok || n != want {
			t.Fatalf("%d resources, %t, %v; want %d", n, ok, err, want)
		}
	}
	// A server that starts finds the same.
	c, _ := open(t, path)
	for _, f := range []access.ResourceFilter{{Search: "rder"}, {Search: "prod"}, {Kinds: []access.ResourceKind{access.ResourceDatabase}}, {Search: "支付"}} {
		list := func(s *access.Service, p store.Page) (store.Listed, error) { return s.Resources(t.Context(), f, p) }
		if got, want := turn(t, c.Service, list, 3, false), turn(t, a.Service, list, 100, false); !slices.Equal(got, want) {
			t.Errorf("%+v: got %q, want %q", f, got, want)
		}
	}
}

// turn reads a whole list in pages, and returns its IDs in the list's order.
func turn(t *testing.T, s *access.Service, list func(*access.Service, store.Page) (store.Listed, error), size int, back bool) []string {
	t.Helper()
	var all []string
	p := store.Page{First: size}
	if back {
		p = store.Page{Last: size}
	}
	for range 1000 {
		l, err := list(s, p)
		must(t, err)
		var ids []string
		for _, d := range l.Docs {
			ids = append(ids, d.ID)
		}
		more := l.Next
		if back {
			all, more, p.Before = append(ids, all...), l.Previous, l.Start
		} else {
			all, p.After = append(all, ids...), l.End
		}
		if !more {
			return all
		}
	}
	t.Fatal("the list has no end")
	return nil
}

func TestSearchOfParts(t *testing.T) {
	s, _ := open(t, filepath.Join(t.TempDir(), "procyon.db"))
	prod, err := s.CreateAccount(t.Context(), admin, access.NewAccount{Name: "Production EU", Provider: "AWS", ExternalID: "1"})
	must(t, err)
	edge, err := s.CreateGateway(t.Context(), admin, access.NewGateway{Name: "Édge"})
	must(t, err)
	for _, in := range []access.NewResource{
		{Name: "AWSAdministratorAccess", Kind: access.ResourceCloudRole, AccountID: prod.ID},
		{Name: "支付系统迁移", Kind: access.ResourceDatabase, AccountID: prod.ID},
		{Name: "Caf\u00e9 till", Kind: access.ResourcePrivateServer, GatewayID: edge.ID},
	} {
		_, err := s.CreateResource(t.Context(), admin, in)
		must(t, err)
	}
	for text, want := range map[string]string{
		"admin": "AWSAdministratorAccess", "ADMIN production": "AWSAdministratorAccess", "eu admin": "AWSAdministratorAccess", "admin edge": "",
		"系统": "支付系统迁移", "cafe\u0301": "Caf\u00e9 till", "CAFÉ": "Caf\u00e9 till", "edge": "Caf\u00e9 till", "ÉDG": "Caf\u00e9 till",
		"duct": "AWSAdministratorAccess,支付系统迁移", "...": "", "nothing": "",
	} {
		l, err := s.Resources(t.Context(), access.ResourceFilter{Search: text}, store.Page{First: 10})
		must(t, err)
		resources, err := access.DecodeAll[access.Resource](l.Docs)
		must(t, err)
		var names []string
		for _, r := range resources {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, ","); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if _, err := s.Resources(t.Context(), access.ResourceFilter{Search: strings.Repeat("é", 201)}, store.Page{First: 1}); access.CodeOf(err) != access.CodeInvalid {
		t.Errorf("a search that is too long: %v", err)
	}
}

// held is a store that reads no list until it is let go.
type held struct {
	store.Reader
	begun chan struct{} // of one, so that the first list is heard of whoever comes first
	let   chan struct{}
}

func (h held) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	select {
	case h.begun <- struct{}{}:
	default:
	}
	select {
	case <-h.let:
		return h.Reader.List(ctx, q)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// While a server that has just started reads what there is, searches are answered all the
// same, and totals are not known.
func TestSearchesWhileTheIndexIsMade(t *testing.T) {
	s, _ := open(t, filepath.Join(t.TempDir(), "procyon.db"))
	_, err := s.CreateUser(t.Context(), admin, access.NewUser{Name: "Grace Hopper", Email: "grace@example.com"})
	must(t, err)
	docs := held{s.store, make(chan struct{}, 1), make(chan struct{})}
	names := index.NewNames(s.journal, docs, index.Options{Kinds: subject.Kinds(), Terms: subject.NameTerms()})
	done := make(chan error, 1)
	go func() { done <- names.Follow(t.Context()) }()
	<-docs.begun
	q := access.NameQuery{Kind: access.KindUser, Words: []string{"opp"}, Limit: 1}
	if _, _, err := names.Find(t.Context(), q); !errors.Is(err, access.ErrNotIndexed) {
		t.Errorf("found before it was read: %v", err)
	}
	if _, ok, err := names.Count(t.Context(), access.KindUser, "", nil); ok || err != nil {
		t.Errorf("counted before it was read: %v", err)
	}
	subjects := access.NewSubjects(s.journal, s.store, access.SubjectOptions{Kinds: subject.Kinds(), Now: time.Now, Names: names})
	service := access.New(subjects, access.Options{})
	l, err := service.Users(t.Context(), access.UserFilter{Search: "opp"}, store.Page{First: 5})
	if err != nil || len(l.Docs) != 1 {
		t.Errorf("%d found, %v", len(l.Docs), err)
	}
	close(docs.let)
	must(t, <-done)
	if found, _, err := names.Find(t.Context(), q); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}
