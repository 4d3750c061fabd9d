package graph

import (
	"context"

	"procyon/access"
	"procyon/slackworkspace"
)

// node finds any object by its ID. Each kind is as open as the field that lists it, by
// what @auth says of that.
func (r *Resolver) node(ctx context.Context, id string) (Node, error) {
	n, err := r.find(ctx, id)
	if access.CodeOf(err) == access.CodeNotFound {
		return nil, nil
	}
	return n, err
}

// kindDelivery begins the IDs of deliveries, which are no subjects of the journal.
const kindDelivery access.Kind = "dlv"

// listedBy is the query's field that lists a kind. What is not here has a rule of its own.
var listedBy = map[access.Kind]string{
	access.KindAccount:           "accounts",
	access.KindGateway:           "gateways",
	access.KindResource:          "resources",
	access.KindIntegration:       "integrations",
	slackworkspace.KindWorkspace: "slackWorkspaces",
	kindDelivery:                 "deliveries",
}

func (r *Resolver) find(ctx context.Context, id string) (Node, error) {
	hidden := access.Errorf(access.CodeNotFound, "id", "There is no such object.")
	kind := access.KindOf(id)
	if list, ok := listedBy[kind]; ok && !mayUse(ctx, "Query", list) {
		return nil, hidden
	}
	switch kind {
	case access.KindAccount:
		v, err := r.Access.Account(ctx, id)
		return node(toAccount(v), there(v.Deleted, err))
	case access.KindGateway:
		v, err := r.Access.Gateway(ctx, id)
		return node(toGateway(v), there(v.Deleted, err))
	case access.KindResource:
		v, err := r.Access.Resource(ctx, id)
		return node(toResource(v), there(v.Deleted, err))
	case access.KindRequest:
		v, err := r.request(ctx, id)
		return node(v, err)
	case access.KindUser:
		if id != actor(ctx).ID && !mayUse(ctx, "Query", "users") {
			return nil, hidden
		}
		v, err := r.Access.User(ctx, id)
		return node(toUser(v), err)
	case access.KindIntegration:
		v, err := r.Access.Integration(ctx, id)
		return node(toIntegration(v), there(v.Deleted, err))
	case slackworkspace.KindWorkspace:
		v, err := r.Slack.WorkspaceByID(ctx, id)
		return node(toSlackWorkspace(v), err)
	case slackworkspace.KindLink:
		v, err := r.Slack.LinkByID(ctx, id)
		if err == nil && v.UserID != actor(ctx).ID && !mayUse(ctx, "User", "slackLinks") {
			return nil, hidden
		}
		return node(toSlackLink(v), err)
	case kindDelivery:
		v, err := r.Ledger.Get(ctx, id)
		return node(toDelivery(v), err)
	default:
		return nil, hidden
	}
}

// there makes NOT_FOUND of what was deleted.
func there(deleted bool, err error) error {
	if err == nil && deleted {
		return access.Errorf(access.CodeNotFound, "id", "This was deleted.")
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
