package access

import (
	"context"
	"slices"

	"procyon/store"
)

// Unheard is a request that waits for a decision, and that no integration is owed.
type Unheard struct {
	Request Request
	// Off are the integrations that are linked to its items and are switched off, by name.
	Off []Integration
}

// maxUnheardRead is how many of the newest requests that wait are looked at.
const maxUnheardRead = 100

// Unheard returns the requests that wait for a decision and that no integration is owed, as
// links are now: none is linked to their items, or those that are hear nothing of requests
// that are made. What waits for a broken integration is owed to it. The newest come first,
// and the newest 100 that wait are looked at.
func (s *Service) Unheard(ctx context.Context) ([]Unheard, error) {
	l, err := s.Requests(ctx, System(), RequestFilter{Statuses: []Status{StatusPending}}, RequestOrder{Desc: true}, store.Page{First: maxUnheardRead})
	if err != nil {
		return nil, err
	}
	requests, err := DecodeAll[Request](l.Docs)
	if err != nil {
		return nil, err
	}
	var out []Unheard
	linked := map[string][]Integration{} // by the term under which they stand; most requests share a few
	for _, r := range requests {
		var integrations []Integration
		for _, term := range channelTerms(r.Items) {
			if _, read := linked[term]; !read {
				if linked[term], err = All[Integration](ctx, s.Subjects, term); err != nil {
					return nil, err
				}
			}
			for _, i := range linked[term] {
				if !slices.ContainsFunc(integrations, func(j Integration) bool { return i.ID == j.ID }) {
					integrations = append(integrations, i)
				}
			}
		}
		u, owed := Unheard{Request: r}, false
		for _, route := range RouteItems(r.Items, integrations) {
			switch {
			case route.Integration.Status == IntegrationDisabled:
				u.Off = append(u.Off, route.Integration)
			case route.Integration.wants(EventCreated):
				owed = true
			}
		}
		if !owed {
			out = append(out, u)
		}
	}
	return out, nil
}
