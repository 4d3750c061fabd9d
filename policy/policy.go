// Package policy says who may hold what, who decides it in which steps, and which limits
// hold for everybody. All of it is pure: a Set and the facts give a Plan and what is
// refused; a Plan and the reviews give how it stands. It knows no store and no clock.
//
// Policies are one ordered list: the first that matches an item by who would hold it and by
// what it is governs it, and nothing that a requester chooses beside the item has a part in
// that. Guardrails have no order: all that match hold, and they only tighten.
package policy

import (
	"reflect"
	"slices"
	"time"

	"procyon/duration"
)

// Set is all guardrails and policies that are in force together.
type Set struct {
	Guardrails []Guardrail `json:"guardrails,omitempty"`
	Policies   []Policy    `json:"policies"` // the last one is for everyone and everything
	// Edits are by whom it was changed lately.
	Edits Edits `json:"edits,omitempty"`
}

// Policy says what people can hold, for how long, and who approves it.
type Policy struct {
	ID   string `json:"id"` // unique in a Set; CatchAllID for that which every Set begins with
	Name string `json:"name"`
	Who  Who    `json:"who"`
	What What   `json:"what"`

	Refuse       string           `json:"refuse,omitempty"` // why nobody gets it; "": they do, by Steps
	MaxDuration  duration.Seconds `json:"maxDuration,omitempty"`
	MaxAhead     duration.Seconds `json:"maxAhead,omitempty"` // until the start; 0: as far as any request
	NoExtensions bool             `json:"noExtensions,omitempty"`
	MinReason    int              `json:"minReason,omitempty"` // characters; 0: as few as any request
	Ticket       *Ticket          `json:"ticket,omitempty"`    // nil: none is needed
	ConsoleOnly  bool             `json:"consoleOnly,omitempty"`
	// HideApprovers keeps from requesters who is asked.
	HideApprovers bool   `json:"hideApprovers,omitempty"`
	Steps         []Step `json:"steps,omitempty"` // none: nobody has to approve
}

// CatchAllID is the ID of the policy with which every Set begins, and ends.
const CatchAllID = "pol_default"

// Guardrail is a limit that holds for everybody whom it does not except.
type Guardrail struct {
	ID     string `json:"id"` // unique in a Set
	Name   string `json:"name"`
	Except Who    `json:"except"`
	What   What   `json:"what"`
	// Condition is a CEL expression: the guardrail holds where it is true, or can't be
	// evaluated. "": always.
	Condition string `json:"condition,omitempty"`

	// What it does, one of these at least.
	Refuse      string           `json:"refuse,omitempty"`      // why nobody gets it
	MaxDuration duration.Seconds `json:"maxDuration,omitempty"` // caps
	ConsoleOnly bool             `json:"consoleOnly,omitempty"` // approvals are taken in the console alone
	// SignInWithin is how long ago whoever approves signed in, at most, and in the console
	// alone; 0: that does not matter.
	SignInWithin duration.Seconds `json:"signInWithin,omitempty"`
	Step         *Step            `json:"step,omitempty"` // has to be met, after the policy's own
}

// Who names people. Nobody, where all is empty.
type Who struct {
	Everyone bool     `json:"everyone,omitempty"`
	UserIDs  []string `json:"userIds,omitempty"`
	GroupIDs []string `json:"groupIds,omitempty"`
}

// What names items: those at one of these places (accounts, gateways and resources
// together; none: anywhere), of one of these kinds, with one of these roles, and with all
// of these tags.
type What struct {
	AccountIDs  []string `json:"accountIds,omitempty"`
	GatewayIDs  []string `json:"gatewayIds,omitempty"`
	ResourceIDs []string `json:"resourceIds,omitempty"`
	Kinds       []string `json:"kinds,omitempty"`
	Roles       []string `json:"roles,omitempty"`
	Tags        []Tag    `json:"tags,omitempty"`
}

// Tag is what a resource is marked with. "" as a value means the tag without one.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

// Ticket is which tickets a policy takes.
type Ticket struct {
	Pattern string `json:"pattern,omitempty"` // a regular expression (RE2) for all of the ticket; "": any
	Example string `json:"example,omitempty"` // one that matches, for people
}

// Step is one stage: so many humans of these approvers.
type Step struct {
	Name      string    `json:"name,omitempty"`
	Need      int       `json:"need"`
	Approvers Approvers `json:"approvers"`

	// What time does while the step waits. It never approves.
	RemindEvery duration.Seconds `json:"remindEvery,omitempty"` // those who can approve, MaxReminders times; 0: never
	Escalation  *Escalation      `json:"escalation,omitempty"`  // nil: there is none
	EndAfter    duration.Seconds `json:"endAfter,omitempty"`    // nothing waits for longer; 0: see Request.DecideBy
}

// Escalation is who can approve a step as well, once it has waited for some time.
type Escalation struct {
	After     duration.Seconds `json:"after"`
	Approvers Approvers        `json:"approvers"`
}

// approvers are all those of a step, by name and in place, sooner or later.
func (s *Step) approvers() []*Approvers {
	if s.Escalation == nil {
		return []*Approvers{&s.Approvers}
	}
	return []*Approvers{&s.Approvers, &s.Escalation.Approvers}
}

// ids are those of all people and groups that a step names.
func (s *Step) ids() (ids []string) {
	for _, a := range s.approvers() {
		ids = slices.Concat(ids, a.UserIDs, a.GroupIDs)
	}
	return ids
}

// own is a copy that shares nothing which stamp changes.
func (s Step) own() Step {
	if s.Escalation != nil {
		e := *s.Escalation
		s.Escalation = &e
	}
	return s
}

// Approvers says who can approve. Administrators can only where they are named.
type Approvers struct {
	UserIDs        []string `json:"userIds,omitempty"`
	GroupIDs       []string `json:"groupIds,omitempty"`
	Administrators bool     `json:"administrators,omitempty"`
	Owners         bool     `json:"owners,omitempty"`  // of the item: see Item.Owners
	Manager        bool     `json:"manager,omitempty"` // of who would hold it
	// Changed is who last changed them.
	Changed Stamp `json:"changed"`
}

// Stamp is whose doing something was, and when.
type Stamp struct {
	ByID string    `json:"byId,omitempty"` // usr_…, svc_… or "system"
	At   time.Time `json:"at,omitzero"`
}

// TooNew is how long a right has to be somebody's before it counts for or with whoever gave
// it: who gives themselves, or an accomplice, a right can't use it at once and unseen.
const TooNew = 24 * time.Hour

// tooNewFor tells whether what is stamped counts for nothing where one of these accounts
// has something of it.
func (s Stamp) tooNewFor(accounts []string, now time.Time) bool {
	return s.ByID != "" && now.Before(s.At.Add(TooNew)) && slices.Contains(accounts, s.ByID)
}

// Edits are by whom something was changed lately, each once: whoever changed what allows an
// access doesn't get it within a day without another human's review.
type Edits []Stamp

const (
	// maxEdits is how many are kept, the newest.
	maxEdits = 20
	// anybody is by whom those were that are not kept: by many others nobody gets out of it.
	anybody = "anybody"
)

// With is the edits with one more, the newest first; those that no longer matter are left
// out.
func (e Edits) With(s Stamp) Edits {
	out := Edits{s}
	for _, o := range e {
		switch {
		case o.ByID == s.ByID || !s.At.Before(o.At.Add(TooNew)):
		case len(out) < maxEdits:
			out = append(out, o)
		default:
			last := &out[maxEdits-1]
			last.ByID = anybody
			if last.At.Before(o.At) {
				last.At = o.At
			}
		}
	}
	return out
}

// And are these and others together.
func (e Edits) And(others Edits) Edits {
	if len(others) == 0 {
		return e
	}
	return slices.Concat(e, others)
}

// by tells whether one of these accounts made one of them within a day.
func (e Edits) by(accounts []string, now time.Time) bool {
	return slices.ContainsFunc(e, func(s Stamp) bool {
		return s.tooNewFor(accounts, now) || s.tooNewFor([]string{anybody}, now)
	})
}

// Stamp says who changed what: it notes the edit, and gives approvers who are not those of
// before, in the same place of the same policy or guardrail, its stamp.
func (s *Set) Stamp(before *Set, by Stamp) {
	s.Edits = before.Edits.With(by)
	for i := range s.Policies {
		p := &s.Policies[i]
		p.Steps = slices.Clone(p.Steps)
		var old []Step
		if n := slices.IndexFunc(before.Policies, func(o Policy) bool { return o.ID == p.ID }); n >= 0 {
			old = before.Policies[n].Steps
		}
		for n := range p.Steps {
			p.Steps[n] = p.Steps[n].own()
			p.Steps[n].stamp(old[min(n, len(old)):], by)
		}
	}
	for i := range s.Guardrails {
		g := &s.Guardrails[i]
		if g.Step == nil {
			continue
		}
		step := g.Step.own()
		g.Step = &step
		var old []Step
		if n := slices.IndexFunc(before.Guardrails, func(o Guardrail) bool { return o.ID == g.ID }); n >= 0 && before.Guardrails[n].Step != nil {
			old = []Step{*before.Guardrails[n].Step}
		}
		step.stamp(old, by)
	}
}

// stamp takes the stamps of the first of the old steps where that has the same approvers.
func (s *Step) stamp(old []Step, by Stamp) {
	var was []*Approvers
	if len(old) > 0 {
		was = old[0].approvers()
	}
	for i, a := range s.approvers() {
		a.Changed = by
		if i < len(was) && reflect.DeepEqual(was[i].sorted(), a.sorted()) {
			a.Changed = was[i].Changed
		}
	}
}

// Same tells whether two sets say the same, whoever made them: nothing differs, as Diff says.
func (s *Set) Same(o *Set) bool { return len(s.Diff(o)) == 0 }

// Names are the IDs of all that a set names, each once, in order.
func (s *Set) Names() []string {
	var ids []string
	for i := range s.Policies {
		ids = append(ids, s.Policies[i].Names()...)
	}
	for i := range s.Guardrails {
		ids = append(ids, s.Guardrails[i].Names()...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Default is the Set with which a store begins: any administrator decides, one approval is
// enough.
func Default(longest duration.Seconds, minReason int) Set {
	return Set{Policies: []Policy{{
		ID: CatchAllID, Name: "Everything else", Who: Who{Everyone: true}, MaxDuration: longest, MinReason: minReason,
		Steps: []Step{{Need: 1, Approvers: Approvers{Administrators: true}}},
	}}}
}
