package access

import (
	"context"
	"slices"
	"strings"

	"procyon/store"
)

// list lists what is under some terms, in their order.
func (s *Service) list(ctx context.Context, terms []string, p store.Page, keep func(store.Document) bool) (store.Listed, error) {
	return store.List(ctx, s.views, terms, false, p, keep)
}

// Accounts lists the accounts by name.
func (s *Service) Accounts(ctx context.Context, search string, p store.Page) (store.Listed, error) {
	return s.Named(ctx, "acc/", NameQuery{Kind: KindAccount}, search, p)
}

// AccountCount is how many accounts there are; see Names.Count.
func (s *Service) AccountCount(ctx context.Context, search string) (int, bool, error) {
	return s.count(ctx, NameQuery{Kind: KindAccount}, search)
}

// Gateways lists the gateways by name.
func (s *Service) Gateways(ctx context.Context, search string, p store.Page) (store.Listed, error) {
	return s.Named(ctx, "gw/", NameQuery{Kind: KindGateway}, search, p)
}

// GatewayCount is how many gateways there are; see Names.Count.
func (s *Service) GatewayCount(ctx context.Context, search string) (int, bool, error) {
	return s.count(ctx, NameQuery{Kind: KindGateway}, search)
}

// IntegrationFilter narrows a list of integrations.
type IntegrationFilter struct {
	Search   string
	Statuses []IntegrationStatus // any of these, so none of an empty list; nil: all
}

func (f IntegrationFilter) query() NameQuery {
	return NameQuery{Kind: KindIntegration, Tags: narrow(tags(statusTag, f.Statuses))}
}

// Integrations lists the integrations by name.
func (s *Service) Integrations(ctx context.Context, f IntegrationFilter, p store.Page) (store.Listed, error) {
	return s.Named(ctx, "int/", f.query(), f.Search, p)
}

// IntegrationCount is how many integrations pass a filter; see Names.Count.
func (s *Service) IntegrationCount(ctx context.Context, f IntegrationFilter) (int, bool, error) {
	return s.count(ctx, f.query(), f.Search)
}

// ResourceFilter narrows a list of resources.
type ResourceFilter struct {
	Search string
	Parent string         // the account or gateway that they belong to; "": whichever
	Kinds  []ResourceKind // any of these, so none of an empty list; nil: all
	Tags   []Tag          // all of these
}

func (f ResourceFilter) query() NameQuery {
	return NameQuery{Kind: KindResource, In: f.Parent, Tags: narrow(tags(kindTag, f.Kinds))}
}

// Resources lists the resources by name.
func (s *Service) Resources(ctx context.Context, f ResourceFilter, p store.Page) (store.Listed, error) {
	if terms := tagTerms(f.Tags); len(terms) > 0 {
		if f.Parent != "" {
			terms = append(terms, resourceScope(f.Parent))
		}
		q := f.query()
		q.Terms = terms[1:]
		return s.NamedUnder(ctx, terms[0], q, f.Search, p)
	}
	return s.Named(ctx, resourceScope(f.Parent), f.query(), f.Search, p)
}

// ResourceCount is how many resources pass a filter; see Names.Count.
func (s *Service) ResourceCount(ctx context.Context, f ResourceFilter) (int, bool, error) {
	if len(f.Tags) > 0 {
		return 0, false, nil
	}
	return s.count(ctx, f.query(), f.Search)
}

// UserFilter narrows a list of people.
type UserFilter struct {
	Search   string
	Statuses []UserStatus // any of these, so none of an empty list; nil: all
	Roles    []Role       // likewise
	GroupID  string       // who is in this group; "": whoever
}

func (f UserFilter) query() NameQuery {
	return NameQuery{Kind: KindUser, Tags: narrow(tags(statusTag, f.Statuses), tags(roleTag, f.Roles))}
}

// Users lists the people by name.
func (s *Service) Users(ctx context.Context, f UserFilter, p store.Page) (store.Listed, error) {
	if f.GroupID != "" {
		return s.NamedUnder(ctx, memberTerm(f.GroupID), f.query(), f.Search, p)
	}
	return s.Named(ctx, "usr/", f.query(), f.Search, p)
}

// maxMembers is how far the members of a group are counted.
const maxMembers = 1_000_000

// UserCount is how many people pass a filter; see Names.Count.
func (s *Service) UserCount(ctx context.Context, f UserFilter) (int, bool, error) {
	if q := f.query(); f.GroupID != "" {
		if strings.TrimSpace(f.Search) != "" || len(q.Tags) > 0 {
			return 0, false, nil
		}
		n, err := store.Range{Reader: s.views}.Count(ctx, memberTerm(f.GroupID), maxMembers)
		return n, n < maxMembers, err
	}
	return s.count(ctx, f.query(), f.Search)
}

// narrow leaves out what narrows nothing.
func narrow(tags ...[]string) [][]string {
	return slices.DeleteFunc(tags, func(t []string) bool { return t == nil })
}
