package access

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"procyon/policy"
	"procyon/search"
	"procyon/store"
)

// RequestFilter narrows a list of requests. What is empty does not narrow, but an empty
// list of statuses is passed by none.
type RequestFilter struct {
	Statuses       []Status // any of these; nil: all
	RequesterID    string
	AccountID      string // of an item, and so for the next three
	GatewayID      string
	ResourceID     string
	Role           string   // in any letter case
	Ticket         string   // in any letter case
	ReviewerID     string   // who made a review that counts
	Decision       Decision // of a review that counts: of the reviewer's, where there is one
	Search         string   // words of it, or beginnings of words: see Request.searched
	AskedFrom      time.Time
	AskedBefore    time.Time
	ReviewableByMe *bool // whether the actor may decide it now; nil: either
}

// reviewable tells whether the filter asks for what the actor may decide.
func (f RequestFilter) reviewable() bool { return f.ReviewableByMe != nil && *f.ReviewableByMe }

// plain tells whether nothing narrows the list but what terms of each status say.
func (f RequestFilter) plain() bool {
	f.Statuses, f.RequesterID, f.AccountID, f.ResourceID, f.AskedFrom, f.AskedBefore = nil, "", "", "", time.Time{}, time.Time{}
	return f.everything()
}

// everything tells whether the filter narrows nothing.
func (f RequestFilter) everything() bool {
	return f.Statuses == nil && f.ReviewableByMe == nil && f.AskedFrom.IsZero() && f.AskedBefore.IsZero() && f.Decision == "" &&
		f.RequesterID+f.AccountID+f.GatewayID+f.ResourceID+f.Role+f.Ticket+f.ReviewerID+f.Search == ""
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
func (s *Service) Requests(ctx context.Context, by Actor, f RequestFilter, o RequestOrder, p store.Page) (store.Listed, error) {
	if o.Deadline && (!f.reviewable() || o.Desc || p.First == 0) {
		return store.Listed{}, Errorf(CodeInvalid, "orderBy", "The order DECIDE_BY needs reviewableByMe: true, the direction ASC, and first and after.")
	}
	words, none, err := searchWords("filter.search", f.Search)
	if err != nil || none {
		return store.Listed{}, err
	}
	if o.Deadline {
		return s.reviewableByDeadline(ctx, by, f, p)
	}
	if none, err := s.elsewhere(ctx, f); err != nil || none {
		return store.Listed{}, err
	}
	terms, all, err := s.listedUnder(ctx, by, f, words)
	if err != nil {
		return store.Listed{}, err
	}
	var keep func(store.Document) bool // the terms say all of the filter
	if !all {
		keep = s.matching(by, f, words)
	}
	return store.List(ctx, f.within(s.views), terms, o.Desc, p, keep)
}

// RequestCount is how many requests pass a filter, of those that an actor may see, at one
// moment of the journal. ok is false where they would have to be counted one by one: that is
// only known of all of them, and by status.
func (s *Service) RequestCount(ctx context.Context, by Actor, f RequestFilter) (n int, ok bool, err error) {
	of := f.Statuses
	if f.Statuses = nil; !s.SeesAll(by) || !f.everything() || s.Subjects.opts.Names == nil || s.opts.Ended == nil {
		return 0, false, nil
	}
	if of == nil {
		of = statuses
	}
	open := slices.DeleteFunc(slices.Clone(of), func(s Status) bool { return !slices.Contains(openStatuses(), s) })
	waiting := func() (int, bool, error) {
		return s.Subjects.opts.Names.Count(ctx, KindRequest, "", tags(statusTag, open))
	}
	if len(open) == len(of) {
		return waiting()
	}
	ended, ok, err := s.opts.Ended(ctx)
	for range countTries {
		if err != nil || !ok {
			return 0, false, err
		}
		if n, ok, err = waiting(); err != nil || !ok {
			return 0, false, err
		}
		before := ended
		if len(open) > 0 { // what ended in between would be counted neither here nor there
			ended, ok, err = s.opts.Ended(ctx)
		}
		if err == nil && ok && maps.Equal(before, ended) {
			for _, st := range of {
				n += ended[st]
			}
			return n, true, nil
		}
	}
	return 0, false, err
}

// PendingCount is how many requests wait for a decision that were made from a time on and
// before another (zero: no bound), up to most. It is for who sees all of them.
func (s *Service) PendingCount(ctx context.Context, from, before time.Time, most int) (int, error) {
	f := RequestFilter{AskedFrom: from, AskedBefore: before}
	return f.within(s.views).Count(ctx, f.terms(StatusPending)[0], most)
}

// countTries is how often requests are counted again because some ended meanwhile.
const countTries = 10

// matching keeps the requests that pass a filter, as an actor sees them.
// words are those of its search.
func (s *Service) matching(by Actor, f RequestFilter, words []string) func(store.Document) bool {
	f.Search = "" // its words are split once, and not for each document
	return func(d store.Document) bool {
		r, err := Decode[Request](d)
		return err == nil && s.Matches(by, &r, f) && (len(words) == 0 || search.Begin(words, r.searched()))
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

// listedUnder are terms under which everything stands that passes; all tells that nothing
// else does. Where there is a choice, they are those under which least stands: what waits
// or is in force, what one person asked for, a ticket, a word. Whoever may see their own
// requests alone gets terms of their own, or they would learn what others' are about from
// how far a page had to look.
func (s *Service) listedUnder(ctx context.Context, by Actor, f RequestFilter, words []string) (terms []string, all bool, err error) {
	if !seesAll(&by) && !f.reviewable() {
		return f.seenBy(&by), false, nil
	}
	switch open := f.Statuses != nil && !slices.ContainsFunc(f.Statuses, func(s Status) bool { return !slices.Contains(openStatuses(), s) }); {
	case f.reviewable():
		return f.decidable(&by), false, nil
	case f.plain():
		return f.terms(f.statuses()...), true, nil
	case f.RequesterID != "", open:
		return f.terms(f.statuses()...), false, nil
	case f.Ticket != "":
		return []string{ticketTerm(f.Ticket)}, false, nil
	}
	switch key, err := s.rarest(ctx, words); {
	case err != nil:
		return nil, false, err
	case key != "":
		return []string{wordTerm(key)}, false, nil
	case f.ResourceID != "":
		return f.terms(f.statuses()...), false, nil
	case f.ReviewerID != "":
		return []string{reviewerTerm(f.ReviewerID)}, false, nil
	case f.GatewayID != "":
		return []string{gatewayTerm(f.GatewayID)}, false, nil
	case f.AccountID == "" && f.Role != "":
		return []string{roleTerm(f.Role)}, false, nil
	}
	return f.terms(f.statuses()...), false, nil
}

const (
	// maxProbed is how many keys are looked at for which is rare.
	maxProbed = 6
	// probe is how many of the newest requests under a key are looked at for that.
	probe = 64
)

// rarest is the key among those of some words under which the fewest requests stand, as
// far as the newest tell: few, or such as go back the furthest. "" where all words are too
// short for a key.
func (s *Service) rarest(ctx context.Context, words []string) (string, error) {
	var keys []string
	for _, w := range words {
		if key, ok := search.Key(w); ok && !slices.Contains(keys, key) && len(keys) < maxProbed {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return "", nil
	}
	rarest, back := keys[0], ""
	for _, key := range keys {
		if len(keys) == 1 {
			break
		}
		docs, err := s.views.List(ctx, store.Query{Term: wordTerm(key), Desc: true, Limit: probe})
		if err != nil {
			return "", err
		}
		if len(docs) < probe {
			return key, nil
		}
		if last := docs[len(docs)-1].Sort; back == "" || last < back {
			rarest, back = key, last
		}
	}
	return rarest, nil
}

// seenBy are the terms of whoever does not see all: of their own requests, and of those
// whose plans name them.
func (f RequestFilter) seenBy(by *Actor) []string {
	own := f
	own.RequesterID = by.ID
	terms := own.terms(f.statuses()...)
	if f.RequesterID == by.ID {
		return terms
	}
	for _, id := range by.ApproverIDs() {
		terms = append(terms, seenByTerm(id))
	}
	return terms
}

// ApproverIDs are what somebody is called as an approver: by themselves, by their groups, and
// as an administrator.
func (a *Actor) ApproverIDs() []string {
	ids := []string{a.ID}
	for _, g := range a.Groups {
		ids = append(ids, g.ID)
	}
	if a.Admin {
		ids = append(ids, policy.Administrators)
	}
	return ids
}

// statuses are those that pass.
func (f RequestFilter) statuses() []Status {
	if f.Statuses == nil {
		return statuses
	}
	return f.Statuses
}

func (f RequestFilter) passes(s Status) bool {
	return f.Statuses == nil || slices.Contains(f.Statuses, s)
}

// terms are where the requests of a requester, account or resource are listed, one for
// each status.
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

// within reads requests of the time alone in which they were asked, by their order.
func (f RequestFilter) within(views store.Reader) store.Range {
	r := store.Range{Reader: views}
	if !f.AskedFrom.IsZero() {
		r.From = store.TimeSort(f.AskedFrom)
	}
	if !f.AskedBefore.IsZero() {
		r.Before = store.TimeSort(f.AskedBefore)
	}
	return r
}

// MayReviewNow tells whether a request, or its extension, waits for a decision
// that the actor may take.
func (s *Service) MayReviewNow(by Actor, r *Request) bool {
	return len(s.DecidableBy(by, r)) > 0
}

// Matches tells whether a request passes a filter, as one actor sees it.
func (s *Service) Matches(by Actor, r *Request, f RequestFilter) bool {
	return s.MaySee(by, r) &&
		f.passes(r.Status) &&
		(f.RequesterID == "" || f.RequesterID == r.Requester.ID) &&
		(f.AccountID == "" || r.hasItem(func(i Item) bool { return i.AccountID == f.AccountID })) &&
		(f.GatewayID == "" || r.hasItem(func(i Item) bool { return i.GatewayID == f.GatewayID })) &&
		(f.ResourceID == "" || r.hasItem(func(i Item) bool { return i.ResourceID == f.ResourceID })) &&
		(f.Role == "" || r.hasItem(func(i Item) bool { return Fold(i.Role) == Fold(f.Role) })) &&
		(f.Ticket == "" || Fold(f.Ticket) == Fold(r.Ticket)) &&
		(f.ReviewerID == "" && f.Decision == "" || r.reviewedBy(f.ReviewerID, f.Decision)) &&
		(f.AskedFrom.IsZero() || !r.CreatedAt.Before(f.AskedFrom)) &&
		(f.AskedBefore.IsZero() || r.CreatedAt.Before(f.AskedBefore)) &&
		(f.Search == "" || search.Begin(search.Words(f.Search), r.searched())) &&
		(f.ReviewableByMe == nil || *f.ReviewableByMe == s.MayReviewNow(by, r))
}

// hasItem tells whether an item is so.
func (r *Request) hasItem(so func(Item) bool) bool { return slices.ContainsFunc(r.Items, so) }

// reviewedBy tells whether a review is somebody's ("": anybody's) and so ("": either way).
func (r *Request) reviewedBy(id string, d Decision) bool {
	return slices.ContainsFunc(r.Reviews, func(v Review) bool {
		return (id == "" || v.Reviewer.ID == id) && (d == "" || v.Decision == d)
	})
}

// searched are the words by which a request is found: of its reason and ticket, of what its
// items were called when it was asked, and of who asks.
func (r *Request) searched() []string {
	text := []string{r.Ticket}
	for _, i := range r.Items {
		text = append(text, i.ResourceName, i.Role, i.AccountName, i.GatewayName)
	}
	text = append(text, r.Requester.Name, r.Requester.Email, r.Reason)
	return search.Words(strings.Join(text, "\n"))
}

// maxKeys is under how many words a request is listed. It is more than a reason has, but
// for one that is all different words.
const maxKeys = 200

// lookupTerms adds where a request is found whatever became of it.
func (r *Request) lookupTerms(to []string) []string {
	add := func(t string) {
		if !slices.Contains(to, t) {
			to = append(to, t)
		}
	}
	if r.Ticket != "" {
		add(ticketTerm(r.Ticket))
	}
	for _, i := range r.Items {
		if i.Role != "" {
			add(roleTerm(i.Role))
		}
		if i.GatewayID != "" {
			add(gatewayTerm(i.GatewayID))
		}
	}
	for _, v := range r.Reviews {
		add(reviewerTerm(v.Reviewer.ID))
	}
	for _, k := range search.Keys(r.searched(), maxKeys) {
		to = append(to, wordTerm(k))
	}
	return to
}

func ticketTerm(ticket string) string { return "req/ticket=" + Fold(ticket) }
func roleTerm(role string) string     { return "req/role=" + Fold(role) }
func gatewayTerm(id string) string    { return "req/gw=" + id }
func reviewerTerm(id string) string   { return "req/reviewer=" + id }
func wordTerm(key string) string      { return "req/~" + key }
