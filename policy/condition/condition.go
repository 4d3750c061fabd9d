// Package condition evaluates the conditions of guardrails: expressions of CEL, the Common
// Expression Language, over what is asked for. A condition is true where its guardrail is to
// hold. docs/policies.md says what one can read and do, for those who write them.
//
// A condition that Check lets pass has no name, field, type, time zone or regular expression
// that is wrong, and costs no more than a bound, however much is asked for. What is left to
// go wrong while it is evaluated is that it reads what is not there, such as a tag, or a text
// as a number or time that it is not: then Holds errs, and the guardrail holds.
//
// The language is a closed list (language.go), so that a release of CEL brings nothing by
// itself: a condition that was saved has to mean the same for ever.
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
