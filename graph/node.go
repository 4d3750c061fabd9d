package graph

import (
	"context"

	"procyon/access"
	"procyon/auth"
)

// node finds any object by its ID. Each kind is as open as the field that lists it.
func (r *Resolver) node(ctx context.Context, id string) (Node, error) {
	n, err := r.find(ctx, id)
	if access.CodeOf(err) == access.NotFound {
		return nil, nil
	}
	return n, err
}

func (r *Resolver) find(ctx context.Context, id string) (Node, error) {
	hidden := access.Errorf(access.NotFound, "id", "There is no such object.")
	admin := func(scopes ...string) bool {
		return auth.Allows(auth.From(ctx), auth.RoleAdmin, scopes, false) == nil
	}
	switch access.KindOf(id) {
	case access.KindAccount, access.KindGateway, access.KindResource:
		if auth.Allows(auth.From(ctx), string(RoleMember), []string{"admin", "slack:act", "events:read"}, false) != nil {
			return nil, hidden
		}
		return r.catalog(ctx, id)
	case access.KindRequest:
		v, err := r.request(ctx, id)
		return node(v, err)
	case access.KindUser:
		if id != actor(ctx).ID && !admin("admin") {
			return nil, hidden
		}
		v, err := r.Access.User(ctx, id)
		return node(toUser(v), err)
	case access.KindIntegration:
		if !admin("admin", "deliveries:write") {
			return nil, hidden
		}
		v, err := r.Access.Integration(ctx, id)
		return node(toIntegration(v), there(v.Deleted, err))
	case access.KindSlackWorkspace:
		if !admin("admin", "slack:act") {
			return nil, hidden
		}
		v, err := r.Access.SlackWorkspaceByID(ctx, id)
		return node(toSlackWorkspace(v), err)
	case access.KindSlackLink:
		v, err := r.Access.SlackLink(ctx, id)
		if err == nil && v.UserID != actor(ctx).ID && !admin("admin", "slack:act") {
			return nil, hidden
		}
		return node(toSlackLink(v), err)
	case "dlv":
		if !admin("admin", "deliveries:write") {
			return nil, hidden
		}
		v, err := r.Ledger.Get(ctx, id)
		return node(toDelivery(v), err)
	default:
		return nil, hidden
	}
}

// catalog finds what can be asked for, and where that is.
func (r *Resolver) catalog(ctx context.Context, id string) (Node, error) {
	switch access.KindOf(id) {
	case access.KindAccount:
		v, err := r.Access.Account(ctx, id)
		return node(toAccount(v), there(v.Deleted, err))
	case access.KindGateway:
		v, err := r.Access.Gateway(ctx, id)
		return node(toGateway(v), there(v.Deleted, err))
	default:
		v, err := r.Access.Resource(ctx, id)
		return node(toResource(v), there(v.Deleted, err))
	}
}

// there makes NOT_FOUND of what was deleted.
func there(deleted bool, err error) error {
	if err == nil && deleted {
		return access.Errorf(access.NotFound, "id", "This was deleted.")
	}
	return err
}

// node keeps a nil pointer from becoming a Node that is not nil.
func node[N Node](n N, err error) (Node, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}
