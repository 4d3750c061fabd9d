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

// withoutRight are the IDs of those who approved what waits and could approve nothing of it
// now, or as a human whose review by another account counts.
func (r *Request) withoutRight(d *policy.Deciding) []string {
	var out []string
	for _, v := range r.approvals() {
		at := slices.IndexFunc(d.Reviews, func(o policy.Review) bool { return o.By.ID == v.Reviewer.ID })
		if at < 0 || !couldApprove(d, &d.Reviews[at]) {
			out = append(out, v.Reviewer.ID)
		}
	}
	return out
}

// couldApprove tells whether the author of a review could approve some step of an item that
// it covers, whichever step waits, and is not the author of an earlier one by another account.
// Where all items that it covers were left out since there is no right to lose.
func couldApprove(d *policy.Deciding, v *policy.Review) bool {
	for i := range d.Reviews {
		o := &d.Reviews[i]
		if o == v {
			break
		}
		if o.By.ID != v.By.ID && slices.Contains(o.By.Accounts, v.By.ID) && slices.ContainsFunc(o.Covers, func(id string) bool { return slices.Contains(v.Covers, id) }) {
			return false
		}
	}
	left := false
	for _, t := range d.Plan.Tracks {
		if !slices.ContainsFunc(t.ResourceIDs, func(id string) bool { return slices.Contains(v.Covers, id) }) {
			continue
		}
		left = true
		for n := range t.Steps {
			one := t
			one.Refused, one.Steps = "", t.Steps[n:n+1]
			alone := policy.Deciding{Plan: &policy.Plan{Tracks: []policy.Track{one}}, Parties: d.Parties, Now: d.Now}
			if len(alone.Decidable(&v.By)) > 0 {
				return true
			}
		}
	}
	return !left
}
