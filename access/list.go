package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"procyon/store"
)

// RequestFilter narrows a list of requests.
type RequestFilter struct {
	Statuses       []Status // any of these, so none of an empty list; nil: all
	RequesterID    string   // "": of anybody, and so for the next two
	AccountID      string
	ResourceID     string
	ReviewableByMe *bool // whether the actor may decide it now; nil: either
}

// reviewable tells whether the filter asks for what the actor may decide.
func (f RequestFilter) reviewable() bool { return f.ReviewableByMe != nil && *f.ReviewableByMe }

// RequestOrder is an order of requests.
type RequestOrder struct {
	// Deadline orders those that wait for a decision by when they time out: a request by
	// its own time, an extension by the end of the access. Only the nearest first, only
	// with ReviewableByMe, and only forward.
	Deadline bool
	Desc     bool // else by the time they were asked: the newest first
}

func (s *Service) list(ctx context.Context, terms []string, desc bool, p store.Page, keep func(store.Document) bool) (store.Listed, error) {
	return store.List(ctx, s.views, terms, desc, p, keep)
}

// Requests lists the requests that an actor may see.
func (s *Service) Requests(ctx context.Context, by Actor, f RequestFilter, o RequestOrder, p store.Page) (store.Listed, error) {
	sight := s.opts.Policy.Sight(by)
	if sight == SightOwn {
		if f.RequesterID != "" && f.RequesterID != by.ID {
			return store.Listed{}, nil
		}
		f.RequesterID = by.ID
	}
	if o.Deadline {
		if !f.reviewable() || o.Desc || p.First == 0 {
			return store.Listed{}, Errorf(CodeInvalid, "orderBy", "The order DECIDE_BY needs reviewableByMe: true, the direction ASC, and first and after.")
		}
		return s.reviewableByDeadline(ctx, by, f, p)
	}
	if none, err := s.elsewhere(ctx, f); err != nil || none {
		return store.Listed{}, err
	}
	if f.reviewable() {
		return s.list(ctx, f.decidable(), o.Desc, p, s.matching(by, f))
	}
	list := f.Statuses
	if list == nil {
		list = statuses
	}
	var keep func(store.Document) bool // the terms say all of the filter
	if sight == SightSome || f.ReviewableByMe != nil {
		keep = s.matching(by, f)
	}
	return s.list(ctx, f.terms(list...), o.Desc, p, keep)
}

// matching keeps the requests that pass a filter, as an actor sees them.
func (s *Service) matching(by Actor, f RequestFilter) func(store.Document) bool {
	return func(d store.Document) bool {
		r, err := Decode[Request](d)
		return err == nil && s.Matches(by, &r, f)
	}
}

// elsewhere tells whether a filter names a resource and another account than its own,
// which nothing matches.
func (s *Service) elsewhere(ctx context.Context, f RequestFilter) (bool, error) {
	if f.ResourceID == "" || f.AccountID == "" {
		return false, nil
	}
	docs, err := s.views.Get(ctx, f.ResourceID)
	if err != nil || len(docs) == 0 || KindOf(f.ResourceID) != KindResource {
		return true, err
	}
	r, err := Decode[Resource](docs[0])
	return r.AccountID != f.AccountID, err
}

// terms are where the requests that pass a filter are listed, one for each status.
func (f RequestFilter) terms(list ...Status) []string {
	account := f.AccountID
	if f.ResourceID != "" {
		account = "" // a resource is in one account: see elsewhere
	}
	terms := make([]string, len(list))
	for i, st := range list {
		terms[i] = requestTerm(st, f.RequesterID, account, f.ResourceID)
	}
	return terms
}

// decidable are where what waits for a decision is listed, requests and extensions: so
// whoever may decide it, which is all but their own, finds it without a look at anything
// that doesn't wait.
func (f RequestFilter) decidable() []string { return append(f.pending(), f.extending()...) }

func (f RequestFilter) pending() []string {
	if !f.passes(StatusPending) {
		return nil
	}
	return f.terms(StatusPending)
}

func (f RequestFilter) extending() []string {
	if !f.passes(StatusActive) {
		return nil
	}
	return f.terms(statusExtending)
}

func (f RequestFilter) passes(s Status) bool {
	return f.Statuses == nil || slices.Contains(f.Statuses, s)
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
	pending := store.Merge(s.views, f.pending(), false, p.First, s.askedBefore(p.After))
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
	return out, nil
}

// maxExtensions is how many waiting extensions are put in order: the oldest.
const maxExtensions = 5000

// extensionChunk is how many of them are read at first.
const extensionChunk = 256

// extensions returns the extensions that an actor may decide, in that order.
func (s *Service) extensions(ctx context.Context, by Actor, f RequestFilter, after *store.Position) ([]store.Document, error) {
	var out []store.Document
	m := store.Merge(s.views, f.extending(), false, extensionChunk, nil)
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
	return r.Due()
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

func (r *Request) inAccount(id string) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool { return i.AccountID == id })
}

func (r *Request) forResource(id string) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool { return i.ResourceID == id })
}

// MayReviewNow tells whether a request, or its extension, waits for a decision
// that the actor may take.
func (s *Service) MayReviewNow(by Actor, r *Request) bool {
	return r.Waits() && s.opts.Policy.MayReview(by, r) == nil
}

// Matches tells whether a request passes a filter, as one actor sees it.
func (s *Service) Matches(by Actor, r *Request, f RequestFilter) bool {
	return s.MaySee(by, r) &&
		f.passes(r.Status) &&
		(f.RequesterID == "" || f.RequesterID == r.Requester.ID) &&
		(f.AccountID == "" || r.inAccount(f.AccountID)) &&
		(f.ResourceID == "" || r.forResource(f.ResourceID)) &&
		(f.ReviewableByMe == nil || *f.ReviewableByMe == s.MayReviewNow(by, r))
}

// named lists a catalog kind by name, narrowed by a search.
func (s *Service) named(ctx context.Context, scope, search string, p store.Page, nameOf func(store.Document) string) (store.Listed, error) {
	terms := searchedTerms(scope, search)
	if len(terms) == 0 {
		if Fold(search) != "" {
			return store.Listed{}, nil // only punctuation: no name has that
		}
		return s.list(ctx, []string{scope}, false, p, nil)
	}
	term, err := s.narrowest(ctx, terms)
	if err != nil {
		return store.Listed{}, err
	}
	return s.list(ctx, []string{term}, false, p, func(d store.Document) bool { return matches(search, nameOf(d)) })
}

const (
	// maxProbed is how many words of a search are looked at for which is rare.
	maxProbed = 4
	// fewest and most are after how many documents a word is not rare: at first, and
	// where none is as rare as that.
	fewest, most = 256, 2048
)

// narrowest returns the term that has few documents, as far as that can be told
// cheaply, or else the first: of "orders db 37" it is the number.
func (s *Service) narrowest(ctx context.Context, terms []string) (string, error) {
	if len(terms) == 1 {
		return terms[0], nil
	}
	for limit := fewest; limit <= most; limit *= most / fewest {
		for _, t := range terms[:min(len(terms), maxProbed)] {
			docs, err := s.views.List(ctx, store.Query{Term: t, Limit: limit})
			if err != nil {
				return "", err
			}
			if len(docs) < limit {
				return t, nil
			}
		}
	}
	return terms[0], nil
}

// Accounts lists the accounts by name.
func (s *Service) Accounts(ctx context.Context, search string, p store.Page) (store.Listed, error) {
	return s.named(ctx, "acc/", search, p, nameOf[Account])
}

// Gateways lists the gateways by name.
func (s *Service) Gateways(ctx context.Context, search string, p store.Page) (store.Listed, error) {
	return s.named(ctx, "gw/", search, p, nameOf[Gateway])
}

// Integrations lists the integrations by name.
func (s *Service) Integrations(ctx context.Context, search string, p store.Page) (store.Listed, error) {
	return s.named(ctx, "int/", search, p, nameOf[Integration])
}

// Resources lists the resources by name, of one account or gateway where given.
func (s *Service) Resources(ctx context.Context, parent, search string, p store.Page) (store.Listed, error) {
	return s.named(ctx, resourceScope(parent), search, p, nameOf[Resource])
}

// Users lists the people by name.
func (s *Service) Users(ctx context.Context, p store.Page) (store.Listed, error) {
	return s.list(ctx, []string{"usr/"}, false, p, nil)
}

// LinkedIntegrations lists the integrations linked to an account, by name.
func (s *Service) LinkedIntegrations(ctx context.Context, accountID string) (store.Listed, error) {
	return s.list(ctx, []string{linkTerm(accountID)}, false, store.Page{First: maxLinked}, nil)
}

func nameOf[S any](d store.Document) string {
	s, err := Decode[S](d)
	if err != nil {
		return ""
	}
	switch v := any(s).(type) {
	case Account:
		return v.Name
	case Gateway:
		return v.Name
	case Integration:
		return v.Name
	case Resource:
		return v.Name
	default:
		return ""
	}
}
