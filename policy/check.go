package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"procyon/duration"
	"procyon/phrase"
)

// Limits of a Set.
const (
	MaxPolicies   = 200
	MaxGuardrails = 100
	MaxSteps      = 5
	MaxNamed      = 50   // people and groups of one list, places, kinds, roles, or tags
	MaxNeed       = 10   // humans of one step
	MaxCondition  = 2000 // bytes
	maxName       = 80   // characters
	maxText       = 300  // of why something is refused
	maxPattern    = 200
	maxProblems   = 100
	minSeconds    = duration.Seconds(60)
	maxSeconds    = duration.Seconds(duration.Max / 1e9)
)

// Problem is what is wrong with a Set, or what may become so.
type Problem struct {
	Field   string // dotted: "policies.0.steps.1.need"
	Message string
}

// Known is what Check has to know of others.
type Known struct {
	// Names are what the IDs that the Set names are called; what is not there does not exist.
	Names map[string]string
	// Kinds are those of resources.
	Kinds []string
	// Members is how many people are in a group, as far as that matters: 0 is what does.
	Members map[string]int
	// Conditions checks those of guardrails; nil: there can be none.
	Conditions Conditions
}

// Check returns what is wrong with a Set, which is not to be saved then, and what its maker
// should know: what can't happen now, and may become possible.
func (s *Set) Check(k Known) (wrong, warnings []Problem) {
	if wrong := s.TooMuch(); len(wrong) > 0 {
		return wrong, nil
	}
	c := checker{known: k}
	if len(s.Policies) == 0 {
		c.wrong("policies", "There has to be one policy at least: the last one, for everyone and everything.")
		return c.problems, nil
	}
	ids, names := map[string]bool{}, map[string]string{}
	for i := range s.Policies {
		at := fmt.Sprintf("policies.%d", i)
		c.policy(at, &s.Policies[i])
		c.once(at+".name", s.Policies[i].Name, names)
		c.unique(at+".id", s.Policies[i].ID, ids)
		s.shadowed(&c, at, i)
	}
	if last := &s.Policies[len(s.Policies)-1]; !last.forEverything() {
		c.wrong(fmt.Sprintf("policies.%d", len(s.Policies)-1), "The last policy has to be for everyone and everything, so that one governs whatever is asked for.")
	}
	names = map[string]string{}
	for i := range s.Guardrails {
		at := fmt.Sprintf("guardrails.%d", i)
		c.guardrail(at, &s.Guardrails[i])
		c.once(at+".name", s.Guardrails[i].Name, names)
		c.unique(at+".id", s.Guardrails[i].ID, ids)
	}
	return c.problems, c.warnings
}

type checker struct {
	known              Known
	problems, warnings []Problem
}

// wrong notes a problem, the first ones of too many.
func (c *checker) wrong(field, format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, Problem{field, fmt.Sprintf(format, args...)})
	}
}

func (c *checker) warn(field, format string, args ...any) {
	if len(c.warnings) < maxProblems {
		c.warnings = append(c.warnings, Problem{field, fmt.Sprintf(format, args...)})
	}
}

// unique refuses an ID that another has. What is new has none yet.
func (c *checker) unique(field, id string, ids map[string]bool) {
	if id != "" && ids[id] {
		c.wrong(field, "Another one has the ID %.80q.", id)
	}
	ids[id] = true
}

// once refuses a name that another has, in whatever letter case.
func (c *checker) once(field, name string, names map[string]string) {
	key := strings.ToLower(name)
	if other, taken := names[key]; taken {
		c.wrong(field, "The name %.80s is that of another one (%.80s).", name, other)
	}
	names[key] = name
}

func (c *checker) text(field, s string, least, most int) {
	n := utf8.RuneCountInString(s)
	switch {
	case strings.TrimSpace(s) != s || phrase.Printable(s) != s:
		c.wrong(field, "Leave out control characters, and spaces at the ends.")
	case n < least:
		c.wrong(field, "Give %s at least.", phrase.Count(least, "character"))
	case n > most:
		c.wrong(field, "Give at most %d characters; these are %d.", most, n)
	}
}

func (c *checker) length(field string, d duration.Seconds, needed bool) {
	if d == 0 && !needed {
		return
	}
	if d < minSeconds || d > maxSeconds {
		c.wrong(field, "Give a time from one minute to %s.", duration.Words(maxSeconds.Duration()))
	}
}

// list checks a list of what has IDs or names.
func (c *checker) list(field string, list []string) {
	for i, s := range list {
		at := fmt.Sprintf("%s.%d", field, i)
		c.text(at, s, 1, 256)
		if slices.Contains(list[:i], s) {
			c.wrong(at, "This is given twice.")
		}
	}
}

// ids checks a list of IDs of a kind.
func (c *checker) ids(field string, list []string, prefix, noun string) {
	c.list(field, list)
	for i, id := range list {
		if _, known := c.known.Names[id]; !known || !strings.HasPrefix(id, prefix+"_") {
			c.wrong(fmt.Sprintf("%s.%d", field, i), "There is no %s with the ID %.80q.", noun, id)
		}
	}
}

func (c *checker) who(field string, w *Who) {
	c.ids(field+".userIds", w.UserIDs, "usr", "person")
	c.ids(field+".groupIds", w.GroupIDs, "grp", "group")
	if w.Everyone && len(w.UserIDs)+len(w.GroupIDs) > 0 {
		c.wrong(field, "Give everyone, or some people and groups: not both.")
	}
}

func (c *checker) what(field string, w *What) {
	c.ids(field+".accountIds", w.AccountIDs, "acc", "account")
	c.ids(field+".gatewayIds", w.GatewayIDs, "gw", "gateway")
	c.ids(field+".resourceIds", w.ResourceIDs, "res", "resource")
	c.list(field+".roles", w.Roles)
	c.list(field+".kinds", w.Kinds)
	for i, kind := range w.Kinds {
		if !slices.Contains(c.known.Kinds, kind) {
			c.wrong(fmt.Sprintf("%s.kinds.%d", field, i), "There is no kind of resources %.80q.", kind)
		}
	}
	for i, t := range w.Tags {
		at := fmt.Sprintf("%s.tags.%d", field, i)
		c.text(at+".key", t.Key, 1, 128)
		c.text(at+".value", t.Value, 0, 256)
		if slices.ContainsFunc(w.Tags[:i], func(o Tag) bool { return o.Key == t.Key }) {
			c.wrong(at+".key", "The tag %q is given twice; a resource has one value of it, so nothing would match.", t.Key)
		}
	}
}

func (c *checker) policy(at string, p *Policy) {
	c.text(at+".name", p.Name, 1, maxName)
	c.who(at+".who", &p.Who)
	if !p.Who.Everyone && len(p.Who.ids()) == 0 {
		c.wrong(at+".who", "Say for whom it is: everyone, or some people and groups.")
	}
	c.what(at+".what", &p.What)
	c.text(at+".refuse", p.Refuse, 0, maxText)
	c.length(at+".maxDuration", p.MaxDuration, p.Refuse == "")
	c.length(at+".maxAhead", p.MaxAhead, false)
	if p.MinReason < 0 || p.MinReason > 500 {
		c.wrong(at+".minReasonLength", "Give 0 to 500 characters.")
	}
	if p.Ticket != nil {
		c.ticket(at+".ticket", p.Ticket)
	}
	switch {
	case p.Refuse == "":
		c.steps(at, p)
	case len(p.Steps) > 0:
		c.wrong(at+".steps", "A policy that refuses has no steps.")
	}
}

func (c *checker) steps(at string, p *Policy) {
	if len(p.Steps) == 0 {
		c.warn(at+".steps", "Nobody has to approve what %.80s is for.", p.Name)
	}
	var named []Candidates // of the steps for which the policy says who can approve them, and nobody else
	var places []int
	for i := range p.Steps {
		step := &p.Steps[i]
		if wrong := len(c.problems); !c.step(fmt.Sprintf("%s.steps.%d", at, i), step) || len(c.problems) > wrong {
			continue
		}
		named, places = append(named, Candidates{step.Need, step.people()}), append(places, i)
	}
	if i, able := Able(named); !able {
		c.wrong(fmt.Sprintf("%s.steps.%d.approvers", at, places[i]), "A person counts for one step alone, and the steps before need those who can approve this one: it could never be met.")
		return
	}
	for i := range p.Steps {
		if s := &p.Steps[i]; s.named() && s.left(p.Steps[:i]) < s.Need {
			c.warn(fmt.Sprintf("%s.steps.%d.approvers", at, i), "A person counts for one step alone. If those who can approve this one approve a step before it, too few are left, and the request waits until it times out.")
		}
	}
}

// named tells whether the approvers of a step are just the people whom it names, and a manager.
func (s *Step) named() bool {
	return !slices.ContainsFunc(s.approvers(), func(a *Approvers) bool { return a.Administrators || a.Owners || len(a.GroupIDs) > 0 })
}

// left is how many of those whom a step names are left for it when as many of them as can have
// approved the steps before.
func (s *Step) left(before []Step) int {
	people := s.people()
	taken, places := map[string]bool{}, 0
	for i := range before {
		both := 0
		for _, other := range before[i].people() {
			if slices.ContainsFunc(people, func(p Candidate) bool { return p.ID == other.ID }) {
				taken[other.ID] = true
				both++
			}
		}
		places += min(both, before[i].Need)
	}
	return len(people) - min(places, len(taken))
}

// step checks one, and tells whether its approvers are just the people whom it names, and a
// manager.
func (c *checker) step(at string, s *Step) (only bool) {
	c.text(at+".name", s.Name, 0, maxName)
	if s.Need < 1 || s.Need > MaxNeed {
		c.wrong(at+".need", "Give how many people have to approve: 1 to %d.", MaxNeed)
	}
	c.times(at, s)
	c.approvers(at+".approvers", &s.Approvers)
	if e := s.Escalation; e != nil {
		c.approvers(at+".escalation.approvers", &e.Approvers)
	}
	only = s.named()
	if can := len(s.people()); only && 0 < can && can < s.Need {
		c.wrong(at+".need", "%s can approve, and %d have to: this step could never be met.", people(can), s.Need)
	}
	return only
}

// people are those whom a step names, and a manager, who is none of these at best.
func (s *Step) people() []Candidate {
	var out []Candidate
	add := func(id string) {
		if !slices.ContainsFunc(out, func(o Candidate) bool { return o.ID == id }) {
			out = append(out, Candidate{ID: id})
		}
	}
	for _, a := range s.approvers() {
		for _, id := range a.UserIDs {
			add(id)
		}
		if a.Manager {
			add(Manager)
		}
	}
	return out
}

func (c *checker) approvers(at string, a *Approvers) {
	c.ids(at+".userIds", a.UserIDs, "usr", "person")
	c.ids(at+".groupIds", a.GroupIDs, "grp", "group")
	if !a.Administrators && !a.Owners && !a.Manager && len(a.UserIDs)+len(a.GroupIDs) == 0 {
		c.wrong(at, "Say who can approve: a step without approvers is never met.")
	}
	for i, id := range a.GroupIDs {
		if n, counted := c.known.Members[id]; counted && n == 0 {
			c.warn(fmt.Sprintf("%s.groupIds.%d", at, i), "Nobody is in the group %s now.", c.known.Names[id])
		}
	}
}

// times checks what time does to a step: nothing would happen after its end.
func (c *checker) times(at string, s *Step) {
	if s.RemindEvery != 0 && s.RemindEvery < minRemind {
		c.wrong(at+".remindEvery", "Remind every %s at most often.", duration.Words(minRemind.Duration()))
	} else {
		c.length(at+".remindEvery", s.RemindEvery, false)
	}
	c.length(at+".endAfter", s.EndAfter, false)
	ended := func(field string, after duration.Seconds) {
		if s.EndAfter > 0 && after >= s.EndAfter {
			c.wrong(at+field, "The step ends before that, after %s.", duration.Words(s.EndAfter.Duration()))
		}
	}
	ended(".remindEvery", s.RemindEvery)
	if e := s.Escalation; e != nil {
		c.length(at+".escalation.after", e.After, true)
		ended(".escalation.after", e.After)
	}
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func (c *checker) guardrail(at string, g *Guardrail) {
	c.text(at+".name", g.Name, 1, maxName)
	c.who(at+".except", &g.Except)
	if g.Except.Everyone {
		c.wrong(at+".except.everyone", "A guardrail that excepts everyone does nothing.")
	}
	c.what(at+".what", &g.What)
	c.text(at+".refuse", g.Refuse, 0, maxText)
	c.length(at+".maxDuration", g.MaxDuration, false)
	c.length(at+".signInWithin", g.SignInWithin, false)
	if g.Step != nil {
		c.step(at+".step", g.Step)
	}
	if g.Refuse == "" && g.MaxDuration == 0 && g.Step == nil && !g.ConsoleOnly && g.SignInWithin == 0 {
		c.wrong(at, "Say what it does: refuse, cap the time, ask for people, or take approvals in the console alone, perhaps after a sign-in of late.")
	}
	if g.Condition == "" {
		return
	}
	if c.known.Conditions == nil {
		c.wrong(at+".condition", "This server evaluates no conditions.")
	} else if len(g.Condition) > MaxCondition {
		c.wrong(at+".condition", "Give at most %d bytes; these are %d.", MaxCondition, len(g.Condition))
	} else if err := c.known.Conditions.Check(g.Condition); err != nil {
		c.wrong(at+".condition", "%v", err)
	}
}
