// Command write makes docs/errors.md of the table of error codes:
//
//	write FILE
package main

import (
	"log"
	"os"

	"procyon/graph/errorcode"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: write FILE")
	}
	if err := os.WriteFile(os.Args[1], []byte(errorcode.Markdown()), 0o644); err != nil { //nolint:gosec // a page of the documentation
		log.Fatal("write: ", err)
	}
}
