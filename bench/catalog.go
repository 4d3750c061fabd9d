package main

import (
	"context"
	"fmt"
)

// catalog is what can be asked for in a benchmark.
type catalog struct {
	accounts, resources []string
	older               bool // the product knows no duplicates
}

// newCatalog makes accounts over the API, with a resource each.
func newCatalog(ctx context.Context, g *gatewayProcess, n int) (catalog, error) {
	c := catalog{accounts: make([]string, n), resources: make([]string, n)}
	return c, abreast(ctx, n, func(ctx context.Context, i int) error { return c.make(ctx, g, i) })
}

func (c *catalog) make(ctx context.Context, g *gatewayProcess, i int) error {
	var made struct {
		CreateAccount  struct{ Account struct{ ID string } }
		CreateResource struct{ Resource struct{ ID string } }
	}
	err := g.do(ctx, `mutation ($in: CreateAccountInput!) { createAccount(input: $in) { account { id } userErrors { message } } }`,
		map[string]any{"in": map[string]any{"name": fmt.Sprintf("Account %d", i), "provider": "AWS", "externalId": fmt.Sprintf("%012d", i)}}, &made)
	if err != nil {
		return err
	}
	c.accounts[i] = made.CreateAccount.Account.ID
	err = g.do(ctx, `mutation ($in: CreateResourceInput!) { createResource(input: $in) { resource { id } userErrors { message } } }`,
		map[string]any{"in": map[string]any{
			"name": fmt.Sprintf("orders-db-%d", i), "kind": "DATABASE", "accountId": c.accounts[i], "roles": []string{"reader", "writer"},
		}}, &made)
	c.resources[i] = made.CreateResource.Resource.ID
	return err
}

const createRequest = `mutation Create($input: CreateAccessRequestInput!) {
  createAccessRequest(input: $input) { accessRequest { id status createdAt } userErrors { code field message } }
}`

// ask is the body of a request for the i-th resource, and over again.
func (c *catalog) ask(i int) map[string]any {
	input := map[string]any{
		"items":    []any{map[string]any{"resourceId": c.resources[i%len(c.resources)], "role": "reader"}},
		"duration": "PT1H", "reason": fmt.Sprintf("Look into incident %d: orders are late", i), "ticket": fmt.Sprintf("OPS-%d", i),
	}
	if !c.older {
		input["allowDuplicate"] = true
	}
	return map[string]any{"input": input}
}

// create asks for the i-th resource and returns the request's ID.
func (c *catalog) create(ctx context.Context, g *gatewayProcess, i int) (id string, err error) {
	var made struct {
		CreateAccessRequest struct{ AccessRequest struct{ ID string } }
	}
	err = g.do(ctx, createRequest, c.ask(i), &made)
	return made.CreateAccessRequest.AccessRequest.ID, err
}
