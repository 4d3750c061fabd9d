// Package access is the domain: who may have which privileged access, for how
// long, and who decides. It holds the nouns (Account, Gateway, Resource,
// Integration, Request, User), the pure functions that decide a command
// against the current state and apply what was decided, and the Service that
// puts them to work over a log and its views.
//
// One command changes one subject by one entry of the log, so nothing is ever
// half done: see Update. Other rooms of the domain do it in the same way for kinds
// of subjects of their own, on a Subjects: this package does not know them, and
// states in Options what it asks of them. The package imports the standard library
// and the words of stores (package store) only; the log, the clock, the IDs and the
// secrets' cipher are given to it.
package access
