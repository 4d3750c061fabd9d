package access

import (
	"context"
	"time"

	"procyon/policy"
)

// User is a person with an identity here. Passwords are not part of it: see
// the package auth.
type User struct {
	ID    string `json:"id"` // usr_…
	Email string `json:"email"`
	Name  string `json:"name"`
	Admin bool   `json:"admin"`
	// AdminBy is who made them an administrator; zero: it was so from the beginning, or a
	// release made them one that did not keep that.
	AdminBy policy.Stamp `json:"adminBy,omitzero"`
	// Edits are by whom their groups, their manager or whether they are an administrator
	// were changed lately.
	Edits     policy.Edits `json:"edits,omitempty"`
	Disabled  bool         `json:"disabled"`
	CreatedAt time.Time    `json:"createdAt"`
	// Epoch is raised when they are disabled and when they are enabled: sessions and
	// tokens of an earlier one are over for good.
	Epoch int `json:"epoch,omitempty"`
	// Ending says that they were disabled and that what was theirs is still being ended:
	// whoever sees it goes on with that.
	Ending bool `json:"ending,omitempty"`
	// EmailUnproven says that an administrator changed their e-mail address, and EmailMoved
	// that the directory did; the operator has not confirmed it since. See EmailProves.
	EmailUnproven bool `json:"emailUnproven,omitempty"`
	EmailMoved    bool `json:"emailMoved,omitempty"`
	// Identity is who they are at the identity provider, if they signed in there.
	Identity *Identity `json:"identity,omitempty"`
	// Groups are those that they are in, in no order. ClaimsAt is when claims of a sign-in
	// last said which; see Counts.
	Groups   []Membership `json:"groups,omitempty"`
	ClaimsAt time.Time    `json:"claimsAt,omitzero"`
	Manager  *Appointment `json:"manager,omitempty"`
	// Provisioned is what the directory says of them; nil: it knows nothing of them.
	Provisioned *Provisioned `json:"provisioned,omitempty"`
	// Left says that the directory took them away. Unless an administrator keeps them out,
	// their user name and e-mail address are free for somebody else, and whom the directory
	// makes of that name can sign in by their identity at the provider.
	Left bool `json:"left,omitempty"`
	// HandedOver says that the directory may take them over.
	HandedOver bool `json:"handedOver,omitempty"`
	// DisabledBy says who keeps them out: administrators, or the directory alone.
	DisabledBy Source `json:"disabledBy,omitempty"`
	// Human is the ID of the account to which an administrator joined this one and others,
	// or its own; "": to none. A release before joined accounts of one employee in this way,
	// too. Which accounts are one human's AccountsOf says.
	Human string `json:"human,omitempty"`
	// Succeeds are the accounts, deleted by the directory, that had a name of this one when
	// the directory made it: it is taken for the same human's.
	Succeeds []string `json:"succeeds,omitempty"`
	// Apart says that an administrator does not take it for that employee's.
	Apart *Apart `json:"apart,omitempty"`
	Asked string `json:"asked,omitempty"` // the digest of what it was made from, with an idempotency key

	Version uint64 `json:"-"` // how many entries they have
}

// EmailProves tells whether their e-mail address shows who they are: it ties who signs in at
// the identity provider to them, and a Slack account without an administrator's leave. One
// that an administrator changed does so for nobody. One that the directory changed does for
// members, who are whom the directory says, and not for administrators, whom it does not make,
// no matter whether they became one before or after that.
func (u *User) EmailProves() bool { return !u.EmailUnproven && (!u.Admin || !u.EmailMoved) }

// Appointment names a person to whom something was given, and whose doing that was.
type Appointment struct {
	UserID string    `json:"userId"`
	ByID   string    `json:"byId"`
	At     time.Time `json:"at"`
}

// Identity names a person at an identity provider, for good: e-mail addresses change
// hands.
type Identity struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

// SignedIn is what an identity provider says of somebody who just signed in there.
type SignedIn struct {
	Identity
	Email         string
	EmailVerified bool // the provider checked that it is theirs
	Name          string
	// Groups are those that its claims name; nil: it did not say which.
	Groups []string
}

// ServiceAccount is an identity that is not a person's.
type ServiceAccount struct {
	ID        string    `json:"id"` // svc_…
	Name      string    `json:"name"`
	Disabled  bool      `json:"disabled"`
	CreatedAt time.Time `json:"createdAt"`
	// Epoch is raised when it is disabled and when it is enabled: tokens of an earlier one
	// are over for good.
	Epoch int    `json:"epoch,omitempty"`
	Asked string `json:"asked,omitempty"` // the digest of what it was made from, with an idempotency key
}

// NewServiceAccount is a service account to be added.
type NewServiceAccount struct {
	Name           string
	IdempotencyKey *string
}

// TokenIssued is what the journal keeps of a new API token: never the token.
type TokenIssued struct {
	TokenID   string    `json:"tokenId"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

// Directory is the part of the Service that knows identities; the package auth
// builds on it.
type Directory interface {
	// User returns a person by ID, or a NOT_FOUND *Error.
	User(ctx context.Context, id string) (User, error)
	// UserByEmail returns a person by e-mail address (case-insensitive), or a NOT_FOUND *Error.
	UserByEmail(ctx context.Context, email string) (User, error)
	// Actor is a person as who acts, with the rights that they have now.
	Actor(ctx context.Context, u User) (Actor, error)
	// CreateUser makes an identity; DUPLICATE where the e-mail address has one.
	CreateUser(ctx context.Context, by Actor, u NewUser) (User, error)
	// ServiceAccount returns a service account by ID, or a NOT_FOUND *Error.
	ServiceAccount(ctx context.Context, id string) (ServiceAccount, error)
	// EnsureServiceAccount returns the service account of that name, made if absent.
	EnsureServiceAccount(ctx context.Context, by Actor, name string) (ServiceAccount, error)
	// RecordToken writes a token's issue into the journal of its owner (usr_… or svc_…).
	RecordToken(ctx context.Context, by Actor, ownerID string, t TokenIssued) error
	// RecordRevocation writes a token's early end into the journal of its owner.
	RecordRevocation(ctx context.Context, by Actor, ownerID, tokenID string) error
	// RecordPassword writes into a person's journal that they have a new password, and
	// whose doing that was; oneTime says that it only opens the choice of another.
	RecordPassword(ctx context.Context, by Actor, userID string, oneTime bool) error
	// RecordSessionsEnded writes into a person's journal that somebody else ended a session
	// of theirs, or with "" all of them.
	RecordSessionsEnded(ctx context.Context, by Actor, userID, sessionID string, count int) error
}

// NewUser is a person to be added. An idempotency key makes at most one: see NewAccount.
type NewUser struct {
	Email          string
	Name           string
	Admin          bool
	IdempotencyKey *string
}
