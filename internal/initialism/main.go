// Package main is a program that writes initialisms in the names of a generated Go
// file as Go does: genqlient makes Id and Url of a schema's id and url, the rest of this
// module says ID and URL. Strings and struct tags stay as they are.
//
//	go run procyon/internal/initialism FILE
package main

import (
	"fmt"
	"go/format"
	"go/scanner"
	"go/token"
	"os"
	"regexp"
	"strings"
)

func main() {
	for _, name := range os.Args[1:] {
		if err := rewrite(name); err != nil {
			fmt.Fprintln(os.Stderr, "initialism:", err)
			os.Exit(1)
		}
	}
}

func rewrite(name string) error {
	source, err := os.ReadFile(name) //nolint:gosec // G703: the file is named by who generates code
	if err != nil {
		return err
	}
	out, err := format.Source(inGoStyle(source))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(name, out, 0o644) //nolint:gosec // G306: source code is for everybody
}

// initialism is a part of a name that Go writes in capitals throughout.
var initialism = regexp.MustCompile(`(Id|Url|Ttl)(s?)([A-Z0-9_]|\b)`)

func capitals(name string) string {
	return initialism.ReplaceAllStringFunc(name, func(part string) string {
		m := initialism.FindStringSubmatch(part)
		return strings.ToUpper(m[1]) + m[2] + m[3]
	})
}

// inGoStyle rewrites identifiers, and comments, which name them. Everything between
// stays.
func inGoStyle(source []byte) []byte {
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	var out []byte
	from := 0
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF {
			return append(out, source[from:]...)
		}
		if kind != token.IDENT && kind != token.COMMENT {
			continue
		}
		at := file.Offset(pos)
		out = append(append(out, source[from:at]...), capitals(text)...)
		from = at + len(text)
	}
}
