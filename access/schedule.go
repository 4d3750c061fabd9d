package access

import (
	"container/heap"
	"context"
	"fmt"
	"time"
)

// Schedule lets requests take the steps that time alone brings: time out,
// come into force, expire. Every gateway runs one; whoever is first takes the
// step, and the others find it taken. After a restart it begins with what is open.
type Schedule struct {
	service *Service
	due     dueHeap
	at      map[string]time.Time // of each request that has a step to come
}

// NewSchedule makes a Schedule.
func NewSchedule(s *Service) *Schedule {
	return &Schedule{service: s, at: map[string]time.Time{}}
}

// Load takes in every open request. Call it once, before Advance.
func (s *Schedule) Load(ctx context.Context) error {
	for _, st := range []Status{Pending, Approved, Active} {
		q := Query{Term: requestTerm(st, "", "", ""), Limit: 500}
		for {
			docs, err := s.service.views.List(ctx, q)
			if err != nil {
				return fmt.Errorf("open requests: %w", err)
			}
			for _, d := range docs {
				if err := s.Observe(d.ID, d.Data); err != nil {
					return err
				}
			}
			if len(docs) < q.Limit {
				break
			}
			last := docs[len(docs)-1]
			q.After = &Position{Sort: last.Sort, ID: last.ID}
		}
	}
	return nil
}

// Observe takes in a request's newest state; other kinds of subjects are ignored.
func (s *Schedule) Observe(id string, state []byte) error {
	if KindOf(id) != KindRequest {
		return nil
	}
	r, err := Decode[Request](Document{ID: id, Data: state})
	if err != nil {
		return err
	}
	due := r.Due()
	if due.IsZero() {
		delete(s.at, id)
		return nil
	}
	if s.at[id].Equal(due) {
		return nil
	}
	s.at[id] = due
	heap.Push(&s.due, dueItem{due, id})
	return nil
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
		r, err := s.service.takeDue(ctx, id)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = fmt.Errorf("due step of %s: %w", id, err)
			again := now.Add(retryStep)
			s.at[id] = again
			heap.Push(&s.due, dueItem{again, id})
		default:
			if due := r.Due(); !due.IsZero() {
				s.at[id] = due
				heap.Push(&s.due, dueItem{due, id})
			}
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

// takeDue takes the step that a request is due for, if it still is.
func (s *Service) takeDue(ctx context.Context, id string) (Request, error) {
	var r Request
	err := retry(ctx, func() error {
		r = Request{}
		version, err := s.load(ctx, id, KindRequest, "id", &r)
		if err != nil {
			return err
		}
		now := s.now()
		ev, ok := r.decideDue(now)
		if !ok {
			return nil
		}
		return s.commit(ctx, System(), id, version+1, string(ev.typ), ev.data, &r, now)
	})
	return r, err
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
