// Package condition evaluates the conditions of guardrails: expressions of CEL, the Common
// Expression Language, over what is asked for. A condition says true where its guardrail is
// to hold.
//
// # What a condition can read
//
//	holder     who would have the access: id, name, email, and groups, the IDs of their
//	           groups. A group that they put themselves into counts after a day.
//	item       the item that is judged: resource, account and gateway, each with id and
//	           name (both "" where there is none), kind, role ("" where there is none), and
//	           tags, which are texts under texts
//	items      all items that are asked for together, item among them
//	duration   how long the access is to last
//	now        the present moment
//	startsAt   when the access is to begin: now, where it begins as soon as it is approved
//	reason     why it is asked for
//	ticket     the ticket; "" where none was given
//
// IDs stay when names change, so conditions that have to hold go by IDs. What is not in this
// list, in a name or in a field, is refused when the condition is saved.
//
// # What it can do with that
//
// The operators ==, !=, <, <=, >, >=, &&, ||, !, + (of texts, numbers and times), - and
// ?:, the test `in`, the functions size, contains, startsWith, endsWith, matches (a regular
// expression, RE2, written as a text), int, duration("4h") and timestamp("2026-12-24T00:00:00Z"),
// the macros has, all, exists, exists_one, filter and map, one of them within another and no
// deeper, and these, which read a moment as a clock on the wall of a time zone does:
//
//	hour(now, "Europe/Berlin")     0 to 23
//	weekday(now, "Europe/Berlin")  "MON" to "SUN"
//	date(now, "Europe/Berlin")     "2026-12-24", which can be compared with < and >
//	inside(now, "Europe/Berlin", "MON-FRI", "08:00", "18:00")
//	outside(now, "Europe/Berlin", "MON-FRI", "08:00", "18:00")
//
// Days are a list of days and ranges: "MON-FRI", "SAT,SUN", "FRI-MON". The first time is part
// of a window and the second is not; "24:00" is the end of a day. A window whose second time
// is not later goes over midnight, and is of the day on which it begins. There is one rule for
// the days on which clocks change: what the clock on the wall shows decides. An hour that is
// shown twice is in the window twice, one that is skipped not at all.
//
// # What is not there
//
// To read a tag that an item does not have is an error, and so is a list's element beyond its
// end: a condition that can't be evaluated counts as true, and refuses what its guardrail is
// for. Ask whether the tag is there, or say what counts in its place:
//
//	"env" in item.tags && item.tags["env"] == "prod"
//	item.tags[?"env"].orValue("prod") == "prod"
//
// An error does not matter where the other side of && is false, or the other side of || is
// true.
//
// # What it may cost
//
// A condition has 2,000 bytes at most. What it could cost with as many items, groups and tags
// as there can be is estimated when it is saved, and counted again while it is evaluated.
package condition

import (
	"fmt"

	"cel.dev/cel-go/cel"
	lru "github.com/hashicorp/golang-lru/v2"

	"procyon/policy"
)

// maxKept is how many conditions are kept compiled: twice as many as there can be guardrails,
// for those that are being written.
const maxKept = 2 * policy.MaxGuardrails

// Conditions compiles and evaluates conditions. It is safe for concurrent use.
type Conditions struct {
	env   *cel.Env
	words words
	kept  *lru.Cache[string, compiled]
}

var _ policy.Conditions = (*Conditions)(nil)

// compiled is a condition, or why it is none.
type compiled struct {
	program cel.Program
	err     error
}

// New returns Conditions that have compiled nothing yet.
func New() (*Conditions, error) {
	env, err := newEnv()
	if err != nil {
		return nil, fmt.Errorf("conditions: %w", err)
	}
	kept, err := lru.New[string, compiled](maxKept)
	if err != nil {
		return nil, fmt.Errorf("conditions: %w", err)
	}
	return &Conditions{env: env, words: wordsOf(env), kept: kept}, nil
}

// Check refuses an expression that can't be read, reads what is not there, gives no boolean,
// or could cost too much. What it returns is an *Error, which says where.
func (c *Conditions) Check(expression string) error {
	return c.compile(expression).err
}

// Holds evaluates an expression for one item of what is asked for. Its errors are short, are
// for people, and name no value of what is asked for. What Check refuses is an error here.
func (c *Conditions) Holds(expression string, a *policy.Ask, item *policy.Item) (bool, error) {
	p := c.compile(expression)
	if p.err != nil {
		return false, errNone
	}
	out, _, err := p.program.Eval(variables(a, item))
	if err != nil {
		return false, evaluation(err)
	}
	holds, ok := out.Value().(bool)
	if !ok { // Check lets no other type pass
		return false, errOther
	}
	return holds, nil
}

// compile returns the program of an expression. It is made once for each text, also where
// the text is none, as long as that is not among those used longest ago.
func (c *Conditions) compile(expression string) compiled {
	if len(expression) > policy.MaxCondition {
		return compiled{err: tooLong(len(expression))}
	}
	if p, ok := c.kept.Get(expression); ok {
		return p
	}
	var p compiled
	p.program, p.err = c.program(expression)
	c.kept.Add(expression, p)
	return p
}

func (c *Conditions) program(expression string) (cel.Program, error) {
	tree, issues := c.env.Compile(expression)
	if issues.Err() != nil {
		return nil, c.words.first(issues)
	}
	if err := rules(tree); err != nil {
		return nil, err
	}
	if err := affordable(c.env, tree); err != nil {
		return nil, err
	}
	program, err := c.env.Program(tree, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		return nil, &Error{Line: 1, Column: 1, Message: "This can't be evaluated."}
	}
	return program, nil
}
