package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// The size of what the requests are about. Half of all requests are those of a few
// busy people, each of whom has many pages of them, whatever there are.
const (
	historyPeople    = 200
	historyBusy      = 10
	historyAccounts  = 20
	historyResources = 500
	historyPending   = 1000

	historySpan = 700 * 24 * time.Hour
)

// historyCatalog is who asks, who decides, and what for.
type historyCatalog struct {
	admin     access.Actor
	people    []access.Actor
	resources []string
}

// sequentialID is an ID as the product's own: first the time, then noise.
func sequentialID(kind access.Kind, at time.Time, noise uint64) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMilli())<<16|0x7000|noise&0xfff)
	_, _ = rand.Read(id[8:])
	id[8] = id[8]&0x3f | 0x80
	return string(kind) + "_" + hex.EncodeToString(id[:])
}

// buildHistory makes a store of people, resources, so many requests that are over,
// and some that wait for a decision. Everything is decided by the product's own
// code, on a clock that begins so long ago that the last batch is of now; only the batches
// are larger.
func buildHistory(ctx context.Context, path string, closed int, progress func(done int)) error {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	clock := &bulkClock{now: time.Now().UTC().Add(-historySpan).Truncate(time.Microsecond)}
	c, err := buildCatalog(ctx, store, clock)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	err = buildRequests(ctx, store, clock, c, closed, progress)
	return errors.Join(err, store.Close())
}

type bulkClock struct {
	now time.Time
	ids uint64
}

func (c *bulkClock) newID() string {
	c.ids++
	id := sequentialID("x", c.now, c.ids)
	return id[2:]
}

func (c *bulkClock) service(log access.Log, views store.Reader, decideIn time.Duration) *access.Service {
	subjects := access.NewSubjects(log, views, access.SubjectOptions{Kinds: subject.Kinds(), Now: func() time.Time { return c.now }, NewID: c.newID})
	return access.New(subjects, access.Options{
		DecideIn: decideIn,
		MaxOpen:  -1, MaxPerHour: -1,
	})
}

// buildCatalog makes people, accounts and resources, through the journal as usual.
func buildCatalog(ctx context.Context, store journal.Store, clock *bulkClock) (historyCatalog, error) {
	c := historyCatalog{admin: access.Actor{Kind: access.ActorUser, Admin: true, Via: "console"}}
	j, err := journal.Open(ctx, store, journal.Options{})
	if err != nil {
		return c, err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	err = fillCatalog(ctx, clock.service(j, store, 0), &c)
	stop()
	return c, errors.Join(err, <-ended)
}

func fillCatalog(ctx context.Context, service *access.Service, c *historyCatalog) error {
	admin, err := service.CreateUser(ctx, access.System(), access.NewUser{Email: adminEmail, Name: "Bench", Admin: true})
	if err != nil {
		return err
	}
	c.admin.ID, c.admin.Name, c.admin.Email = admin.ID, admin.Name, admin.Email
	for i := range historyPeople {
		u, err := service.CreateUser(ctx, c.admin, access.NewUser{Email: fmt.Sprintf("dev%d@example.com", i), Name: fmt.Sprintf("Dev Developer %d", i)})
		if err != nil {
			return err
		}
		c.people = append(c.people, access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Via: "console"})
	}
	var accounts []string
	for i := range historyAccounts {
		a, err := service.CreateAccount(ctx, c.admin, access.NewAccount{Name: fmt.Sprintf("Production %d", i), Provider: "AWS", ExternalID: fmt.Sprintf("%012d", i)})
		if err != nil {
			return err
		}
		accounts = append(accounts, a.ID)
	}
	for i := range historyResources {
		made, err := service.CreateResource(ctx, c.admin, access.NewResource{
			Name: fmt.Sprintf("orders-db-%d", i), Kind: access.ResourceDatabase, AccountID: accounts[i%len(accounts)], Roles: []string{"reader", "writer"},
		})
		if err != nil {
			return err
		}
		c.resources = append(c.resources, made.ID)
	}
	return nil
}

// bulkBatch is how many requests are written at once: their life is over before
// the next ones begin.
const bulkBatch = 2000

// buildRequests lets people ask, and approvers and time decide. The requests of a
// batch live at about the same time, then come those of the next.
func buildRequests(ctx context.Context, store journal.Store, clock *bulkClock, c historyCatalog, closed int, progress func(done int)) error {
	log, err := newBulkLog(ctx, store)
	if err != nil {
		return err
	}
	defer log.abandon()
	random := mathrand.New(mathrand.NewPCG(1, 2))
	step := (historySpan - 24*time.Hour) / time.Duration(closed/bulkBatch+1)
	past, waiting := clock.service(log, log, 0), clock.service(log, log, 10*365*24*time.Hour)
	for done := 0; done < closed; {
		n := min(bulkBatch, closed-done)
		for i := range n {
			if err := liveRequest(ctx, past, clock, c, done+i, random); err != nil {
				return err
			}
		}
		if err := log.write(); err != nil {
			return err
		}
		done += n
		clock.now = clock.now.Add(max(step-time.Duration(n)*time.Second, 0))
		progress(done)
	}
	for i := range historyPending {
		clock.now = clock.now.Add(time.Second)
		if _, err := waiting.CreateRequest(ctx, c.people[i%len(c.people)], newAsk(c, i, random)); err != nil {
			return err
		}
	}
	return errors.Join(log.write(), log.wait())
}

func newAsk(c historyCatalog, i int, random *mathrand.Rand) access.NewRequest {
	return access.NewRequest{
		Items:    []access.ItemRef{{ResourceID: c.resources[random.IntN(len(c.resources))], Role: "reader"}},
		Duration: access.Seconds(900 * (1 + random.IntN(8))), Reason: "Look into the incident: orders are late", Ticket: fmt.Sprintf("OPS-%d", i),
		AllowDuplicate: true,
	}
}

// decideFirst is a decision on a request as it was made.
func decideFirst(d access.Decision, comment string) access.ReviewRequest {
	return access.ReviewRequest{Basis: access.Basis{ExpectedVersion: 1}, Subject: access.SubjectRequest, Decision: d, Comment: comment}
}

// liveRequest takes one request from its creation to its end, which comes soon:
// of ten, six expire, two are closed, one is denied and one canceled.
func liveRequest(ctx context.Context, s *access.Service, clock *bulkClock, c historyCatalog, i int, random *mathrand.Rand) error {
	who := c.people[random.IntN(len(c.people))]
	if i%2 == 0 {
		who = c.people[i/2%historyBusy]
	}
	clock.now = clock.now.Add(time.Second)
	asked := clock.now
	defer func() { clock.now = asked }()
	request, err := s.CreateRequest(ctx, who, newAsk(c, i, random))
	if err != nil {
		return err
	}
	clock.now = clock.now.Add(5 * time.Minute)
	end := random.IntN(10)
	switch end {
	case 0:
		_, err = s.CancelRequest(ctx, who, request.ID, access.Basis{})
		return err
	case 1:
		_, err = s.ReviewRequest(ctx, c.admin, request.ID, decideFirst(access.DecisionDeny, "Ask the team on call."))
		return err
	}
	approved, err := s.ReviewRequest(ctx, c.admin, request.ID, decideFirst(access.DecisionApprove, ""))
	if err != nil {
		return err
	}
	if err := dueStep(ctx, s, approved); err != nil { // it comes into force
		return err
	}
	if end < 4 {
		clock.now = clock.now.Add(10 * time.Minute)
		_, err := s.CloseRequest(ctx, who, request.ID, access.Basis{})
		return err
	}
	clock.now = approved.Grant.ExpiresAt
	active, err := s.Request(ctx, request.ID)
	if err != nil {
		return err
	}
	return dueStep(ctx, s, active)
}

// dueStep lets the schedule take the step that time brings.
func dueStep(ctx context.Context, s *access.Service, r access.Request) error {
	state, err := json.Marshal(&r)
	if err != nil {
		return err
	}
	schedule := access.NewSchedule(s)
	if err := schedule.Observe(r.ID, state); err != nil {
		return err
	}
	return schedule.Advance(ctx)
}
