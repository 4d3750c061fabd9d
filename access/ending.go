package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"procyon/store"
)

// What is gone ends what rested on it. A command that takes something away (a person, a
// resource, a role) commits that first; from then on the prerequisites of what rested on
// it are not met, so nothing of it is approved, begins or is extended. Then the open
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
// whose doing that is, and returns those that have ended so. more tells that there may be
// others because it stopped after about enough of them, unless that is 0.
func (s *Service) endGone(ctx context.Context, by Actor, enough int, terms ...string) (ended Ended, more bool, err error) {
	for _, term := range terms {
		for docs, err := range store.EachPage(ctx, s.views, term, endingPage) {
			if err != nil {
				return ended, false, err
			}
			gone, err := s.whichAreGone(ctx, docs)
			if err != nil {
				return ended, false, err
			}
			ids, err := s.endEach(ctx, by, gone)
			ended.Count += len(ids)
			ended.RequestIDs = append(ended.RequestIDs, ids[:min(len(ids), maxEndedIDs-len(ended.RequestIDs))]...)
			if err != nil {
				return ended, false, err
			}
			if enough > 0 && ended.Count >= enough {
				return ended, true, nil
			}
		}
	}
	return ended, false, nil
}

// whichAreGone returns the IDs of those requests to which something happens because
// something that they rest on is gone. It reads all that they rest on at once. What can't
// be read is reported and left out: it holds up no other.
func (s *Service) whichAreGone(ctx context.Context, docs []store.Document) ([]string, error) {
	list := make([]Request, 0, len(docs))
	var ids []string
	for _, d := range docs {
		r, err := Decode[Request](d)
		if err != nil {
			s.opts.OnError(fmt.Errorf("look what is gone: %w", err))
			continue
		}
		list = append(list, r)
		ids = append(ids, r.prerequisites()...)
	}
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range list {
		l, err := c.missing(&list[i])
		if err != nil {
			s.opts.OnError(fmt.Errorf("look what is gone of %s: %w", list[i].ID, err))
			continue
		}
		if list[i].decideEnd(System(), l, s.Now()).typ != "" {
			out = append(out, list[i].ID)
		}
	}
	return out, nil
}

// endEach ends requests, some at a time, and returns those that have ended because
// something is gone, whoever was faster. One that fails holds up no other.
func (s *Service) endEach(ctx context.Context, by Actor, ids []string) ([]string, error) {
	ended, errs := make([]bool, len(ids)), make([]error, len(ids))
	InParallel(len(ids), endingAtOnce, func(n int) {
		r, err := s.endIfGone(ctx, by, ids[n])
		if errs[n] = err; err != nil {
			errs[n] = fmt.Errorf("end %s: %w", ids[n], err)
		}
		ended[n] = err == nil && r.Gone
	})
	var out []string
	for i, id := range ids {
		if ended[i] {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, errors.Join(errs...)
}

// InParallel calls f with 0 to n-1, atOnce calls at a time, and returns when all have
// returned.
func InParallel(n, atOnce int, f func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(n, atOnce) {
		wait.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

// endIfGone ends a request, or its extension, if something that it rests on is gone, and
// returns it as it is then. It is harmless to repeat.
func (s *Service) endIfGone(ctx context.Context, by Actor, id string) (Request, error) {
	return s.advance(ctx, by, id, func(ctx context.Context, r *Request) (requestEvent, []Guard, error) {
		l, guards, err := s.checkPrerequisites(ctx, r)
		return r.decideEnd(by, l, s.Now()), guards, err
	})
}

// advance lets a request take a step that nobody asked for, if there is one.
func (s *Service) advance(ctx context.Context, by Actor, id string, decide func(ctx context.Context, r *Request) (requestEvent, []Guard, error)) (Request, error) {
	return Update(ctx, s.Subjects, by, id, "id", func(r Request) (Effect, error) {
		ev, guards, err := decide(ctx, &r)
		return ev.effect(ev.data.At, guards), err
	})
}
