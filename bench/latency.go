package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"
)

// benchLatency measures from asking for access until the notification arrives.
func benchLatency(ctx context.Context, r *report) error {
	const rate, webhooks = 50, 20
	seconds := 60
	if r.quick {
		seconds = 10
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	inbox, err := newInbox(ctx)
	if err != nil {
		return err
	}
	defer inbox.server.Close()
	o := gatewayOptions{binary: binary, store: filepath.Join(r.dir, "latency", "procyon.db"), env: []string{
		"PROCYON_WEBHOOK_HOSTS=127.0.0.1", "PROCYON_WEBHOOK_INTERVAL=0s",
	}}
	if err := o.newAdmin(ctx); err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	c, err := linkWebhooks(ctx, g, inbox, webhooks)
	if err != nil {
		return errors.Join(err, g.stop())
	}
	answered, arrived, err := notifyAtRate(ctx, g, inbox, c, rate, seconds)
	if err != nil {
		return errors.Join(err, g.stop())
	}
	if err := g.stop(); err != nil {
		return err
	}
	r.note("From the planned moment of `createAccessRequest` until its webhook POST has been received, all on this machine: %d requests a second in an open loop for %d s, "+
		"one integration for each of %d accounts, the notifier in the process of `procyon serve`, no pause between messages to one webhook.", rate, seconds, webhooks)
	r.table([]string{"until", "events", "p50", "p99", "max"}, [][]string{
		append([]string{"the mutation is answered", fmt.Sprint(len(answered))}, answered.cells()...),
		append([]string{"the webhook is called", fmt.Sprint(len(arrived))}, arrived.cells()...),
	})
	p50, p99 := arrived.at(0.5), arrived.at(0.99)
	r.targets(
		target{"mutation to webhook, p50", "< 20 ms", milliseconds(p50), p50 < 20*time.Millisecond},
		target{"mutation to webhook, p99", "< 100 ms", milliseconds(p99), p99 < 100*time.Millisecond},
	)
	return nil
}

// inbox receives webhook calls as Slack would, and notes when each came in.
type inbox struct {
	url    string
	server *http.Server

	mu      sync.Mutex           // guards arrived and twice
	arrived map[string]time.Time // by the request that it tells of
	twice   int
}

// requestInText finds which request a message is about: it links to it.
var requestInText = regexp.MustCompile(`req_[0-9a-f]{32}`)

func newInbox(ctx context.Context) (*inbox, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &inbox{url: "http://" + l.Addr().String(), arrived: map[string]time.Time{}}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = b.server.Serve(l) }()
	return b, nil
}

// ServeHTTP implements http.Handler.
func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	now := time.Now()
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	if id := requestInText.Find(body); id != nil {
		b.mu.Lock()
		if _, had := b.arrived[string(id)]; had {
			b.twice++
		} else {
			b.arrived[string(id)] = now
		}
		b.mu.Unlock()
	}
	_, _ = io.WriteString(w, "ok")
}

func (b *inbox) received() (requests, twice int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.arrived), b.twice
}

// linkWebhooks makes accounts, and links an integration to each.
func linkWebhooks(ctx context.Context, g *gatewayProcess, b *inbox, n int) (catalog, error) {
	c, err := newCatalog(ctx, g, n)
	if err != nil {
		return c, err
	}
	for i, account := range c.accounts {
		var made struct {
			CreateIntegration struct{ Integration struct{ ID string } }
		}
		err := g.do(ctx, `mutation ($in: CreateIntegrationInput!) { createIntegration(input: $in) { integration { id } userErrors { message } } }`,
			map[string]any{"in": map[string]any{
				"name": fmt.Sprintf("Channel %d", i), "kind": "SLACK_WEBHOOK", "webhookUrl": fmt.Sprintf("%s/services/T%08d/B%08d/%024d", b.url, i, i, i),
			}}, &made)
		if err != nil {
			return c, err
		}
		err = g.do(ctx, `mutation ($in: SetIntegrationAccountsInput!) { setIntegrationAccounts(input: $in) { userErrors { message } } }`,
			map[string]any{"in": map[string]any{"integrationId": made.CreateIntegration.Integration.ID, "accountIds": []string{account}}}, nil)
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// notifyAtRate asks at a fixed rate, waits for all notifications, and returns how
// long the answers and the notifications took from the planned moments.
func notifyAtRate(ctx context.Context, g *gatewayProcess, b *inbox, c catalog, rate, seconds int) (answered, arrived latencies, err error) {
	if err := untilNotified(ctx, g, b, c); err != nil {
		return nil, nil, err
	}
	n := rate * (seconds + 1)
	ids := make([]string, n)
	call := func(ctx context.Context, i int) error {
		var made struct {
			CreateAccessRequest struct{ AccessRequest struct{ ID string } }
		}
		err := g.do(ctx, createRequest, c.ask(i), &made)
		ids[i] = made.CreateAccessRequest.AccessRequest.ID
		return err
	}
	began := time.Now()
	if answered, err = openLoop(ctx, began, rate, n, call); err != nil {
		return nil, nil, err
	}
	if err := b.wait(ctx, ids); err != nil {
		return nil, nil, err
	}
	if _, twice := b.received(); twice > 0 {
		return nil, nil, fmt.Errorf("%d notifications came more than once", twice)
	}
	for i, id := range ids {
		if planned := plannedAt(began, rate, i); i >= rate { // the first second is to warm up
			arrived = append(arrived, b.arrived[id].Sub(planned))
		}
	}
	slices.Sort(arrived)
	return answered, arrived, nil
}

// untilNotified asks for each resource once, and waits until all webhooks are
// called: the notifier is at work then.
func untilNotified(ctx context.Context, g *gatewayProcess, b *inbox, c catalog) error {
	ids := make([]string, 0, len(c.resources))
	for i := range c.resources {
		var made struct {
			CreateAccessRequest struct{ AccessRequest struct{ ID string } }
		}
		if err := g.do(ctx, createRequest, c.ask(i), &made); err != nil {
			return err
		}
		ids = append(ids, made.CreateAccessRequest.AccessRequest.ID)
	}
	return b.wait(ctx, ids)
}

// wait waits until all of these requests were heard of, for half a minute at most.
func (b *inbox) wait(ctx context.Context, ids []string) error {
	missing := 0
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit) && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		missing = 0
		b.mu.Lock()
		for _, id := range ids {
			if _, ok := b.arrived[id]; !ok {
				missing++
			}
		}
		b.mu.Unlock()
		if missing == 0 {
			return nil
		}
	}
	return errors.Join(fmt.Errorf("%d of %d notifications did not arrive", missing, len(ids)), ctx.Err())
}
