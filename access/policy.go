package access

import "time"

// Policy says who may ask for what, for how long, who sees and decides it, and how many
// approvals it takes. Whatever shows a request, lists it, or offers a decision asks it;
// nothing else tells an administrator from anybody else where requests are concerned. Its
// functions are pure. BuiltinPolicy is the only one yet.
type Policy interface {
	// Sight is how many of all requests an actor may see. MaySee agrees with it.
	Sight(by Actor) Sight
	// MaySee tells whether an actor may see a request, whatever its status. Requesters
	// may see their own, and those who may review a request that request.
	MaySee(by Actor, r *Request) bool
	// Approvers are those who are asked for a decision on a request, or its extension.
	// MayReview has the last word on each of them, and lets nobody else: who follows what
	// they may decide is told of what has them among these.
	Approvers(r *Request) Approvers
	// MaxDuration is the longest time that these items may be held at once; of no items,
	// the longest that it allows for anything.
	MaxDuration(items []Item) time.Duration
	// MayReview tells whether an actor may decide a request, or its extension:
	// nil, or an *Error that says why not.
	MayReview(by Actor, r *Request) error
	// ConsoleOnly tells whether a request, or its extension, can be approved in the
	// console alone. To deny it is possible anywhere.
	ConsoleOnly(r *Request) bool
	// MayRevoke tells whether an actor may take a granted access away.
	MayRevoke(by Actor, r *Request) error
	// Verdict says what the reviews amount to: Approve, Deny, or "" for not yet.
	// The last of them is the one just made.
	Verdict(r *Request, reviews []Review) Decision
	// Rule says in words by what a request, or its extension, is decided now. It is written
	// down with each review, so that it can be read what was the rule then.
	Rule(r *Request) string
}

// Sight is how many of all requests somebody may see.
type Sight int

// The kinds of sight.
const (
	// SightOwn is of one's own requests alone.
	SightOwn Sight = iota
	// SightSome is of one's own requests and of others', which MaySee tells one by one.
	SightSome
	// SightAll is of every request. All who have it see the same.
	SightAll
)

// Approvers are people who are asked for a decision.
type Approvers struct {
	Administrators bool     // all administrators
	UserIDs        []string // and these people
}

// DefaultMaxDuration is how long access may last where nothing else is set.
const DefaultMaxDuration = 8 * time.Hour

// BuiltinPolicy lets administrators and services see every request, and others their
// own. It lets any administrator decide, never on their own request; one approval or
// one denial decides.
type BuiltinPolicy struct {
	Longest time.Duration // 0: DefaultMaxDuration
	// ApproveInConsole takes approvals from people who are signed in to the console,
	// and no others: not from Slack, and not by a token.
	ApproveInConsole bool
}

// Sight implements Policy.
func (p BuiltinPolicy) Sight(by Actor) Sight {
	if by.Kind != ActorUser || by.Admin {
		return SightAll
	}
	return SightOwn
}

// MaySee implements Policy.
func (p BuiltinPolicy) MaySee(by Actor, r *Request) bool {
	return p.Sight(by) == SightAll || by.ID == r.Requester.ID
}

// Approvers implements Policy.
func (p BuiltinPolicy) Approvers(*Request) Approvers { return Approvers{Administrators: true} }

// ConsoleOnly implements Policy.
func (p BuiltinPolicy) ConsoleOnly(*Request) bool { return p.ApproveInConsole }

// MaxDuration implements Policy.
func (p BuiltinPolicy) MaxDuration([]Item) time.Duration {
	if p.Longest > 0 {
		return p.Longest
	}
	return DefaultMaxDuration
}

// MayReview implements Policy.
func (p BuiltinPolicy) MayReview(by Actor, r *Request) error {
	if by.Is(r.Requester.ID) {
		return Errorf(CodeSelfReview, "requestId", "You can't review your own request; another administrator has to.")
	}
	if by.Kind != ActorUser || !by.Admin {
		return Errorf(CodeForbidden, "requestId", "Only an administrator can review this request.")
	}
	return nil
}

// MayRevoke implements Policy.
func (p BuiltinPolicy) MayRevoke(by Actor, _ *Request) error {
	if by.Kind != ActorUser || !by.Admin {
		return Errorf(CodeForbidden, "requestId", "Only an administrator can revoke an access.")
	}
	return nil
}

// Verdict implements Policy.
func (p BuiltinPolicy) Verdict(_ *Request, reviews []Review) Decision {
	return reviews[len(reviews)-1].Decision
}

// Rule implements Policy.
func (p BuiltinPolicy) Rule(*Request) string {
	rule := "One administrator who is not the requester decides."
	if p.ApproveInConsole {
		rule += " Approvals are taken in the console alone."
	}
	return rule
}
