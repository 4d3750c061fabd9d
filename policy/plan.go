package policy

import (
	"reflect"
	"slices"

	"procyon/duration"
)

// Plan is by what a request is decided: kept with it, made anew where what it follows from
// changes before the approval, and frozen then.
type Plan struct {
	Version uint64  `json:"version,omitempty"` // of the Set that it was made by
	Tracks  []Track `json:"tracks"`
}

// Track is the items of a request with the same policy and the same approvers.
type Track struct {
	PolicyID    string   `json:"policyId"`
	PolicyName  string   `json:"policyName"`
	ResourceIDs []string `json:"resourceIds"` // of its items: a request has a resource once

	Refused       string           `json:"refused,omitempty"` // why its policy gives it to nobody
	MaxDuration   duration.Seconds `json:"maxDuration,omitempty"`
	NoExtensions  bool             `json:"noExtensions,omitempty"`
	ConsoleOnly   bool             `json:"consoleOnly,omitempty"`
	HideApprovers bool             `json:"hideApprovers,omitempty"`
	SignInWithin  duration.Seconds `json:"signInWithin,omitempty"` // see Guardrail; the shortest of all
	Guardrails    []string         `json:"guardrails,omitempty"`   // the names of those that hold
	Steps         []PlannedStep    `json:"steps,omitempty"`
}

// PlannedStep is a Step with its approvers named.
type PlannedStep struct {
	Name      string     `json:"name,omitempty"`
	Need      int        `json:"need"`
	Approvers []Approver `json:"approvers,omitempty"` // nobody: it is never met
	Guardrail string     `json:"guardrail,omitempty"` // the name of that which asks for it

	// See Step.
	RemindEvery   duration.Seconds `json:"remindEvery,omitempty"`
	EscalateAfter duration.Seconds `json:"escalateAfter,omitempty"`
	EndAfter      duration.Seconds `json:"endAfter,omitempty"`
	Escalation    []Approver       `json:"escalation,omitempty"` // can approve it once it is Escalated
	Escalated     bool             `json:"escalated,omitempty"`
}

// CanApprove are the approvers of now.
func (s *PlannedStep) CanApprove() []Approver {
	if !s.Escalated {
		return s.Approvers
	}
	out := s.Approvers[:len(s.Approvers):len(s.Approvers)]
	for _, a := range s.Escalation {
		if !slices.ContainsFunc(s.Approvers, func(o Approver) bool { return o.ID == a.ID && o.Stamp == a.Stamp }) {
			out = append(out, a)
		}
	}
	return out
}

// Approver is a person or a group that can approve, or Administrators.
type Approver struct {
	ID string `json:"id"`
	// As says by what it is one, where the policy does not name it: Owner or Manager.
	As string `json:"as,omitempty"`
	Stamp
}

const (
	// Administrators stands for all of them as an Approver's ID.
	Administrators = "administrators"
	// Owner is what an Approver is one as who answers for the item.
	Owner = "OWNER"
	// Manager is what an Approver is one as the holder's manager.
	Manager = "MANAGER"
)

// plan names the approvers of a step for an item.
func (s *Step) plan(a *Ask, item *Item, guardrail string) PlannedStep {
	out := PlannedStep{
		Name: s.Name, Need: s.Need, Guardrail: guardrail, Approvers: s.Approvers.named(a, item),
		RemindEvery: s.RemindEvery, EndAfter: s.EndAfter,
	}
	if e := s.Escalation; e != nil {
		out.EscalateAfter, out.Escalation = e.After, e.Approvers.named(a, item)
	}
	return out
}

// named names approvers for an item, each once.
func (s *Approvers) named(a *Ask, item *Item) []Approver {
	var out []Approver
	add := func(x Approver) {
		x.At = x.At.UTC().Round(0) // as it is read back, so that plans compare
		if !slices.ContainsFunc(out, func(o Approver) bool { return o.ID == x.ID }) {
			out = append(out, x)
		}
	}
	for _, id := range slices.Concat(s.UserIDs, s.GroupIDs) {
		add(Approver{ID: id, Stamp: s.Changed})
	}
	if s.Owners {
		for _, o := range item.Owners {
			add(Approver{o.ID, Owner, o.Stamp})
		}
	}
	if s.Manager && a.Manager != nil {
		add(Approver{a.Manager.ID, Manager, a.Manager.Stamp})
	}
	if s.Administrators {
		add(Approver{ID: Administrators, Stamp: s.Changed})
	}
	return out
}

// add puts an item into the track that is just the same, or into one of its own.
func (p *Plan) add(t Track, resourceID string) {
	for i := range p.Tracks {
		same := p.Tracks[i]
		same.ResourceIDs = nil
		if reflect.DeepEqual(same, t) {
			p.Tracks[i].ResourceIDs = append(p.Tracks[i].ResourceIDs, resourceID)
			return
		}
	}
	t.ResourceIDs = []string{resourceID}
	p.Tracks = append(p.Tracks, t)
}

// Same tells whether two plans let the same people decide the same, by whichever version
// of the Set. Caps have no part in it: they are looked at anew whenever something is decided.
// Nor have the times of steps: they are those of when the plan was made.
func (p *Plan) Same(o *Plan) bool {
	a, b := p.deciders(), o.deciders()
	return reflect.DeepEqual(a, b)
}

// Changed are the resources of the items of a plan that another has decided otherwise.
func (p *Plan) Changed(o *Plan) []string {
	a, b := p.deciders(), o.deciders()
	var out []string
	for _, t := range p.Tracks {
		for _, id := range t.ResourceIDs {
			if !reflect.DeepEqual(a[id], b[id]) {
				out = append(out, id)
			}
		}
	}
	return out
}

// decider is by what one item is decided.
type decider struct {
	policyID, refused string
	consoleOnly       bool
	steps             []PlannedStep
}

func (p *Plan) deciders() map[string]decider {
	out := map[string]decider{}
	for _, t := range p.Tracks {
		d := decider{t.PolicyID, t.Refused, t.ConsoleOnly, nil}
		for _, s := range t.Steps {
			d.steps = append(d.steps, s.deciders())
		}
		for _, id := range t.ResourceIDs {
			out[id] = d
		}
	}
	return out
}

// deciders is a step without what has no part in who decides.
func (s PlannedStep) deciders() PlannedStep {
	s.Name, s.RemindEvery, s.EscalateAfter, s.EndAfter = "", 0, 0, 0
	return s
}

// NeedsNobody tells whether nobody has to approve any of it, and nothing is refused.
func (p *Plan) NeedsNobody() bool {
	return len(p.Tracks) > 0 && !slices.ContainsFunc(p.Tracks, func(t Track) bool { return len(t.Steps) > 0 || t.Refused != "" })
}

// Approvers are the IDs of all approvers of all steps, each once, in order: whoever is one
// of them may see the request.
func (p *Plan) Approvers() []string {
	var ids []string
	for _, t := range p.Tracks {
		for _, s := range t.Steps {
			for _, a := range s.CanApprove() {
				ids = append(ids, a.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Names tells whether a person is an approver of some step, whether their review would
// count or not.
func (p *Plan) Names(who *Person) bool {
	return slices.ContainsFunc(p.Approvers(), func(id string) bool {
		_, in := who.in(id)
		return in || id == who.ID || id == Administrators && who.Admin != nil
	})
}

// MaxDuration is the longest that all of it may last; 0: no limit.
func (p *Plan) MaxDuration() (d duration.Seconds) {
	for _, t := range p.Tracks {
		d = shorter(d, t.MaxDuration)
	}
	return d
}

// Track is the one that an item is in; nil where none is.
func (p *Plan) Track(resourceID string) *Track {
	for i := range p.Tracks {
		if slices.Contains(p.Tracks[i].ResourceIDs, resourceID) {
			return &p.Tracks[i]
		}
	}
	return nil
}

// Without is the plan without some items.
func (p *Plan) Without(resourceIDs []string) Plan {
	return p.of(func(id string) bool { return !slices.Contains(resourceIDs, id) })
}

// Only is the plan of some items alone.
func (p *Plan) Only(resourceIDs []string) *Plan {
	out := p.of(func(id string) bool { return slices.Contains(resourceIDs, id) })
	return &out
}

func (p *Plan) of(wanted func(id string) bool) Plan {
	out := Plan{Version: p.Version}
	for _, t := range p.Tracks {
		t.ResourceIDs = slices.DeleteFunc(slices.Clone(t.ResourceIDs), func(id string) bool { return !wanted(id) })
		if len(t.ResourceIDs) > 0 {
			out.Tracks = append(out.Tracks, t)
		}
	}
	return out
}
