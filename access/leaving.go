package access

import (
	"context"
	"slices"

	"procyon/store"
)

// What taking a person's rights away ends can be asked beforehand. The answer is of a
// moment: it follows from the same rules as the act, which judges all of it again.

const (
	// MaxCounted is how far things are counted that somebody loses: it means that or more.
	MaxCounted = 100
	maxNamed   = 20 // of them that are named
)

// Lost is some requests that somebody loses, or that are lost without them.
type Lost struct {
	Count    int       // MaxCounted: that or more
	Requests []Request // the first of them that the asker may see, at most 20
}

// Leaving is what DisableUser would end of a person.
type Leaving struct {
	Accesses  Lost // granted: in force, or approved and not begun
	Requests  Lost // they wait for a decision
	Decisions LostDecisions
	Refused   error // why it would be refused, an *Error; nil: it would not
	// Overrules says that the directory, from which they come, could let them in no more.
	Overrules bool
}

// Demotion is what SetAdmin would take from an administrator who becomes a member.
type Demotion struct {
	Decisions LostDecisions
	Refused   error // why it would be refused, an *Error; nil: it would not
}

// LostDecisions is what a person may decide now, and could not any more.
type LostDecisions struct {
	Count     int  // of requests and extensions; MaxCounted: that or more
	Undecided Lost // of these: nobody else may decide them
}

// DisablingEnds says what DisableUser would end now; by is who asks.
func (s *Service) DisablingEnds(ctx context.Context, by Actor, id string) (out Leaving, err error) {
	u, err := s.User(ctx, id)
	if err != nil {
		return out, err
	}
	out.Overrules = u.Provisioned != nil && !u.Left && u.KeptOutBy() != SourceLocal
	after := u
	disable(&after)
	if _, out.Refused, err = s.stillAdministrated(ctx, u, after); err != nil {
		return out, err
	}
	if out.Requests, err = s.lostOf(ctx, by, u.ID, StatusPending); err != nil {
		return out, err
	}
	if out.Accesses, err = s.lostOf(ctx, by, u.ID, StatusActive, StatusApproved); err != nil {
		return out, err
	}
	out.Decisions, err = s.lostDecisions(ctx, by, u, after)
	return out, err
}

// DemotionEnds says what it would take from a person to become a member; by is who asks. It
// is nothing of who is one.
func (s *Service) DemotionEnds(ctx context.Context, by Actor, id string) (out Demotion, err error) {
	u, err := s.User(ctx, id)
	if err != nil || !u.Admin {
		return out, err
	}
	after := u
	after.Admin = false
	if _, out.Refused, err = s.stillAdministrated(ctx, u, after); err != nil {
		return out, err
	}
	out.Decisions, err = s.lostDecisions(ctx, by, u, after)
	return out, err
}

// lostOf finds the requests of a person in some statuses.
func (s *Service) lostOf(ctx context.Context, by Actor, userID string, statuses ...Status) (Lost, error) {
	terms := make([]string, len(statuses))
	for i, st := range statuses {
		terms[i] = requestTerm(st, userID, "", "")
	}
	l, err := store.List(ctx, s.views, terms, true, store.Page{First: MaxCounted}, nil)
	if err != nil {
		return Lost{}, err
	}
	list, err := DecodeAll[Request](l.Docs)
	return s.lost(by, list), err
}

// lost names those of some requests that somebody may see.
func (s *Service) lost(by Actor, list []Request) Lost {
	out := Lost{Count: len(list)}
	for i := range list {
		if len(out.Requests) < maxNamed && s.MaySee(by, &list[i]) {
			out.Requests = append(out.Requests, list[i])
		}
	}
	return out
}

// lostDecisions finds what a person may decide now and could not after a change of theirs,
// and which of it nobody else may.
func (s *Service) lostDecisions(ctx context.Context, by Actor, u, after User) (LostDecisions, error) {
	if u.Disabled {
		return LostDecisions{}, nil
	}
	list, err := s.decidedBy(ctx, u)
	if err != nil {
		return LostDecisions{}, err
	}
	then, err := s.Actor(ctx, after)
	if err != nil {
		return LostDecisions{}, err
	}
	list = slices.DeleteFunc(list, func(r Request) bool {
		return !after.Disabled && s.MayReviewNow(then, &r)
	})
	var alone []Request
	for i := range list {
		who, err := s.Reviewers(ctx, list[i])
		if err != nil {
			return LostDecisions{}, err
		}
		if len(who) == 1 && who[0].ID == u.ID {
			alone = append(alone, list[i])
		}
	}
	return LostDecisions{Count: len(list), Undecided: s.lost(by, alone)}, nil
}

// decidedBy returns what a person may decide now, at most MaxCounted.
func (s *Service) decidedBy(ctx context.Context, u User) ([]Request, error) {
	var out []Request
	by, err := s.Actor(ctx, u)
	if err != nil {
		return nil, err
	}
	page := store.Page{First: MaxCounted}
	for {
		l, err := s.Requests(ctx, by, RequestFilter{ReviewableByMe: new(true)}, RequestOrder{}, page)
		if err != nil {
			return nil, err
		}
		list, err := DecodeAll[Request](l.Docs)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
		if len(out) >= MaxCounted || !l.Next || l.End == nil {
			return out[:min(len(out), MaxCounted)], nil
		}
		page.After = l.End
	}
}
