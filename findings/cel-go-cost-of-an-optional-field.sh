#!/usr/bin/env bash
# cel-go v0.33.2: of two ways to read a key that may be absent, the estimate of costs knows the
# path of one only. What the estimator says of the sizes of a map's values bounds a[?"k"], and
# not a.?k, which reads the same: the estimate is then the largest number that there is, so
# that a limit refuses a harmless expression. Needs Go.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

printf 'module finding\n\ngo 1.24\n\nrequire cel.dev/cel-go v0.33.2\n' > go.mod
cat > main.go <<'GO'
package main

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
)

// hints says that whatever has a path has 50 elements or letters at most.
type hints struct{}

func (hints) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

func (hints) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	if len(node.Path()) == 0 {
		return nil
	}
	return &cost.SizeEstimate{Max: 50}
}

func main() {
	texts := cel.MapType(cel.StringType, cel.StringType)
	env, err := cel.NewEnv(cel.OptionalTypes(), cel.Variable("a", texts), cel.Variable("b", texts))
	if err != nil {
		panic(err)
	}
	for _, text := range []string{`a.k == b.k`, `a[?"k"].orValue("") == b[?"k"].orValue("")`, `a.?k.orValue("") == b.?k.orValue("")`} {
		tree, issues := env.Compile(text)
		if issues.Err() != nil {
			panic(issues.Err())
		}
		estimate, err := env.EstimateCost(tree, hints{})
		if err != nil {
			panic(err)
		}
		fmt.Println(text, "costs at most", estimate.Max)
	}
}
GO
GOFLAGS=-mod=mod go run . > out.txt 2> err.txt || { cat err.txt; exit 1; }
cat out.txt
diff out.txt - <<'OUT'
a.k == b.k costs at most 9
a[?"k"].orValue("") == b[?"k"].orValue("") costs at most 9
a.?k.orValue("") == b.?k.orValue("") costs at most 18446744073709551615
OUT
