package access

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"

	"procyon/store"
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
	sort.Slice(routes, func(i, j int) bool {
		a, b := routes[i].Integration, routes[j].Integration
		return a.Name < b.Name || a.Name == b.Name && a.ID < b.ID
	})
	return routes
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

// Routes returns the integrations that hear of these items as links are now,
// switched-off and broken ones left out.
func (s *Service) Routes(ctx context.Context, items []Item) ([]Route, error) {
	return s.routes(ctx, items, func(i *Integration) bool { return i.Status == IntegrationEnabled })
}

// LinkedRoutes is Routes with the switched-off and broken ones: what was posted there before
// may be seen there as long as the links are the same.
func (s *Service) LinkedRoutes(ctx context.Context, items []Item) ([]Route, error) {
	return s.routes(ctx, items, func(*Integration) bool { return true })
}

func (s *Service) routes(ctx context.Context, items []Item, keeps func(*Integration) bool) ([]Route, error) {
	keys := map[string]bool{}
	for _, item := range items {
		switch {
		case item.AccountID != "":
			keys[linkTerm(item.AccountID)] = true
		default:
			if item.GatewayID != "" {
				keys[gatewayChannelTerm] = true
			}
			if item.ResourceKind.IsServer() {
				keys[serverChannelTerm] = true
			}
		}
	}
	found := map[string]Integration{}
	for key := range keys {
		docs, err := s.views.List(ctx, store.Query{Term: key, Limit: maxLinked})
		if err != nil {
			return nil, fmt.Errorf("integrations under %s: %w", key, err)
		}
		for _, d := range docs {
			var in Integration
			if err := json.Unmarshal(d.Data, &in); err != nil {
				return nil, fmt.Errorf("view %s: %w", d.ID, err)
			}
			if keeps(&in) {
				found[in.ID] = in
			}
		}
	}
	list := make([]Integration, 0, len(found))
	for _, in := range found {
		list = append(list, in)
	}
	return RouteItems(items, list), nil
}

// maxLinked is how many integrations may hear of one account or channel.
const maxLinked = 500

// EventRoutes returns the integrations that an event of a type is owed to.
func (s *Service) EventRoutes(ctx context.Context, t EventType, items []Item) ([]Route, error) {
	all, err := s.Routes(ctx, items)
	if err != nil {
		return nil, err
	}
	wanted := all[:0]
	for _, r := range all {
		if r.Integration.wants(t) {
			wanted = append(wanted, r)
		}
	}
	return wanted, nil
}
