package access

import (
	"context"
	"errors"
	"time"

	"procyon/policy"
	"procyon/store"
)

// The names of the changes of a request, as the digests of idempotency keys have them.
const (
	changeUpdate changeName = "update"
	changeReview changeName = "review"
	changeCancel changeName = "cancel"
	changeClose  changeName = "close"
	changeRevoke changeName = "revoke"
	changeExtend changeName = "extend"
)

type changeName string

func changeNames() []changeName {
	return []changeName{changeUpdate, changeReview, changeCancel, changeClose, changeRevoke, changeExtend}
}

// change is a change of a request that somebody asks for: its name and its input for
// the idempotency key, and what it rests on.
type change struct {
	name  changeName
	basis Basis
	input any
}

// decision decides a change against the state that it is given, and says what else
// must stay as it is until the commit. An event without a type changes nothing.
type decision func(ctx context.Context, r *Request, now time.Time) (requestEvent, []Guard, error)

// changeRequest loads a request that the actor may see, lets a decision be made, and
// commits it. All that was read is checked in the commit: where any of it changed
// meanwhile, everything is decided again.
func (s *Service) changeRequest(ctx context.Context, by Actor, id string, c change, decide decision) (Request, error) {
	key, err := newKey(by, string(c.name), c.basis.IdempotencyKey, c.input)
	if err != nil {
		return Request{}, err
	}
	return Update(ctx, s.Subjects, by, id, "requestId", func(r Request) (Effect, error) {
		if !s.MaySee(by, &r) {
			return Nothing(), Missing[Request]("requestId")
		}
		if done, err := key.used(r.Keys); done || err != nil {
			return Nothing(), err
		}
		now := s.Now()
		ev, guards, err := decide(ctx, &r, now)
		if seen := c.basis.ExpectedVersion; err == nil && ev.typ != "" && seen > 0 && seen != r.Version() {
			err = staleError{seen}
		}
		if err != nil {
			return Nothing(), s.explain(ctx, &r, err, now)
		}
		ev.data.Key = key
		return ev.effect(now, guards), nil
	})
}

// staleError says that terms changed since a version was seen.
type staleError struct{ seen uint64 }

func (staleError) Error() string { return "the terms changed since they were seen" }

// explain makes of a staleError what a person is told; other errors stay as they are.
func (s *Service) explain(ctx context.Context, r *Request, err error, now time.Time) error {
	var stale staleError
	if !errors.As(err, &stale) {
		return err
	}
	switch {
	case stale.seen == 0:
		return Errorf(CodeInvalid, "expectedVersion", "Say which version of the request you saw: this is version %d.", r.Version())
	case stale.seen > r.Version():
		return Errorf(CodeConflict, "expectedVersion", "There is no version %d of this request; this is version %d.", stale.seen, r.Version())
	}
	before, changes, err := s.since(ctx, r, stale.seen)
	if err != nil {
		return err
	}
	today := *r
	if err := s.rename(ctx, before, &today); err != nil {
		return err
	}
	return Errorf(CodeConflict, "expectedVersion", "%s", staleWords(before, &today, changes, now))
}

// rename gives the items of some requests the names that they have now; nil ones are
// left out.
func (s *Service) rename(ctx context.Context, requests ...*Request) error {
	for _, r := range requests {
		if r == nil {
			continue
		}
		now, err := s.ItemsNow(ctx, r.Items)
		if err != nil {
			return err
		}
		r.Items = nil
		for _, i := range now[0] {
			r.Items = append(r.Items, i.Item)
		}
	}
	return nil
}

// since returns a request as it was at a version of its terms, and the actors and times
// of the changes of terms since; nil where the past is not known, or too long ago.
func (s *Service) since(ctx context.Context, r *Request, seen uint64) (*Request, []Step, error) {
	if s.opts.History == nil {
		return nil, nil, nil
	}
	const longest = 100 // steps that are looked through
	steps, err := s.opts.History(ctx, r.ID, r.entries-min(r.entries, longest), longest)
	if err != nil {
		return nil, nil, err
	}
	var before *Request
	var changes []Step
	last := uint64(0)
	for _, step := range steps {
		then, err := Decode[Request](store.Document{ID: r.ID, Version: step.Version, Data: step.After})
		if err != nil {
			return nil, nil, err
		}
		switch v := then.Version(); {
		case v <= seen:
			before = &then
		case v > last:
			changes = append(changes, step)
			last = v
		}
	}
	return before, changes, nil
}

// ReviewRequest approves or denies a pending request, or an active one's extension. It
// is refused with CONFLICT where its maker saw other terms, or where somebody was
// faster. Where what the request rests on is gone, an approval ends the request, or its
// extension, and the error says so.
func (s *Service) ReviewRequest(ctx context.Context, by Actor, id string, c ReviewRequest) (Request, error) {
	var err error
	switch c.Decision {
	case DecisionDeny:
		c.Comment, err = s.cleanReason("comment", c.Comment)
	default:
		c.Comment, err = CleanText("comment", c.Comment, 0, MaxReason, true)
	}
	if err != nil {
		return Request{}, err
	}
	var lost loss
	decide := func(ctx context.Context, r *Request, now time.Time) (requestEvent, []Guard, error) {
		lost = loss{}
		today, guards, err := s.AsOfNow(ctx, by)
		if err != nil {
			return requestEvent{}, nil, err
		}
		ev, more, l, err := s.decideReview(ctx, today, r, c, now)
		lost = l
		return ev, append(guards, more...), err
	}
	var r Request
	err = retry(ctx, func() error {
		r, err = s.changeRequest(ctx, by, id, change{changeReview, c.Basis, c}, decide)
		if !errors.Is(err, errGovernedAnew) {
			return err
		}
		if _, err := s.governAnew(ctx, id); err != nil {
			return err
		}
		return ErrRaced
	})
	if err != nil || lost.why == "" {
		return r, err
	}
	return s.endInstead(ctx, id, lost.why)
}

// errGovernedAnew says that what governs a request is not what it was: see governAnew.
var errGovernedAnew = errors.New("access: what governs the request has changed")

// governAnew writes down what governs a request, or its extension, where that has changed
// while it waits. It is harmless to repeat.
func (s *Service) governAnew(ctx context.Context, id string) (Request, error) {
	return s.advance(ctx, System(), id, func(ctx context.Context, r *Request) (requestEvent, []Guard, error) {
		if !r.Waits() {
			return requestEvent{}, nil, nil
		}
		now := s.Now()
		l, err := s.rule(ctx, r, now)
		if err != nil || l.lost.why != "" {
			return requestEvent{}, nil, err
		}
		return r.decideGoverned(l.planFor(r), now), l.guards, nil
	})
}

// governed is a request as governAnew would leave it.
func (s *Service) governed(ctx context.Context, r *Request, now time.Time) (Request, error) {
	l, err := s.rule(ctx, r, now)
	if err != nil {
		return *r, err
	}
	next := *r
	if ev := r.decideGoverned(l.planFor(r), now); ev.typ != "" {
		err = next.step(ev.typ, ev.data)
	}
	return next, err
}

// decideReview decides a review by an actor with the rights of now. Where what the request
// rests on is gone, an approval is no event, and the loss is returned. Where what governs
// the request has changed, it is errGovernedAnew.
func (s *Service) decideReview(ctx context.Context, by Actor, r *Request, c ReviewRequest, now time.Time) (requestEvent, []Guard, loss, error) {
	if err := r.mayDecide(&by, c, now); err != nil {
		return requestEvent{}, nil, loss{}, err
	}
	l, err := s.rule(ctx, r, now)
	if err != nil {
		return requestEvent{}, nil, loss{}, err
	}
	if l.lost.why != "" {
		if c.Decision == DecisionApprove {
			return requestEvent{}, nil, l.lost, nil
		}
	} else if ev := r.decideGoverned(l.planFor(r), now); ev.typ != "" {
		return requestEvent{}, nil, loss{}, errGovernedAnew
	}
	if c.Decision == DecisionApprove {
		if err := s.allowsApproval(ctx, r, l, c.Without, now); err != nil {
			return requestEvent{}, nil, loss{}, err
		}
	}
	d, guards, err := s.deciding(ctx, r, &l, now)
	if err != nil {
		return requestEvent{}, nil, loss{}, err
	}
	j := s.judged(r, &l, d)
	ev, err := r.decideReview(by, c, j, now)
	if err == nil && ev.data.Grant != nil {
		held, err := s.withinHeld(ctx, r, c.Without, j, *ev.data.Grant)
		if err != nil {
			return requestEvent{}, nil, loss{}, err
		}
		guards = append(guards, held...)
	}
	return ev, append(guards, l.guards...), loss{}, err
}

// allowsApproval says why the policies of now don't let a request be approved without some
// of its items; nil where they do.
func (s *Service) allowsApproval(ctx context.Context, r *Request, l ruling, without []string, now time.Time) error {
	if len(without) > 0 { // what only these need is no longer needed
		left := *r
		left.drop(without)
		var err error
		if l, err = s.rule(ctx, &left, now); err != nil {
			return err
		}
	}
	return l.allowsApproval(r)
}

// judged is what a ruling says of what waits.
func (s *Service) judged(r *Request, l *ruling, d policy.Deciding) *judged {
	j := &judged{Deciding: d, caps: &l.Plan, longest: s.opts.MaxDuration, consoleOnly: s.opts.ApproveInConsole, refused: map[string]policy.Refusal{}}
	for _, refused := range l.Refused {
		j.refused[r.Items[refused.Item].ResourceID] = refused
	}
	return j
}

// endInstead ends a request, or its extension, that could not be approved because
// something that it rests on is gone, and returns the error that says so.
func (s *Service) endInstead(ctx context.Context, id, why string) (Request, error) {
	r, err := s.endIfGone(ctx, System(), id)
	switch {
	case err != nil:
		return r, err
	case r.Gone:
		return r, Errorf(CodeConflict, "requestId", "This request has ended instead. %s", r.Outcome)
	case r.Status == StatusActive && r.Extension == nil:
		return r, Errorf(CodeConflict, "requestId", "This access can't be extended; it ends as planned. %s", why)
	}
	return r, Errorf(CodeConflict, "requestId", "What this request rests on is changing; look at it again.")
}

// CancelRequest cancels a request of one's own that is not yet in force.
func (s *Service) CancelRequest(ctx context.Context, by Actor, id string, b Basis) (Request, error) {
	return s.changeRequest(ctx, by, id, change{changeCancel, b, id}, func(_ context.Context, r *Request, now time.Time) (requestEvent, []Guard, error) {
		ev, err := r.decideCancel(by, now)
		return ev, nil, err
	})
}

// CloseRequest closes an active access of one's own.
func (s *Service) CloseRequest(ctx context.Context, by Actor, id string, b Basis) (Request, error) {
	return s.changeRequest(ctx, by, id, change{changeClose, b, id}, func(_ context.Context, r *Request, now time.Time) (requestEvent, []Guard, error) {
		ev, err := r.decideClose(by, now)
		return ev, nil, err
	})
}

// RevokeRequest revokes a granted access.
func (s *Service) RevokeRequest(ctx context.Context, by Actor, id, reason string, b Basis) (Request, error) {
	reason, err := s.cleanReason("reason", reason)
	if err != nil {
		return Request{}, err
	}
	return s.changeRequest(ctx, by, id, change{changeRevoke, b, reason}, func(ctx context.Context, r *Request, now time.Time) (requestEvent, []Guard, error) {
		by, guards, err := s.AsOfNow(ctx, by)
		if err != nil {
			return requestEvent{}, nil, err
		}
		ev, err := r.decideRevoke(by, reason, now)
		return ev, guards, err
	})
}

// ExtendRequest asks to extend an active access of one's own.
func (s *Service) ExtendRequest(ctx context.Context, by Actor, id string, d Seconds, reason string, b Basis) (Request, error) {
	reason, err := s.cleanReason("reason", reason)
	if err != nil {
		return Request{}, err
	}
	x := Extension{Duration: d, Reason: reason}
	var lost loss
	decide := func(ctx context.Context, r *Request, now time.Time) (ev requestEvent, guards []Guard, err error) {
		ev, guards, lost, err = s.decideExtend(ctx, by, r, x, now)
		return ev, guards, err
	}
	r, err := s.asking(ctx, by, func() (Request, error) {
		return s.changeRequest(ctx, by, id, change{changeExtend, b, x}, decide)
	})
	if err != nil || lost.why == "" {
		return s.approvedUnasked(ctx, r, err)
	}
	return s.endInstead(ctx, id, lost.why)
}

// decideExtend decides a wish for an extension, by the policies of today. Where what the
// request rests on is gone, it is no event, and the loss is returned.
func (s *Service) decideExtend(ctx context.Context, by Actor, r *Request, x Extension, now time.Time) (requestEvent, []Guard, loss, error) {
	ev, err := r.decideExtend(by, x, s.opts.MaxDuration, now)
	if err != nil {
		return ev, nil, loss{}, err
	}
	x = *ev.data.Extension
	asked := *r
	asked.Extension = &x
	l, err := s.rule(ctx, &asked, now)
	if err != nil || l.lost.why != "" {
		return requestEvent{}, nil, l.lost, err
	}
	if err := s.meetable(ctx, &l); err != nil {
		return requestEvent{}, nil, loss{}, err
	}
	if err := l.allowsExtension(r, x); err != nil {
		return requestEvent{}, nil, loss{}, err
	}
	until := Grant{StartsAt: r.Grant.StartsAt, ExpiresAt: r.Grant.ExpiresAt.Add(x.Duration.Duration())}
	if _, err := s.withinHeld(ctx, r, nil, s.judged(r, &l, policy.Deciding{Plan: &l.Plan, Parties: l.ask.Holder.Accounts}), until); err != nil {
		return requestEvent{}, nil, loss{}, err
	}
	x.AsksNobody = l.Plan.NeedsNobody()
	x.Plan = l.planFor(&asked)
	ev.data.Extension = &x
	limits, err := s.mayAskAgain(ctx, r, now)
	return ev, append(l.guards, limits...), loss{}, err
}
