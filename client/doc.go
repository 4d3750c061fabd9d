// Package client talks to a Procyon server over its public GraphQL API: queries
// and mutations over HTTP, and subscriptions over WebSocket that go on where they
// were after any interruption. It imports nothing else of the product, so that
// any Go service can use it; the product's own workers do.
//
//	c, err := client.New(client.Options{URL: "https://procyon.example.com/graphql", Token: token})
//	sub, err := c.Subscribe(ctx, client.SubscribeOptions{
//		Query: `subscription($after: Cursor) { requestEvents(after: $after) { cursor type request { requestId } } }`,
//		After: lastCursor,
//	})
//	defer sub.Close()
//	for {
//		event, err := sub.Next(ctx)
//		…
//	}
//
// [EachPage] reads a list to its end. The API takes times to the microsecond and
// refuses finer ones: send t.Truncate(time.Microsecond).
package client
