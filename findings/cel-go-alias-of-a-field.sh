#!/usr/bin/env bash
# cel-go v0.33.2: an alias of a native type (cel.NativeTypeAlias) does not reach the fields of
# other types. A variable of the alias can't be compared with a field that has the same Go
# type, as the field's type goes by its Go name. Without aliases it can. Needs Go.
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
)

type Place struct{ Name string }

type Item struct{ At Place }

func compile(prefix string, types ...any) {
	env, err := cel.NewEnv(cel.Types(types...), cel.Variable("home", cel.ObjectType(prefix+"Place")), cel.Variable("item", cel.ObjectType(prefix+"Item")))
	if err != nil {
		panic(err)
	}
	for _, text := range []string{"home.Name == item.At.Name", "home == item.At"} {
		if _, issues := env.Compile(text); issues.Err() != nil {
			fmt.Printf("%s: %s\n", text, issues.Errors()[0].Message)
		} else {
			fmt.Printf("%s: fine\n", text)
		}
	}
}

func main() {
	fmt.Println("without aliases")
	compile("main.", cel.NativeTypeFor[Place](), cel.NativeTypeFor[Item]())
	fmt.Println("with aliases")
	compile("", cel.NativeTypeFor[Place](cel.NativeTypeAlias("Place")), cel.NativeTypeFor[Item](cel.NativeTypeAlias("Item")))
}
GO
GOFLAGS=-mod=mod go run . > out.txt 2> err.txt || { cat err.txt; exit 1; }
cat out.txt
diff out.txt - <<'OUT'
without aliases
home.Name == item.At.Name: fine
home == item.At: fine
with aliases
home.Name == item.At.Name: fine
home == item.At: found no matching overload for '_==_' applied to '(Place, main.Place)'
OUT
