package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"procyon/policy"
	"procyon/store"
)

// maxCandidates is how many of the people of a group are looked at for who could approve.
// Beyond that it is taken that enough can.
const maxCandidates = 1000

// meetable adds to what is refused each item with a step that nobody can meet: too few could
// approve it who are no party, can sign in, and are not needed for the steps before it. A
// right that does not count yet, or that a sign-in would bring back, is no hindrance.
func (s *Service) meetable(ctx context.Context, l *ruling) error {
	read := candidates{s: s, parties: l.ask.Holder.Accounts, known: map[string][]policy.Candidate{}}
	for _, t := range l.Plan.Tracks {
		read.enough = len(read.parties)
		for _, st := range t.Steps {
			read.enough += st.Need
		}
		steps := make([]policy.Candidates, len(t.Steps))
		for i, st := range t.Steps {
			steps[i].Need = st.Need
			st.Escalated = true // sooner or later
			for _, a := range st.CanApprove() {
				people, err := read.of(ctx, a.ID)
				if err != nil {
					return err
				}
				steps[i].People = append(steps[i].People, people...)
			}
		}
		lacking, ok := policy.Able(steps)
		if ok || t.Refused != "" {
			continue
		}
		why := fmt.Sprintf("Too few people could approve it (%d of %s): who asks can't, nor who is switched off", t.Steps[lacking].Need, approverWords(&t.Steps[lacking]))
		if len(t.Steps) > 1 {
			why = fmt.Sprintf("Too few people could meet its step %d (%d of %s): who asks can't, nor who is switched off, nor who is needed for another step", lacking+1, t.Steps[lacking].Need, approverWords(&t.Steps[lacking]))
		}
		for n := range l.ask.Items {
			if slices.Contains(t.ResourceIDs, l.ask.Items[n].ResourceID) && !slices.ContainsFunc(l.Refused, func(r policy.Refusal) bool { return r.Item == n }) {
				l.Refused = append(l.Refused, policy.Refusal{Item: n, By: t.PolicyName, Why: why})
			}
		}
	}
	slices.SortStableFunc(l.Refused, func(a, b policy.Refusal) int { return a.Item - b.Item })
	return nil
}

// candidates reads who could approve, of each approver once.
type candidates struct {
	s       *Service
	parties []string
	enough  int // as many humans are looked for, at most
	known   map[string][]policy.Candidate
}

// of returns those who are meant by the ID of an approver, as many as are enough.
func (c *candidates) of(ctx context.Context, id string) ([]policy.Candidate, error) {
	people, known := c.known[id]
	if known && humansOf(people) >= c.enough {
		return people, nil
	}
	var err error
	switch {
	case id == policy.Administrators:
		people, err = c.under(ctx, adminTerm)
	case KindOf(id) == KindGroup:
		people, err = c.under(ctx, memberTerm(id))
	default:
		var docs []store.Document
		if docs, err = c.s.views.Get(ctx, id); err == nil && KindOf(id) == KindUser {
			people, err = c.those(docs)
		}
	}
	c.known[id] = people
	return people, err
}

func (c *candidates) under(ctx context.Context, term string) ([]policy.Candidate, error) {
	var people []policy.Candidate
	looked := 0
	for docs, err := range store.EachPage(ctx, c.s.views, term, c.enough+1) {
		if err != nil {
			return nil, err
		}
		some, err := c.those(docs)
		if err != nil {
			return nil, err
		}
		people = append(people, some...)
		if humansOf(people) >= c.enough {
			return people, nil
		}
		if looked += len(docs); looked >= maxCandidates {
			for n := range c.enough { // nobody in particular
				people = append(people, policy.Candidate{ID: fmt.Sprint(term, n)})
			}
			return people, nil
		}
	}
	return people, nil
}

// humansOf counts those whose accounts some candidates are.
func humansOf(people []policy.Candidate) int {
	humans := map[string]bool{}
	for _, c := range people {
		humans[cmp.Or(c.Human, c.ID)] = true
	}
	return len(humans)
}

// those are the people of some documents who can sign in and are no party.
func (c *candidates) those(docs []store.Document) ([]policy.Candidate, error) {
	users, err := DecodeAll[User](docs)
	var out []policy.Candidate
	for _, u := range users {
		if !u.Disabled && !u.Left && !slices.Contains(c.parties, u.ID) {
			out = append(out, policy.Candidate{ID: u.ID, Human: u.Human})
		}
	}
	return out, err
}
