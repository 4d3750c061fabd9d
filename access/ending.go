package access

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// What is gone ends what rested on it. A command that takes something away (a person, a
// resource, a role) commits that first; from then on the prerequisites of what rested on
// it are not met, so nothing of it is approved, begins or is prolonged. Then the open
// requests are ended one by one. Each ending looks for itself whether something is gone,
// so that anybody may repeat it at any time: after a crash, every server does.

// Ended is what a command ended besides.
type Ended struct {
	Count      int      // of requests
	RequestIDs []string // at most 100 of them
}

const (
	maxEndedIDs  = 100
	endingPage   = 500 // requests read at once
	endingAtOnce = 16  // requests ended at once: so one write carries many
)

// endGone ends the requests under some terms of which something is gone, as the actor
// whose doing that is. It returns when all have ended, with those that it ended.
func (s *Service) endGone(ctx context.Context, by Actor, terms []string) (Ended, error) {
	var ended Ended
	for _, term := range terms {
		q := Query{Term: term, Limit: endingPage}
		for {
			docs, err := s.views.List(ctx, q)
			if err != nil {
				return ended, fmt.Errorf("requests under %s: %w", term, err)
			}
			gone, err := s.whichAreGone(ctx, docs)
			if err != nil {
				return ended, err
			}
			ids, err := s.endEach(ctx, by, gone)
			ended.Count += len(ids)
			ended.RequestIDs = append(ended.RequestIDs, ids[:min(len(ids), maxEndedIDs-len(ended.RequestIDs))]...)
			if err != nil {
				return ended, err
			}
			if len(docs) < q.Limit {
				break
			}
			last := docs[len(docs)-1]
			q.After = &Position{Sort: last.Sort, ID: last.ID}
		}
	}
	return ended, nil
}

// whichAreGone returns the IDs of those requests of which something is gone. It reads
// what they rest on all at once.
func (s *Service) whichAreGone(ctx context.Context, docs []Document) ([]string, error) {
	list := make([]Request, len(docs))
	var ids []string
	for i, d := range docs {
		var err error
		if list[i], err = Decode[Request](d); err != nil {
			return nil, err
		}
		ids = append(ids, list[i].prerequisites()...)
	}
	c, err := s.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range list {
		missing, err := c.missing(&list[i])
		if err != nil {
			return nil, err
		}
		if missing != "" {
			out = append(out, list[i].ID)
		}
	}
	return out, nil
}

// endEach ends requests, some at a time, and returns those that have ended because
// something was gone, whoever was faster.
func (s *Service) endEach(ctx context.Context, by Actor, ids []string) ([]string, error) {
	var (
		mu     sync.Mutex // guards ended and failed
		ended  []string
		failed error
		wait   sync.WaitGroup
	)
	for part := range slices.Chunk(ids, max(1, (len(ids)+endingAtOnce-1)/endingAtOnce)) {
		wait.Go(func() {
			for _, id := range part {
				r, err := s.endIfGone(ctx, by, id)
				mu.Lock()
				if err != nil {
					failed = fmt.Errorf("end %s: %w", id, err)
				} else if !r.Open() && r.Outcome != "" {
					ended = append(ended, id)
				}
				stop := failed != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wait.Wait()
	slices.Sort(ended)
	return ended, failed
}

// endIfGone ends a request if something that it rests on is gone, and returns it as it
// is then. It is harmless to repeat.
func (s *Service) endIfGone(ctx context.Context, by Actor, id string) (Request, error) {
	return s.advance(ctx, by, id, func(ctx context.Context, r *Request) (requestEvent, []Guard, error) {
		missing, guards, err := s.checkPrerequisites(ctx, r)
		if err != nil || missing == "" {
			return requestEvent{}, nil, err
		}
		return r.decideEnd(by, missing, s.now()), guards, nil
	})
}

// advance lets a request take a step that nobody asked for, if there is one.
func (s *Service) advance(ctx context.Context, by Actor, id string, decide func(ctx context.Context, r *Request) (requestEvent, []Guard, error)) (Request, error) {
	var r Request
	err := retry(ctx, func() error {
		r = Request{}
		version, err := s.load(ctx, id, KindRequest, "id", &r)
		if err != nil {
			return err
		}
		ev, guards, err := decide(ctx, &r)
		if err != nil || ev.typ == "" {
			return err
		}
		return s.commit(ctx, by, id, version+1, string(ev.typ), ev.data, &r, ev.data.At, guards...)
	})
	return r, err
}

// eachRequest calls f with the requests under a term until it returns false.
func eachRequest(ctx context.Context, views Views, term string, f func(r *Request) bool) error {
	q := Query{Term: term, Limit: endingPage}
	for {
		docs, err := views.List(ctx, q)
		if err != nil {
			return fmt.Errorf("requests under %s: %w", term, err)
		}
		for _, d := range docs {
			r, err := Decode[Request](d)
			if err != nil {
				return err
			}
			if !f(&r) {
				return nil
			}
		}
		if len(docs) < q.Limit {
			return nil
		}
		last := docs[len(docs)-1]
		q.After = &Position{Sort: last.Sort, ID: last.ID}
	}
}
