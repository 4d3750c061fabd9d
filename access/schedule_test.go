package access

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"procyon/policy"
	"procyon/store"
)

// slowLog takes its time for each write, and carries as many at once as there are.
type slowLog struct {
	*memory
	write time.Duration
}

func (l slowLog) Append(ctx context.Context, c Change) (uint64, error) {
	<-time.After(l.write)
	return l.memory.Append(ctx, c)
}

// crowd is a reader that counts how many read at once.
type crowd struct {
	*memory
	now, most atomic.Int32
}

func (c *crowd) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if n := c.now.Add(1); n > c.most.Load() {
		c.most.Store(n)
	}
	defer c.now.Add(-1)
	<-time.After(time.Microsecond)
	return c.memory.Get(ctx, ids...)
}

// What is due at the same moment waits for writes together and not one after the other.
func TestWhatIsDueTogetherIsWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.opts.MaxOpen, w.opts.MaxPerHour = -1, -1
		w.Service = New(w.Subjects, w.opts)
		const due = 1000
		for range due {
			w.ask(3600)
		}
		w.pass(24 * time.Hour)
		readers := &crowd{memory: w.log}
		w.Subjects = NewSubjects(slowLog{w.log, 5 * time.Millisecond}, readers, w.Subjects.opts)
		s := NewSchedule(New(w.Subjects, w.opts))
		w.must(s.Load(t.Context()))
		began := time.Now()
		w.must(s.Advance(t.Context()))
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("%d steps at 5 ms a write took %s", due, took)
		}
		if n := readers.most.Load(); n > readTogether {
			t.Errorf("%d read at once", n)
		}
		if docs, err := w.log.List(t.Context(), store.Query{Term: requestTerm(StatusTimedOut, "", "", ""), Limit: 2 * due}); err != nil || len(docs) != due {
			t.Errorf("%d have timed out, %v", len(docs), err)
		}
	})
}

// A request that can't be read is reported and left out, at the start, when it is due, and
// where something is taken away: the others go on.
func TestARequestThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	bad, good := w.ask(3600), w.ask(3600)
	doc := w.log.docs[bad.ID]
	doc.Data = []byte(`{"id": 7}`)
	w.log.docs[bad.ID] = doc
	var heard []error
	w.opts.OnError = func(err error) { heard = append(heard, err) }
	reported := func(when string) {
		t.Helper()
		if len(heard) == 0 || !strings.Contains(errors.Join(heard...).Error(), bad.ID) {
			t.Errorf("%s: reported are %v", when, heard)
		}
		heard = nil
	}
	s := NewSchedule(New(w.Subjects, w.opts))
	w.must(s.Load(t.Context()))
	reported("at the start")
	if _, _, err := New(w.Subjects, w.opts).DisableUser(t.Context(), w.admin, w.dev.ID); err != nil {
		t.Error(err)
	}
	reported("when a person is disabled")
	if r, err := w.Request(t.Context(), good.ID); err != nil || r.Status != StatusCanceled {
		t.Errorf("the other request is %s, %v", r.Status, err)
	}
	w.pass(48 * time.Hour)
	w.must(s.Advance(t.Context()))
}

// A crash can come after a tag is set and before anybody looked by what requests are decided
// then: who starts is told what changed last, and looks.
func TestScheduleLooksAtWhatChangedLast(t *testing.T) {
	w := newWorld(t)
	eve := w.person("Eve", false)
	w.govern(policy.Set{Policies: []policy.Policy{
		{Name: "Test", Who: policy.Who{Everyone: true}, What: policy.What{Tags: []policy.Tag{{Key: "env", Value: "test"}}}, MaxDuration: 3600,
			Steps: []policy.Step{{Need: 1, Approvers: policy.Approvers{UserIDs: []string{eve.ID}}}}},
		everybody(byAdmins(1)),
	}})
	r := w.ask(3600)
	_, err := w.SetTags(t.Context(), System(), w.db.ID, []Tag{{Key: "env", Value: "test"}}, nil)
	w.must(err)
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context(), w.db.ID))
	w.must(s.Advance(t.Context()))
	r, err = w.Request(t.Context(), r.ID)
	w.must(err)
	if may := w.DecidableBy(eve, &r); len(may) != 1 {
		t.Errorf("who has to decide it by now can decide %v", may)
	}
}

// A resource of which a role went stays marked so. What is changed of it later is looked at like
// any other change, once what rested on the role has had its time to end.
func TestScheduleLooksAtWhatIsEnding(t *testing.T) {
	w := newWorld(t)
	eve := w.person("Eve", false)
	set := policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{Administrators: true, Owners: true}})}}
	w.govern(set)
	_, _, err := w.UpdateResource(t.Context(), System(), w.db.ID, ResourcePatch{Roles: []string{"reader"}, EndOpenRequests: true})
	w.must(err)
	r := w.ask(3600)
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	w.must(w.SetOwners(t.Context(), System(), w.db.ID, []string{eve.ID}, nil))
	docs, err := w.views.Get(t.Context(), w.db.ID)
	w.must(err)
	w.must(s.Observe(w.db.ID, docs[0].Data))
	w.pass(endingGrace)
	w.must(s.Advance(t.Context()))
	r, err = w.Request(t.Context(), r.ID)
	w.must(err)
	if may := w.DecidableBy(eve, &r); len(may) != 1 {
		t.Errorf("the owner can decide %v", may)
	}
}

// A request that has to be looked at is, though something else happens to it before.
func TestScheduleLooksThoughARequestGoesOn(t *testing.T) {
	w := newWorld(t)
	gil := w.person("Gil", true)
	w.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(3))}})
	w.person("Hal", true)
	r := w.ask(3600)
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	_, err := w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	observe := func(id string) {
		t.Helper()
		docs, err := w.views.Get(t.Context(), id)
		w.must(err)
		w.must(s.Observe(id, docs[0].Data))
	}
	observe(r.ID)
	_, err = w.SetAdmin(t.Context(), System(), w.boss.ID, false) // whose review counts no more
	w.must(err)
	_, err = w.review(gil, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	observe(w.boss.ID)
	observe(r.ID)
	w.must(s.Advance(t.Context()))
	r, err = w.Request(t.Context(), r.ID)
	w.must(err)
	if len(r.Reviews) != 1 || r.Reviews[0].Reviewer.ID != gil.ID {
		t.Errorf("its reviews are %+v", r.Reviews)
	}
}

// Who is joined to another account of a reviewer may have given them the right by which they
// approved. The entry is of neither the reviewer nor who asked.
func TestScheduleLooksAtWhoIsJoined(t *testing.T) {
	w := newWorld(t)
	eve, flo, gil := w.person("Eve", false), w.person("Flo", false), w.person("Gil", true)
	_, err := w.JoinUsers(t.Context(), System(), eve.ID, flo.ID, nil)
	w.must(err)
	w.must(w.SetOwners(t.Context(), gil, w.db.ID, []string{eve.ID}, nil))
	w.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{Owners: true}}, byAdmins(1))}})
	r := w.ask(3600)
	_, err = w.review(eve, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	_, err = w.JoinUsers(t.Context(), System(), gil.ID, flo.ID, nil)
	w.must(err)
	docs, err := w.views.Get(t.Context(), gil.ID)
	w.must(err)
	w.must(s.Observe(gil.ID, docs[0].Data))
	w.must(s.Advance(t.Context()))
	if r, err = w.Request(t.Context(), r.ID); err != nil || len(r.Reviews) > 0 {
		t.Errorf("its reviews are %+v (%v)", r.Reviews, err)
	}
}
