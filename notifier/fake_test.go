package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"procyon/client"
)

// ledger is a server in memory, with the rules of the real one. Tests of the whole
// way drive the real one; here the clock is the test's, and everything can fail.
type ledger struct {
	mu      sync.Mutex
	cursor  int
	epoch   int
	holder  string
	until   time.Time
	log     []event           // the stream; event n has the cursor n+1
	owing   []*delivery       // in the order of OwedAt
	of      map[string]string // integrations by delivery
	known   map[string]bool
	news    chan struct{}
	fail    func(what string) error // nil: nothing fails
	plans   [][]planned
	records []attempt
	asked   int // how often next was called
}

func newLedger() *ledger {
	return &ledger{news: make(chan struct{}), of: map[string]string{}, known: map[string]bool{}}
}

func (g *ledger) failing(what string) error {
	if g.fail == nil {
		return nil
	}
	return g.fail(what)
}

var errDown = &client.Error{Code: client.CodeNetwork, Message: "down", Retryable: true}

func (g *ledger) AcquireConsumer(_ context.Context, _, holder string, ttl time.Duration) (client.Consumer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.failing("acquire"); err != nil {
		return client.Consumer{}, err
	}
	if g.holder != holder {
		if time.Now().Before(g.until) {
			return client.Consumer{}, client.ErrHeld
		}
		g.epoch++
	}
	g.holder, g.until = holder, time.Now().Add(ttl)
	return client.Consumer{Cursor: fmt.Sprint(g.cursor), Epoch: g.epoch}, nil
}

func (g *ledger) ReleaseConsumer(_ context.Context, _ string, epoch int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if epoch == g.epoch {
		g.holder, g.until = "", time.Time{}
	}
	return nil
}

// emit adds an event that is owed to integrations.
func (g *ledger) emit(integrations ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := event{Cursor: fmt.Sprint(len(g.log) + 1)}
	for _, id := range integrations {
		e.Routes = append(e.Routes, routed{id, kindOf(id)})
	}
	g.log = append(g.log, e)
	close(g.news)
	g.news = make(chan struct{})
}

// kindOf is the kind of an integration: those named "other…" are another worker's.
func kindOf(integration string) string {
	if strings.HasPrefix(integration, "other") {
		return "OTHER"
	}
	return "FAKE"
}

// stream reads the log.
type stream struct {
	g  *ledger
	at int
}

func (g *ledger) events(_ context.Context, after string) (events, error) {
	s := &stream{g: g}
	_, err := fmt.Sscan(after, &s.at)
	return s, err
}

func (s *stream) Close() {}

func (s *stream) Next(ctx context.Context) (event, error) {
	for {
		s.g.mu.Lock()
		news := s.g.news
		s.g.mu.Unlock()
		if e, ok, _ := s.Poll(); ok {
			return e, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return event{}, ctx.Err()
		}
	}
}

func (s *stream) Poll() (event, bool, error) {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	if s.at >= len(s.g.log) {
		return event{}, false, nil
	}
	s.at++
	return s.g.log[s.at-1], true, nil
}

func (g *ledger) plan(_ context.Context, _ string, epoch int, cursor string, owed []planned) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.failing("plan"); err != nil {
		return err
	}
	if epoch != g.epoch {
		return client.ErrLost
	}
	g.plans = append(g.plans, slices.Clone(owed))
	for _, p := range owed {
		if id := p.EventCursor + "/" + p.IntegrationID; !g.known[id] {
			g.owe(id, p.IntegrationID)
		}
	}
	if _, err := fmt.Sscan(cursor, &g.cursor); err != nil {
		return err
	}
	return nil
}

func (g *ledger) owe(id, integration string) *delivery {
	d := shown(id, integration)
	g.known[id], g.of[id] = true, integration
	g.owing = append(g.owing, d)
	return d
}

// shown is a delivery whose reason is its ID.
func shown(id, integration string) *delivery {
	d := &delivery{ID: id, Kind: "EVENT", OwedAt: time.Now(), Event: &requestEvent{Type: "CREATED", At: time.Now()}}
	d.Route = &route{Items: []RequestItem{{ResourceName: "db"}}}
	d.Event.Request.Reason = id
	d.Integration.Name, d.Integration.Kind, d.Integration.Status, d.Integration.WebhookURL = integration, kindOf(integration), "ENABLED", "https://hooks/"+integration
	return d
}

// lastOwed is how many deliveries pending looks at.
const lastOwed = 3

func (g *ledger) pending(context.Context) (integrations []target, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.failing("pending"); err != nil {
		return nil, err
	}
	for i := range min(lastOwed, len(g.owing)) {
		id := g.of[g.owing[len(g.owing)-1-i].ID]
		integrations = append(integrations, target{id, kindOf(id)})
	}
	return integrations, nil
}

func (g *ledger) owed(_ context.Context, after string) (integrations []target, page client.PageInfo, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.failing("pending"); err != nil {
		return nil, page, err
	}
	var all []string
	for _, d := range g.owing {
		if id := g.of[d.ID]; d.Integration.Status != IntegrationStatusBroken && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	from, _ := slices.BinarySearch(all, after+"\x00")
	if after == "" {
		from = 0
	}
	const size = 3
	for _, id := range all[from:min(from+size, len(all))] {
		integrations = append(integrations, target{id, kindOf(id)})
		page.EndCursor = id
	}
	page.HasNextPage = from+size < len(all)
	return integrations, page, nil
}

func (g *ledger) next(_ context.Context, integrationID string, _ bool) (*delivery, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	if err := g.failing("next"); err != nil {
		return nil, err
	}
	for _, d := range g.owing {
		if g.of[d.ID] == integrationID {
			if d.Integration.Status == IntegrationStatusBroken {
				return nil, nil // what it is owed waits
			}
			c := *d
			return &c, nil
		}
	}
	return nil, nil
}

func (g *ledger) record(_ context.Context, _ string, epoch int, a attempt) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.failing("record"); err != nil {
		return err
	}
	if epoch != g.epoch {
		return client.ErrLost
	}
	g.records = append(g.records, a)
	for i, d := range g.owing {
		if d.ID != a.DeliveryID {
			continue
		}
		d.Attempts = append(d.Attempts, tried{a.Outcome})
		d.NextAttemptAt = a.NextAttemptAt
		switch a.Outcome {
		case OutcomeRetry:
		case OutcomeBroken:
			g.broke(g.of[d.ID], a.IntegrationVersion)
		default:
			g.owing = slices.Delete(g.owing, i, i+1)
		}
		break
	}
	return nil
}

// broke breaks an integration, unless it was changed since that version.
func (g *ledger) broke(integration string, version int) {
	for _, d := range g.owing {
		if g.of[d.ID] == integration && d.Integration.Version == version {
			d.Integration.Status = IntegrationStatusBroken
		}
	}
}

// sent is one message that arrived.
type sent struct {
	address string
	reason  string
	at      time.Duration // since the test began
}

// recorder is a channel that keeps what it was given.
type recorder struct {
	began  time.Time
	mu     sync.Mutex
	sent   []sent
	answer func(ctx context.Context, s sent) Result // nil: delivered
}

func (r *recorder) Send(ctx context.Context, address string, m Message) Result {
	s := sent{strings.TrimPrefix(address, "https://hooks/"), m.Reason, time.Since(r.began)}
	if m.Event == Test {
		s.reason = Test
	}
	r.mu.Lock()
	r.sent = append(r.sent, s)
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		return Result{Outcome: OutcomeDelivered, Status: 200}
	}
	return answer(ctx, s)
}

// reply changes what the channel answers.
func (r *recorder) reply(answer func(ctx context.Context, s sent) Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// to lists the reasons of what was sent to an address.
func (r *recorder) to(address string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, s := range r.sent {
		if s.address == address {
			out = append(out, s.reason)
		}
	}
	return strings.Join(out, " ")
}

func (r *recorder) times() []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []time.Duration
	for _, s := range r.sent {
		out = append(out, s.at)
	}
	return out
}

// bed is a notifier on a fake server and channel.
type bed struct {
	*ledger
	channel *recorder
	t       *testing.T
}

// inBubble runs a test on a clock of its own, which jumps when everybody waits.
func inBubble(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Helper()
	if underRaceDetector {
		t.Skip("the race detector of Go 1.26 crashes in bubbles: https://go.dev/issue/78156")
	}
	synctest.Test(t, func(t *testing.T) {
		f(t, &bed{ledger: newLedger(), channel: &recorder{began: time.Now()}, t: t})
	})
}

// start runs a notifier. stop ends it, as SIGTERM does.
func (b *bed) start(change ...func(*Options)) (stop func() error) {
	b.t.Helper()
	return b.startOn(b.ledger, change...)
}

// startOn runs a notifier on a server.
func (b *bed) startOn(g server, change ...func(*Options)) (stop func() error) {
	b.t.Helper()
	o := Options{Channels: map[string]Channel{"FAKE": b.channel}, Logger: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&o)
	}
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- newNotifier(o, g).Run(ctx) }()
	once := sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	b.t.Cleanup(func() { _ = once() })
	synctest.Wait()
	return once
}

// after lets time pass, until everybody waits for more of it.
func after(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

func (b *bed) want(address, reasons string) {
	b.t.Helper()
	if got := b.channel.to(address); got != reasons {
		b.t.Fatalf("%s got %q, want %q", address, got, reasons)
	}
}

func (b *bed) set(f func(g *ledger)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b.ledger)
}
