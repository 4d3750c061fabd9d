#!/usr/bin/env bash
# munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 answers a GraphQL request in a media
# type that its Accept header refuses: "application/json;q=0" means that JSON is not
# acceptable (RFC 9110, section 12.4.2), and Negotiate chooses it all the same, also where
# another offer is acceptable, and where none is. Needs Go.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

printf 'module finding\n\ngo 1.24\n\nrequire github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822\n' > go.mod
cat > main.go <<'EOF'
package main

import (
	"fmt"

	"github.com/munnerz/goautoneg"
)

func main() {
	offers := []string{"application/json", "application/graphql-response+json"}
	for _, accept := range []string{"application/json;q=0, */*", "application/json;q=0"} {
		fmt.Printf("%q gets %q\n", accept, goautoneg.Negotiate(accept, offers))
	}
}
EOF
GOFLAGS=-mod=mod go run . > out.txt 2> err.txt || { cat err.txt; exit 1; }
cat out.txt
diff out.txt - <<'EOF'
"application/json;q=0, */*" gets "application/json"
"application/json;q=0" gets "application/json"
EOF
