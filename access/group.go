package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/policy"
	"procyon/search"
)

// Source says who keeps a group, or put somebody into one.
type Source string

// The sources of groups and memberships.
const (
	SourceLocal Source = "LOCAL" // administrators here
	SourceOIDC  Source = "OIDC"  // the claims with which people sign in at the identity provider
	SourceSCIM  Source = "SCIM"  // the directory
)

// Group is people together. It holds none of them: a membership is kept with the person,
// so that nothing grows with the group.
type Group struct {
	ID         string    `json:"id"` // grp_…
	Name       string    `json:"name"`
	Source     Source    `json:"source"`
	ExternalID string    `json:"externalId,omitempty"` // what its source calls it
	CreatedAt  time.Time `json:"createdAt"`
	ChangedAt  time.Time `json:"changedAt"` // its name, or who is in it
	Deleted    bool      `json:"deleted,omitempty"`
	// Change is a change of its members that is still being made. Whoever sees it goes on
	// with that.
	Change *MembersChange `json:"change,omitempty"`
	Asked  string         `json:"asked,omitempty"` // the digest of what it was made from, with an idempotency key

	Version uint64 `json:"-"` // how many entries it has
}

// MembersChange is who is to be in a group and who no longer. Of a group that was deleted
// nobody is to be.
type MembersChange struct {
	Add    []string  `json:"add,omitempty"` // of people
	Remove []string  `json:"remove,omitempty"`
	ByID   string    `json:"byId"` // whose doing it is
	At     time.Time `json:"at"`
	// Name and ExternalID are what the group is called from then on; nil: as before.
	Name       *string `json:"name,omitempty"`
	ExternalID *string `json:"externalId,omitempty"`
}

// Entries of a group, besides those of all that is made, changed and deleted.
const (
	typeMembersChanging = "MEMBERS_CHANGING" // a MembersChange
	typeMembersChanged  = "MEMBERS_CHANGED"  // MembersChanged: it is made
)

// MembersChanged is what became of a MembersChange. It counts whom those changed who finished
// it: where a server went on with it, others may have been changed before.
type MembersChanged struct {
	Added   int       `json:"added,omitempty"`
	Removed int       `json:"removed,omitempty"`
	At      time.Time `json:"at"`
}

// Named implements State.
func (*Group) Named() Naming { return Naming{KindGroup, "group"} }

// Ended says that it was deleted.
func (g *Group) Ended() bool { return g.Deleted }

func (g *Group) madeFrom() string { return g.Asked }

func (g *Group) at(version uint64) { g.Version = version }

// Apply implements State.
func (g *Group) Apply(typ string, data []byte) error {
	switch typ {
	case typeMembersChanging:
		g.Change = &MembersChange{}
		err := json.Unmarshal(data, g.Change)
		g.ChangedAt = g.Change.At
		if n := g.Change.Name; n != nil {
			g.Name = *n
		}
		if n := g.Change.ExternalID; n != nil {
			g.ExternalID = *n
		}
		return err
	case typeMembersChanged:
		g.Change = nil
		return nil
	case typeDeleted:
		g.Deleted, g.Change = true, &MembersChange{}
		return json.Unmarshal(data, g.Change)
	}
	return applyCatalog(g, typ, data, nil)
}

// Index implements State.
func (g *Group) Index() (string, []string) {
	var terms []string
	if g.Change != nil {
		terms = append(terms, groupChangeTerm)
	}
	if g.Deleted {
		return Fold(g.Name), terms
	}
	terms = append(terms, groupsTerm, groupNameTerm(g.Source, g.Name))
	if g.ExternalID != "" {
		terms = append(terms, groupExternalTerm(g.Source, g.ExternalID))
	}
	if g.Source == SourceSCIM {
		terms = append(terms, scimGroupsTerm)
	}
	return Fold(g.Name), terms
}

// Listing implements Listed.
func (g *Group) Listing() (Listing, bool) {
	return Listing{Name: g.Name, Also: g.ExternalID, Tags: []string{sourceTag(g.Source)}}, !g.Deleted
}

const (
	groupsTerm      = "grp/"
	scimGroupsTerm  = "grp/scim"
	groupChangeTerm = "grp/changing" // whose members are still being changed
)

func groupNameTerm(s Source, name string) string {
	return fmt.Sprintf("grp/name=%s/%s", s, search.CaseFold(name))
}

func groupExternalTerm(s Source, id string) string { return fmt.Sprintf("grp/external=%s/%s", s, id) }

func sourceTag(s Source) string { return "source=" + string(s) }

// Membership is that somebody is in a group. It is kept with the person, and says whose
// doing it was: a right that somebody gave themselves may not count at once.
type Membership struct {
	GroupID string    `json:"groupId"`
	Source  Source    `json:"source"`
	ByID    string    `json:"byId"`
	At      time.Time `json:"at"`
}

const (
	// MaxGroups is how many groups a person can be in.
	MaxGroups = 1000
	// ClaimsHold is how long what somebody's sign-in at the identity provider said of their
	// groups counts. Then only signing in again says it.
	ClaimsHold = 24 * time.Hour
)

// groupsChange is the entry of a person whose groups change.
type groupsChange struct {
	Add    []Membership `json:"add,omitempty"`
	Remove []string     `json:"remove,omitempty"` // IDs of groups
	// ClaimsAt is when the claims of a sign-in said all of that; zero: it was no sign-in.
	ClaimsAt time.Time `json:"claimsAt,omitzero"`
	// Edit is whose doing it is, where it is a person's here.
	Edit policy.Stamp `json:"edit,omitzero"`
}

const typeGroupsChanged = "GROUPS_CHANGED"

func (u *User) applyGroups(data []byte) error {
	var c groupsChange
	if err := json.Unmarshal(data, &c); err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(u.Groups), func(m Membership) bool { return slices.Contains(c.Remove, m.GroupID) })
	u.Groups = append(left, c.Add...)
	if len(u.Groups) == 0 {
		u.Groups = nil
	}
	if !c.ClaimsAt.IsZero() {
		u.ClaimsAt = c.ClaimsAt
	}
	if c.Edit.ByID != "" {
		u.Edits = u.Edits.With(c.Edit)
	}
	return nil
}

// In tells whether a person is in a group, whether that counts or not.
func (u *User) In(groupID string) bool {
	return slices.ContainsFunc(u.Groups, func(m Membership) bool { return m.GroupID == groupID })
}

// Counts tells whether a membership of the person counts at a time: those from claims do
// for a day after a sign-in, and none of who left, whom an older release left in groups.
func (u *User) Counts(m Membership, now time.Time) bool {
	return !u.Left && (m.Source != SourceOIDC || now.Before(u.ClaimsAt.Add(ClaimsHold)))
}

// GroupIDs are the groups in which a person counts at a time, in order.
func (u *User) GroupIDs(now time.Time) []string {
	var ids []string
	for _, m := range u.Groups {
		if u.Counts(m, now) {
			ids = append(ids, m.GroupID)
		}
	}
	slices.Sort(ids)
	return ids
}

// rights are the memberships that count at a time, in order, with who gave them. What the
// directory or the identity provider says is nobody's doing here.
func (u *User) rights(now time.Time) []policy.Right {
	var out []policy.Right
	for _, m := range u.Groups {
		if !u.Counts(m, now) {
			continue
		}
		r := policy.Right{ID: m.GroupID}
		if m.Source == SourceLocal {
			r.Stamp = policy.Stamp{ByID: m.ByID, At: m.At}
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b policy.Right) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// memberTerm lists the people who are in a group.
func memberTerm(groupID string) string { return "usr/group=" + groupID }
