// Package subject is the table of what the product's journal holds: one row a room. Who
// opens, rebuilds or replays a journal takes it from here.
package subject

import (
	"maps"

	"procyon/access"
	"procyon/catalogimport"
	"procyon/slackworkspace"
)

// Kinds are all kinds of subjects. A kind of a room is a row in that room's own list.
func Kinds() access.Kinds {
	return access.NewKinds(
		access.OwnKinds(),
		catalogimport.Kinds(),
		slackworkspace.Kinds(),
	)
}

// NameTerms are the terms under which a store has all subjects of each kind that is found by
// its name.
func NameTerms() map[access.Kind][]string {
	terms := access.NameTerms()
	maps.Copy(terms, slackworkspace.NameTerms())
	return terms
}
