// Package graph is the GraphQL API: what gqlgen generates from schema/, one file
// of thin resolvers for each noun, and the rules that hold for all of them: who
// may call (directive.go), how failures look (error.go), how lists page (page.go).
// It knows no store: resolvers call the domain's services.
package graph
