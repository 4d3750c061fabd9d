package condition

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
)

// maxCost is what the evaluation of a condition may cost, in steps of CEL: reading a field is
// one, comparing ten letters another. It is a few milliseconds at worst, and there are as many
// evaluations as a request has items and a set has guardrails with conditions.
const maxCost = 25_000

// What an evaluation reads at most, as the domain bounds it.
const (
	maxItems  = 20
	maxGroups = 1000
	maxTags   = 50
	maxReason = 1000
	maxText   = 256 // names, addresses, tags
	maxID     = 64
)

// affordable refuses what could cost too much.
func affordable(env *cel.Env, tree *cel.Ast) error {
	estimate, err := env.EstimateCost(tree, sizes{})
	if err != nil {
		return &Error{1, 1, "What this costs can't be told."}
	}
	if estimate.Max > maxCost {
		return &Error{1, 1, fmt.Sprintf("This could cost too much to evaluate: %d times what is allowed. Go through lists less often, or through fewer of them within others.", min(estimate.Max/maxCost+1, 1_000_000))}
	}
	return nil
}

// costs are those of functions that differ from CEL's own: a regular expression is bounded by
// its instructions, not by the letters of its text.
func costs() []cost.OverloadModel {
	matches := cost.EvalCost(cost.Scale(cost.Sum(cost.Target(), cost.Const(1)), regexpCost))
	return append(functionCosts(),
		cost.MemberOverload(overloads.MatchesString, matches),
		cost.Overload(overloads.Matches, cost.EvalCost(cost.Scale(cost.Sum(cost.Arg(0), cost.Const(1)), regexpCost))),
	)
}

// regexpCost is what one letter costs of a text that is compared with a regular expression of
// as many instructions as there may be.
const regexpCost = 2.0

// sizes says how large what is read can be. CEL adds up the rest.
type sizes struct{}

// EstimateCallCost leaves it to CEL and the model.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// EstimateSize goes by the path by which something is read, and by its type.
func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	if node.Type() == nil {
		return nil
	}
	if path := node.Path(); len(path) > 0 {
		return mostOf(node.Type(), path[len(path)-1])
	}
	// CEL has paths for x[?"y"], and none for x.?y, which reads the same.
	if e := node.Expr(); e != nil && e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.OptSelect && len(node.Type().Parameters()) == 1 {
		value := mostOf(node.Type().Parameters()[0], "")
		return &cost.SizeEstimate{Min: 1, Max: 1 + value.Max, Key: value.Key, Elem: value}
	}
	return nil
}

// mostOf is how large something of a type can be that is read under a name.
func mostOf(t *cel.Type, name string) *cost.SizeEstimate {
	text := &cost.SizeEstimate{Max: maxText}
	switch t.Kind() {
	case types.StringKind:
		switch name {
		case "reason":
			return &cost.SizeEstimate{Max: maxReason}
		case "id":
			return &cost.SizeEstimate{Max: maxID}
		}
		return text
	case types.ListKind:
		if name == "groups" {
			return &cost.SizeEstimate{Max: maxGroups, Elem: &cost.SizeEstimate{Max: maxID}}
		}
		return &cost.SizeEstimate{Max: maxItems, Elem: mostOf(t.Parameters()[0], "")}
	case types.MapKind:
		return &cost.SizeEstimate{Max: maxTags, Key: text, Elem: text}
	}
	return &cost.SizeEstimate{Min: 1, Max: 1}
}
