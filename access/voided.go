package access

import (
	"context"
	"slices"
	"time"

	"procyon/policy"
)

// voided is what happens to what waits because somebody who approved it lost the right: their
// review is void, so that lists and messages show again that somebody else has to. Who gets
// the right back reviews anew. Where a right ages out without anything being changed (see
// ClaimsHold), that is only seen when something is decided next.
func (s *Service) voided(ctx context.Context, r *Request, l *ruling, now time.Time) (requestEvent, []Guard, error) {
	if len(r.approvals()) == 0 {
		return requestEvent{}, l.guards, nil
	}
	d, guards, err := s.deciding(ctx, r, l, now)
	if err != nil {
		return requestEvent{}, nil, err
	}
	void := r.withoutRight(&d)
	if len(void) == 0 {
		return requestEvent{}, nil, nil
	}
	data := requestData{At: now, Plan: r.kept(), VoidBy: void, TermsVersion: r.Version() + 1}
	return requestEvent{EventPolicyChanged, data}, slices.Concat(l.guards, guards), nil
}

// withoutRight are the IDs of those who approved what waits and could not do so now: each
// approval has to be one that its author could give after those before it that still can be
// given. So what is kept of a request says of each step who has to decide it. A review of
// nothing but what was left out since has no right to lose.
func (r *Request) withoutRight(d *policy.Deciding) []string {
	var out []string
	plan := policy.Plan{Tracks: slices.Clone(d.Plan.Tracks)}
	for i := range plan.Tracks {
		plan.Tracks[i].Refused = ""
	}
	kept := policy.Deciding{Plan: &plan, Parties: d.Parties, Now: d.Now}
	for _, v := range r.approvals() {
		at := slices.IndexFunc(d.Reviews, func(o policy.Review) bool { return o.By.ID == v.Reviewer.ID })
		if at < 0 {
			out = append(out, v.Reviewer.ID)
			continue
		}
		now := d.Reviews[at]
		may := kept.Decidable(&now.By)
		if slices.ContainsFunc(now.Covers, func(id string) bool {
			return !slices.Contains(may, id) && r.hasItem(func(i Item) bool { return i.ResourceID == id })
		}) {
			out = append(out, v.Reviewer.ID)
		} else {
			kept.Reviews = append(kept.Reviews, now)
		}
	}
	return out
}
