#!/usr/bin/env bash
# gqlparser v2.5.64: validator.VariableValues takes values that the GraphQL specification
# (October 2021, sections 3.5.1, 3.9 and 6.1.2) refuses, and hands them on as they came:
#
#   - the text "2" for an Int,
#   - "pending" for the enum value PENDING,
#   - 3000000000 for an Int, which has 32 bits.
#
# So a server that relies on it finds out in a resolver, or not at all. graphql-js 16.11.0
# refuses all three before anything runs. Needs Go, Node.js and npm.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat > go.mod <<'EOF'
module finding

go 1.24

require github.com/vektah/gqlparser/v2 v2.5.64
EOF
cat > main.go <<'EOF'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

func main() {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: "enum Status { PENDING } type Query { list(first: Int, status: Status): Int }"})
	doc, errs := gqlparser.LoadQueryWithRules(schema, "query($n: Int, $s: Status) { list(first: $n, status: $s) }", nil)
	if errs != nil {
		panic(errs)
	}
	for _, text := range []string{`{"n":"2"}`, `{"s":"pending"}`, `{"n":3000000000}`} {
		var values map[string]any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&values); err != nil {
			panic(err)
		}
		got, err := validator.VariableValues(schema, doc.Operations[0], values)
		fmt.Println(text, got, err)
	}
}
EOF
GOFLAGS=-mod=mod go run . > go.txt 2> go.err || { cat go.err; exit 1; }
cat go.txt

npm init -y > npm.txt
npm install --silent --no-audit --no-fund graphql@16.11.0
cat > check.mjs <<'EOF'
import { buildSchema, parse } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';

const schema = buildSchema('enum Status { PENDING } type Query { list(first: Int, status: Status): Int }');
const [operation] = parse('query($n: Int, $s: Status) { list(first: $n, status: $s) }').definitions;
for (const values of [{ n: '2' }, { s: 'pending' }, { n: 3000000000 }]) {
  console.log(JSON.stringify(values), getVariableValues(schema, operation.variableDefinitions, values).errors?.length ?? 'taken');
}
EOF
node check.mjs > js.txt
cat js.txt

diff go.txt - <<'EOF'
{"n":"2"} map[n:2] <nil>
{"s":"pending"} map[s:pending] <nil>
{"n":3000000000} map[n:3000000000] <nil>
EOF
diff js.txt - <<'EOF'
{"n":"2"} 1
{"s":"pending"} 1
{"n":3000000000} 1
EOF
