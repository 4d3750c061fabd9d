package scim

import (
	"context"
	"slices"
	"time"
)

// Directory keeps people and groups. Its methods may be called at once.
//
// Whatever it refuses it says as an *Error, which is answered as it is; any other error is
// answered as 500 without detail, and logged. NotFound is for what is not there, or is not
// the directory's to see.
type Directory interface {
	// User returns one person.
	User(ctx context.Context, id string) (User, error)
	// Users returns the page of those who meet the query, in an order that stays the same
	// while nobody is created or deleted.
	Users(ctx context.Context, q UserQuery) (Page[User], error)
	// CreateUser keeps a new person, and gives the ID, version and times.
	CreateUser(ctx context.Context, u User) (User, error)
	// UpdateUser replaces a person by what change makes of it, in one step: where somebody
	// else changed the person in between, change is called again with what is then. Its
	// error ends the update, with nothing changed. ID, Version, Created, Modified and Groups
	// of its result are ignored; a result that is otherwise the same changes nothing.
	UpdateUser(ctx context.Context, id string, change func(User) (User, error)) (User, error)
	// DeleteUser deletes a person if check, called like change, has no error.
	DeleteUser(ctx context.Context, id string, check func(User) error) error

	// Group returns one group.
	Group(ctx context.Context, id string) (Group, error)
	// Groups is to groups what Users is to people.
	Groups(ctx context.Context, q GroupQuery) (Page[Group], error)
	// Members returns the first members of a group, at most limit, and whether there are more.
	Members(ctx context.Context, id string, limit int) (members []Reference, more bool, err error)
	// CreateGroup keeps a new group with these members, or none of it. members has no ID
	// twice. Who is nobody's ID is an InvalidValue.
	CreateGroup(ctx context.Context, g Group, members []string) (Group, error)
	// UpdateGroup changes a group and its members as a whole, or nothing of it; change is
	// called as in UpdateUser. To add who is a member and to remove who is none is no error;
	// to add nobody's ID is an InvalidValue, to remove it is not.
	UpdateGroup(ctx context.Context, id string, change func(Group) (Group, MemberChange, error)) (Group, error)
	// DeleteGroup deletes a group, not its members, if check has no error.
	DeleteGroup(ctx context.Context, id string, check func(Group) error) error
}

// User is a person as the protocol sees one. A text that is "" has no value.
type User struct {
	ID string
	// Version changes with each change. It is opaque, printable, and without quotes.
	Version           string
	Created, Modified time.Time

	UserName    string // never ""; unique without case
	ExternalID  string
	Active      bool
	Name        Name
	DisplayName string
	Title       string
	// Emails has at most one that is Primary, and no two of the same type and value.
	Emails []Email

	EmployeeNumber string
	Department     string
	ManagerID      string

	// Groups are those that the person is a member of. The directory says them; nobody
	// changes them by changing the person.
	Groups []Reference
}

// Name has the parts of a person's name.
type Name struct {
	Formatted, FamilyName, GivenName, MiddleName, HonorificPrefix, HonorificSuffix string
}

// Email is one of a person's addresses. Value is never "".
type Email struct {
	Value, Type, Display string
	Primary              bool
}

// PrimaryEmail is the address that is primary, else the first of type work, else the first;
// "" where there is none.
func (u User) PrimaryEmail() string {
	i := slices.IndexFunc(u.Emails, func(e Email) bool { return e.Primary })
	if i < 0 {
		i = slices.IndexFunc(u.Emails, func(e Email) bool { return Fold(e.Type) == "work" })
	}
	if len(u.Emails) == 0 {
		return ""
	}
	return u.Emails[max(i, 0)].Value
}

// Group is a group without its members.
type Group struct {
	ID string
	// Version changes with each change, also of the members; see User.
	Version           string
	Created, Modified time.Time

	DisplayName string // never ""
	ExternalID  string
}

// Reference names a person or a group. Name may be "".
type Reference struct {
	ID, Name string
}

// MemberChange says who becomes a member and who is one no more. No ID is there twice, and
// Add and Remove together have at most MaxMembers.
type MemberChange struct {
	// Replace: the members are then those in Add and nobody else, and Remove is empty.
	Replace     bool
	Add, Remove []string
}

// Empty reports whether c changes nobody.
func (c MemberChange) Empty() bool {
	return !c.Replace && len(c.Add) == 0 && len(c.Remove) == 0
}

// MaxMembers is how many members one request can add and remove, and one answer can list.
const MaxMembers = 10_000

// MaxPage is how many resources one page of a list has at most.
const MaxPage = 200

// UserQuery asks for a page of people.
type UserQuery struct {
	// Filter is the filter as it was asked; "" where there is none. Queries of the same Filter
	// find the same, so what was found for one page can serve the next.
	Filter string
	// Must holds for everybody who meets the filter, so that an index can find them. It need
	// not be used: Match says all of it again.
	Must []Equality
	// Match decides; nil matches all. It reads all fields of a User, Groups too, and may be
	// called at once. A directory that would have to look at too many answers TooMany.
	Match func(User) bool
	// Skip is how many of those who match come before the page, Count how many it has at
	// most; with 0 it is only asked how many match.
	Skip, Count int
}

// GroupQuery asks for a page of groups.
type GroupQuery struct {
	Filter string // as in UserQuery
	Must   []Equality
	Match  func(Group) bool
	// Members are people of whom all are members of each group that is found. Match knows
	// nothing of them.
	Members     []string
	Skip, Count int
}

// Equality is a condition that an index can answer. Values are compared without case, as
// Fold has it, but those of ByID, ByExternalID, ByGroup and ByManager exactly.
type Equality struct {
	By    By
	Value string
}

// By is what an Equality compares.
type By int

// What an Equality compares. ByEmail is any of a person's addresses, ByGroup any of a
// person's groups.
const (
	ByID By = iota + 1
	ByUserName
	ByExternalID
	ByDisplayName
	ByEmail
	ByGroup
	ByManager
)

// Page is a part of a list. Total is how many match in all.
type Page[R any] struct {
	Resources []R
	Total     int
}
