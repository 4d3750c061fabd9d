package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/policy"
)

// trial runs something on a world and takes it back.
func (w *world) trial(f func() error) error {
	w.log.mu.Lock()
	changes, docs := w.log.changes, maps.Clone(w.log.docs)
	w.log.mu.Unlock()
	err := f()
	w.log.mu.Lock()
	w.log.changes, w.log.docs = changes[:len(changes):len(changes)], docs
	w.log.mu.Unlock()
	return err
}

// do does an act as modestly as it can be done.
func (w *world) do(ctx context.Context, act Act, by Actor, r Request) error {
	var err error
	switch act {
	case ActApprove:
		_, err = w.ReviewRequest(ctx, by, r.ID, ReviewRequest{Basis: Basis{ExpectedVersion: r.Version()}, Subject: r.Subject(), Decision: DecisionApprove, Duration: minDuration})
	case ActDeny:
		_, err = w.ReviewRequest(ctx, by, r.ID, ReviewRequest{Basis: Basis{ExpectedVersion: r.Version()}, Subject: r.Subject(), Decision: DecisionDeny, Comment: "no"})
	case ActUpdate:
		_, err = w.UpdateRequest(ctx, by, r.ID, RequestPatch{Items: []ItemRef{{w.db.ID, "writer"}}, Duration: new(minDuration), Reason: new("no longer " + r.Reason), AllowDuplicate: true}, Basis{})
	case ActCancel:
		_, err = w.CancelRequest(ctx, by, r.ID, Basis{})
	case ActClose:
		_, err = w.CloseRequest(ctx, by, r.ID, Basis{})
	case ActExtend:
		_, err = w.ExtendRequest(ctx, by, r.ID, minDuration, "more", Basis{})
	case ActRevoke:
		_, err = w.RevokeRequest(ctx, by, r.ID, "enough", Basis{})
	}
	return err
}

// put changes a subject behind everybody's back, as a crash or an earlier release would
// leave it.
func put[S any](w *world, id string, change func(*S)) {
	w.t.Helper()
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	d := w.log.docs[id]
	var s S
	w.must(json.Unmarshal(d.Data, &s))
	change(&s)
	data, err := json.Marshal(s)
	w.must(err)
	d.Data = data
	w.log.docs[id] = d
}

// stray lets something random happen to a request, which may fail.
func (w *world) stray(r *rand.Rand, q Request, people []Actor) {
	acts := []Act{ActApprove, ActApprove, ActApprove, ActDeny, ActUpdate, ActCancel, ActClose, ActExtend, ActExtend, ActRevoke}
	by := people[r.IntN(len(people))]
	act := acts[r.IntN(len(acts))]
	if act != ActApprove && act != ActDeny && act != ActRevoke && r.IntN(2) == 0 {
		by.ID = q.Requester.ID
	}
	if act == ActApprove { // as asked
		_, _ = w.ReviewRequest(w.t.Context(), by, q.ID, ReviewRequest{Basis: Basis{ExpectedVersion: q.Version()}, Subject: q.Subject(), Decision: DecisionApprove})
		return
	}
	_ = w.do(w.t.Context(), act, by, q)
}

// What is told of acts is what happens: of random requests, at any state and time, by
// anybody, under several policies, each act that is allowed is done, and each other one is
// refused, in the words that were told.
func TestActionsAreWhatHappens(t *testing.T) {
	seen := map[string]int{}
	steps := 260
	if testing.Short() {
		steps = 80
	}
	for seed, settings := range []Options{{MaxDuration: 8 * time.Hour}, {ApproveInConsole: true, MaxDuration: 2 * time.Hour}, {MaxDuration: 3 * time.Hour}} {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		w := newWorld(t)
		w.maxOpen, w.maxPerHour = 0, 0
		w.opts.ApproveInConsole = settings.ApproveInConsole
		if seed == 2 { // two have to approve
			set := policy.Default(8*3600, 0)
			set.Policies[0].Steps[0].Need = 2
			w.govern(set)
		}
		eve := w.person("Eve", false)
		w.person("Gil", true) // so that enough can approve whatever is asked
		former := w.person("Flo", true)
		_, err := w.SetAdmin(t.Context(), w.admin, former.ID, false)
		w.must(err)
		service := Actor{Kind: ActorService, ID: "svc_1", Name: "siem"}
		inConsole := w.boss
		inConsole.Via = ViaConsole
		people := []Actor{w.admin, w.boss, inConsole, w.dev, eve, former, service}
		var made []string
		for range steps {
			w.opts.MaxDuration, w.maxPerHour = settings.MaxDuration, 0
			if len(made) == 0 || r.IntN(3) == 0 {
				in := w.request([]Seconds{600, 3600, 7200}[r.IntN(3)])
				if r.IntN(4) == 0 {
					in.StartsAt = new(w.now().Add(time.Hour))
				}
				q, err := w.CreateRequest(t.Context(), []Actor{w.dev, w.admin, eve}[r.IntN(3)], in)
				w.must(err)
				made = append(made, q.ID)
			}
			id := made[max(0, len(made)-1-r.IntN(6))]
			for range r.IntN(4) {
				q, err := w.Request(t.Context(), id)
				w.must(err)
				w.stray(r, q, people)
			}
			if r.IntN(3) == 0 {
				w.pass([]time.Duration{time.Minute, 20 * time.Minute, 3 * time.Hour, 30 * time.Hour}[r.IntN(4)])
			}
			if r.IntN(2) == 0 {
				_, err := w.takeDue(t.Context(), id)
				w.must(err)
			}
			_ = w.trial(func() error { w.compare(r, id, people, seen); return nil })
		}
	}
	for _, act := range []Act{ActApprove, ActDeny, ActUpdate, ActCancel, ActClose, ActExtend, ActRevoke} {
		if seen[string(act)+" allowed"] == 0 || seen[string(act)+" refused"] == 0 {
			t.Errorf("%s was not seen both ways: %v", act, seen)
		}
	}
	for _, what := range []string{"gone", "limited", "self", "console"} {
		if seen[what] == 0 {
			t.Errorf("%s was not seen: %v", what, seen)
		}
	}
}

// compare holds what is told of a request against what happens, for everybody who sees it.
func (w *world) compare(r *rand.Rand, id string, people []Actor, seen map[string]int) {
	w.t.Helper()
	ctx := w.t.Context()
	switch r.IntN(6) {
	case 0: // a role goes, without those who have it
		put(w, w.db.ID, func(v *Resource) { v.Roles = []string{"writer"} })
	case 1: // somebody is disabled, and what is theirs has yet to end
		put(w, people[r.IntN(5)].ID, func(v *User) { v.Disabled = true })
	case 2:
		w.maxPerHour = 1
	case 3: // less is allowed by now
		w.opts.MaxDuration = time.Minute
	}
	q, err := w.Request(ctx, id)
	w.must(err)
	for _, by := range people {
		if !w.MaySee(by, &q) {
			continue
		}
		actions, err := w.Actions(ctx, by, &q)
		w.must(err)
		var listed []Act
		for _, a := range actions {
			listed = append(listed, a.Act)
			err := w.trial(func() error { return w.do(ctx, a.Act, by, q) })
			if (err == nil) != (a.Refused == "") {
				w.t.Fatalf("%s of %+v by %s: told %q, and it is %v", a.Act, q, by.Name, a.Refused, err)
			}
			seen[string(a.Act)+map[bool]string{true: " allowed", false: " refused"}[err == nil]]++
			var e *Error
			switch {
			case err == nil:
			case !errors.As(err, &e):
				w.t.Fatal(err)
			case strings.HasSuffix(e.Message, a.Refused) && e.Message != a.Refused:
				seen["gone"]++
			case e.Code == CodeSelfReview:
				seen["self"]++
			case e.Code == CodeLimited:
				seen["limited"]++
			case strings.Contains(e.Message, "console"):
				seen["console"]++
			}
			if err != nil && e.Code != CodeSelfReview && !strings.HasSuffix(e.Message, a.Refused) {
				w.t.Errorf("%s by %s: told %q, and it says %q", a.Act, by.Name, a.Refused, e.Message)
			}
		}
		own := []Act{ActApprove, ActDeny, ActUpdate, ActCancel, ActClose, ActExtend}
		if by.ID != q.Requester.ID {
			for _, act := range own[2:] {
				if err := w.trial(func() error { return w.do(ctx, act, by, q) }); CodeOf(err) != CodeForbidden {
					w.t.Errorf("%s of another's is %v, and is not listed", act, err)
				}
			}
			own = []Act{ActApprove, ActDeny, ActRevoke}
		}
		if !slices.Equal(listed, own) {
			w.t.Errorf("%s is told of %v", by.Name, listed)
		}
	}
}

// Why somebody can't decide their own request says who can, while there is something to
// decide.
func TestWhoCanDecideInstead(t *testing.T) {
	w := newWorld(t)
	r := w.ask(600)
	told := func(by Actor) string {
		t.Helper()
		now, err := w.Request(t.Context(), r.ID)
		w.must(err)
		list, err := w.Actions(t.Context(), by, &now)
		w.must(err)
		return list[0].Refused
	}
	if got := told(w.dev); got != "You can't decide your own request; Ada and Bo can." {
		t.Error(got)
	}
	for _, name := range []string{"Cy", "Di", "Ed"} {
		w.person(name, true)
	}
	if got := told(w.dev); got != "You can't decide your own request; Ada, Bo, Cy and 2 others can." {
		t.Error(got)
	}
	_, err := w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	if got := told(w.dev); got != "This request was already approved by Bo; it can't be reviewed." {
		t.Error(got)
	}
	if got := told(w.admin); got != "This request was already approved by Bo; it can't be reviewed." {
		t.Error(got)
	}
	if got := namesOf([]User{{Name: "A"}, {Name: "B"}, {Name: "C"}, {Name: "D"}}); got != "A, B, C and D" {
		t.Error(got)
	}
	if got := fmt.Sprint(namesOf([]User{{Name: "A"}})); got != "A" {
		t.Error(got)
	}
}

// Whether a change was made with a key is told of one's own alone, by the same key alone,
// whichever change it was.
func TestWhetherAKeyChanged(t *testing.T) {
	w := newWorld(t)
	changes := map[string]func(key string) (Request, error){
		"update": func(key string) (Request, error) {
			return w.UpdateRequest(t.Context(), w.dev, w.ask(600).ID, RequestPatch{Reason: new("other")}, Basis{IdempotencyKey: &key})
		},
		"cancel": func(key string) (Request, error) {
			return w.CancelRequest(t.Context(), w.dev, w.ask(600).ID, Basis{IdempotencyKey: &key})
		},
		"review": func(key string) (Request, error) {
			return w.review(w.dev, w.askBy(w.admin).ID, ReviewRequest{Decision: DecisionApprove, Basis: Basis{IdempotencyKey: &key}})
		},
		"close": func(key string) (Request, error) {
			return w.CloseRequest(t.Context(), w.dev, w.inForce(w.dev).ID, Basis{IdempotencyKey: &key})
		},
		"extend": func(key string) (Request, error) {
			return w.ExtendRequest(t.Context(), w.dev, w.inForce(w.dev).ID, 600, "more", Basis{IdempotencyKey: &key})
		},
		"revoke": func(key string) (Request, error) {
			return w.RevokeRequest(t.Context(), w.dev, w.inForce(w.admin).ID, "enough", Basis{IdempotencyKey: &key})
		},
	}
	w.maxPerHour = 0
	_, err := w.SetAdmin(t.Context(), System(), w.dev.ID, true)
	w.must(err)
	w.dev.Admin = true
	for _, name := range changeNames() {
		change := changes[string(name)]
		if change == nil {
			t.Errorf("%s is not in the test's table", name)
			continue
		}
		r, err := change("k-" + string(name))
		w.must(err)
		for _, c := range []struct {
			by   Actor
			key  string
			want bool
		}{{w.dev, "k-" + string(name), true}, {w.dev, " k-" + string(name) + " ", true}, {w.dev, "k", false}, {w.boss, "k-" + string(name), false}} {
			if got, err := r.Changed(c.by, c.key); err != nil || got != c.want {
				t.Errorf("%s, %s with %q: %t, %v", name, c.by.Name, c.key, got, err)
			}
		}
	}
	r := w.ask(600)
	for _, key := range []string{"", " ", strings.Repeat("k", maxKey+1)} {
		if _, err := r.Changed(w.dev, key); CodeOf(err) != CodeInvalid {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func (w *world) askBy(by Actor) Request {
	w.t.Helper()
	r, err := w.CreateRequest(w.t.Context(), by, w.request(3600))
	w.must(err)
	return r
}

func (w *world) inForce(of Actor) Request {
	w.t.Helper()
	r, err := w.review(w.boss, w.askBy(of).ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	_, err = w.takeDue(w.t.Context(), r.ID)
	w.must(err)
	r, err = w.Request(w.t.Context(), r.ID)
	w.must(err)
	return r
}
