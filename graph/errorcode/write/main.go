// Command write makes docs/errors.md of the table of error codes:
//
//	write FILE
package main

import (
	"fmt"
	"os"

	"procyon/graph/errorcode"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: write FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(errorcode.Markdown()), 0o644); err != nil { //nolint:gosec // a page of the documentation
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}
