package condition

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"

	"procyon/policy"
)

// Bounds of the language, beside those of cost.
const (
	maxDepth   = 30  // of what is within brackets and calls
	maxNodes   = 600 // with what macros expand to
	maxNesting = 2   // of macros that go through a list
	maxRegexp  = 100 // instructions of a compiled regular expression
)

// newEnv is CEL with as much as conditions need, and no more: without what would turn off
// the check of types, and without the functions on times that count months and days from 0
// or mean UTC where no zone is given.
func newEnv() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(env.NewLibrarySubset().AddIncludedFunctions(included()...))),
		cel.OptionalTypes(cel.OptionalTypesVersion(0)),
		// Those of the optional types would bind a name, at no cost that is counted.
		cel.ClearMacros(),
		cel.Macros(cel.StandardMacros...),
		cel.EnableHiddenAccumulatorName(true),
		cel.HomogeneousAggregateLiterals(),
		cel.EagerlyValidateDeclarations(true),
		cel.ParserExpressionSizeLimit(policy.MaxCondition),
		cel.ParserRecursionLimit(maxDepth),
		cel.ParserErrorRecoveryLimit(4),
		cel.ExpressionNodeLimit(maxNodes),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateComprehensionNestingLimit(maxNesting)),
	}
	options = append(options, declarations()...)
	options = append(options, functions()...)
	return cel.NewCustomEnv(append(options, cel.CostModel(costs()...))...)
}

// included are the functions and operators of CEL that conditions have.
func included() []*env.Function {
	whole := []string{
		operators.Conditional, operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse,
		operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.Add, operators.Subtract, operators.Negate, operators.In, operators.Index,
		overloads.Size, overloads.Contains, overloads.StartsWith, overloads.EndsWith, overloads.Matches, overloads.TypeConvertDuration,
	}
	var out []*env.Function
	for _, name := range whole {
		out = append(out, env.NewFunction(name))
	}
	return append(out,
		env.NewFunction(overloads.TypeConvertInt, env.NewOverload(overloads.StringToInt, nil, nil)),
		env.NewFunction(overloads.TypeConvertTimestamp, env.NewOverload(overloads.StringToTimestamp, nil, nil)),
	)
}

// rules refuses what is well typed and no condition all the same.
func rules(tree *cel.Ast) error {
	a := tree.NativeRep()
	var first *Error
	wrong := func(e ast.Expr, message string) {
		at := a.SourceInfo().GetStartLocation(e.ID())
		if err := errorAt(at, message); first == nil || err.before(first) {
			first = err
		}
	}
	ast.PreOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.StructKind:
			wrong(e, "Objects can't be made here; compare their fields instead.")
		case ast.CallKind:
			if at, message := callRule(a, e.AsCall()); message != "" {
				wrong(at, message)
			}
		}
	}))
	if first != nil {
		return first
	}
	if tree.OutputType() != cel.BoolType {
		return &Error{1, 1, "This gives " + typeWords(tree.OutputType().String()) + "; a condition has to give true or false."}
	}
	return nil
}

// callRule says what is wrong with a call, and at which argument; "": nothing.
func callRule(a *ast.AST, call ast.CallExpr) (at ast.Expr, message string) {
	args := call.Args()
	switch name := call.FunctionName(); name {
	case operators.Add:
		// A list joined with itself doubles, at the cost of one step. What macros make of
		// filter and map joins as well: to a variable with a name that nobody can write.
		if a.GetType(args[0].ID()).Kind() == types.ListKind && (args[0].Kind() != ast.IdentKind || args[0].AsIdent()[0] != '@') {
			return args[0], "Lists can't be joined; test each with ||."
		}
	case operators.Equals, operators.NotEquals, operators.In:
		for _, arg := range args {
			if !plain(a.GetType(arg.ID()), name == operators.In) {
				return arg, "Compare what is in it, such as ids: this is more than one value."
			}
		}
	case overloads.Matches:
		at = args[len(args)-1]
		pattern, literal := literalOf(at)
		if !literal {
			return at, "Write the regular expression of matches as a text in quotation marks."
		}
		return at, regexpRule(pattern)
	case hourName, weekdayName, dateName, insideName, outsideName:
		return momentRule(args)
	}
	return nil, ""
}

// plain tells whether values of a type are compared in as many steps as CEL counts: they are
// a text or a number, or a list of such. A map is, where its keys are looked through.
func plain(t *cel.Type, keys bool) bool {
	switch t.Kind() {
	case types.StructKind:
		return false
	case types.MapKind:
		return keys
	case types.ListKind, types.OpaqueKind:
		return !slices.ContainsFunc(t.Parameters(), func(p *cel.Type) bool {
			return p.Kind() == types.ListKind || p.Kind() == types.MapKind || !plain(p, false)
		})
	}
	return true
}

// literalOf is the text of a literal.
func literalOf(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}
