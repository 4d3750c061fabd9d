package journal

import (
	"slices"

	"procyon/access"
	"procyon/search"
)

// Trait is one thing that entries have in common and by which a store finds them. It
// is one of four: an Actor, a Subject, a Kind, or a Kind with a Type.
type Trait struct {
	// Actor is who did it: the ID of a person, of a service, or of the server itself.
	// What a service did for a person has the IDs of both.
	Actor string
	// Subject is the ID of the subject that changed.
	Subject string
	// Kind is the subject's.
	Kind access.Kind
	// Type is the entry's. The same word may stand for changes of several kinds, so it
	// goes with a Kind.
	Type string
}

// Has reports whether an entry has the trait.
func (t Trait) Has(e *Entry) bool {
	switch {
	case t.Actor != "":
		return e.Actor.ID == t.Actor || e.Actor.ByID == t.Actor
	case t.Subject != "":
		return e.Subject == t.Subject
	default:
		return access.KindOf(e.Subject) == t.Kind && (t.Type == "" || e.Type == t.Type)
	}
}

// EntryQuery asks for the entries with a trait, in the order of their numbers.
type EntryQuery struct {
	Trait  Trait
	After  uint64 // only those with a greater number
	Before uint64 // only those with a smaller number; 0: all
	Desc   bool   // the newest first
	Limit  int    // how many at most
}

// wants reports whether an entry has what the filter asks for, time aside.
func (f *Filter) wants(e *Entry) bool {
	return (f.Subject == "" || e.Subject == f.Subject) &&
		(f.Actor == "" || Trait{Actor: f.Actor}.Has(e)) &&
		(f.Kinds == nil || slices.Contains(f.Kinds, access.KindOf(e.Subject))) &&
		(f.Types == nil || slices.Contains(f.Types, e.Type)) &&
		(f.Words == nil || !e.lacks(f.Words) && search.Begin(f.Words, e.says()))
}
