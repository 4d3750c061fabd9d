package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"procyon/store"
)

// decidable are where what waits for a decision is listed, requests and extensions: so
// whoever may decide it finds it without a look at anything that doesn't wait.
// Administrators look through all of it, for what is decided by the default names nobody.
func (f RequestFilter) decidable(by *Actor) []string {
	return append(f.pending(by), f.extending(by)...)
}

func (f RequestFilter) pending(by *Actor) []string {
	if !f.passes(StatusPending) {
		return nil
	}
	return f.waiting(by, StatusPending)
}

func (f RequestFilter) extending(by *Actor) []string {
	if !f.passes(StatusActive) {
		return nil
	}
	return f.waiting(by, statusExtending)
}

func (f RequestFilter) waiting(by *Actor, status Status) []string {
	if seesAll(by) {
		return f.terms(status)
	}
	var terms []string
	for _, id := range by.ApproverIDs() {
		terms = append(terms, decidedByTerm(status, id))
	}
	return terms
}

// reviewableByDeadline lists what an actor may decide, what times out first coming
// first: pending requests in the order in which they were asked, for all wait equally
// long, and the few extensions among them by the end of the access. Where the setting
// was changed, requests that wait by the former one stand where the present one puts
// them. The documents' Sort is that moment, so that a page goes on behind it whatever
// became of the request since.
func (s *Service) reviewableByDeadline(ctx context.Context, by Actor, f RequestFilter, p store.Page) (store.Listed, error) {
	extensions, err := s.extensions(ctx, by, f, p.After)
	if err != nil {
		return store.Listed{}, err
	}
	out := store.Listed{Previous: p.After != nil}
	pending := store.Merge(s.views, f.pending(&by), false, p.First, s.askedBefore(p.After))
	for examined := 0; len(out.Docs) <= p.First; examined++ {
		d, more, err := pending.Next(ctx)
		if err != nil {
			return out, err
		}
		if !more {
			out.Docs = append(out.Docs, extensions...)
			break
		}
		d, ok, err := s.waits(by, d, f, p.After)
		if err != nil {
			return out, err
		}
		for len(extensions) > 0 && byDeadline(extensions[0], d) < 0 {
			out.Docs, extensions = append(out.Docs, extensions[0]), extensions[1:]
		}
		if ok {
			out.Docs = append(out.Docs, d)
		} else if examined >= store.MaxExamined {
			out.End = d.Position()
			break
		}
	}
	if len(out.Docs) > p.First {
		out.Docs, out.End, out.Next = out.Docs[:p.First], nil, true
	}
	out.Next = out.Next || out.End != nil
	return out.Bounded(), nil
}

// maxExtensions is how many waiting extensions are put in order: the oldest.
const maxExtensions = 5000

// extensionChunk is how many of them are read at first.
const extensionChunk = 256

// extensions returns the extensions that an actor may decide, in that order.
func (s *Service) extensions(ctx context.Context, by Actor, f RequestFilter, after *store.Position) ([]store.Document, error) {
	var out []store.Document
	m := store.Merge(s.views, f.extending(&by), false, extensionChunk, nil)
	for range maxExtensions {
		d, more, err := m.Next(ctx)
		if err != nil || !more {
			slices.SortFunc(out, byDeadline)
			return out, err
		}
		d, ok, err := s.waits(by, d, f, after)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, byDeadline)
	return out, nil
}

// deadline is where a request stands in that order.
func (s *Service) deadline(r *Request) time.Time {
	if r.Status == StatusPending {
		return r.CreatedAt.Add(s.opts.DecideIn)
	}
	return r.ends()
}

// askedBefore is the place among the pending requests of a place in that order.
func (s *Service) askedBefore(p *store.Position) *store.Position {
	if p == nil {
		return nil
	}
	var micro int64
	if _, err := fmt.Sscanf(p.Sort, "%016x", &micro); err != nil {
		return nil // it is compared again anyway
	}
	return &store.Position{Sort: store.TimeSort(time.UnixMicro(micro).Add(-s.opts.DecideIn)), ID: p.ID}
}

// waits tells whether a request waits for an actor's decision, passes a filter, and
// comes behind a position. It is returned with its deadline as its Sort.
func (s *Service) waits(by Actor, d store.Document, f RequestFilter, after *store.Position) (store.Document, bool, error) {
	r, err := Decode[Request](d)
	if err != nil {
		return d, false, err
	}
	d.Sort = store.TimeSort(s.deadline(&r))
	behind := after == nil || byDeadline(d, store.Document{Sort: after.Sort, ID: after.ID}) > 0
	return d, behind && s.Matches(by, &r, f), nil
}

func byDeadline(a, b store.Document) int {
	return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.ID, b.ID))
}
