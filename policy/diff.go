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
	Name      string   // the newer one, where both versions have it
	Was       string   // the name before, where it is another
	Fields    []string // what was edited, as the JSON of a Set calls it
	From, To  int      // the places of a policy in the list, from 1; 0: it was not there
}

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
	words := make([]string, len(c.Fields))
	for i, name := range c.Fields {
		words[i] = fieldWords[name]
		if name == "name" {
			words[i] += ", which was " + c.Was
		}
	}
	return fmt.Sprintf("Edited %s: %s.", what, phrase.Listed(words, "and"))
}

// field is a part of a policy or guardrail, by what two versions of it are told apart.
type field[E any] struct {
	name string
	of   func(*E) any
}

var fieldWords = map[string]string{
	"name": "its name", "who": "whom it is for", "except": "whom it excepts", "what": "what it is for", "condition": "its condition",
	"refuse": "whether it refuses, or why", "maxDuration": "the longest time", "maxAhead": "how far ahead access can start",
	"noExtensions": "whether access can be extended", "minReason": "how long a reason has to be", "ticket": "which tickets it takes",
	"consoleOnly": "whether approvals are taken in the console alone", "signInWithin": "how long ago whoever approves signed in", "hideApprovers": "whether requesters see who is asked",
	"steps": "who has to approve", "step": "who has to approve",
}

var policyFields = []field[Policy]{
	{"name", func(p *Policy) any { return p.Name }},
	{"who", func(p *Policy) any { return p.Who.sorted() }},
	{"what", func(p *Policy) any { return p.What.sorted() }},
	{"refuse", func(p *Policy) any { return p.Refuse }},
	{"maxDuration", func(p *Policy) any { return p.MaxDuration }},
	{"maxAhead", func(p *Policy) any { return p.MaxAhead }},
	{"noExtensions", func(p *Policy) any { return p.NoExtensions }},
	{"minReason", func(p *Policy) any { return p.MinReason }},
	{"ticket", func(p *Policy) any { return p.Ticket }},
	{"consoleOnly", func(p *Policy) any { return p.ConsoleOnly }},
	{"hideApprovers", func(p *Policy) any { return p.HideApprovers }},
	{"steps", func(p *Policy) any {
		out := make([]Step, len(p.Steps))
		for i := range p.Steps {
			out[i] = p.Steps[i].sorted()
		}
		return out
	}},
}

var guardrailFields = []field[Guardrail]{
	{"name", func(g *Guardrail) any { return g.Name }},
	{"except", func(g *Guardrail) any { return g.Except.sorted() }},
	{"what", func(g *Guardrail) any { return g.What.sorted() }},
	{"condition", func(g *Guardrail) any { return g.Condition }},
	{"refuse", func(g *Guardrail) any { return g.Refuse }},
	{"maxDuration", func(g *Guardrail) any { return g.MaxDuration }},
	{"consoleOnly", func(g *Guardrail) any { return g.ConsoleOnly }},
	{"signInWithin", func(g *Guardrail) any { return g.SignInWithin }},
	{"step", func(g *Guardrail) any {
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
		a.UserIDs, a.GroupIDs, a.Changed = sorted(a.UserIDs), sorted(a.GroupIDs), Stamp{}
	}
	return s
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
			out = append(out, Change{Kind: Removed, Guardrail: guardrail, ID: id, Name: name, From: i + 1})
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
			c.Kind = Added
			out = append(out, c)
			continue
		}
		c.From = from + 1
		if !guardrail && !stays[from] { // the order of guardrails says nothing
			c.Kind = Moved
			out = append(out, c)
		}
		for _, f := range fields {
			if !reflect.DeepEqual(f.of(&before[from]), f.of(&after[i])) {
				c.Fields = append(c.Fields, f.name)
			}
		}
		if len(c.Fields) > 0 {
			c.Kind = Edited
			if _, was := P(&before[from]).named(); was != name {
				c.Was = was
			}
			out = append(out, c)
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
