package graph

import (
	"context"

	"procyon/access"
	"procyon/catalogimport"
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

// maxNodes is how many objects one call of nodes finds.
const maxNodes = 100

// nodes finds objects by their IDs, each where it stands in the list; nil for those that
// are not there, or that the caller may not see.
func (r *Resolver) nodes(ctx context.Context, ids []string) ([]Node, error) {
	if len(ids) > maxNodes {
		return nil, access.Errorf(access.CodeInvalid, "ids", "Give at most %d IDs; these are %d.", maxNodes, len(ids))
	}
	found := make([]Node, len(ids))
	for i, id := range ids {
		var err error
		if found[i], err = r.node(ctx, id); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// What begins the IDs of nodes that are no subjects of the journal.
const (
	kindDelivery access.Kind = "dlv"
	kindConsumer access.Kind = "con"
	kindToken    access.Kind = "tok"
	kindSession  access.Kind = "ses"
)

// nodeRow is a kind of nodes.
type nodeRow struct {
	// listed is the query's field that lists the kind: who may use it may find one. "":
	// find has a rule of its own.
	listed string
	find   func(r *Resolver, ctx context.Context, id string) (Node, error)
}

// nodeTable has a row for each type of the schema that implements Node.
var nodeTable = map[access.Kind]nodeRow{
	access.KindAccount: {"accounts", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Access.Account(ctx, id)
		return node(toAccount(v), there(v.Deleted, err))
	}},
	access.KindGateway: {"gateways", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Access.Gateway(ctx, id)
		return node(toGateway(v), there(v.Deleted, err))
	}},
	access.KindResource: {"resources", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Access.Resource(ctx, id)
		return node(toResource(v), there(v.Deleted, err))
	}},
	access.KindIntegration: {"integrations", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Access.Integration(ctx, id)
		return node(toIntegration(v), there(v.Deleted, err))
	}},
	access.KindRequest: {"", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.request(ctx, id)
		return node(v, err)
	}},
	access.KindUser: {"", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		if id != actor(ctx).ID && !mayUse(ctx, "Query", "users") {
			return nil, errNoNode
		}
		v, err := r.Access.User(ctx, id)
		return node(toUser(v), err)
	}},
	access.KindGroup: {"", (*Resolver).group},
	catalogimport.KindImport: {"catalogImports", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Imports.Get(ctx, id)
		return node(toCatalogImport(v), err)
	}},
	slackworkspace.KindWorkspace: {"slackWorkspaces", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Slack.WorkspaceByID(ctx, id)
		return node(toSlackWorkspace(v), err)
	}},
	slackworkspace.KindLink: {"", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Slack.LinkByID(ctx, id)
		if err == nil && v.UserID != actor(ctx).ID && !mayUse(ctx, "User", "slackLinks") {
			return nil, errNoNode
		}
		return node(toSlackLink(v), err)
	}},
	kindChannel: {"slackWorkspaces", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		workspace, channel := channelOfNode(id)
		v, err := r.channelSeen(ctx, workspace, channel)
		if err == nil && v == nil {
			err = errNoNode
		}
		return node(v, err)
	}},
	access.KindService: {"serviceAccounts", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Access.ServiceAccount(ctx, id)
		return node(toServiceAccount(v), err)
	}},
	kindToken: {"", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Auth.Token(ctx, id)
		return own(ctx, "tokens", toToken(v), v.OwnerID, err)
	}},
	kindSession: {"", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Auth.SessionByID(ctx, id)
		return own(ctx, "sessions", toSession(v), v.UserID, err)
	}},
	kindConsumer: {"consumers", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Ledger.ConsumerByID(ctx, id)
		return node(toConsumer(v), err)
	}},
	kindDelivery: {"deliveries", func(r *Resolver, ctx context.Context, id string) (Node, error) {
		v, err := r.Ledger.Get(ctx, id)
		return node(toDelivery(v), err)
	}},
}

var errNoNode = access.Errorf(access.CodeNotFound, "id", "There is no such object.")

func (r *Resolver) find(ctx context.Context, id string) (Node, error) {
	row, ok := nodeTable[access.KindOf(id)]
	if !ok || row.listed != "" && !mayUse(ctx, "Query", row.listed) {
		return nil, errNoNode
	}
	return row.find(r, ctx, id)
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
