#!/usr/bin/env bash
# scim2/filter-parser v2.3.1 refuses filters that the grammar of RFC 7644 has (three conditions
# in brackets, parentheses in brackets, an escape with small letters), leaves escapes in texts
# as they are written, so that a name with a quotation mark is never found, and turns a number
# of more than 64 bits into another one. Needs Go.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

printf 'module finding\n\ngo 1.24\n\nrequire github.com/scim2/filter-parser/v2 v2.3.1\n' > go.mod
cat > main.go <<'EOF'
package main

import (
	"fmt"

	filter "github.com/scim2/filter-parser/v2"
)

func main() {
	for _, text := range []string{
		`emails[type eq "work" and value pr and primary eq true]`,
		`emails[type eq "work" and (value pr or primary eq true)]`,
		`userName eq "caf\u00e9"`,
		`userName eq "a\"b"`,
		`userName eq 12345678901234567890`,
	} {
		e, err := filter.ParseFilter([]byte(text))
		if err != nil {
			fmt.Println(text, "is refused")
			continue
		}
		fmt.Printf("%s compares with %v\n", text, e.(*filter.AttributeExpression).CompareValue)
	}
}
EOF
GOFLAGS=-mod=mod go run . > out.txt 2> err.txt || { cat err.txt; exit 1; }
cat out.txt
diff out.txt - <<'EOF'
emails[type eq "work" and value pr and primary eq true] is refused
emails[type eq "work" and (value pr or primary eq true)] is refused
userName eq "caf\u00e9" is refused
userName eq "a\"b" compares with a\"b
userName eq 12345678901234567890 compares with -9223372036854775808
EOF
