package app

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
)

// Access ends within about a second of its end by the clock, though the clock was set
// while the schedule slept: as it is after a machine was suspended.
func TestAClockThatIsSet(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64 // of the time, a duration
	a := newTestApp(t, func(c *Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	runCore(t, a.Core)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.schedule(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ada, err := a.Access.CreateUser(t.Context(), Operator(), access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true})
	must(err)
	dev, err := a.Access.CreateUser(t.Context(), Operator(), access.NewUser{Email: "dev@example.com", Name: "Dev"})
	must(err)
	server, err := a.Access.CreateResource(t.Context(), Operator(), access.NewResource{Name: "server", Kind: access.ResourcePrivateServer})
	must(err)
	r, err := a.Access.CreateRequest(t.Context(), access.ActorOf(dev), access.NewRequest{Items: []access.ItemRef{{ResourceID: server.ID}}, Duration: 7200, Reason: "stuck orders"})
	must(err)
	_, err = a.Access.ReviewRequest(t.Context(), access.ActorOf(ada), r.ID, access.ReviewRequest{Basis: access.Basis{ExpectedVersion: r.Version()}, Subject: r.Subject(), Decision: access.DecisionApprove})
	must(err)
	becomes := func(want access.Status) {
		t.Helper()
		soon, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for {
			head := a.Journal.Head()
			now, err := a.Access.Request(t.Context(), r.ID)
			must(err)
			if now.Status == want {
				return
			}
			if err := a.Journal.Wait(soon, head); err != nil {
				t.Fatalf("it is still %s: %v", now.Status, err)
			}
		}
	}
	becomes(access.StatusActive)
	ahead.Store(int64(3 * time.Hour))
	becomes(access.StatusExpired)
}

// While a step is due all the time, as parts of a large one are, what happens is still observed.
func TestChangesAreReadWhileStepsAreDue(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	runCore(t, a.Core)
	if _, err := a.Access.CreateUser(t.Context(), Operator(), access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true}); err != nil {
		t.Fatal(err)
	}
	overdue := time.Now().Add(-time.Second)
	entries, err := a.changes(t.Context(), 0, overdue)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	if entries, err = a.changes(t.Context(), a.Journal.Head(), overdue); err != nil || len(entries) != 0 {
		t.Errorf("%d entries past the head, %v", len(entries), err)
	}
}
