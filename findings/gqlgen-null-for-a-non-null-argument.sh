#!/usr/bin/env bash
# gqlgen v0.17.98: a variable of a nullable type may stand where an argument is non-null and
# has a default (GraphQL specification, October 2021, section 5.8.5). If the client sends
# null for it, the field has to fail (section 6.4.1, CoerceArgumentValues). gqlgen calls the
# resolver with Go's zero value instead: 0 for an Int, for which neither the client nor the
# default has asked. graphql-js 16.11.0 answers with an error. Needs Go, Node.js and npm.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat > go.mod <<'EOF'
module finding

go 1.25
EOF
printf 'type Query { page(first: Int! = 50): String! }\n' > schema.graphqls
cat > gqlgen.yml <<'EOF'
schema: [schema.graphqls]
exec: { filename: api/generated.go, package: api }
model: { filename: api/models.go, package: api }
EOF
mkdir api
export GOFLAGS=-mod=mod
go get -tool github.com/99designs/gqlgen@v0.17.98 > get.txt 2>&1 || { cat get.txt; exit 1; }
go tool gqlgen generate > gen.txt 2>&1 || { cat gen.txt; exit 1; }
cat > main.go <<'EOF'
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"finding/api"
)

type root struct{}

func (root) Query() api.QueryResolver { return root{} }

func (root) Page(_ context.Context, first int) (string, error) { return fmt.Sprint("first is ", first), nil }

func main() {
	exec := executor.New(api.NewExecutableSchema(api.Config{Resolvers: root{}}))
	ctx := graphql.StartOperationTrace(context.Background())
	op, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query: "query($n: Int) { page(first: $n) }", Variables: map[string]any{"n": nil},
	})
	if errs != nil {
		fmt.Println(errs)
		return
	}
	answer, inner := exec.DispatchOperation(ctx, op)
	out, err := json.Marshal(answer(inner))
	fmt.Println(string(out), err)
}
EOF
go run . > go.txt 2> go.err || { cat go.err; exit 1; }
cat go.txt

npm init -y > npm.txt
npm install --silent --no-audit --no-fund graphql@16.11.0
cat > check.mjs <<'EOF'
import { buildSchema, graphql } from 'graphql';

const schema = buildSchema('type Query { page(first: Int! = 50): String! }');
const { errors } = await graphql({
  schema, source: 'query($n: Int) { page(first: $n) }', variableValues: { n: null }, rootValue: { page: ({ first }) => `first is ${first}` },
});
console.log(errors?.length ?? 'taken');
EOF
node check.mjs > js.txt
cat js.txt

diff go.txt - <<'EOF'
{"data":{"page":"first is 0"}} <nil>
EOF
diff js.txt - <<'EOF'
1
EOF
