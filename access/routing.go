package access

import (
	"cmp"
	"context"
	"slices"
)

// Route is an integration that hears of a request, and which items it may see.
type Route struct {
	Integration Integration
	Items       []Item
	Others      int // how many items it does not see
}

// RouteItems says who hears of a request's items: an item of an account goes to
// the integrations linked to that account, one behind a gateway to the gateway
// notification channels, a server that is in no account to the private-server
// notification channels. Each integration appears once, by name.
func RouteItems(items []Item, integrations []Integration) []Route {
	var routes []Route
	for _, in := range integrations {
		route := Route{Integration: in}
		for _, item := range items {
			if in.hears(item) {
				route.Items = append(route.Items, item)
			}
		}
		if len(route.Items) > 0 {
			route.Others = len(items) - len(route.Items)
			routes = append(routes, route)
		}
	}
	slices.SortFunc(routes, Route.compare)
	return routes
}

// compare orders routes by name.
func (r Route) compare(other Route) int {
	a, b := &r.Integration, &other.Integration
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

func (i *Integration) hears(item Item) bool {
	if item.AccountID != "" {
		for _, a := range i.AccountIDs {
			if a == item.AccountID {
				return true
			}
		}
		return false
	}
	return item.GatewayID != "" && i.Gateways || item.ResourceKind.IsServer() && i.PrivateServers
}

// Routes returns the integrations that hear of these items as links are now, and those that
// are linked to them and hear nothing, because they are switched off or broken.
func (s *Service) Routes(ctx context.Context, items []Item) (routes, silent []Route, err error) {
	var working, others []Integration
	seen := map[string]bool{}
	for _, term := range channelTerms(items) {
		found, err := All[Integration](ctx, s.Subjects, term)
		if err != nil {
			return nil, nil, err
		}
		for _, in := range found {
			switch {
			case seen[in.ID]:
			case in.Status == IntegrationEnabled:
				working = append(working, in)
			default:
				others = append(others, in)
			}
			seen[in.ID] = true
		}
	}
	return RouteItems(items, working), RouteItems(items, others), nil
}

// channelTerms are those under which all integrations stand that may hear of some items.
func channelTerms(items []Item) []string {
	var terms []string
	add := func(term string) {
		if !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	for _, item := range items {
		if item.AccountID != "" {
			add(linkTerm(item.AccountID))
			continue
		}
		if item.GatewayID != "" {
			add(gatewayChannelTerm)
		}
		if item.ResourceKind.IsServer() {
			add(serverChannelTerm)
		}
	}
	return terms
}

// EventRoutes returns the integrations that an event of a type is owed to: also broken ones,
// which get it once they are mended.
func (s *Service) EventRoutes(ctx context.Context, t EventType, items []Item) ([]Route, error) {
	routes, silent, err := s.Routes(ctx, items)
	if err != nil {
		return nil, err
	}
	owed := append(routes, silent...)
	owed = slices.DeleteFunc(owed, func(r Route) bool {
		return r.Integration.Status == IntegrationDisabled || !r.Integration.wants(t)
	})
	slices.SortFunc(owed, Route.compare)
	return owed, nil
}

// LinkedIntegrations returns the integrations that are linked to an account, by name.
func (s *Service) LinkedIntegrations(ctx context.Context, accountID string) ([]Integration, error) {
	return All[Integration](ctx, s.Subjects, linkTerm(accountID))
}
