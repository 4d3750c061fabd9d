// Package slacksim plays Slack, so that the whole product runs and is tested
// without a Slack account.
//
// It is a small Slack with one app (app.go): workspaces with people, channels and
// direct messages (workspace.go); the Web API (api*.go) and incoming webhooks, which
// answer with Slack's own words and check what they are sent as strictly as Slack's
// documentation says (validate*.go, on the raw JSON and on purpose without the code
// that made it); the pages that install the app (oauth.go); and the other way, what
// Slack sends to the app (send.go, event.go): slash commands, clicks, forms, events.
//
// A test plays a person by [Server.As]: they type commands, fill forms, press
// buttons and read. A page at / does the same for people. Whatever Slack would
// refuse is refused, and kept in [Server.Refused] with the reason, which Slack often
// does not tell. Faults can be ordered (fault.go): errors, delays, hang-ups, limits,
// revoked webhooks, archived channels.
//
//	GET  /                          the page; ?as=NAME&channel=NAME chooses who sees what
//	POST /api/METHOD                the Web API
//	     /oauth/v2/authorize        the page that asks whether to install the app
//	POST /services/T…/B…/SECRET     an incoming webhook
//	POST /commands/…, /actions/…    a response_url
//	GET  /_sim/messages[?channel=]  what arrived, as JSON
//	GET  /_sim/refused              what was refused and why, as JSON
//
// It is for one machine: it listens on loopback addresses only and asks nobody
// who they are.
package slacksim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Options are the settings of [New]. The zero value is right for tests.
type Options struct {
	// BaseURL is what the URLs given out begin with, such as
	// "http://127.0.0.1:8090". It can be set later with SetBaseURL.
	BaseURL string
	// Workspace is the name shown on the page; empty is "Procyon demo".
	Workspace string
	// TeamID is the workspace's id; empty is "T0SIMULATED".
	TeamID string
	// Enterprise is the id of the organisation that the workspace belongs to, or "".
	Enterprise string
	// People are in the workspace; nil is [SamplePeople].
	People []Profile
	// App is the app; it can be set later with SetApp.
	App App
	// RateLimit allows each webhook and each channel one message a second, and each
	// method of the Web API as many calls a minute as its tier has. Off, a benchmark
	// can post as fast as it likes.
	RateLimit bool
	// AckTimeout is how long Slack waits for the app; 0 is its own three seconds.
	AckTimeout time.Duration
	// TriggerLife is how long a trigger_id opens a view; 0 is Slack's three seconds.
	TriggerLife time.Duration
	// Retries are the waits before an event is sent again that was not taken; nil
	// is Slack's: at once, after a minute, after five.
	Retries []time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// MaxMessages is how many messages a channel keeps; 0 is 1000. Older ones go.
	MaxMessages int
	// Taken is told of everything that the app had shown and Slack took, as it was
	// sent: a "message" ({text, blocks}), a "view" or a type-ahead's "options". Optional.
	// It must not block and not call the Server.
	Taken func(kind string, content json.RawMessage)
}

// SamplePeople are those of a workspace for which no others are named.
func SamplePeople() []Profile {
	return []Profile{
		{ID: "U0ADA", Name: "ada", Real: "Ada Admin", Email: "ada@example.com"},
		{ID: "U0BO", Name: "bo", Real: "Bo Approver", Email: "bo@example.com"},
		{ID: "U0DEV", Name: "dev", Real: "Dev Developer", Email: "dev@example.com"},
	}
}

// Server is a simulated Slack. It is safe for concurrent use. Events to the app
// travel in goroutines of their own; Close ends those, the streams of open pages
// and whoever waits.
type Server struct {
	opts   Options
	mux    *http.ServeMux
	done   chan struct{}
	once   sync.Once
	client *http.Client    // sends to the app
	alive  context.Context //nolint:containedctx // ends with Close; for events, which outlive the calls that cause them
	end    context.CancelFunc
	events sync.WaitGroup

	mu        sync.Mutex // guards the fields below
	base      string
	app       App
	teams     map[string]*team // by id
	teamOrder []*team
	users     map[string]*user     // by id
	channels  map[string]*channel  // by id
	hooks     map[string]*webhook  // by path
	orgs      map[string]*install  // by the id of the organisation
	tokens    map[string]*token    // by secret
	refreshes map[string]*token    // by refresh token
	codes     map[string]*grant    // of OAuth
	triggers  map[string]*trigger  // by id
	views     map[string]*view     // by id
	responses map[string]*response // by path

	oldTriggers, oldResponses ageing

	faults   map[string][]Fault     // ordered for calls, by method
	calls    map[string][]time.Time // of the last minute, by what a limit is for
	sockets  []*socket
	tickets  map[string]bool // of Socket Mode, good for one connection
	refused  []Refusal
	sent     []parcel // the latest
	seq      int
	lastTS   int64 // in microseconds; each message has a later one
	latency  time.Duration
	disabled bool
	underWay int           // events that are not yet taken or given up
	changed  chan struct{} // closed and replaced at each change
	streams  int
}

// webhook is one incoming webhook. Its path is /services/team/bot/secret.
type webhook struct {
	path, bot, secret string
	channel           *channel
	revoked           bool
	nextAt            time.Time // when the rate limit admits the next message
	faults            []Fault
}

// New makes a workspace with people and without channels.
func New(o Options) *Server {
	if o.Workspace == "" {
		o.Workspace = "Procyon demo"
	}
	if o.TeamID == "" {
		o.TeamID = "T0SIMULATED"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxMessages <= 0 {
		o.MaxMessages = 1000
	}
	if o.People == nil {
		o.People = SamplePeople()
	}
	if o.AckTimeout <= 0 {
		o.AckTimeout = 3 * time.Second
	}
	if o.TriggerLife <= 0 {
		o.TriggerLife = 3 * time.Second
	}
	if o.Retries == nil {
		o.Retries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	s := &Server{
		opts: o, base: strings.TrimRight(o.BaseURL, "/"), done: make(chan struct{}), client: appClient(),
		app: o.App.withDefaults(), teams: map[string]*team{}, users: map[string]*user{},
		hooks: map[string]*webhook{}, channels: map[string]*channel{}, changed: make(chan struct{}),
		orgs: map[string]*install{}, tokens: map[string]*token{}, refreshes: map[string]*token{}, codes: map[string]*grant{},
		triggers: map[string]*trigger{}, views: map[string]*view{}, responses: map[string]*response{},
		faults: map[string][]Fault{}, calls: map[string][]time.Time{}, tickets: map[string]bool{},
	}
	s.alive, s.end = context.WithCancel(context.Background())
	// The people are checked by AddPerson; a clash here leaves the second one out.
	_ = s.AddWorkspace(Workspace{ID: o.TeamID, Name: o.Workspace, Enterprise: o.Enterprise, People: o.People})
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("/services/", s.serveWebhook)
	s.mux.HandleFunc("/api/{method}", s.serveAPI)
	s.mux.HandleFunc("/", s.serveNowhere)
	s.mux.HandleFunc("GET /link/", s.serveSocket)
	s.mux.HandleFunc("POST /commands/", s.serveResponse)
	s.mux.HandleFunc("POST /actions/", s.serveResponse)
	s.mux.Handle("GET /oauth/v2/authorize", s.local(s.serveAuthorize))
	s.mux.Handle("POST /oauth/v2/authorize", s.local(s.serveConsent))
	s.mux.Handle("GET /{$}", s.local(s.servePage))
	s.mux.Handle("GET /archives/{channel}/{message}", s.local(s.serveArchive))
	s.mux.Handle("POST /_sim/do", s.local(s.serveDo))
	s.mux.Handle("GET /_sim/messages", s.local(s.serveMessages))
	s.mux.Handle("GET /_sim/refused", s.local(s.serveRefused))
	s.mux.Handle("GET /_sim/stream", s.local(s.serveStream))
	s.mux.Handle("GET /_sim/{file}", s.local(s.serveFile))
	return s
}

// ServeHTTP answers as Slack, and serves the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// serveNowhere answers for paths that Slack has not, out loud.
func (s *Server) serveNowhere(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/favicon.ico" {
		s.mu.Lock()
		s.keep(Refusal{Method: r.Method + " " + r.URL.Path, Status: http.StatusNotFound, Body: "not_found", Why: "Slack has no such path"})
		s.mu.Unlock()
	}
	http.NotFound(w, r)
}

// SetBaseURL sets what the URLs given out begin with, once the address is known.
func (s *Server) SetBaseURL(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = strings.TrimRight(base, "/")
}

// AddWebhook makes an incoming webhook for a channel, and the channel where it is
// new, and gives the webhook's URL. The URLs follow from the channel's name and
// the number of its webhooks, so they are the same in every run. An empty name
// gives "".
func (s *Server) AddWebhook(channelName string) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", channelName, n))
		bot := "B0" + strings.ToUpper(hex.EncodeToString(sum[:5]))
		if url, err := s.AddWebhookWithID(channelName, bot, hex.EncodeToString(sum[8:20])); !errors.Is(err, errExists) {
			return url
		}
	}
}

var errExists = errors.New("slacksim: this webhook exists already")

var (
	botID    = regexp.MustCompile(`^B[A-Z0-9]{2,20}$`)
	secretID = regexp.MustCompile(`^[A-Za-z0-9]{8,64}$`)
)

// AddWebhookWithID is AddWebhook with a bot id such as "B0PROD" and a secret of 8
// to 64 letters and digits of one's own choice.
func (s *Server) AddWebhookWithID(channelName, bot, secret string) (string, error) {
	if strings.TrimSpace(channelName) == "" || !botID.MatchString(bot) || !secretID.MatchString(secret) {
		return "", errors.New("slacksim: a webhook needs a channel, a bot id like B0PROD and a secret of 8 to 64 letters and digits")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &webhook{path: "/services/" + s.opts.TeamID + "/" + bot + "/" + secret, bot: bot, secret: secret}
	if s.hooks[h.path] != nil {
		return "", errExists
	}
	h.channel = s.channel(channelName)
	s.hooks[h.path] = h
	return s.base + h.path, nil
}

// announce wakes whoever waits for a change; s.mu is held.
func (s *Server) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close ends open streams and waits, sends no event any more, and waits for those
// under way to end. The stored messages can still be read.
func (s *Server) Close() {
	s.mu.Lock()
	s.once.Do(func() { close(s.done); s.end() })
	sockets := s.sockets
	s.mu.Unlock()
	for _, k := range sockets {
		k.close()
	}
	s.events.Wait()
	s.client.CloseIdleConnections()
}

// ListenAndServe serves on addr, a loopback address such as 127.0.0.1:8090,
// until ctx ends, and refuses any other address: nobody is asked who they are
// here. It returns nil after ctx ended.
func (s *Server) ListenAndServe(ctx context.Context, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("slacksim: listen on %q: %w", addr, err)
	}
	if !loopback(host) {
		return fmt.Errorf("slacksim: listen on %q: only loopback addresses are allowed, such as 127.0.0.1:8090", addr)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("slacksim: %w", err)
	}
	return s.Serve(ctx, l)
}

// Serve is ListenAndServe on a listener that is open already. It closes it. The
// base URL, where none is set, becomes the listener's.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		_ = l.Close()
		return fmt.Errorf("slacksim: serve on %s: only loopback addresses are allowed", a)
	}
	s.mu.Lock()
	if s.base == "" {
		s.base = "http://" + l.Addr().String()
	}
	s.mu.Unlock()
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: time.Minute}
	stopped := make(chan struct{})
	release := context.AfterFunc(ctx, func() {
		defer close(stopped)
		s.Close()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if srv.Shutdown(grace) != nil {
			_ = srv.Close()
		}
	})
	defer release()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("slacksim: %w", err)
	}
	<-stopped
	return nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// local admits only requests for a loopback name, so that a site elsewhere can't
// read the page by having its own name lead to this machine.
func (s *Server) local(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !loopback(strings.Trim(host, "[]")) {
			http.Error(w, "This page is for this machine only: open it as http://localhost.", http.StatusForbidden)
			return
		}
		if err := new(http.CrossOriginProtection).Check(r); err != nil {
			http.Error(w, "This came from another site.", http.StatusForbidden)
			return
		}
		secure(w.Header())
		next(w, r)
	})
}

func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
