// Package errorcode is the table of the codes that the API's failures have: what each
// means, and what to do. The page /errors and docs/errors.md are made of it.
//
// A GraphQL error has its code in extensions.code, and in extensions.documentation where
// that is explained, relative to the URL of the API; an expected failure of a mutation
// has it in userErrors.
package errorcode

import (
	"slices"
	"strings"
)

//go:generate go run procyon/graph/errorcode/write ../../docs/errors.md

// Place is where a code comes.
type Place string

// The places.
const (
	InPayload Place = "in the userErrors of a mutation's payload"
	InErrors  Place = "in the errors of an answer"
	InBoth    Place = "in the userErrors of a mutation's payload, and in the errors of an answer"
)

// Code is one code, and what a client does about it.
type Code struct {
	Name  string
	Place Place
	Means string // sentences, in Markdown
	Do    string // likewise
	// Again: the same call, unchanged, may succeed later.
	Again bool
}

// All returns the codes by name.
func All() []Code {
	list := slices.Clone(codes)
	slices.SortFunc(list, func(a, b Code) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Documentation is where a code is explained, as a reference relative to the URL of the
// API.
func Documentation(code string) string { return "errors#" + code }

// Known tells whether a code is in the table.
func Known(code string) bool {
	return slices.ContainsFunc(codes, func(c Code) bool { return c.Name == code })
}

// Markdown is the text of docs/errors.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`<!-- Made by "make generate" of the table in graph/errorcode. -->
# Error codes

Expected failures of a mutation are in its payload's ` + "`userErrors`" + `, beside an object that is ` + "`null`" + `. Everything else is a GraphQL error: its code is in ` + "`extensions.code`" + `, and ` + "`extensions.documentation`" + ` links to its place in this list, which every server has at ` + "`/errors`" + `, relative to the URL of the API. The message is for a person. How to deal with them in general: [the API](api.md#what-went-wrong).

"Again" says that the same call, unchanged, may succeed later.

| code | where | means | what to do | again |
|---|---|---|---|---|
`)
	for _, c := range All() {
		again := ""
		if c.Again {
			again = "yes"
		}
		b.WriteString("| `" + c.Name + "` | " + string(c.Place) + " | " + c.Means + " | " + c.Do + " | " + again + " |\n")
	}
	return b.String()
}
