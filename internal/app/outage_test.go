package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/client"
	"procyon/journal"
	"procyon/store"
	"procyon/worker"
)

// failingStore is a store that is away while it is told to be, or full, or answers nobody.
type failingStore struct {
	journal.Store
	away, full atomic.Bool
	hangs      atomic.Pointer[chan struct{}] // until it is closed; nil: it does not
	refuse     atomic.Pointer[error]         // what appends alone fail with; nil: they don't
	stuck      atomic.Pointer[chan struct{}] // appends alone, until it is closed; nil: it does not
}

var (
	errAway = errors.New("the store is away")
	errFull = errors.New("the disk is full")
)

func (s *failingStore) fails() error {
	if c := s.hangs.Load(); c != nil {
		<-*c
	}
	if s.away.Load() {
		return errAway
	}
	return nil
}

func (s *failingStore) failsToWrite() error {
	if s.full.Load() {
		return fmt.Errorf("%w: %w", journal.ErrNotWritten, errFull)
	}
	return s.fails()
}

func (s *failingStore) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Store.Get(ctx, ids...)
}

func (s *failingStore) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Store.List(ctx, q)
}

func (s *failingStore) Put(ctx context.Context, docs ...store.Document) error {
	if err := s.failsToWrite(); err != nil {
		return err
	}
	return s.Store.Put(ctx, docs...)
}

func (s *failingStore) Append(ctx context.Context, entries []journal.Entry, views []store.Document) (int, error) {
	if err := s.failsToWrite(); err != nil {
		return 0, err
	}
	if err := s.refuse.Load(); err != nil {
		return 0, *err
	}
	if c := s.stuck.Load(); c != nil {
		<-*c
	}
	return s.Store.Append(ctx, entries, views)
}

func (s *failingStore) Head(ctx context.Context) (journal.Head, error) {
	if err := s.fails(); err != nil {
		return journal.Head{}, err
	}
	return s.Store.Head(ctx)
}

func (s *failingStore) Entries(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Store.Entries(ctx, after, limit)
}

// outage is a server whose store can be away.
type outage struct {
	*door
	store *failingStore
	ahead atomic.Int64 // of now, a duration
}

func newOutage(t *testing.T) *outage {
	o := &outage{store: &failingStore{}}
	o.door = newDoor(t, serverTimes(), func(c *Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }
		c.WrapStore = func(s journal.Store) journal.Store {
			o.store.Store = s
			return o.store
		}
	})
	return o
}

// begin makes the store be away, for longer than anybody remembers what it said.
func (o *outage) begin() {
	o.store.away.Store(true)
	o.ahead.Add(int64(time.Minute))
}

func (o *outage) end() { o.store.away.Store(false) }

// A store that is away says nothing of anybody: requests are answered with 503 and when to
// come again, never 401 or 403, and WebSockets are closed for their clients to come back.
func TestAStoreThatIsAway(t *testing.T) {
	o := newOutage(t)
	bearer := []string{"Authorization", "Bearer " + o.token}
	known, _ := o.dial(bearer...)
	if got := greet(t, known, "null"); got != ack {
		t.Fatal(got)
	}
	fresh, _ := o.dial()
	o.begin()
	for name, credential := range map[string][]string{"token": bearer, "session": {"Cookie", o.cookie}} {
		for path, accept := range map[string]string{"/graphql": "application/graphql-response+json", "/graphql/x": "", "/metrics": ""} {
			resp, text := o.ask(http.MethodPost, path, whoami, append(credential, "Accept", accept)...)
			if path == "/metrics" {
				resp, text = o.ask(http.MethodGet, path, "", credential...)
			}
			if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || !strings.Contains(text, `"code":"UNAVAILABLE"`) || strings.Contains(text, errAway.Error()) {
				t.Errorf("%s, %s: %d %v %s", name, path, resp.StatusCode, resp.Header, text)
			}
		}
		if _, status := o.dial(credential...); status != http.StatusServiceUnavailable {
			t.Errorf("%s: an upgrade is %d", name, status)
		}
	}
	if code, reason := closing(t, fresh, `{"token":"`+o.token+`"}`); code != 1013 || !strings.Contains(reason, "connect again") {
		t.Errorf("at connection_init: %d %s", code, reason)
	}
	if err := known.WriteMessage(1, []byte(`{"type":"subscribe","id":"1","payload":{"query":"{viewer{__typename}}"}}`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := known.ReadMessage(); err == nil || !strings.Contains(err.Error(), "1013") {
		t.Errorf("at an operation: %v", err)
	}
	o.end()
	if resp, text := o.ask(http.MethodPost, "/graphql", whoami, bearer...); resp.StatusCode != http.StatusOK {
		t.Errorf("once it is back: %d %s", resp.StatusCode, text)
	}
}

// administrator makes one, and returns a token of theirs.
func (o *outage) administrator() (token string) {
	o.t.Helper()
	if _, err := o.Access.CreateUser(o.t.Context(), Operator(), access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true}); err != nil {
		o.t.Fatal(err)
	}
	token, _, err := o.Auth.CreatePersonalToken(o.t.Context(), Operator(), "ada@example.com", "test", nil, time.Hour)
	if err != nil {
		o.t.Fatal(err)
	}
	return token
}

// Where nothing can be written, as on a full disk, it is certain that nothing was done, and
// said so: whoever has no key need not look before they ask again.
func TestAStoreThatIsFull(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	token := o.administrator()
	const create = `{"query":"mutation { createGateway(input: {name: \"Berlin\"}) { gateway { name } userErrors { code } } }"}`
	o.store.full.Store(true)
	resp, text := o.ask(http.MethodPost, "/graphql", create, "Authorization", "Bearer "+token)
	if !strings.Contains(text, `"UNAVAILABLE"`) || !strings.Contains(text, "not done") || strings.Contains(text, errFull.Error()) {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	o.store.full.Store(false)
	if _, text := o.ask(http.MethodPost, "/graphql", create, "Authorization", "Bearer "+token); !strings.Contains(text, `"gateway":{"name":"Berlin"},"userErrors":[]`) {
		t.Errorf("asked again: %s", text)
	}
}

// A change whose write does not come back is answered when its time is over, and nobody
// says that nothing was done: it may still be. Whoever asks again with the same key then
// gets what the first call made, once.
func TestAWriteThatDoesNotComeBack(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as long as an operation may")
	}
	t.Parallel()
	o := newOutage(t)
	token := o.administrator()
	stuck := make(chan struct{})
	o.store.stuck.Store(&stuck)
	const create = `{"query":"mutation { createGateway(input: {name: \"Berlin\", idempotencyKey: \"k\"}) { gateway { name } userErrors { code } } }"}`
	began := time.Now()
	_, text := o.ask(http.MethodPost, "/graphql", create, "Authorization", "Bearer "+token)
	if took := time.Since(began); took > 15*time.Second || !strings.Contains(text, `"UNKNOWN_OUTCOME"`) {
		t.Errorf("after %s: %s", took, text)
	}
	o.store.stuck.Store(nil)
	close(stuck) // it arrives
	for range 2 {
		if _, text := o.ask(http.MethodPost, "/graphql", create, "Authorization", "Bearer "+token); !strings.Contains(text, `"gateway":{"name":"Berlin"},"userErrors":[]`) {
			t.Errorf("asked again: %s", text)
		}
	}
}

// signs tells of lines in a log.
type signs struct {
	slog.Handler
	mu   sync.Mutex // guards seen
	seen map[string]int
}

func newSigns() *signs { return &signs{Handler: slog.DiscardHandler, seen: map[string]int{}} }

func (s *signs) Enabled(context.Context, slog.Level) bool { return true }

func (s *signs) WithAttrs([]slog.Attr) slog.Handler { return s }

func (s *signs) Handle(_ context.Context, r slog.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[r.Message]++
	return nil
}

func (s *signs) count(message string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[message]
}

// A worker outlives an outage of the store, and works on when that is over: it ends for
// nothing but a server that says that its token is not good.
func TestWorkersOutliveAnOutage(t *testing.T) {
	o := newOutage(t)
	o.sockets.PingInterval = 50 * time.Millisecond // so that idle ones are soon asked about
	token, info, err := o.Auth.CreateServiceToken(t.Context(), Operator(), "worker", WorkerScopes("notifier"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	remote := Remote{URL: "http://" + o.address, Token: token}
	log := newSigns()
	notifier := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		notifier <- notify(ctx, remote, NotifierConfig{Pace: PaceConfig{LeaseTTL: time.Second}}, slog.New(log), nil)
	}()
	api, err := remote.client()
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	interrupted := make(chan error, 100)
	sub, err := api.Subscribe(ctx, client.SubscribeOptions{
		Query: `subscription($after: Cursor) { requestEvents(after: $after) { cursor } }`, MinBackoff: 10 * time.Millisecond, MaxBackoff: 50 * time.Millisecond,
		Interrupted: func(err error) {
			select {
			case interrupted <- err:
			default:
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	o.until("both follow", func() bool { return o.sockets.Sockets() == 2 && log.count("the notifier works") == 1 })
	o.begin()
	o.until("all were interrupted", func() bool { return o.sockets.Sockets() == 0 })
	o.until("the notifier asked for its lease in vain", func() bool { return log.count("the notifier starts again") >= 2 })
	if len(notifier) > 0 {
		t.Fatalf("the notifier has ended: %v", <-notifier)
	}
	o.end()
	o.until("both follow again", func() bool { return o.sockets.Sockets() == 2 && log.count("the notifier works") == 2 })
	if err := <-interrupted; client.IsRefusal(err) || !client.IsRetryable(err) {
		t.Errorf("the subscription was interrupted by %v", err)
	}
	if err := o.Auth.RevokeToken(t.Context(), Operator(), info.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := sub.Next(t.Context()); !client.IsRefusal(err) {
		t.Errorf("once the token is revoked the subscription ends with %v", err)
	}
	stop()
	if err := <-notifier; err != nil && !worker.Refused(err) {
		t.Errorf("and the notifier with %v", err)
	}
}
