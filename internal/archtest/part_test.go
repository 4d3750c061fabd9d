package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// parts are the functions that read a part of a list by a limit, and why a part is what they
// want. Whoever wants the whole reads it with store.EachPage, store.List or access.All.
func parts() map[string]string {
	return map[string]string{
		"access.First":           "the first",
		"access.ResourceNamed":   "the first: names are unique there",
		"access.Free":            "whether there is another",
		"access.another":         "whether there is another",
		"access.firstMembers":    "as many as are named",
		"access.requestsUnder":   "the newest, as many as are counted",
		"access.AccountsOf":      "one more than are followed, which it says",
		"access.notJoined":       "whether there is another, and how many about",
		"access.rarest":          "the newest tell which word is rare",
		"auth.Sweep":             "some at a time, until there are none",
		"auth.remember":          "the first makes room",
		"auth.endAll":            "some at a time, until there are none",
		"auth.makeRoom":          "the first makes room",
		"auth.EnsureAdmin":       "whether there is one",
		"catalogimport.makeRoom": "the oldest beyond as many as may be",
		"catalogimport.Expire":   "some at a time, until there are none",
		"checkpoint.newest":      "the newest",
		"delivery.Count":         "counts to a bound",
		"delivery.old":           "some at a time, until there are none",
		"delivery.begin":         "whether there are as many as may be",
		"delivery.end":           "the last",
		"delivery.owes":          "whether there is another",
		"delivery.Next":          "reads on page by page",
		"delivery.first":         "the first",
		"delivery.promote":       "some at a time, in order",
		"slackworkspace.Waiting": "counts to a bound",
		"slackworkspace.trust":   "whether there are as many as may be",
		"workerstore.list":       "a page that was asked for",
		"workerstore.Expire":     "some at a time, until there are none",
	}
}

// No part of a list is taken for the whole: each query with a limit is of a function that
// says why that is enough.
func TestWhoReadsAPartOfAListSaysWhy(t *testing.T) {
	why := parts()
	used := map[string]bool{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{"store", "bench", "e2e", "findings"}, name) {
				return fs.SkipDir
			}
			return skip(entry.Name())
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		found, err := limited(root, name)
		for _, f := range found {
			if why[f] == "" {
				t.Errorf("%s: %s reads a part of a list. Where it wants the whole: store.EachPage or access.All. Else say in this test why a part is enough.", name, f)
			}
			used[f] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for f := range why {
		if !used[f] {
			t.Errorf("%s reads no part of a list any more: take it out of this test", f)
		}
	}
}

// limited are the functions of a file that make a store.Query.
func limited(root fs.FS, name string) (found []string, err error) {
	src, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.CompositeLit); ok {
				if s, ok := l.Type.(*ast.SelectorExpr); ok && fmt.Sprint(s.X) == "store" && s.Sel.Name == "Query" {
					found = append(found, parsed.Name.Name+"."+f.Name.Name)
				}
			}
			return true
		})
	}
	return found, nil
}

// firstPages are the operations of workers that read but a first page, and why.
func firstPages() map[string]string {
	return map[string]string{
		"listPending":  "what was owed last; listOwed finds the rest",
		"readKind":     "any of an integration's",
		"listRequests": "what one view of Slack shows",
		"readProblems": "the whole list, which is bounded",
	}
}

var operation = regexp.MustCompile(`(?m)^(?:query|mutation|subscription) (\w+)`)

// No worker takes a first page for the whole: its operation can go on behind it.
func TestWorkersReadListsToTheirEnd(t *testing.T) {
	root := os.DirFS("../..")
	for _, pattern := range []string{"notifier/*.graphql", "client/*.graphql", "slackbot/query/*.graphql"} {
		files, err := fs.Glob(root, pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range files {
			src, err := fs.ReadFile(root, name)
			if err != nil {
				t.Fatal(err)
			}
			starts := operation.FindAllStringSubmatchIndex(string(src), -1)
			for i, at := range starts {
				end := len(src)
				if i+1 < len(starts) {
					end = starts[i+1][0]
				}
				text, called := string(src[at[0]:end]), string(src[at[2]:at[3]])
				if strings.Contains(text, "first:") && !strings.Contains(text, "after: $after") && firstPages()[called] == "" {
					t.Errorf("%s: %s reads a first page, and can't go on behind it", path.Base(name), called)
				}
			}
		}
	}
}
