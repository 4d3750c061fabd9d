package access

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"time"

	"procyon/store"
)

// Schedule lets requests take the steps that nobody asks for: with time they time out,
// come into force, expire; and what they rest on may go, which ends them. Every server
// runs one; whoever is first takes the step, and the others find it taken. After a
// restart it begins with what is open, and so makes up for a crash in the middle of a
// command that ends much.
type Schedule struct {
	service *Service
	due     dueHeap
	at      map[string]time.Time // of each subject that has a step to come

	// What each request that waits rests on, and which requests rest on something: where that
	// changes, what governs them may.
	rests map[string][]string
	under map[string]map[string]bool
	named map[string]bool // what the policies name: where that goes, they refuse what it is for
	// human is, of whoever changed, the account to which theirs is joined: where that is
	// another one by now, the rights of the others of that human are.
	human map[string]string
}

// NewSchedule makes a Schedule.
func NewSchedule(s *Service) *Schedule {
	few := NewSubjects(s.log, fewReaders{s.views, make(chan struct{}, readTogether)}, s.Subjects.opts)
	return &Schedule{service: New(few, s.opts), at: map[string]time.Time{}, rests: map[string][]string{}, under: map[string]map[string]bool{}, human: map[string]string{}}
}

// fewReaders lets a few read at once, so that many steps that wait for a write together
// leave connections of the store to everybody else.
type fewReaders struct {
	store.Reader
	tokens chan struct{}
}

func (f fewReaders) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	select {
	case f.tokens <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-f.tokens }()
	return f.Reader.Get(ctx, ids...)
}

// Load takes in every open request, everybody whose things are still being ended, and every
// group whose members are still being changed. recent are the subjects that changed last: a
// crash may have come before anybody looked what follows for the requests that rest on them.
// One that can't be read is reported to Options.OnError and left out: it holds up no
// other. Call it once, before Advance.
func (s *Schedule) Load(ctx context.Context, recent ...string) error {
	now, err := s.service.Policies(ctx)
	if err != nil {
		return err
	}
	s.names(now)
	for _, st := range openStatuses() {
		if err := s.load(ctx, requestTerm(st, "", "", ""), now.Version); err != nil {
			return err
		}
	}
	for _, id := range recent {
		if s.governAnew(id); s.named[id] {
			s.governAnew(PoliciesID)
		}
	}
	return errors.Join(s.load(ctx, endingTerm, now.Version), s.load(ctx, groupChangeTerm, now.Version))
}

// load takes in what is under a term; version is that of the policies.
func (s *Schedule) load(ctx context.Context, term string, version uint64) error {
	for docs, err := range store.EachPage(ctx, s.service.views, term, endingPage) {
		if err != nil {
			return err
		}
		for _, d := range docs {
			if err := s.Observe(d.ID, d.Data); err != nil {
				s.service.opts.OnError(fmt.Errorf("schedule: %w", err))
			}
		}
		if term == endingTerm || term == groupChangeTerm {
			continue
		}
		s.catchUp(docs, version)
		gone, err := s.service.whichAreGone(ctx, docs)
		if err != nil {
			return err
		}
		for _, id := range gone {
			s.put(id, s.service.Now())
		}
	}
	return nil
}

// catchUp has those of some requests looked at whose plans are of an earlier version of the
// policies: a crash may have come between.
func (s *Schedule) catchUp(docs []store.Document, version uint64) {
	for _, d := range docs {
		r, err := Decode[Request](d)
		if err == nil && r.Waits() && r.plan().Version < version {
			s.put(d.ID, s.service.Now())
		}
	}
}

// endingGrace is how long whoever took something away has to end what rested on it,
// before every other server does.
const endingGrace = 5 * time.Second

// Observe takes in a subject's newest state; kinds of which nothing follows are ignored.
func (s *Schedule) Observe(id string, state []byte) error {
	switch KindOf(id) {
	case KindRequest:
		r, err := Decode[Request](store.Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		s.putSooner(id, r.Due())
		s.note(&r)
	case KindPolicies:
		p, err := Decode[Policies](store.Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		s.names(&p)
		s.governAnew(id)
	case KindAccount, KindGateway:
		s.governAnew(id)
	case KindResource:
		r, err := Decode[Resource](store.Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		if r.Deleted || r.Ending {
			later := s.service.Now().Add(endingGrace)
			s.put(id, later)
			s.governAnewAt(id, later) // what does not end: this may be another change than that which ends some
		} else {
			s.governAnew(id)
		}
	case KindUser:
		u, err := Decode[User](store.Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		if u.Left && s.named[id] || s.human[id] != u.Human { // whomever that concerns
			s.governAnew(PoliciesID)
		}
		if s.human[id] = u.Human; u.Human == "" {
			delete(s.human, id)
		}
		if u.Ending {
			s.put(id, s.service.Now().Add(endingGrace))
		} else {
			s.governAnew(id)
		}
	case KindGroup:
		g, err := Decode[Group](store.Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		if g.Deleted && s.named[id] { // whoever it concerned
			s.governAnew(PoliciesID)
		}
		if g.Change != nil {
			s.put(id, s.service.Now().Add(endingGrace))
		}
	}
	return nil
}

// note keeps what a request that waits rests on.
func (s *Schedule) note(r *Request) {
	for _, id := range s.rests[r.ID] {
		if delete(s.under[id], r.ID); len(s.under[id]) == 0 {
			delete(s.under, id)
		}
	}
	delete(s.rests, r.ID)
	if !r.Waits() {
		return
	}
	rests := append(r.prerequisites(), PoliciesID)
	for _, v := range r.approvals() {
		rests = append(rests, v.Reviewer.ID)
	}
	s.rests[r.ID] = rests
	for _, id := range rests {
		if s.under[id] == nil {
			s.under[id] = map[string]bool{}
		}
		s.under[id][r.ID] = true
	}
}

// governAnew has what governs the requests that rest on a subject looked at: the subject
// changed. Lists and streams follow; each commit looks by itself.
func (s *Schedule) governAnew(id string) { s.governAnewAt(id, s.service.Now()) }

// governAnewAt is governAnew at a moment. What has a step to take before that is looked at then.
func (s *Schedule) governAnewAt(id string, at time.Time) {
	for request := range s.under[id] {
		s.putSooner(request, at)
	}
}

// names notes what the policies name.
func (s *Schedule) names(p *Policies) {
	s.named = map[string]bool{}
	for _, id := range p.Names() {
		s.named[id] = true
	}
}

// put says when a subject's next step is due; the zero time: it has none to come.
func (s *Schedule) put(id string, at time.Time) {
	if at.IsZero() {
		delete(s.at, id)
		return
	}
	if s.at[id].Equal(at) {
		return
	}
	s.at[id] = at
	heap.Push(&s.due, dueItem{at, id})
}

// putSooner is put for what may be due earlier for another reason, which stays so: a look too
// many does nothing, and one that is left out leaves a request with the wrong people.
func (s *Schedule) putSooner(id string, at time.Time) {
	if due, ok := s.at[id]; ok && !at.IsZero() && due.Before(at) {
		return
	}
	s.put(id, at)
}

// Next returns when the next step is due; zero where none is.
func (s *Schedule) Next() time.Time {
	for len(s.due) > 0 {
		top := s.due[0]
		if at, ok := s.at[top.id]; ok && at.Equal(top.at) {
			return top.at
		}
		heap.Pop(&s.due) // out of date
	}
	return time.Time{}
}

const (
	// dueAtOnce is how many steps are begun between two looks at what is due next.
	dueAtOnce = 2048
	// dueTogether is how many steps wait for one write together, at most.
	dueTogether = 256
	// readTogether is how many of them read at once, at most.
	readTogether = 16
)

// Advance takes every step that is due when it is called, the earliest first and many at
// once, so that one write carries many. What is more than a step, such as much that ends, is
// due again at once: its next part is for the next call, before which the caller observes what
// happened meanwhile. A step that fails is tried again after a while; the error is the last
// one, for the log.
func (s *Schedule) Advance(ctx context.Context) error {
	var failed error
	now := s.service.Now()
	for {
		var ids []string
		for next := s.Next(); len(ids) < dueAtOnce && !next.IsZero() && !now.Before(next); next = s.Next() {
			id := heap.Pop(&s.due).(dueItem).id
			delete(s.at, id)
			ids = append(ids, id)
		}
		if len(ids) == 0 {
			return failed
		}
		due, errs := make([]time.Time, len(ids)), make([]error, len(ids))
		InParallel(len(ids), dueTogether, func(n int) { due[n], errs[n] = s.service.takeDue(ctx, ids[n]) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for n, id := range ids {
			if errs[n] != nil {
				failed = fmt.Errorf("due step of %s: %w", id, errs[n])
				due[n] = now.Add(retryStep)
			}
			s.put(id, due[n])
		}
	}
}

// retryStep is how long a failed step waits.
const retryStep = 5 * time.Second

// System is the actor of what the server does by itself.
func System() Actor {
	return Actor{Kind: ActorSystem, ID: "system", Name: "Procyon", Via: "system"}
}

// dueEndings is about how many requests one step ends, and people it puts into a group or takes
// out of it, so that others come in between.
const dueEndings = 200

// takeDue takes the step that a subject is due for, if it still is, and returns when
// the next one is.
func (s *Service) takeDue(ctx context.Context, id string) (time.Time, error) {
	again := func(more bool, err error) (time.Time, error) {
		if more && err == nil {
			return s.Now(), nil
		}
		return time.Time{}, err
	}
	switch KindOf(id) {
	case KindResource:
		_, more, err := s.endGone(ctx, System(), dueEndings, openTerms(id)...)
		return again(more, err)
	case KindUser:
		u, err := s.User(ctx, id)
		if err != nil || !u.Ending {
			return time.Time{}, err
		}
		_, more, err := s.finishDisabling(ctx, System(), u, dueEndings)
		return again(more, err)
	case KindGroup:
		g, err := s.Group(ctx, id)
		if err != nil {
			return time.Time{}, err
		}
		return again(s.finishMembers(ctx, System(), g, dueEndings))
	}
	return s.takeRequestStep(ctx, id)
}

// takeRequestStep takes the step that a request is due for, if it still is, and returns when
// the next one is.
func (s *Service) takeRequestStep(ctx context.Context, id string) (time.Time, error) {
	governed := false
	r, err := s.advance(ctx, System(), id, func(ctx context.Context, r *Request) (requestEvent, []Guard, error) {
		now := s.Now()
		governed = false
		ev, ok := r.decideDue(now)
		if ok && ev.typ != EventActivated || !r.Open() {
			return ev, nil, nil // it ends in any case
		}
		l, err := s.rule(ctx, r, now)
		lost := l.lost
		if lost.why == "" && ev.typ == EventActivated && len(l.Refused) > 0 {
			lost = loss{why: r.Items[l.Refused[0].Item].refusedWords("begin", l.Refused[0])}
		}
		if end := r.decideEnd(System(), lost, now); end.typ != "" {
			ev = end
		}
		if ev.typ == "" && err == nil && lost.why == "" && r.Waits() {
			if ev = r.decideGoverned(l.planFor(r), now); ev.typ == "" {
				var guards []Guard
				if ev, guards, err = s.voided(ctx, r, &l, now); ev.typ == "" {
					ev = r.decideLate(now)
				}
				return ev, guards, err
			}
			governed = true
		}
		return ev, l.guards, err
	})
	r, err = s.approvedUnasked(ctx, r, err)
	if governed && err == nil && len(r.approvals()) > 0 {
		return s.Now(), nil // who gave those may have lost the right as well
	}
	return r.Due(), err
}

type dueItem struct {
	at time.Time
	id string
}

type dueHeap []dueItem

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(dueItem)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
