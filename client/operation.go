package client

import (
	"context"

	"github.com/Khan/genqlient/graphql"
)

// MakeRequest runs an operation that genqlient generated, as [Client.Do] does and with
// its errors. It implements genqlient's graphql.Client.
func (c *Client) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	return c.Do(ctx, req.Query, req.Variables, resp.Data)
}
