package access

import (
	"container/heap"
	"context"
	"fmt"
	"time"
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
}

// NewSchedule makes a Schedule.
func NewSchedule(s *Service) *Schedule {
	return &Schedule{service: s, at: map[string]time.Time{}}
}

// Load takes in every open request, and everybody whose things are still being ended.
// Call it once, before Advance.
func (s *Schedule) Load(ctx context.Context) error {
	for _, st := range openStatuses() {
		if err := s.load(ctx, requestTerm(st, "", "", "")); err != nil {
			return err
		}
	}
	return s.load(ctx, endingTerm)
}

func (s *Schedule) load(ctx context.Context, term string) error {
	q := Query{Term: term, Limit: endingPage}
	for {
		docs, err := s.service.views.List(ctx, q)
		if err != nil {
			return fmt.Errorf("what is open under %s: %w", term, err)
		}
		for _, d := range docs {
			if err := s.Observe(d.ID, d.Data); err != nil {
				return err
			}
		}
		if term != endingTerm {
			gone, err := s.service.whichAreGone(ctx, docs)
			if err != nil {
				return err
			}
			for _, id := range gone {
				s.put(id, s.service.now())
			}
		}
		if len(docs) < q.Limit {
			return nil
		}
		last := docs[len(docs)-1]
		q.After = &Position{Sort: last.Sort, ID: last.ID}
	}
}

// endingGrace is how long whoever took something away has to end what rested on it,
// before every other server does.
const endingGrace = 5 * time.Second

// Observe takes in a subject's newest state; kinds of which nothing follows are ignored.
func (s *Schedule) Observe(id string, state []byte) error {
	switch KindOf(id) {
	case KindRequest:
		r, err := Decode[Request](Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		s.put(id, r.Due())
	case KindResource:
		r, err := Decode[Resource](Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		if r.Deleted || r.Ending {
			s.put(id, s.service.now().Add(endingGrace))
		}
	case KindUser:
		u, err := Decode[User](Document{ID: id, Data: state})
		if err != nil {
			return err
		}
		if u.Ending {
			s.put(id, s.service.now().Add(endingGrace))
		}
	}
	return nil
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

// Advance takes every step that is due. A step that fails is tried again after a
// while; the error is the last one, for the log.
func (s *Schedule) Advance(ctx context.Context) error {
	var failed error
	now := s.service.now()
	for next := s.Next(); !next.IsZero() && !now.Before(next); next = s.Next() {
		id := heap.Pop(&s.due).(dueItem).id
		delete(s.at, id)
		due, err := s.service.takeDue(ctx, id)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = fmt.Errorf("due step of %s: %w", id, err)
			s.put(id, now.Add(retryStep))
		default:
			s.put(id, due)
		}
	}
	return failed
}

// retryStep is how long a failed step waits.
const retryStep = 5 * time.Second

// System is the actor of what the gateway does by itself.
func System() Actor {
	return Actor{Kind: ActorSystem, ID: "system", Name: "Procyon", Via: "system"}
}

// takeDue takes the step that a subject is due for, if it still is, and returns when
// the next one is.
func (s *Service) takeDue(ctx context.Context, id string) (time.Time, error) {
	switch KindOf(id) {
	case KindResource:
		_, err := s.endGone(ctx, System(), openTerms(id))
		return time.Time{}, err
	case KindUser:
		u, err := s.User(ctx, id)
		if err == nil && u.Ending {
			_, _, err = s.finishDisabling(ctx, System(), id)
		}
		return time.Time{}, err
	}
	r, err := s.advance(ctx, System(), id, func(ctx context.Context, r *Request) (requestEvent, []Guard, error) {
		now := s.now()
		ev, ok := r.decideDue(now)
		if ok && ev.typ != EventActivated {
			return ev, nil, nil // it ends in any case
		}
		if !r.Open() {
			return requestEvent{}, nil, nil
		}
		missing, guards, err := s.checkPrerequisites(ctx, r)
		if err != nil {
			return requestEvent{}, nil, err
		}
		if missing != "" {
			ev = r.decideEnd(System(), missing, now)
		}
		return ev, guards, nil
	})
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
