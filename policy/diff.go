package policy

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"procyon/phrase"
)

// Change is one thing that differs between two versions of a Set.
type Change struct {
	Kind      ChangeKind
	Guardrail bool // it is a guardrail; else a policy
	ID        string
	Name      string // the newer one, where both versions have it
	Was       string // the name before, where it is another
	Edits     []Edit // what was edited; of what was added or removed all that it says
	From, To  int    // the places of a policy in the list, from 1; 0: it was not there
}

// Edit is a part of a policy or guardrail that a change is of.
type Edit struct {
	Field         string // as the JSON of a Set calls it
	Before, After Said   // nil: there was none
}

// Label says in words what the field is.
func (e *Edit) Label() string { return fieldWords[e.Field] }

// ChangeKind is what was done.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "ADDED"
	Removed ChangeKind = "REMOVED"
	Moved   ChangeKind = "MOVED" // before or behind others that both versions have
	Edited  ChangeKind = "EDITED"
)

// Diff says what was changed from this version of a Set to another, by the IDs of policies
// and guardrails: first what was removed, then the rest in the order of the newer version.
// As few policies as possible count as moved. Whose doing it was, and the order within lists
// that have none, are no change.
func (s *Set) Diff(newer *Set) []Change {
	return append(diff(s.Policies, newer.Policies, policyFields, false), diff(s.Guardrails, newer.Guardrails, guardrailFields, true)...)
}

// String says a change in a sentence for people.
func (c Change) String() string {
	what := "the policy " + c.Name
	if c.Guardrail {
		what = "the guardrail " + c.Name
	}
	switch {
	case c.Kind == Added && !c.Guardrail:
		return fmt.Sprintf("Added %s at place %d.", what, c.To)
	case c.Kind == Added:
		return fmt.Sprintf("Added %s.", what)
	case c.Kind == Removed:
		return fmt.Sprintf("Removed %s.", what)
	case c.Kind == Moved:
		return fmt.Sprintf("Moved %s from place %d to place %d.", what, c.From, c.To)
	}
	words := make([]string, len(c.Edits))
	for i := range c.Edits {
		words[i] = c.Edits[i].Label()
		if c.Edits[i].Field == "name" {
			words[i] += ", which was " + c.Was
		}
	}
	return fmt.Sprintf("Edited %s: %s.", what, phrase.Listed(words, "and"))
}

// field is a part of a policy or guardrail, by what two versions of it are told apart.
type field[E any] struct {
	name string
	of   func(*E) any
	said func(*E) Said
	// always says that it is told of what was added or removed even where it is empty,
	// which means something.
	always bool
}

var fieldWords = map[string]string{
	"name": "its name", "who": "whom it is for", "except": "whom it excepts", "what": "what it is for", "condition": "its condition",
	"refuse": "whether it refuses, or why", "maxDuration": "the longest time", "maxAhead": "how far ahead access can start",
	"noExtensions": "whether access can be extended", "minReason": "how long a reason has to be", "ticket": "which tickets it takes",
	"consoleOnly": "whether approvals are taken in the console alone", "signInWithin": "how long ago whoever approves signed in", "hideApprovers": "whether requesters see who is asked",
	"steps": "who has to approve", "step": "who has to approve",
}

var policyFields = []field[Policy]{
	{name: "name", of: func(p *Policy) any { return p.Name }, said: func(p *Policy) Said { return text("%s", p.Name) }},
	{name: "who", of: func(p *Policy) any { return p.Who.sorted() }, said: func(p *Policy) Said { return p.Who.said() }, always: true},
	{name: "what", of: func(p *Policy) any { return p.What.sorted() }, said: func(p *Policy) Said { return p.What.said() }, always: true},
	{name: "refuse", of: func(p *Policy) any { return p.Refuse }, said: func(p *Policy) Said { return saidRefusal(p.Refuse) }},
	{name: "maxDuration", of: func(p *Policy) any { return p.MaxDuration }, said: func(p *Policy) Said { return saidLength(p.MaxDuration, "none is said") }},
	{name: "maxAhead", of: func(p *Policy) any { return p.MaxAhead }, said: func(p *Policy) Said { return saidLength(p.MaxAhead, "as far as any") }},
	{name: "noExtensions", of: func(p *Policy) any { return p.NoExtensions }, said: func(p *Policy) Said { return either(p.NoExtensions, "it can't be", "it can be") }},
	{name: "minReason", of: func(p *Policy) any { return p.MinReason }, said: func(p *Policy) Said { return saidReason(p.MinReason) }},
	{name: "ticket", of: func(p *Policy) any { return p.Ticket }, said: func(p *Policy) Said { return p.Ticket.said() }},
	{name: "consoleOnly", of: func(p *Policy) any { return p.ConsoleOnly }, said: func(p *Policy) Said { return saidConsole(p.ConsoleOnly) }},
	{name: "hideApprovers", of: func(p *Policy) any { return p.HideApprovers }, said: func(p *Policy) Said { return either(p.HideApprovers, "they don't", "they do") }},
	{name: "steps", said: (*Policy).saidSteps, always: true, of: func(p *Policy) any {
		out := make([]Step, len(p.Steps))
		for i := range p.Steps {
			out[i] = p.Steps[i].sorted()
		}
		return out
	}},
}

var guardrailFields = []field[Guardrail]{
	{name: "name", of: func(g *Guardrail) any { return g.Name }, said: func(g *Guardrail) Said { return text("%s", g.Name) }},
	{name: "except", of: func(g *Guardrail) any { return g.Except.sorted() }, said: func(g *Guardrail) Said { return g.Except.said() }},
	{name: "what", of: func(g *Guardrail) any { return g.What.sorted() }, said: func(g *Guardrail) Said { return g.What.said() }, always: true},
	{name: "condition", of: func(g *Guardrail) any { return g.Condition }, said: func(g *Guardrail) Said { return either(g.Condition != "", g.Condition, "none: it holds always") }},
	{name: "refuse", of: func(g *Guardrail) any { return g.Refuse }, said: func(g *Guardrail) Said { return saidRefusal(g.Refuse) }},
	{name: "maxDuration", of: func(g *Guardrail) any { return g.MaxDuration }, said: func(g *Guardrail) Said { return saidLength(g.MaxDuration, "it caps none") }},
	{name: "consoleOnly", of: func(g *Guardrail) any { return g.ConsoleOnly }, said: func(g *Guardrail) Said { return saidConsole(g.ConsoleOnly) }},
	{name: "signInWithin", of: func(g *Guardrail) any { return g.SignInWithin }, said: func(g *Guardrail) Said { return saidLength(g.SignInWithin, "that does not matter") }},
	{name: "step", said: func(g *Guardrail) Said {
		if g.Step == nil {
			return text("nobody besides")
		}
		return g.Step.said()
	}, of: func(g *Guardrail) any {
		if g.Step == nil {
			return nil
		}
		return g.Step.sorted()
	}},
}

func sorted(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return out
}

func (w Who) sorted() Who {
	w.UserIDs, w.GroupIDs = sorted(w.UserIDs), sorted(w.GroupIDs)
	return w
}

func (w What) sorted() What {
	w.AccountIDs, w.GatewayIDs, w.ResourceIDs = sorted(w.AccountIDs), sorted(w.GatewayIDs), sorted(w.ResourceIDs)
	w.Kinds, w.Roles = sorted(w.Kinds), sorted(w.Roles)
	w.Tags = append([]Tag{}, w.Tags...)
	slices.SortFunc(w.Tags, func(a, b Tag) int { return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Value, b.Value)) })
	return w
}

func (s Step) sorted() Step {
	s = s.own()
	for _, a := range s.approvers() {
		*a = a.sorted()
	}
	return s
}

func (a Approvers) sorted() Approvers {
	a.UserIDs, a.GroupIDs, a.Changed = sorted(a.UserIDs), sorted(a.GroupIDs), Stamp{}
	return a
}

func (p *Policy) named() (id, name string) { return p.ID, p.Name }

func (g *Guardrail) named() (id, name string) { return g.ID, g.Name }

// named is what has an ID and a name.
type named[E any] interface {
	*E
	named() (id, name string)
}

func diff[E any, P named[E]](before, after []E, fields []field[E], guardrail bool) []Change {
	places := func(list []E) map[string]int {
		at := map[string]int{}
		for i := range list {
			id, _ := P(&list[i]).named()
			at[id] = i
		}
		return at
	}
	old, now := places(before), places(after)
	var out []Change
	for i := range before {
		if id, name := P(&before[i]).named(); !has(now, id) {
			out = append(out, Change{Kind: Removed, Guardrail: guardrail, ID: id, Name: name, From: i + 1, Edits: edits(&before[i], nil, fields)})
		}
	}
	var kept []int // the old places of what both have, in the new order
	for i := range after {
		if id, _ := P(&after[i]).named(); has(old, id) {
			kept = append(kept, old[id])
		}
	}
	stays := longestRise(kept)
	for i := range after {
		id, name := P(&after[i]).named()
		c := Change{Guardrail: guardrail, ID: id, Name: name, To: i + 1}
		from, was := old[id]
		if !was {
			c.Kind, c.Edits = Added, edits(nil, &after[i], fields)
			out = append(out, c)
			continue
		}
		c.From = from + 1
		if !guardrail && !stays[from] { // the order of guardrails says nothing
			c.Kind = Moved
			out = append(out, c)
		}
		if c.Edits = edits(&before[from], &after[i], fields); len(c.Edits) > 0 {
			c.Kind = Edited
			if _, was := P(&before[from]).named(); was != name {
				c.Was = was
			}
			out = append(out, c)
		}
	}
	return out
}

// edits are the parts in which two versions of something differ; where one is nil, all that
// the other says beside its name.
func edits[E any](before, after *E, fields []field[E]) []Edit {
	var out []Edit
	var none E
	for _, f := range fields {
		e := Edit{Field: f.name}
		if before != nil {
			e.Before = f.said(before)
		}
		if after != nil {
			e.After = f.said(after)
		}
		var differ bool
		switch {
		case before != nil && after != nil:
			differ = !reflect.DeepEqual(f.of(before), f.of(after))
		case f.name == "name":
		case before == nil:
			differ = f.always && e.After != nil || !reflect.DeepEqual(f.of(after), f.of(&none))
		default:
			differ = f.always && e.Before != nil || !reflect.DeepEqual(f.of(before), f.of(&none))
		}
		if differ {
			out = append(out, e)
		}
	}
	return out
}

func has(m map[string]int, id string) bool { _, ok := m[id]; return ok }

// longestRise returns the members of a longest rising part of a list of different numbers:
// what can stay where it is while all others move.
func longestRise(list []int) map[int]bool {
	length, previous, best := make([]int, len(list)), make([]int, len(list)), -1
	for i := range list {
		length[i], previous[i] = 1, -1
		for n := range list[:i] {
			if list[n] < list[i] && length[n] >= length[i] {
				length[i], previous[i] = length[n]+1, n
			}
		}
		if best < 0 || length[i] > length[best] {
			best = i
		}
	}
	out := map[int]bool{}
	for ; best >= 0; best = previous[best] {
		out[list[best]] = true
	}
	return out
}
