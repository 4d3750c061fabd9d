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
// given. So what is kept of a request says of each step who has to decide it. Of somebody who
// lost one of their approvals all are void; one of nothing but what was left out since has no
// right to lose.
func (r *Request) withoutRight(d *policy.Deciding) []string {
	plan := policy.Plan{Tracks: slices.Clone(d.Plan.Tracks)}
	for i := range plan.Tracks {
		plan.Tracks[i].Refused = ""
	}
	var out []string
	for {
		id := r.firstWithoutRight(policy.Deciding{Plan: &plan, Parties: d.Parties, Now: d.Now}, d.Reviews, out)
		if id == "" {
			return out
		}
		out = append(out, id)
	}
}

// firstWithoutRight is who gave the first approval that could not be given now, where those of
// some are void; "": nobody. before is what waits without any, and today who can act of those
// who gave one.
func (r *Request) firstWithoutRight(before policy.Deciding, today []policy.Review, void []string) string {
	for _, v := range r.approvals() {
		id := v.Reviewer.ID
		if slices.Contains(void, id) {
			continue
		}
		at := slices.IndexFunc(today, func(o policy.Review) bool { return o.By.ID == id })
		if at < 0 {
			return id
		}
		now := policy.Review{By: today[at].By, Covers: r.covered(&v)}
		may := before.Decidable(&now.By)
		if slices.ContainsFunc(r.Items, func(i Item) bool {
			return slices.Contains(now.Covers, i.ResourceID) && !slices.Contains(may, i.ResourceID)
		}) {
			return id
		}
		before.Reviews = append(before.Reviews, now)
	}
	return ""
}
