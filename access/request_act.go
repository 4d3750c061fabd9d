package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"procyon/phrase"
)

// Act is what somebody can do with a request that is there.
type Act string

// The acts, in the order in which they are listed.
const (
	ActApprove Act = "APPROVE" // the request, or the extension that waits
	ActDeny    Act = "DENY"    // likewise
	ActUpdate  Act = "UPDATE"
	ActCancel  Act = "CANCEL"
	ActClose   Act = "CLOSE"
	ActExtend  Act = "EXTEND"
	ActRevoke  Act = "REVOKE"
)

// Action is an act and whether it is possible now.
type Action struct {
	Act     Act
	Refused string // why it is not, for a person; "" where it is
}

// Actions returns what an actor, who sees a request, can do with it now, and what not. It
// lists what concerns them: of one's own request all but to revoke it, of another's to
// approve, deny and revoke. It asks what decides the acts themselves, about the least that
// can be asked for. So what is possible here is refused only for what is given with it, or
// because something changed meanwhile.
func (s *Service) Actions(ctx context.Context, by Actor, r *Request) ([]Action, error) {
	acts := []Act{ActApprove, ActDeny, ActRevoke}
	if by.ID == r.Requester.ID {
		acts = []Act{ActApprove, ActDeny, ActUpdate, ActCancel, ActClose, ActExtend}
	}
	d := deed{s: s, r: r, by: by, now: s.Now()}
	d.today, _, d.out = s.AsOfNow(ctx, by)
	out := make([]Action, len(acts))
	for i, act := range acts {
		why, err := d.words(ctx, d.try(ctx, act))
		if err != nil {
			return nil, err
		}
		out[i] = Action{act, why}
	}
	return out, nil
}

// deed is somebody about to do something with a request at a moment.
type deed struct {
	s     *Service
	r     *Request
	by    Actor
	today Actor // by, with the rights of now
	out   error // why they have none
	now   time.Time
	whose string // who can decide, once it was looked up
}

// try decides an act on the least that can be asked for, and returns why it is refused.
func (d *deed) try(ctx context.Context, act Act) (err error) {
	var lost loss
	if d.out != nil && (act == ActApprove || act == ActDeny || act == ActRevoke) {
		return d.out
	}
	switch act {
	case ActApprove, ActDeny:
		c := ReviewRequest{Basis: Basis{ExpectedVersion: d.r.Version()}, Subject: d.r.Subject(), Decision: Decision(act)}
		if act == ActApprove {
			c.Duration = minDuration
		}
		_, _, lost, err = d.s.decideReview(ctx, d.today, d.r, c, d.now)
		if errors.Is(err, errGovernedAnew) { // as it is about to be
			var anew Request
			if anew, err = d.s.governed(ctx, d.r, d.now); err == nil {
				c.ExpectedVersion = anew.Version()
				_, _, lost, err = d.s.decideReview(ctx, d.today, &anew, c, d.now)
			}
		}
	case ActUpdate:
		_, err = d.s.mayUpdate(ctx, d.by, d.r, d.now)
	case ActCancel:
		_, err = d.r.decideCancel(d.by, d.now)
	case ActClose:
		_, err = d.r.decideClose(d.by, d.now)
	case ActExtend:
		_, _, lost, err = d.s.decideExtend(ctx, d.by, d.r, Extension{Duration: minDuration}, d.now)
	case ActRevoke:
		_, err = d.r.decideRevoke(d.today, "", d.now)
	}
	if err == nil && lost.why != "" {
		return Errorf(CodeConflict, "", "%s", lost.why)
	}
	return err
}

// words says why an act is refused, for a person. An unexpected error stays one.
func (d *deed) words(ctx context.Context, refused error) (string, error) {
	var e *Error
	switch {
	case refused == nil:
		return "", nil
	case !errors.As(refused, &e):
		return "", refused
	case e.Code != CodeSelfReview:
		return e.Message, nil
	}
	// That others can decide is true only while there is something to decide.
	if over := d.r.waits(d.now); errors.As(over, &e) {
		return e.Message, nil
	}
	if d.whose == "" {
		others, err := d.s.Reviewers(ctx, *d.r)
		if err != nil {
			return "", err
		}
		d.whose = "You can't decide your own request, and nobody else can."
		if len(others) > 0 {
			d.whose = "You can't decide your own request; " + namesOf(others) + " can."
		}
	}
	return d.whose, nil
}

// waits says why nothing about a request can be decided now; nil where something waits.
func (r *Request) waits(now time.Time) error {
	if err := r.waitsFor(r.Subject()); err != nil {
		return err
	}
	if !now.Before(r.ends()) {
		return r.lapsed()
	}
	return nil
}

// namesOf lists a few people's names, and counts the others: "Ada, Bo and 3 others".
func namesOf(people []User) string {
	const few = 3
	var names []string
	for _, u := range people[:min(len(people), few)] {
		names = append(names, u.Name)
	}
	switch n := len(people) - len(names); {
	case n == 1:
		names = append(names, people[few].Name)
	case n > 1:
		names = append(names, phrase.Count(n, "other"))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return names[0]
}
