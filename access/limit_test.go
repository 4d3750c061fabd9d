package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// limited is a world whose service has limits.
func limited(t *testing.T, open, perHour int) *world {
	t.Helper()
	w := newWorld(t)
	o := w.opts
	o.MaxOpen, o.MaxPerHour = open, perHour
	w.Service = New(w.Subjects, o)
	return w
}

// wantsLimit checks that an error is LIMITED, and says these words.
func (w *world) wantsLimit(err error, words ...string) {
	w.t.Helper()
	w.wants(err, CodeLimited, "")
	for _, s := range words {
		if !strings.Contains(err.Error(), s) {
			w.t.Errorf("%q lacks %q", err, s)
		}
	}
}

func TestLimitsHaveDefaults(t *testing.T) {
	for _, c := range []struct{ open, perHour, wantOpen, wantPerHour int }{
		{0, 0, DefaultMaxOpen, DefaultMaxPerHour}, {-1, -1, 0, 0}, {5, 7, 5, 7}, {MostAsked + 1, MostAsked + 1, MostAsked, MostAsked},
	} {
		s := New(nil, Options{MaxOpen: c.open, MaxPerHour: c.perHour})
		if s.maxOpen != c.wantOpen || s.maxPerHour != c.wantPerHour {
			t.Errorf("%+v: %d open, %d an hour", c, s.maxOpen, s.maxPerHour)
		}
	}
}

func TestOpenRequestsOfAPersonAreLimited(t *testing.T) {
	w := limited(t, 3, -1)
	first := w.ask(600)
	w.pass(3 * time.Hour)
	w.active(600)
	last := w.ask(600)
	_, err := w.CreateRequest(t.Context(), w.dev, w.request(600))
	w.wantsLimit(err, "3 requests open", "at most 3", "Orders DB as reader", "3 hours ago")
	byService := w.dev
	byService.Via, byService.ByID, byService.ByName = "slack", "svc_1", "Slack"
	_, err = w.CreateRequest(t.Context(), byService, w.request(600))
	w.wantsLimit(err)
	_, err = w.review(w.admin, last.ID, ReviewRequest{Decision: DecisionApprove}) // it stays open
	w.must(err)
	_, err = w.CreateRequest(t.Context(), w.dev, w.request(600))
	w.wantsLimit(err)
	_, err = w.CreateRequest(t.Context(), w.person("Eve", false), w.request(600)) // another person
	w.must(err)
	_, err = w.UpdateRequest(t.Context(), w.dev, first.ID, RequestPatch{Reason: new("INC-43")}, Basis{}) // nothing more is open
	w.must(err)
	_, err = w.CancelRequest(t.Context(), w.dev, first.ID, Basis{})
	w.must(err)
	w.ask(600)
}

// A call that is repeated with its key gets what it made, however much there is since;
// and it counts once.
func TestARepeatedCallIsNotLimited(t *testing.T) {
	w := limited(t, 2, 3)
	in := w.request(600)
	in.IdempotencyKey = new("once")
	made, err := w.CreateRequest(t.Context(), w.dev, in)
	w.must(err)
	patch, basis := RequestPatch{Reason: new("INC-43")}, Basis{IdempotencyKey: new("change")}
	for range 5 {
		again, err := w.CreateRequest(t.Context(), w.dev, in)
		if w.must(err); again.ID != made.ID {
			t.Fatalf("%s, then %s", made.ID, again.ID)
		}
		_, err = w.UpdateRequest(t.Context(), w.dev, made.ID, patch, basis)
		w.must(err)
	}
	w.ask(600)
	again, err := w.CreateRequest(t.Context(), w.dev, in)
	if w.must(err); again.ID != made.ID {
		t.Errorf("%s, then %s", made.ID, again.ID)
	}
	_, err = w.UpdateRequest(t.Context(), w.dev, made.ID, patch, basis)
	w.must(err)
	_, err = w.UpdateRequest(t.Context(), w.dev, made.ID, patch, Basis{}) // it changes nothing
	w.must(err)
}

func TestHowOftenAPersonAsksIsLimited(t *testing.T) {
	w := limited(t, -1, 4)
	w.pass(50 * time.Minute) // the window reaches over the hour of the clock
	active := w.active(4 * 3600)
	w.pass(10 * time.Minute)
	r := w.ask(600)
	_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Reason: new("INC-43")}, Basis{})
	w.must(err)
	_, err = w.CancelRequest(t.Context(), w.dev, r.ID, Basis{}) // what is over counts all the same
	w.must(err)
	other := w.ask(600)
	check := func(words ...string) {
		t.Helper()
		_, err := w.CreateRequest(t.Context(), w.dev, w.request(600))
		w.wantsLimit(err, words...)
		_, err = w.UpdateRequest(t.Context(), w.dev, other.ID, RequestPatch{Reason: new("INC-44")}, Basis{})
		w.wantsLimit(err, words...)
		_, err = w.ExtendRequest(t.Context(), w.dev, active.ID, 600, "more", Basis{})
		w.wantsLimit(err, words...)
	}
	check("4 times", "at most 4", "in 50 minutes", "2026-11-23 11:50 UTC")
	w.pass(50*time.Minute - time.Second)
	check("in 1 minute")
	_, err = w.CreateRequest(t.Context(), w.person("Eve", false), w.request(600))
	w.must(err)
	w.pass(time.Second)
	w.ask(600)
	check("in 10 minutes")
}

// Nobody floods approvers with changes of one request, where they may ask for much.
func TestHowOftenARequestChangesIsLimited(t *testing.T) {
	w := limited(t, -1, 500)
	r := w.ask(3600)
	edit := func() error {
		w.pass(time.Minute)
		_, err := w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Reason: new(w.now().String())}, Basis{})
		return err
	}
	for range maxPerRequest - 1 {
		w.must(edit())
	}
	w.wantsLimit(edit(), "about this request 20 times", "in 40 minutes")
	w.ask(600) // others are not concerned
	w.pass(time.Hour)
	w.must(edit())
	now, err := w.Request(t.Context(), r.ID)
	w.must(err)
	if len(now.Asks) != 1 {
		t.Errorf("it keeps %d times that no limit looks at", len(now.Asks)-1)
	}
}

// Extensions count, denied ones too.
func TestExtensionsCount(t *testing.T) {
	w := limited(t, -1, 3)
	r := w.active(3600)
	for range 2 {
		_, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 600, "more", Basis{})
		w.must(err)
		_, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionDeny})
		w.must(err)
	}
	_, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 600, "more", Basis{})
	w.wantsLimit(err)
	_, err = w.CloseRequest(t.Context(), w.dev, r.ID, Basis{}) // to close is never limited
	w.must(err)
}

// However many calls come at once, to several servers, no limit is exceeded: open ones,
// in all within an hour, and changes.
func TestLimitsHoldAgainstCallsAtOnce(t *testing.T) {
	for name, c := range map[string]struct{ open, perHour, want int }{
		"open": {4, -1, 4}, "per hour": {-1, 5, 5},
	} {
		w := limited(t, c.open, c.perHour)
		other := New(w.Subjects, w.opts)
		var made sync.Map
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				s := []*Service{w.Service, other}[i%2]
				r, err := s.CreateRequest(context.WithoutCancel(t.Context()), w.dev, w.request(600))
				switch CodeOf(err) {
				case "":
					if err != nil {
						t.Error(err)
					}
					made.Store(r.ID, true)
				case CodeLimited:
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		n := 0
		made.Range(func(any, any) bool { n++; return true })
		if n != c.want {
			t.Errorf("%s: %d were made, want %d", name, n, c.want)
		}
	}
}

func TestChangesAtOnceAreLimited(t *testing.T) {
	w := limited(t, -1, 8)
	var ids []string
	for range 4 {
		ids = append(ids, w.ask(600).ID)
	}
	other := New(w.Subjects, w.opts)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			s := []*Service{w.Service, other}[i%2]
			_, err := s.UpdateRequest(context.WithoutCancel(t.Context()), w.dev, ids[i%len(ids)], RequestPatch{Reason: new(fmt.Sprint(i))}, Basis{})
			if err != nil && CodeOf(err) != CodeLimited {
				t.Error(err)
			}
		})
	}
	all.Wait()
	n := 0
	for _, c := range w.log.changes {
		if c.Type == string(EventUpdated) && KindOf(c.Subject) == KindRequest {
			n++
		}
	}
	if n != 4 {
		t.Errorf("%d changes, want 4", n)
	}
}

// What is read to check the limits does not grow with what a person ever asked for.
func TestLimitsReadNoHistory(t *testing.T) {
	w := limited(t, 3, 4)
	for range 40 {
		r := w.ask(600)
		_, err := w.CancelRequest(t.Context(), w.dev, r.ID, Basis{})
		w.must(err)
		w.pass(20 * time.Minute)
	}
	counted := &counted{Reader: w.log}
	s := New(NewSubjects(w.log, counted, w.Subjects.opts), w.opts)
	_, err := s.CreateRequest(t.Context(), w.dev, w.request(600))
	w.must(err)
	if counted.docs > 3*3+2*4 {
		t.Errorf("%d requests were read", counted.docs)
	}
}

// A request that an earlier release made is decided, changed and listed as ever.
func TestRequestsWithoutTimes(t *testing.T) {
	w := limited(t, 2, 2)
	r := w.ask(600)
	w.log.mu.Lock()
	d := w.log.docs[r.ID]
	before := strings.Replace(string(d.Data), `"asks":["2026-11-23T10:00:00Z"],`, "", 1)
	before = strings.Replace(before, `,"asks":["2026-11-23T10:00:00Z"]`, "", 1)
	v, err := kinds.View(d.ID, d.Version, []byte(before))
	w.log.docs[r.ID] = v
	w.log.mu.Unlock()
	if w.must(err); strings.Contains(before, "asks") || len(v.Terms) != len(d.Terms)-1 {
		t.Fatalf("%s\n%v", before, v.Terms)
	}
	r, err = w.UpdateRequest(t.Context(), w.dev, r.ID, RequestPatch{Reason: new("INC-43")}, Basis{})
	if w.must(err); len(r.Asks) != 1 {
		t.Errorf("%v", r.Asks)
	}
	w.ask(600)
	_, err = w.CreateRequest(t.Context(), w.dev, w.request(600))
	w.wantsLimit(err)
}

// Of many calls at once each is decided once, not again whenever another gets through.
func TestCallsAtOnceAreDecidedOnce(t *testing.T) {
	w := limited(t, 5, -1)
	counted := &countingLog{Log: w.log}
	s := New(NewSubjects(counted, w.log, w.Subjects.opts), w.opts)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			_, err := s.CreateRequest(context.WithoutCancel(t.Context()), w.dev, w.request(600))
			if err != nil && CodeOf(err) != CodeLimited {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := counted.appends.Load(); n != 5 {
		t.Errorf("5 requests were made in %d tries", n)
	}
	if n := len(s.persons.held); n != 0 {
		t.Errorf("%d people still ask", n)
	}
}

type countingLog struct {
	Log
	appends atomic.Int64
}

func (l *countingLog) Append(ctx context.Context, c Change) (uint64, error) {
	l.appends.Add(1)
	return l.Log.Append(ctx, c)
}

// Who gives up while they wait lets the others through.
func TestWhoWaitsToAskMayGiveUp(t *testing.T) {
	var l personLocks
	unlock, err := l.lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.lock(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	other, err := l.lock(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	again, err := l.lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	again()
	other()
	if len(l.held) != 0 {
		t.Errorf("%d are kept", len(l.held))
	}
}
