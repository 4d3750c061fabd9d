// Package access is the domain: who may have which privileged access, for how
// long, and who decides. It holds the nouns (Account, Gateway, Resource,
// Integration, Request, User), the pure functions that decide a command
// against the current state and apply what was decided, and the Service that
// puts them to work over a log and its views.
//
// One command changes one subject by one entry of the log, so nothing is ever
// half done. The package imports the standard library only; the log, the
// clock, the IDs and the secrets' cipher are given to the Service.
package access
