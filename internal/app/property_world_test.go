package app

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/client"
	"procyon/delivery"
	"procyon/index"
	"procyon/internal/seal"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/slackbot"
	"procyon/slackworkspace"
	"procyon/store/sqlite"
	"procyon/workerstore"
)

// world is what the property tests act in: servers over one store, on a clock that
// only they move, a simulated Slack, and people.
type world struct {
	t       *testing.T
	ctx     context.Context //nolint:containedctx // of the test, which is the world's life
	path    string
	minutes atomic.Int64 // since dawn
	ids     atomic.Uint64
	servers []*propertyServer
	sim     *slacksim.Server
	slackAt string // the address of that
	seats   string // the ID here of the workspace in which people have Slack accounts
	people  []*actor
	known   book
	tally   tally
	quiet   bool // nobody gets messages of the bot's, so that all happens in the order of the steps

	mu   sync.Mutex
	acts []*act // what people did, in the order in which they began
	ends []ending
}

// dawn is when each world begins.
var dawn = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// now is the servers' clock: whole minutes, so that a stamp to the minute says all.
func (w *world) now() time.Time { return dawn.Add(time.Duration(w.minutes.Load()) * time.Minute) }

// newID makes IDs that are the same each time.
func (w *world) newID() string { return fmt.Sprintf("%032x", w.ids.Add(1)) }

// propertyServer is one process of the product, as far as decisions go.
type propertyServer struct {
	*App
	pauses *pausingLog
	http   *httptest.Server
	bot    *slackbot.Bot

	mu       sync.Mutex // guards what follows
	schedule *access.Schedule
	seen     uint64 // the position up to which the schedule knows the journal
}

// actor is somebody who acts. One goroutine at a time plays them.
type actor struct {
	access.User
	rng    *rand.Rand
	slack  *slacksim.Person // nil: has no Slack account
	cookie string           // of their session at the console
	key    string           // the last idempotency key
	old    *auth.Principal  // as whom one of their calls was authenticated some time ago
	views  []*view          // what they have before them, oldest first
	sent   []*act           // what they did with an idempotency key
	lists  []slacksim.Message
}

// book is what everybody knows: which requests and resources there are.
type book struct {
	mu        sync.Mutex
	requests  []string // the latest
	states    map[string]knownState
	resources []*thing          // those that are not deleted
	names     map[string]string // who was ever called so; no name is given twice
	made      int
}

// thing is a resource.
type thing struct {
	id    string
	roles []string // all that it ever had
}

const settledDecideIn = 3 * time.Hour

func newWorld(t *testing.T, servers int, seed uint64) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), path: filepath.Join(t.TempDir(), "procyon.db"), quiet: servers == 1}
	w.known.names, w.known.states = map[string]string{}, map[string]knownState{}
	w.sim = slacksim.New(slacksim.Options{})
	slack := httptest.NewServer(w.sim)
	w.slackAt = slack.URL
	w.sim.SetBaseURL(slack.URL)
	t.Cleanup(func() {
		w.sim.Close()
		slack.Close()
		for _, r := range w.sim.Refused() {
			t.Errorf("Slack refused %s: %s %s", r.Method, r.Body, r.Why)
		}
	})
	for range servers {
		w.servers = append(w.servers, w.openServer())
	}
	w.furnish(seed)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Error(err)
		panic(err)
	}
}

// openStore opens what the servers share: a file, where there are several.
func (w *world) openStore() journal.Store {
	if w.quiet {
		return newMemoryStore()
	}
	store, err := sqlite.Open(w.ctx, w.path)
	w.must(err)
	return store
}

// openServer starts a server over the world's store, whose clock and IDs are the world's.
func (w *world) openServer() *propertyServer {
	w.t.Helper()
	store := w.openStore()
	keys, err := seal.LoadOrCreate(w.path + ".key")
	w.must(err)
	log := slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	j, err := journal.Open(w.ctx, store, journal.Options{Kinds: subject.Kinds(), OnError: func(err error) { log.Error("journal", "error", err) }})
	w.must(err)
	hosts, err := slackapi.ParseHostPolicy("127.0.0.1")
	w.must(err)
	s := &propertyServer{pauses: &pausingLog{Log: j}}
	s.http = httptest.NewUnstartedServer(nil)
	public, err := url.Parse("http://" + s.http.Listener.Addr().String())
	w.must(err)
	k := &Core{log: log, Store: store, Journal: j, days: index.NewDays(j, store), public: public, now: w.now}
	subjects := access.NewSubjects(s.pauses, store, access.SubjectOptions{Kinds: subject.Kinds(), Now: w.now, NewID: w.newID, DeriveID: access.DeriveID})
	k.Workspaces = slackworkspace.New(subjects, k.Store, keys, hosts.CheckURL)
	k.Access = access.New(subjects, access.Options{
		Workspaces: k.Workspaces, EndFor: k.Workspaces.EndFor,
		MaxDuration: 4 * time.Hour, Secrets: keys,
		Integrations: kinds(hosts), DecideIn: settledDecideIn, History: journal.History(store),
		MaxOpen: -1, MaxPerHour: -1, // a few people ask thousands of times
	})
	k.Ledger = delivery.New(store, j, w.now, w.newID, access.DeriveID)
	k.Records = workerstore.New(store, w.now, access.DeriveID, keys)
	k.Auth = auth.New(store, k.Access, auth.Options{Clock: w.now, CheapHashes: true, PublicURL: public, MayActFor: k.Workspaces.Linked})
	s.App = &App{Core: k, cfg: Config{Server: ServerConfig{PublicURL: public.String()}}, metrics: newMetrics(k)}
	stop := runCore(w.t, k)
	w.must(s.routes())
	w.openBot(s)
	s.http.Config.Handler = s.mux
	s.http.Start()
	s.schedule = access.NewSchedule(s.Access)
	w.t.Cleanup(func() {
		w.must(s.endSubscriptions(context.WithoutCancel(w.ctx)))
		s.http.Close()
		stop()
		w.must(s.Close())
	})
	return s
}

// openBot gives a server its Slack bot, which Slack and it run on the real clock.
func (w *world) openBot(s *propertyServer) {
	w.t.Helper()
	w.sim.SetApp(slacksim.App{
		CommandURL: s.public.String() + "/slack/command", InteractionURL: s.public.String() + "/slack/interaction", EventURL: s.public.String() + "/slack/event",
	})
	token, err := s.Auth.LocalToken(w.ctx, access.System(), "slackbot", WorkerScopes("slackbot"))
	w.must(err)
	api, err := client.New(client.Options{URL: s.public.String() + "/graphql", Token: token})
	w.must(err)
	slack, err := slackapi.NewAPI(w.slackAt + "/api/")
	w.must(err)
	s.bot, err = slackbot.New(slackbot.Options{Client: api, API: slack, PublicURL: s.public, SigningSecret: w.sim.App().SigningSecret, Logger: s.log})
	w.must(err)
	s.mux.Handle("/slack/", s.bot)
	w.t.Cleanup(api.Close)
}

// furnish makes the people and the first things. Three decide, and ask as well; three
// only ask.
func (w *world) furnish(seed uint64) {
	w.t.Helper()
	s := w.servers[len(w.servers)-1] // Slack calls the last
	rng := rand.New(rand.NewPCG(seed, 0))
	for n, name := range []string{"Ada", "Bo", "Cyd", "Dev", "Eve", "Fay"} {
		email := fmt.Sprintf("%c%s@example.com", name[0]|0x20, name[1:])
		u, err := s.Access.CreateUser(w.ctx, Operator(), access.NewUser{Email: email, Name: name, Admin: n < 3})
		w.must(err)
		w.people = append(w.people, &actor{User: u, rng: rng})
	}
	in, err := w.sim.Install("")
	w.must(err)
	w.seats, err = s.bot.Install(w.ctx, slackapi.Installation{
		TeamID: in.TeamID, TeamName: "Procyon demo", AppID: w.sim.App().ID, BotUserID: in.BotUserID, Scopes: in.Scopes, Token: in.Token,
	})
	w.must(err)
	installed, err := s.Workspaces.WorkspaceByID(w.ctx, w.seats)
	w.must(err)
	_, err = s.Workspaces.Accept(w.ctx, Operator(), w.seats, installed.InstalledAt)
	w.must(err)
	seats := map[string]string{"Ada": "ada", "Bo": "bo", "Dev": "dev"}
	for _, a := range w.people {
		if seats[a.Name] == "" || !w.quiet && a.Name == "Dev" {
			continue
		}
		a.slack = w.sim.As(seats[a.Name])
		w.linkSlack(a)
	}
	for range 8 {
		w.addThing()
	}
}

// linkSlack links somebody's Slack account, where they have one.
func (w *world) linkSlack(a *actor) {
	if a.slack == nil {
		return
	}
	by := access.Actor{Kind: access.ActorUser, ID: a.ID, Name: a.Name, Email: a.Email, Admin: a.Admin, Via: "cli"}
	_, err := w.servers[0].Workspaces.Link(w.ctx, by, slackworkspace.NewLink{WorkspaceID: w.seats, SlackUserID: a.slack.ID(), SlackName: a.Name, SlackEmail: a.Email})
	if access.CodeOf(err) == "" { // somebody may have disabled them again
		w.must(err)
	}
}

// newName is a name that no resource had before.
func (w *world) newName(id string) (name string, n int) {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	w.known.made++
	name = fmt.Sprintf("thing-%d", w.known.made)
	w.known.names[name] = id
	return name, w.known.made
}

// addThing makes a resource; every third one has no roles.
func (w *world) addThing() {
	name, n := w.newName("")
	in := access.NewResource{Name: name, Kind: access.ResourcePrivateServer}
	if n%3 != 0 {
		in.Roles = []string{"reader", "writer", "owner"}
	}
	r, err := w.servers[0].Access.CreateResource(w.ctx, Operator(), in)
	w.must(err)
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	w.known.names[name] = r.ID
	w.known.resources = append(w.known.resources, &thing{id: r.ID, roles: in.Roles})
}

// named is the ID of the resource that is or was called so.
func (w *world) named(name string) string {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	if id := w.known.names[name]; id != "" {
		return id
	}
	return "unknown " + name
}

// someRequest picks one of the latest requests that fits, seldom one that does not or is
// over; "" where there is none.
func (w *world) someRequest(rng *rand.Rand, fits func(r *access.Request) bool) string {
	for range 6 {
		w.known.mu.Lock()
		id := ""
		if n := len(w.known.requests); n > 0 {
			id = w.known.requests[rng.IntN(n)]
		}
		w.known.mu.Unlock()
		if id == "" {
			return ""
		}
		r := w.request(id)
		if r.Open() && fits(r) || rng.IntN(40) == 0 {
			return id
		}
		if !r.Open() && rng.IntN(3) == 0 {
			w.known.mu.Lock()
			w.known.requests = slices.DeleteFunc(w.known.requests, func(have string) bool { return have == id })
			w.known.mu.Unlock()
		}
	}
	return ""
}

// request is a request as it is now, only to be read.
func (w *world) request(id string) *access.Request {
	docs, err := w.servers[0].Store.Get(w.ctx, id)
	w.must(err)
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	if have, ok := w.known.states[id]; ok && have.version == docs[0].Version {
		return have.request
	}
	r, err := access.Decode[access.Request](docs[0])
	w.must(err)
	w.known.states[id] = knownState{docs[0].Version, &r}
	return &r
}

// knownState is a request at a version of its document.
type knownState struct {
	version uint64
	request *access.Request
}

const latestRequests = 14

func (w *world) heardOf(id string) {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	if !slices.Contains(w.known.requests, id) {
		w.known.requests = append(w.known.requests, id)
		w.known.requests = w.known.requests[max(0, len(w.known.requests)-latestRequests):]
	}
}

// head is the position up to which any server knows the journal.
func (w *world) head() uint64 {
	var at uint64
	for _, s := range w.servers {
		at = max(at, s.Journal.Head())
		if w.quiet {
			continue
		}
		// What one server has just written, the other reads before either says so.
		head, err := s.Store.Head(w.ctx)
		w.must(err)
		at = max(at, head.Seq)
	}
	return at
}

// takeSteps lets a server take the steps that are due, unless it is about that already.
func (s *propertyServer) takeSteps(ctx context.Context) error {
	if !s.mu.TryLock() {
		return nil
	}
	defer s.mu.Unlock()
	for {
		entries, err := s.Journal.Read(ctx, s.seen, 500)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return s.schedule.Advance(ctx)
		}
		for _, e := range entries {
			if err := s.schedule.Observe(e.Subject, e.After); err != nil {
				return err
			}
			s.seen = e.Seq
		}
	}
}

// pausingLog commits like the journal but can pause right before and right after one
// commit: what happens in such a pause is what another process may do in between.
type pausingLog struct {
	access.Log
	mu   sync.Mutex
	next *pause
}

type pause struct {
	fits          func(access.Change) bool
	before, after func(access.Change)
}

func (l *pausingLog) set(p *pause) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = p
}

// Append implements access.Log.
func (l *pausingLog) Append(ctx context.Context, c access.Change) (uint64, error) {
	l.mu.Lock()
	p := l.next
	if p != nil && p.fits(c) {
		l.next = nil
	} else {
		p = nil
	}
	l.mu.Unlock()
	if p != nil {
		p.before(c)
	}
	seq, err := l.Log.Append(ctx, c)
	if p != nil {
		p.after(c)
	}
	return seq, err
}
