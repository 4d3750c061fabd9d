package policy

import (
	"slices"
	"time"

	"procyon/duration"
)

// Ask is what is asked for, with the facts that decide it. Names are for conditions alone.
type Ask struct {
	Holder   Person
	Manager  *Right // of the holder; nil: nobody
	Items    []Item
	Duration duration.Seconds
	StartsAt time.Time // zero: as soon as it is approved
	Reason   string
	Ticket   string
	Now      time.Time
	// Gone names what policies name and is there no more, by its ID: see Set.RestsOn.
	Gone map[string]bool
}

// Person is somebody with the rights that they have now.
type Person struct {
	ID    string
	Name  string
	Email string
	// Accounts are those of the same human, the person's own among them.
	Accounts []string
	Groups   []Right // the groups in which they count
	Admin    *Right  // nil: no administrator
	Edits    Edits   // of their groups, their manager and whether they are an administrator
}

// Right is a right that somebody has, and whose doing that was.
type Right struct {
	ID string `json:"id"` // the group, or the owner or manager
	Stamp
}

// Item is one thing asked for: a resource, with a role where it has any.
type Item struct {
	ResourceID string
	Resource   string // its name
	Kind       string
	Role       string
	AccountID  string
	Account    string
	GatewayID  string
	Gateway    string
	Tags       []Tag
	// Owners are the resource's; where it has none those of its account or gateway.
	Owners []Right
	Edits  Edits // of the resource, and of its account or gateway
}

// is tells whether two accounts are one human's.
func (p *Person) is(id string) bool { return p.ID == id || slices.Contains(p.Accounts, id) }

// accounts are all of the human's.
func (p *Person) accounts() []string {
	if slices.Contains(p.Accounts, p.ID) {
		return p.Accounts
	}
	return append(slices.Clone(p.Accounts), p.ID)
}

func (p *Person) in(groupID string) (Right, bool) {
	for _, g := range p.Groups {
		if g.ID == groupID {
			return g, true
		}
	}
	return Right{}, false
}

// GroupIDs are the IDs of the groups that count for limits: without those that the person
// put themselves into within a day, so that nobody gets out of a limit so.
func (p *Person) GroupIDs(now time.Time) []string {
	mine, ids := p.accounts(), make([]string, 0, len(p.Groups))
	for _, g := range p.Groups {
		if !g.tooNewFor(mine, now) {
			ids = append(ids, g.ID)
		}
	}
	return ids
}
