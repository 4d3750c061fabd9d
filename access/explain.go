package access

import (
	"context"
	"time"

	"procyon/policy"
)

// Explanation is what asking for something would lead to, beforehand.
type Explanation struct {
	Items   []Item
	Plan    policy.Plan
	Needs   policy.Needs
	Refused []policy.Refusal
	// Error is why the request would be refused as it is given, an *Error; nil: it would not.
	Error error
	// Request is what would be made, without an ID: it is only to be looked at.
	Request Request
}

// Wish is what somebody wants explained. What they left out is explained as if it were as
// the policies want it.
type Wish struct {
	Items    []ItemRef
	Duration Seconds // 0: the longest that is allowed
	StartsAt *time.Time
	Reason   string
	Ticket   string
	ForUser  string // the ID of who would ask; "": the actor
	// Policies are those to explain by; nil: those in force. Only administrators bring their own.
	Policies *policy.Set
}

// takes says why a request is refused for what was given of it, whatever the policies.
func (s *Service) takes(w Wish, now time.Time) error {
	if w.Duration != 0 {
		if err := s.checkDuration(w.Duration); err != nil {
			return err
		}
	}
	_, err := checkStart(w.StartsAt, now)
	return err
}

// Explain says what asking for something would lead to: by which policies it is governed,
// what these require, and who would have to approve. It follows from what asking itself
// does. Only administrators and services see what it would be for somebody else.
func (s *Service) Explain(ctx context.Context, by Actor, w Wish) (Explanation, error) {
	if by.Kind == ActorUser && !by.Admin && (w.ForUser != "" && w.ForUser != by.ID || w.Policies != nil) {
		return Explanation{}, Errorf(CodeForbidden, "forUserId", "Only an administrator can see what others would have to do.")
	}
	if w.Policies != nil {
		if wrong := w.Policies.TooMuch(); len(wrong) > 0 {
			return Explanation{}, Errorf(CodeInvalid, "draft", "%s", wrong[0].Message)
		}
	}
	id := by.ID
	if w.ForUser != "" {
		id = w.ForUser
	}
	u, err := Load[User](ctx, s.Subjects, id, "forUserId")
	if err != nil {
		return Explanation{}, err
	}
	items, err := s.Items(ctx, w.Items)
	if err != nil {
		return Explanation{}, err
	}
	set, err := s.asSaved(ctx, by, w.Policies)
	if err != nil {
		return Explanation{}, err
	}
	now := s.Now()
	r := Request{
		Status: StatusPending, Requester: Person{u.ID, u.Name, u.Email}, Items: items, Duration: max(w.Duration, minDuration),
		Reason: w.Reason, Ticket: w.Ticket, StartsAt: w.StartsAt, CreatedAt: now, UpdatedAt: now, DecideBy: now.Add(s.opts.DecideIn),
	}
	l, err := s.ruleBy(ctx, &r, set, now)
	if err != nil {
		return Explanation{}, err
	}
	if err := s.meetable(ctx, &l); err != nil {
		return Explanation{}, err
	}
	out := Explanation{Items: items, Plan: l.Plan, Needs: l.Needs, Refused: l.Refused}
	if l.lost.why != "" {
		out.Error = Errorf(CodeConflict, "", "%s", l.lost.why)
	} else if out.Error = s.takes(w, now); out.Error == nil {
		out.Error = l.allowsRequest(terms{Items: items, Duration: r.Duration, Reason: w.Reason, Ticket: w.Ticket, StartsAt: w.StartsAt})
	}
	if out.Needs.MaxDuration == 0 || out.Needs.MaxDuration.Duration() > s.opts.MaxDuration {
		out.Needs.MaxDuration = Seconds(s.opts.MaxDuration / time.Second)
	}
	out.Needs.MinReason = max(out.Needs.MinReason, s.opts.MinReason)
	r.AsksNobody = l.Plan.NeedsNobody()
	r.Plan = &l.Plan
	out.Request = r
	return out, nil
}

// asSaved is a draft as it would hold once an actor had saved it: what they change is theirs for
// a day, and what they leave is as it was. nil stays nil.
func (s *Service) asSaved(ctx context.Context, by Actor, draft *policy.Set) (*policy.Set, error) {
	if draft == nil {
		return nil, nil
	}
	now, err := s.Policies(ctx)
	if err != nil {
		return nil, err
	}
	saved := s.withIDs(*draft)
	saved.Stamp(&now.Set, policy.Stamp{ByID: by.ID, At: s.Now()})
	if saved.Same(&now.Set) {
		return &now.Set, nil
	}
	return &saved, nil
}
