package main

import (
	"context"
	"fmt"
)

// catalog is what can be asked for in a benchmark.
type catalog struct{ accounts, resources []string }

// newCatalog makes accounts over the API, with a resource each.
func newCatalog(ctx context.Context, g *gatewayProcess, n int) (catalog, error) {
	var c catalog
	for i := range n {
		var made struct {
			CreateAccount  struct{ Account struct{ ID string } }
			CreateResource struct{ Resource struct{ ID string } }
		}
		err := g.do(ctx, `mutation ($in: CreateAccountInput!) { createAccount(input: $in) { account { id } userErrors { message } } }`,
			map[string]any{"in": map[string]any{"name": fmt.Sprintf("Account %d", i), "provider": "AWS", "externalId": fmt.Sprintf("%012d", i)}}, &made)
		if err != nil {
			return c, err
		}
		account := made.CreateAccount.Account.ID
		err = g.do(ctx, `mutation ($in: CreateResourceInput!) { createResource(input: $in) { resource { id } userErrors { message } } }`,
			map[string]any{"in": map[string]any{
				"name": fmt.Sprintf("orders-db-%d", i), "kind": "DATABASE", "accountId": account, "roles": []string{"reader", "writer"},
			}}, &made)
		if err != nil {
			return c, err
		}
		c.accounts, c.resources = append(c.accounts, account), append(c.resources, made.CreateResource.Resource.ID)
	}
	return c, nil
}

const createRequest = `mutation Create($input: CreateAccessRequestInput!) {
  createAccessRequest(input: $input) { accessRequest { id status createdAt } userErrors { code field message } }
}`

// ask is the body of a request for the i-th resource, and over again.
func (c *catalog) ask(i int) map[string]any {
	return map[string]any{"input": map[string]any{
		"items":    []any{map[string]any{"resourceId": c.resources[i%len(c.resources)], "role": "reader"}},
		"duration": "PT1H", "allowDuplicate": true, "reason": fmt.Sprintf("Look into incident %d: orders are late", i), "ticket": fmt.Sprintf("OPS-%d", i),
	}}
}
