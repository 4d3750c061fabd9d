package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Page asks for a part of a list: the first N after a position, or the last N
// before one. Exactly one of First and Last is at least 1.
type Page struct {
	First  int
	After  *Position
	Last   int
	Before *Position
}

// Listed is a part of a list, in the list's order whichever way it was asked for.
type Listed struct {
	Docs     []Document
	Next     bool // there is more after it
	Previous bool // there is more before it
}

// maxExamined bounds how many documents one page may look at where a filter
// drops some: a page may then be shorter than asked for, with Next set.
const maxExamined = 5000

func (s *Service) list(ctx context.Context, terms []string, desc bool, p Page, keep func(Document) bool) (Listed, error) {
	return List(ctx, s.views, terms, desc, p, keep)
}

// List merges the ranges of some terms, ordered ascending or (desc) descending,
// and keeps what keep says; nil keeps all.
func List(ctx context.Context, views Views, terms []string, desc bool, p Page, keep func(Document) bool) (Listed, error) {
	backward := p.Last > 0
	limit, from := p.First, p.After
	if backward {
		limit, from = p.Last, p.Before
	}
	m := merger{views: views, desc: desc != backward, chunk: limit + 1}
	for _, t := range terms {
		m.ranges = append(m.ranges, &span{term: t, from: from})
	}
	var out Listed
	more := false
	for examined := 0; ; examined++ {
		d, ok, err := m.next(ctx)
		if err != nil {
			return Listed{}, err
		}
		if !ok {
			break
		}
		if keep != nil && !keep(d) {
			if examined >= maxExamined && len(out.Docs) > 0 {
				more = true
				break
			}
			continue
		}
		if len(out.Docs) == limit {
			more = true
			break
		}
		out.Docs = append(out.Docs, d)
	}
	if backward {
		slices.Reverse(out.Docs)
		out.Previous, out.Next = more, p.Before != nil
	} else {
		out.Next, out.Previous = more, p.After != nil
	}
	return out, nil
}

// merger reads several terms as one ordered list without repeats.
type merger struct {
	views  Views
	desc   bool
	chunk  int
	ranges []*span
	last   string
}

type span struct {
	term string
	from *Position
	buf  []Document
	done bool
}

func (m *merger) next(ctx context.Context) (Document, bool, error) {
	for {
		var best *span
		for _, r := range m.ranges {
			if err := m.fill(ctx, r); err != nil {
				return Document{}, false, err
			}
			if len(r.buf) > 0 && (best == nil || m.before(r.buf[0], best.buf[0])) {
				best = r
			}
		}
		if best == nil {
			return Document{}, false, nil
		}
		d := best.buf[0]
		best.buf = best.buf[1:]
		if d.ID != m.last {
			m.last = d.ID
			return d, true, nil
		}
	}
}

func (m *merger) fill(ctx context.Context, r *span) error {
	if r.done || len(r.buf) > 0 {
		return nil
	}
	docs, err := m.views.List(ctx, Query{Term: r.term, After: r.from, Desc: m.desc, Limit: m.chunk})
	if err != nil {
		return err
	}
	r.done = len(docs) < m.chunk
	r.buf = docs
	if n := len(docs); n > 0 {
		r.from = &Position{Sort: docs[n-1].Sort, ID: docs[n-1].ID}
	}
	return nil
}

func (m *merger) before(a, b Document) bool {
	less := a.Sort < b.Sort || a.Sort == b.Sort && a.ID < b.ID
	return less != m.desc
}

// RequestFilter narrows a list of requests; empty parts do not.
type RequestFilter struct {
	Statuses       []Status
	RequesterID    string
	AccountID      string
	ResourceID     string
	ReviewableByMe bool
}

// RequestOrder is an order of requests.
type RequestOrder struct {
	// Deadline orders those that wait for a decision by when they time out: a request by
	// its own time, an extension by the end of the access. Only the nearest first, only
	// with ReviewableByMe, and only forward.
	Deadline bool
	Desc     bool // else by the time they were asked: the newest first
}

// Requests lists the requests that an actor may see.
func (s *Service) Requests(ctx context.Context, by Actor, f RequestFilter, o RequestOrder, p Page) (Listed, error) {
	if by.Kind == ActorUser && !by.Admin {
		if f.RequesterID != "" && f.RequesterID != by.ID {
			return Listed{}, nil
		}
		f.RequesterID = by.ID
	}
	if o.Deadline {
		if !f.ReviewableByMe || o.Desc || p.First == 0 {
			return Listed{}, Errorf(Invalid, "orderBy", "The order DECIDE_BY needs reviewableByMe: true, the direction ASC, and first and after.")
		}
		return s.reviewableByDeadline(ctx, by, f, p)
	}
	list := f.Statuses
	if len(list) == 0 {
		list = statuses
	}
	if f.ReviewableByMe {
		list = intersect(list, []Status{Pending})
	}
	account := f.AccountID
	if f.ResourceID != "" {
		account = "" // a resource is in one account: checked below
	}
	var terms []string
	for _, st := range list {
		terms = append(terms, requestTerm(st, f.RequesterID, account, f.ResourceID))
	}
	var keep func(Document) bool
	if f.ReviewableByMe || f.ResourceID != "" && f.AccountID != "" {
		keep = func(d Document) bool {
			r, err := Decode[Request](d)
			return err == nil && s.Matches(by, &r, f)
		}
	}
	if f.ReviewableByMe && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, Active)) {
		terms = append(terms, extensionTerm)
	}
	return s.list(ctx, terms, o.Desc, p, keep)
}

// maxExtensions is how many waiting extensions are put in order: the oldest.
const maxExtensions = 5000

// reviewableByDeadline lists what an actor may decide, what times out first coming
// first: pending requests in the order in which they were asked, for all wait equally
// long, and the few extensions among them by the end of the access. Where the setting
// was changed, requests that wait by the former one stand where the present one puts
// them. The documents' Sort is that moment, so that a page goes on behind it whatever
// became of the request since.
func (s *Service) reviewableByDeadline(ctx context.Context, by Actor, f RequestFilter, p Page) (Listed, error) {
	out := Listed{Previous: p.After != nil}
	var extensions []Document
	read := 0
	for docs, err := range eachPage(ctx, s.views, extensionTerm) {
		if err != nil {
			return out, err
		}
		for _, d := range docs {
			if d, ok, err := s.waits(by, d, f, p.After); err != nil {
				return out, err
			} else if ok {
				extensions = append(extensions, d)
			}
		}
		if read += len(docs); read >= maxExtensions {
			break
		}
	}
	slices.SortFunc(extensions, byDeadline)
	pending := merger{views: s.views, chunk: p.First + 1, ranges: []*span{{
		term: requestTerm(Pending, f.RequesterID, "", f.ResourceID), from: s.askedBefore(p.After),
	}}}
	for examined := 0; len(out.Docs) <= p.First; examined++ {
		if examined > maxExamined && len(out.Docs) > 0 {
			out.Next = true
			return out, nil
		}
		d, more, err := pending.next(ctx)
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
		if !ok {
			continue
		}
		for len(extensions) > 0 && byDeadline(extensions[0], d) < 0 {
			out.Docs, extensions = append(out.Docs, extensions[0]), extensions[1:]
		}
		out.Docs = append(out.Docs, d)
	}
	if len(out.Docs) > p.First {
		out.Docs, out.Next = out.Docs[:p.First], true
	}
	return out, nil
}

// deadline is where a request stands in that order.
func (s *Service) deadline(r *Request) time.Time {
	if r.Status == Pending {
		return r.CreatedAt.Add(s.opts.DecideIn)
	}
	return r.Due()
}

// askedBefore is the place among the pending requests of a place in that order.
func (s *Service) askedBefore(p *Position) *Position {
	if p == nil {
		return nil
	}
	var micro int64
	if _, err := fmt.Sscanf(p.Sort, "%016x", &micro); err != nil {
		return nil // it is compared again anyway
	}
	return &Position{Sort: timeSort(time.UnixMicro(micro).Add(-s.opts.DecideIn)), ID: p.ID}
}

// waits tells whether a request waits for an actor's decision, passes a filter, and
// comes behind a position; if so it is sorted by its deadline.
func (s *Service) waits(by Actor, d Document, f RequestFilter, after *Position) (Document, bool, error) {
	r, err := Decode[Request](d)
	if err != nil || !s.Matches(by, &r, f) {
		return d, false, err
	}
	d.Sort = timeSort(s.deadline(&r))
	return d, after == nil || byDeadline(d, Document{Sort: after.Sort, ID: after.ID}) > 0, nil
}

func byDeadline(a, b Document) int {
	return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.ID, b.ID))
}

func intersect(a, b []Status) []Status {
	var out []Status
	for _, s := range a {
		if slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
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
	return MaySee(by, r) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Status)) &&
		(f.RequesterID == "" || f.RequesterID == r.Requester.ID) &&
		(f.AccountID == "" || r.inAccount(f.AccountID)) &&
		(f.ResourceID == "" || r.forResource(f.ResourceID)) &&
		(!f.ReviewableByMe || s.MayReviewNow(by, r))
}

// named lists a catalog kind by name, narrowed by a search.
func (s *Service) named(ctx context.Context, scope, search string, p Page, nameOf func(Document) string) (Listed, error) {
	terms := searchedTerms(scope, search)
	if len(terms) == 0 {
		if fold(search) != "" {
			return Listed{}, nil // only punctuation: no name has that
		}
		return s.list(ctx, []string{scope}, false, p, nil)
	}
	term, err := s.narrowest(ctx, terms)
	if err != nil {
		return Listed{}, err
	}
	return s.list(ctx, []string{term}, false, p, func(d Document) bool { return matches(search, nameOf(d)) })
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
			docs, err := s.views.List(ctx, Query{Term: t, Limit: limit})
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
func (s *Service) Accounts(ctx context.Context, search string, p Page) (Listed, error) {
	return s.named(ctx, "acc/", search, p, nameOf[Account])
}

// Gateways lists the gateways by name.
func (s *Service) Gateways(ctx context.Context, search string, p Page) (Listed, error) {
	return s.named(ctx, "gw/", search, p, nameOf[Gateway])
}

// Integrations lists the integrations by name.
func (s *Service) Integrations(ctx context.Context, search string, p Page) (Listed, error) {
	return s.named(ctx, "int/", search, p, nameOf[Integration])
}

// Resources lists the resources by name, of one account or gateway where given.
func (s *Service) Resources(ctx context.Context, parent, search string, p Page) (Listed, error) {
	return s.named(ctx, resourceScope(parent), search, p, nameOf[Resource])
}

// Users lists the people by name.
func (s *Service) Users(ctx context.Context, p Page) (Listed, error) {
	return s.list(ctx, []string{"usr/"}, false, p, nil)
}

// LinkedIntegrations lists the integrations linked to an account, by name.
func (s *Service) LinkedIntegrations(ctx context.Context, accountID string) (Listed, error) {
	return s.list(ctx, []string{linkTerm(accountID)}, false, Page{First: maxLinked}, nil)
}

func nameOf[S any](d Document) string {
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
