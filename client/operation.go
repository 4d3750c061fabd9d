package client

import (
	"context"

	"github.com/Khan/genqlient/graphql"
)

// The client's own operations, and their types, are generated from operation.graphql:
// what the schema renames does not build here.
//
//go:generate go tool genqlient
//go:generate go run procyon/internal/initialism operations_gen.go

// MakeRequest runs an operation that genqlient generated, as [Client.Do] does and with
// its errors. It implements genqlient's graphql.Client.
func (c *Client) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	return c.Do(ctx, req.Query, req.Variables, resp.Data)
}
