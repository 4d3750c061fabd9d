package app

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/policy"
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

// What changed right before a crash is looked at by whoever starts next: here an owner came, by
// whom a request is decided since.
func TestScheduleBeginsWithWhatChangedLast(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	runCore(t, a.Core)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var people []access.User
	for n, name := range []string{"ada", "bo", "dev", "eve"} {
		u, err := a.Access.CreateUser(ctx, Operator(), access.NewUser{Email: name + "@example.com", Name: name, Admin: n < 2})
		must(err)
		people = append(people, u)
	}
	server, err := a.Access.CreateResource(ctx, Operator(), access.NewResource{Name: "server", Kind: access.ResourcePrivateServer})
	must(err)
	set := policy.Default(3600, 0)
	set.Policies[0].Steps[0].Approvers.Owners = true
	_, problems, err := a.Access.SetPolicies(ctx, Operator(), set, access.PolicyChange{})
	must(err)
	if len(problems.Wrong) > 0 {
		t.Fatal(problems.Wrong)
	}
	r, err := a.Access.CreateRequest(ctx, access.ActorOf(people[2]), access.NewRequest{Items: []access.ItemRef{{ResourceID: server.ID}}, Duration: 600, Reason: "stuck orders"})
	must(err)
	must(a.Access.SetOwners(ctx, Operator(), server.ID, []string{people[3].ID}, nil))
	head := a.Journal.Head()
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.schedule(running) }()
	soon, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	must(a.Journal.Wait(soon, head))
	stop()
	must(<-ended)
	r, err = a.Access.Request(ctx, r.ID)
	must(err)
	if may := a.Access.DecidableBy(access.ActorOf(people[3]), &r); len(may) != 1 {
		t.Errorf("the owner can decide %v", may)
	}
}
