// Package apptest has what tests of the whole product in one process share: a server with
// its workers on a store of its own, a simulated Slack with the app installed, the sample
// data of the demo, and a person's browser.
package apptest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/demo"
	"procyon/internal/slacksim"
)

// Bed is the demo, in this process, for one test. It ends with the test, which fails if
// Slack refused something that the test did not expect.
type Bed struct {
	T      *testing.T
	Ctx    context.Context //nolint:containedctx // of the test, which is the bed's life
	Sim    *slacksim.Server
	App    *app.App    // nil until it is open
	Config *app.Config // of the server, until it is open

	expected []string // words of Slack's refusals that are part of the test

	ahead atomic.Int64 // of now, a duration

	mu    sync.Mutex // guards taken
	taken []Shown
}

// Shown is something that Slack took to show it.
type Shown struct {
	Kind    string // message, view or options
	Content json.RawMessage
}

// New starts all of it, once change has had its say about the configuration and Slack. The
// test runs beside others.
func New(t *testing.T, change func(b *Bed)) *Bed {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	b := &Bed{T: t, Ctx: ctx}
	slack, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	b.Must(err)
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	b.Must(err)
	b.Config = &app.Config{
		Store: app.StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: app.ServerConfig{Listen: free.Addr().String()},
		Workers: "notifier,slackbot", WebhookHosts: "127.0.0.1", CheapHashes: true,
	}
	b.Must(free.Close())
	b.Must(b.Config.Check())
	b.Config.Pace.LeaseTTL = 10 * time.Second // so that none is lost where the machine is busy
	b.Config.Slack.ApproverDMs, b.Config.Slack.Now = true, b.Now
	b.Config.Slack.AnswerIn = answerIn
	b.Config.Slack.Shorten = func(d time.Duration) time.Duration { return d / 20 }
	b.Sim = b.newSlack("http://"+slack.Addr().String(), "")
	demo.Connect(b.Sim, b.Config, "http://"+slack.Addr().String())
	change(b)
	b.App, err = app.Open(ctx, *b.Config, slog.New(slog.NewTextHandler(t.Output(), nil)))
	b.Must(err)
	ready, ended := make(chan struct{}), make(chan error, 2)
	go func() { ended <- b.Sim.Serve(ctx, slack) }()
	go func() {
		ended <- b.App.Run(ctx, func(ctx context.Context) error {
			_, err := demo.Seed(ctx, b.App, b.Sim)
			if err == nil {
				_, err = demo.Install(ctx, b.App, b.Sim)
			}
			close(ready)
			return err
		})
	}()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("it ended before it was ready: %v", err)
	}
	t.Cleanup(func() {
		cancel()
		b.Must(<-ended)
		b.Must(<-ended)
		b.Sim.Close()
		b.Must(b.App.Close())
		for _, r := range b.Sim.Refused() {
			if r.Ordered || b.isExpected(r) {
				continue
			}
			t.Errorf("Slack refused %s: %s %s", r.Method, r.Body, r.Why)
		}
	})
	return b
}

// OfEnterprise puts a Slack in the place of this one whose workspaces are of an
// organisation. It is for the time before the server is open.
func (b *Bed) OfEnterprise(id string) {
	base := strings.TrimSuffix(b.Config.Slack.APIURL, "/api/")
	b.Sim = b.newSlack(base, id)
	demo.Connect(b.Sim, b.Config, base)
}

// A busy machine is no fault of the bot's: in a bed Slack waits longer for it than the
// three seconds that it does, and the bot makes use of that.
const (
	ackIn    = 30 * time.Second
	answerIn = 20 * time.Second
)

func (b *Bed) newSlack(base, enterprise string) *slacksim.Server {
	return slacksim.New(slacksim.Options{BaseURL: base, Enterprise: enterprise, AckTimeout: ackIn, TriggerLife: ackIn, Taken: b.take, Now: b.Now})
}

// Must ends the test at an error.
func (b *Bed) Must(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// Now is the clock of Slack and of the bot, which may go before the server's.
func (b *Bed) Now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// Ahead lets the clock of Slack and of the bot go before the server's, by d in all.
func (b *Bed) Ahead(d time.Duration) { b.ahead.Store(int64(d)) }

// Expect says that Slack may refuse what has one of these words in it, or in the reason.
func (b *Bed) Expect(words ...string) { b.expected = append(b.expected, words...) }

func (b *Bed) isExpected(r slacksim.Refusal) bool {
	return slices.ContainsFunc(b.expected, func(word string) bool { return strings.Contains(r.Body+r.Why, word) })
}

func (b *Bed) take(kind string, content json.RawMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken = append(b.taken, Shown{kind, slices.Clone(content)})
}

// Taken is all that Slack took to show it so far.
func (b *Bed) Taken() []Shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.taken)
}

// Await waits until something is so, looking again whenever Slack changes, and now
// and then for what changes at the server alone.
func (b *Bed) Await(ok func() bool) error {
	for {
		changed := b.Sim.Changed()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond):
		case <-b.Ctx.Done():
			return b.Ctx.Err()
		}
	}
}

// Person is the one with this e-mail address.
func (b *Bed) Person(email string) access.User {
	b.T.Helper()
	u, err := b.App.Access.UserByEmail(b.Ctx, email)
	b.Must(err)
	return u
}
