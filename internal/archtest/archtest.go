// Package archtest holds the repository's rules of architecture: which package
// may import which, what a package may be called, that each explains itself,
// how long a file may grow, and that every mutex says what it guards. Its test applies them to the whole tree.
//
// To allow a new dependence, change Rules, which is a decision about the
// design; ARCHITECTURE.md says what the rules are for.
package archtest

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// MaxLines is the longest that a hand-written Go file may be.
const MaxLines = 500

// Module is the path of the product's Go module.
const Module = "procyon"

// Rule says what a package, and those in folders below it unless they have a
// rule of their own, may import beside the standard library.
type Rule struct {
	// Folder of the package, relative to the module's root. One that ends in /* is a rule
	// for each folder beneath.
	Folder string
	// May lists the folders of this module that it may import, each with those
	// below it. A package may always import those below its rule's folder.
	May []string
	// MayOnly lists folders that it may import without those below them: a contract
	// without its implementations.
	MayOnly []string
	// StandardOnly forbids all other modules too.
	StandardOnly bool
	// Never is a word in lower case that no identifier and no string of it may hold, because
	// it is to know nothing of that; "" forbids none.
	Never string
	// Except are the identifiers and strings that may hold it all the same.
	Except []string
}

// forbiddenNames are names that say nothing about what a package is for.
func forbiddenNames() []string {
	return []string{"util", "utils", "common", "helpers", "models", "pkg"}
}

// Check applies rules to the module in root and returns one line for each
// violation, in the order of the paths. Tests are held to everything but
// the rules of dependence. The error is about reading or parsing files.
func Check(root fs.FS, rules []Rule) ([]string, error) {
	packages, err := load(root)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, p := range packages {
		found = append(found, checkName(p)...)
		found = append(found, checkDoc(p)...)
		found = append(found, checkSize(p)...)
		found = append(found, checkImports(p, rules)...)
		found = append(found, checkWords(p, rules)...)
		found = append(found, checkMutexes(p)...)
	}
	return found, nil
}

func checkName(p pkg) []string {
	if slices.Contains(forbiddenNames(), p.name) || slices.Contains(forbiddenNames(), last(p.folder)) {
		return []string{fmt.Sprintf("%s: a package named %q says nothing about what it is for", p.folder, p.name)}
	}
	return nil
}

func checkDoc(p pkg) []string {
	if p.documented {
		return nil
	}
	return []string{fmt.Sprintf("%s: package %s has no doc comment that says what it is for", p.folder, p.name)}
}

func checkSize(p pkg) []string {
	var found []string
	for _, f := range p.files {
		if !f.generated && f.lines > MaxLines {
			found = append(found, fmt.Sprintf("%s: %d lines, and %d is the most: split it by noun", f.path, f.lines, MaxLines))
		}
	}
	return found
}

// checkImports applies the rules of dependence. A package without a rule is a
// violation, so that each new one is placed in the design.
func checkImports(p pkg, rules []Rule) []string {
	if p.nested {
		return nil
	}
	rule, ok := ruleFor(p.folder, rules)
	if !ok {
		return []string{fmt.Sprintf("%s: no rule says what this package may import: add one to Rules in internal/archtest", p.folder)}
	}
	var found []string
	for _, f := range p.files {
		if f.test {
			continue
		}
		for _, path := range f.imports {
			if reason := forbidden(rule, path); reason != "" {
				found = append(found, fmt.Sprintf("%s: imports %s, but %s", f.path, path, reason))
			}
		}
	}
	return found
}

// checkWords finds what a package says of things that it is to know nothing of. Comments
// and tests are free.
func checkWords(p pkg, rules []Rule) []string {
	rule, ok := ruleFor(p.folder, rules)
	if !ok || rule.Never == "" {
		return nil
	}
	var found []string
	for _, f := range p.files {
		if f.test {
			continue
		}
		for _, w := range f.words {
			if strings.Contains(strings.ToLower(w), rule.Never) && !slices.Contains(rule.Except, w) {
				found = append(found, fmt.Sprintf("%s: %s holds %q, of which %s knows nothing", f.path, w, rule.Never, rule.Folder))
			}
		}
	}
	return found
}

// forbidden says why rule forbids an import; "" where it allows it.
func forbidden(rule Rule, path string) string {
	folder, ours := strings.CutPrefix(path, Module+"/")
	switch {
	case path == Module:
		return "nothing imports the root package"
	case !ours && rule.StandardOnly && !standard(path):
		return rule.Folder + " imports the standard library only"
	case !ours || within(folder, rule.Folder):
		return ""
	case slices.ContainsFunc(rule.May, func(may string) bool { return within(folder, may) }), slices.Contains(rule.MayOnly, folder):
		return ""
	case len(rule.May)+len(rule.MayOnly) == 0:
		return rule.Folder + " may import nothing else of this module"
	default:
		return fmt.Sprintf("of this module %s may import only %s", rule.Folder, strings.Join(slices.Concat(rule.May, rule.MayOnly), ", "))
	}
}

// ruleFor returns the rule with the longest folder that contains folder. A rule that
// names it goes before one with a *, which comes back with the name in its place.
func ruleFor(folder string, rules []Rule) (best Rule, ok bool) {
	longest := 0
	for _, r := range rules {
		size := 2 * len(r.Folder)
		if parent, each := strings.CutSuffix(r.Folder, "/*"); each && within(folder, parent) && folder != parent {
			name, _, _ := strings.Cut(folder[len(parent)+1:], "/")
			r.Folder = parent + "/" + name
			size = 2*len(r.Folder) - 1
		}
		if within(folder, r.Folder) && (!ok || size > longest) {
			best, ok, longest = r, true, size
		}
	}
	return best, ok
}

// standard reports whether an import path is the standard library's, whose
// first element is never a domain name.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func within(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}

func last(folder string) string {
	return folder[strings.LastIndex(folder, "/")+1:]
}
