package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

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
	c := checker{known: k}
	if len(s.Policies) == 0 {
		c.wrong("policies", "There has to be one policy at least: the last one, for everyone and everything.")
	}
	if len(s.Policies) > MaxPolicies {
		c.wrong("policies", "Give at most %d policies; these are %d.", MaxPolicies, len(s.Policies))
	}
	if len(s.Guardrails) > MaxGuardrails {
		c.wrong("guardrails", "Give at most %d guardrails; these are %d.", MaxGuardrails, len(s.Guardrails))
	}
	if len(c.problems) > 0 {
		return c.problems, nil
	}
	names := map[string]string{}
	for i := range s.Policies {
		at := fmt.Sprintf("policies.%d", i)
		c.policy(at, &s.Policies[i])
		c.once(at+".name", s.Policies[i].Name, names)
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
	}
	return c.problems, c.warnings
}

type checker struct {
	known              Known
	problems, warnings []Problem
}

func (c *checker) wrong(field, format string, args ...any) {
	c.problems = append(c.problems, Problem{field, fmt.Sprintf(format, args...)})
}

func (c *checker) warn(field, format string, args ...any) {
	c.warnings = append(c.warnings, Problem{field, fmt.Sprintf(format, args...)})
}

// once refuses a name that another has, in whatever letter case.
func (c *checker) once(field, name string, names map[string]string) {
	key := strings.ToLower(name)
	if other, taken := names[key]; taken {
		c.wrong(field, "The name %s is that of another one (%s).", name, other)
	}
	names[key] = name
}

func (c *checker) text(field, s string, least, most int) {
	n := len([]rune(s))
	switch {
	case strings.TrimSpace(s) != s || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
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
	if len(list) > MaxNamed {
		c.wrong(field, "Give at most %d; these are %d.", MaxNamed, len(list))
	}
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
	if len(w.Tags) > MaxNamed {
		c.wrong(field+".tags", "Give at most %d tags; these are %d.", MaxNamed, len(w.Tags))
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
	if p.Refuse != "" {
		if len(p.Steps) > 0 {
			c.wrong(at+".steps", "A policy that refuses has no steps.")
		}
		return
	}
	c.length(at+".maxDuration", p.MaxDuration, true)
	c.length(at+".maxAhead", p.MaxAhead, false)
	if p.MinReason < 0 || p.MinReason > 500 {
		c.wrong(at+".minReasonLength", "Give 0 to 500 characters.")
	}
	if p.Ticket != nil {
		c.ticket(at+".ticket", p.Ticket)
	}
	c.steps(at, p)
}

func (c *checker) ticket(at string, t *Ticket) {
	c.text(at+".pattern", t.Pattern, 0, maxPattern)
	c.text(at+".example", t.Example, 0, maxName)
	re, err := t.compile()
	switch {
	case err != nil:
		c.wrong(at+".pattern", "This is no regular expression (RE2): %v.", err)
	case t.Pattern != "" && t.Example == "":
		c.wrong(at+".example", "Give an example that matches, so that people know what is wanted.")
	case t.Example != "" && !re.MatchString(t.Example):
		c.wrong(at+".example", "The example does not match the pattern.")
	}
}

// compile makes the expression, which is for all of a ticket.
func (t *Ticket) compile() (*regexp.Regexp, error) {
	if t.Pattern == "" {
		return regexp.Compile(`(?s)^.+$`)
	}
	if _, err := regexp.Compile(t.Pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(`^(?:` + t.Pattern + `)$`)
}

// Takes tells whether a ticket is one of these.
func (t *Ticket) Takes(ticket string) bool {
	re, err := t.compile()
	return err == nil && re.MatchString(ticket)
}

func (c *checker) steps(at string, p *Policy) {
	if len(p.Steps) > MaxSteps {
		c.wrong(at+".steps", "Give at most %d steps; these are %d.", MaxSteps, len(p.Steps))
		return
	}
	if len(p.Steps) == 0 {
		c.warn(at+".steps", "Nobody has to approve what %s is for.", p.Name)
	}
	for i := range p.Steps {
		c.step(fmt.Sprintf("%s.steps.%d", at, i), &p.Steps[i])
	}
}

func (c *checker) step(at string, s *Step) {
	c.text(at+".name", s.Name, 0, maxName)
	if s.Need < 1 || s.Need > MaxNeed {
		c.wrong(at+".need", "Give how many people have to approve: 1 to %d.", MaxNeed)
	}
	a := &s.Approvers
	c.ids(at+".approvers.userIds", a.UserIDs, "usr", "person")
	c.ids(at+".approvers.groupIds", a.GroupIDs, "grp", "group")
	switch only := !a.Administrators && !a.Owners && len(a.GroupIDs) == 0; {
	case only && !a.Manager && len(a.UserIDs) == 0:
		c.wrong(at+".approvers", "Say who can approve: a step without approvers is never met.")
	case only && len(a.UserIDs)+one(a.Manager) < s.Need:
		c.wrong(at+".need", "%s can approve, and %d have to: this step could never be met.", phrase.Count(len(a.UserIDs)+one(a.Manager), "person"), s.Need)
	}
	for i, id := range a.GroupIDs {
		if n, counted := c.known.Members[id]; counted && n == 0 {
			c.warn(fmt.Sprintf("%s.approvers.groupIds.%d", at, i), "Nobody is in the group %s now.", c.known.Names[id])
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
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
	if g.Step != nil {
		c.step(at+".step", g.Step)
	}
	if g.Refuse == "" && g.MaxDuration == 0 && g.Step == nil && !g.ConsoleOnly {
		c.wrong(at, "Say what it does: refuse, cap the time, ask for people, or take approvals in the console alone.")
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

func (p *Policy) forEverything() bool {
	return p.Who.Everyone && p.What.everything()
}

func (w *What) everything() bool {
	return len(w.ids())+len(w.Kinds)+len(w.Roles)+len(w.Tags) == 0
}

// shadowed refuses a policy that can govern nothing, because an earlier one has all of it.
func (s *Set) shadowed(c *checker, at string, i int) {
	p := &s.Policies[i]
	for n := range s.Policies[:i] {
		if q := &s.Policies[n]; q.Who.covers(&p.Who) && q.What.covers(&p.What) {
			c.wrong(at, "The policy %s stands before it and has all that %s is for: move %s up, or narrow the other.", q.Name, p.Name, p.Name)
			return
		}
	}
}

// covers tells whether all of o is in w.
func (w *Who) covers(o *Who) bool {
	return w.Everyone || !o.Everyone && within(w.UserIDs, o.UserIDs) && within(w.GroupIDs, o.GroupIDs)
}

func (w *What) covers(o *What) bool {
	places := len(w.ids()) == 0 ||
		len(o.ids()) > 0 && within(w.AccountIDs, o.AccountIDs) && within(w.GatewayIDs, o.GatewayIDs) && within(w.ResourceIDs, o.ResourceIDs)
	return places &&
		(len(w.Kinds) == 0 || len(o.Kinds) > 0 && within(w.Kinds, o.Kinds)) &&
		(len(w.Roles) == 0 || len(o.Roles) > 0 && within(w.Roles, o.Roles)) &&
		within(o.Tags, w.Tags)
}

// within tells whether all of part are among all.
func within[E comparable](all, part []E) bool {
	return !slices.ContainsFunc(part, func(e E) bool { return !slices.Contains(all, e) })
}
