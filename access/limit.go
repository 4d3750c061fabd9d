package access

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"procyon/duration"
	"procyon/phrase"
	"procyon/store"
)

// How much one person may ask. Whoever asks makes work for approvers and messages in
// channels, so a person has so many requests open at once, and asks so often within an
// hour: to ask is to make a request, to edit one or to wish for an extension. To
// cancel and to close is never limited. The limits hold for the person, whichever way the
// request came in, and on all servers together: what is counted is guarded in the commit.

const (
	// DefaultMaxOpen is how many open requests a person may have.
	DefaultMaxOpen = 30
	// DefaultMaxPerHour is how often a person may ask within an hour.
	DefaultMaxPerHour = 60
	// MostAsked bounds both settings, for what they allow is read each time.
	MostAsked = 1000

	// maxPerRequest is how often of that a person may ask about one request. A request
	// keeps so many times.
	maxPerRequest = 20
	askWindow     = time.Hour
)

// mostOf is a setting of how much is allowed as it is kept: 0 stands for no limit there.
func mostOf(setting, standard int) int {
	switch {
	case setting == 0:
		return standard
	case setting < 0:
		return 0
	}
	return min(setting, MostAsked)
}

// asked are the times of asking about a request as they are after another one: those
// that no limit looks at any more are left out.
func (r *Request) asked(now time.Time) []time.Time {
	kept := append(within(r.Asks, now), now)
	return kept[max(0, len(kept)-maxPerRequest):]
}

// within returns the times that are within the hour before now. Clocks of servers differ:
// what lies ahead counts as well.
func within(times []time.Time, now time.Time) []time.Time {
	var out []time.Time
	for _, t := range times {
		if t.After(now.Add(-askWindow)) {
			out = append(out, t)
		}
	}
	return out
}

// askedTerm lists the requests about which their requester asked in an hour of the clock.
// So who counts an hour back reads two of these lists, and they hold little more than that.
func askedTerm(requester string, hour int64) string {
	return "req/asked/by=" + requester + "/hour=" + strconv.FormatInt(hour, 10)
}

func hourOf(t time.Time) int64 { return t.Unix() / int64(askWindow/time.Second) }

// askedTerms are those of a request.
func (r *Request) askedTerms() []string {
	var terms []string
	for _, t := range r.Asks {
		if term := askedTerm(r.Requester.ID, hourOf(t)); !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return terms
}

// mayAskMore refuses a new request with LIMITED where its requester has as many open as
// they may, or has asked too often. The guards keep what was counted: of two requests
// made at once for the last free place, one is decided again.
func (s *Service) mayAskMore(ctx context.Context, r *Request, now time.Time) ([]Guard, error) {
	guards, err := s.mayOpen(ctx, r.Requester.ID, now)
	if err != nil {
		return nil, err
	}
	more, err := s.mayAskAgain(ctx, r, now)
	return append(guards, more...), err
}

// mayOpen checks how many requests a person has open. It reads at most that many of each
// status, in the order of a request's life: so one that moves on is not missed. A guard
// on one list is enough, for there every request begins.
func (s *Service) mayOpen(ctx context.Context, requester string, now time.Time) ([]Guard, error) {
	if s.maxOpen == 0 {
		return nil, nil
	}
	g := Guard{Key: requestTerm(StatusPending, requester, "", ""), Since: s.log.Head()}
	var open []Request
	for _, st := range openStatuses() {
		list, err := s.requestsUnder(ctx, requestTerm(st, requester, "", ""), s.maxOpen)
		if err != nil {
			return nil, err
		}
		open = append(open, list...)
	}
	if open = distinct(open); len(open) < s.maxOpen {
		return []Guard{g}, nil
	}
	return nil, Errorf(CodeLimited, "", "You have %s open, and at most %d are allowed at once. Cancel or close one that you no longer need, such as the one for %s, made %s; then ask again.",
		phrase.Count(len(open), "request"), s.maxOpen, firstLabel(open[0].Items), ago(now.Sub(open[0].CreatedAt)))
}

// mayAskAgain checks how often a person has asked within the hour, in all and about one
// request. It reads what they asked about in this hour of the clock and the one before.
func (s *Service) mayAskAgain(ctx context.Context, r *Request, now time.Time) ([]Guard, error) {
	if s.maxPerHour == 0 {
		return nil, nil
	}
	about := within(r.Asks, now)
	if most := min(maxPerRequest, s.maxPerHour); len(about) >= most {
		return nil, tooOften("about this request", about, most, now)
	}
	since := s.log.Head()
	this := hourOf(now)
	var recent []Request
	for _, hour := range []int64{this - 1, this} {
		list, err := s.requestsUnder(ctx, askedTerm(r.Requester.ID, hour), s.maxPerHour)
		if err != nil {
			return nil, err
		}
		recent = append(recent, list...)
	}
	var times []time.Time
	for _, other := range distinct(recent) {
		times = append(times, within(other.Asks, now)...)
	}
	if len(times) >= s.maxPerHour {
		return nil, tooOften("for access", times, s.maxPerHour, now)
	}
	var guards []Guard
	for hour := this - 1; hour <= this+1; hour++ { // another server's clock may be in the next
		guards = append(guards, Guard{Key: askedTerm(r.Requester.ID, hour), Since: since})
	}
	return guards, nil
}

// tooOften says when the next one is allowed: once so many of these times are an hour ago
// that less than most are left.
func tooOften(what string, times []time.Time, most int, now time.Time) error {
	slices.SortFunc(times, time.Time.Compare)
	free := times[len(times)-most].Add(askWindow)
	wait := free.Sub(now) + time.Minute - 1
	return Errorf(CodeLimited, "", "You have asked %s %s within the last hour, with changes and extensions; at most %d are allowed. You can ask again in %s, at %s.",
		what, phrase.Count(len(times), "time"), most, duration.Words(max(time.Minute, wait.Truncate(time.Minute))), phrase.Moment(free.Add(time.Minute-1)))
}

// firstLabel names the first of some items, and counts the others.
func firstLabel(items []Item) string {
	label := items[0].Label()
	if n := len(items) - 1; n > 0 {
		label += fmt.Sprintf(" and %d more", n)
	}
	return label
}

// requestsUnder reads the newest requests under a term, up to a number, the oldest first.
func (s *Service) requestsUnder(ctx context.Context, term string, most int) ([]Request, error) {
	docs, err := s.views.List(ctx, store.Query{Term: term, Desc: true, Limit: most})
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", term, err)
	}
	slices.Reverse(docs)
	out := make([]Request, len(docs))
	for i, d := range docs {
		if out[i], err = Decode[Request](d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// distinct sorts requests by when they were made, and keeps each once.
func distinct(list []Request) []Request {
	slices.SortStableFunc(list, func(a, b Request) int { return a.CreatedAt.Compare(b.CreatedAt) })
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(r Request) bool {
		was := seen[r.ID]
		seen[r.ID] = true
		return was
	})
}
