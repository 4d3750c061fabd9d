package access

import (
	"slices"
	"time"

	"procyon/policy"
)

// Actor is who does something: a person, a service acting for itself or for a
// person, or the server itself. It is stored with every entry.
type Actor struct {
	Kind   ActorKind `json:"kind"`
	ID     string    `json:"id"`              // usr_… or svc_…; "system" for the server
	Name   string    `json:"name"`            // as it was then
	Email  string    `json:"email,omitempty"` // people only
	Via    string    `json:"via,omitempty"`   // how it came in: ViaConsole, "api", "slack", "system" or "cli"
	ByID   string    `json:"byId,omitempty"`  // the service that acted for this person
	ByName string    `json:"byName,omitempty"`
	Import string    `json:"import,omitempty"` // the import of the catalog (imp_…) of which this is a part

	Admin bool `json:"-"` // rights now, not history
	// AdminBy is who made a person an administrator, as far as that is known.
	AdminBy policy.Stamp   `json:"-"`
	Groups  []policy.Right `json:"-"` // the groups in which a person counts now, by ID
	// RightsUntil is when some of these groups count no longer; zero: as long as nobody
	// changes them.
	RightsUntil time.Time `json:"-"`
	// SameHuman are the other accounts of the human whose account it is, in the order of
	// their IDs. ManyAccounts says that there are more than are followed, so that nothing is
	// known not to be theirs: see NotOwn.
	SameHuman    []string `json:"-"`
	ManyAccounts bool     `json:"-"`
	Scopes       []string `json:"-"` // what a token allows; nil for a session, which allows all that the person may do
	// SignedInAt is when the person proved who they are to begin the session; zero: there is
	// none, or that is not known.
	SignedInAt time.Time `json:"-"`
}

// ViaConsole is an actor's Via for people who are signed in to the console.
const ViaConsole = "console"

// ActorKind tells people from services and from the server itself.
type ActorKind string

// The kinds of actors.
const (
	ActorUser    ActorKind = "USER"
	ActorService ActorKind = "SERVICE"
	ActorSystem  ActorKind = "SYSTEM"
)

// ActorOf is a person, with what their account alone says of their rights. Who acts by a
// session or a token is made by Subjects.Actor, which knows their groups and other accounts.
func ActorOf(u User) Actor {
	return Actor{Kind: ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin, AdminBy: u.AdminBy}
}

// SameRights tells whether two states of one actor may do the same.
func (a *Actor) SameRights(b Actor) bool {
	return a.Admin == b.Admin && a.AdminBy == b.AdminBy && slices.Equal(a.Groups, b.Groups) && slices.Equal(a.SameHuman, b.SameHuman) && a.ManyAccounts == b.ManyAccounts
}
