package access

import (
	"context"
	"slices"
	"time"

	"procyon/duration"
)

// maxHeld is how many of the latest requests of a person for a resource are looked at in each
// status of those that are over.
const maxHeld = 100

// withinHeld checks that nobody holds anything for longer than the policies of now allow by
// several requests: what counts for an item is how long its holder, by whichever of their
// accounts, has the same role on the same resource without a break, over all windows that
// overlap or adjoin the one that is about to be given. The guards keep what was read.
func (s *Service) withinHeld(ctx context.Context, r *Request, without []string, j *judged, g Grant) ([]Guard, error) {
	var guards []Guard
	for _, i := range r.Items {
		if slices.Contains(without, i.ResourceID) {
			continue
		}
		longest := j.longest
		if d := j.caps.Only([]string{i.ResourceID}).MaxDuration(); d > 0 {
			longest = min(longest, d.Duration())
		}
		others, more, err := s.held(ctx, r, i, j.Parties)
		if err != nil {
			return nil, err
		}
		guards = append(guards, more...)
		if held := unbroken(g, others); held > longest {
			return nil, Errorf(CodeInvalid, "duration", "With what %s was given of it already, %s would be held for %s without a break, and at most %s is allowed: make it shorter, or let it start later.",
				r.Requester.Name, i.Label(), duration.Words(held), duration.Words(longest))
		}
	}
	return guards, nil
}

// held are the windows in which a person has, had or will have an item by other requests.
func (s *Service) held(ctx context.Context, r *Request, item Item, accounts []string) ([]Grant, []Guard, error) {
	var out []Grant
	var guards []Guard
	for _, st := range []Status{StatusApproved, StatusActive, StatusExpired, StatusClosed, StatusRevoked, StatusFailed} {
		for _, account := range accounts {
			g := Guard{Key: requestTerm(st, account, "", item.ResourceID), Since: s.Head()}
			read := s.requestsUnder
			if st == StatusApproved || st == StatusActive {
				read = func(ctx context.Context, term string, _ int) ([]Request, error) {
					return All[Request](ctx, s.Subjects, term)
				}
				guards = append(guards, g) // others only end
			}
			list, err := read(ctx, g.Key, maxHeld)
			if err != nil {
				return nil, nil, err
			}
			for n := range list {
				o := &list[n]
				same := slices.ContainsFunc(o.Items, func(i Item) bool { return i.ResourceID == item.ResourceID && i.Role == item.Role })
				if o.ID != r.ID && same && o.Grant != nil && o.Grant.ExpiresAt.After(o.Grant.StartsAt) {
					out = append(out, *o.Grant)
				}
			}
		}
	}
	return out, guards, nil
}

// unbroken is how long the windows last that hang together with one.
func unbroken(g Grant, others []Grant) time.Duration {
	for again := true; again; {
		again = false
		others = slices.DeleteFunc(others, func(o Grant) bool {
			if o.StartsAt.After(g.ExpiresAt) || o.ExpiresAt.Before(g.StartsAt) {
				return false
			}
			if o.StartsAt.Before(g.StartsAt) {
				g.StartsAt = o.StartsAt
			}
			if o.ExpiresAt.After(g.ExpiresAt) {
				g.ExpiresAt = o.ExpiresAt
			}
			again = true
			return true
		})
	}
	return g.ExpiresAt.Sub(g.StartsAt)
}
