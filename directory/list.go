package directory

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"procyon/directory/scim"
)

// maxLooked is how many people, or groups, a list is made of that no index answers.
const maxLooked = 100_000

// scansAtOnce is how many lists are looked through at once, so that others get through.
const scansAtOnce = 2

// scan runs what looks through a list that may be long.
func (s *Service) scan(ctx context.Context, look func() error) error {
	select {
	case s.scans <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.scans }()
	return look()
}

// pages finds the pages of lists of one kind. It keeps what was found for one page of a list, for
// its next ones: to find it for each would take as long as all that is looked through.
// It is safe for concurrent use.
type pages struct {
	mu    sync.Mutex // guards lists
	lists []list     // the last that was begun first
}

// list is what a query found, in the order of IDs, which is that of their creation.
type list struct {
	filter string
	ids    []string // never changed
	at     time.Time
}

const (
	// listKept is how long the pages of a list are those of when it was begun.
	listKept = time.Minute
	// maxLists is how many lists are kept, of maxLooked resources together.
	maxLists = 8
)

// of returns a list that was begun a moment ago; ok is false where it is not kept.
func (p *pages) of(filter string, now time.Time) (ids []string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lists = slices.DeleteFunc(p.lists, func(l list) bool { return now.Sub(l.at) > listKept || now.Before(l.at) })
	i := slices.IndexFunc(p.lists, func(l list) bool { return l.filter == filter })
	if i < 0 {
		return nil, false
	}
	return p.lists[i].ids, true
}

// keep keeps a list in the place of the last of its filter. Those that are too many are kept
// no longer, the oldest first.
func (p *pages) keep(l list) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lists = slices.DeleteFunc(p.lists, func(o list) bool { return o.filter == l.filter })
	p.lists = slices.Insert(p.lists, 0, l)
	total := 0
	for i, l := range p.lists {
		if total += len(l.ids); i > 0 && (i >= maxLists || total > maxLooked) {
			p.lists = slices.Delete(p.lists, i, len(p.lists))
			return
		}
	}
}

// ids returns the IDs on a page of a list, and how many there are in all. find finds the whole
// list, in any order.
func (p *pages) ids(now time.Time, filter string, skip, count int, find func() ([]string, error)) (ids []string, total int, err error) {
	kept := false
	if skip > 0 {
		ids, kept = p.of(filter, now)
	}
	if !kept {
		if ids, err = find(); err != nil {
			return nil, 0, err
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if len(ids) > skip+count {
			p.keep(list{strings.Clone(filter), ids, now})
		}
	}
	total = len(ids)
	ids = ids[min(skip, total):]
	return ids[:min(count, len(ids))], total, nil
}

// page is a page of a list: those of some IDs that are read and still match.
func page[R any](of []R, match func(R) bool, total int) scim.Page[R] {
	if match != nil {
		of = slices.DeleteFunc(of, func(r R) bool { return !match(r) })
	}
	return scim.Page[R]{Resources: of, Total: total}
}
