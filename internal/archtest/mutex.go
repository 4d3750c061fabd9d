package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// mutex is a field or variable of type sync.Mutex or sync.RWMutex.
type mutex struct {
	name     string
	line     int
	comment  string
	siblings []string // the names of the other fields of its struct
}

// checkMutexes demands that each mutex says in the comment beside or above it what
// it guards, as "guards a and b" or "guards the fields below", or what it is held
// for, as "held while the file is written". A field that is named must exist, so a
// renamed one can't leave a comment behind that says the wrong thing.
func checkMutexes(p pkg) []string {
	var found []string
	for _, f := range p.files {
		if f.test || f.generated {
			continue
		}
		for _, m := range f.mutexes {
			if wrong := m.wrong(); wrong != "" {
				found = append(found, fmt.Sprintf("%s:%d: the mutex %s %s", f.path, m.line, m.name, wrong))
			}
		}
	}
	return found
}

var (
	guards = regexp.MustCompile(`(?i)\bguards ([^.;:]+)`)
	held   = regexp.MustCompile(`(?i)\bheld (while|by|for|from|during) `)
	field  = regexp.MustCompile(`^\w+$`)
)

// wrong says what is wrong with a mutex's comment; "" where nothing is.
func (m mutex) wrong() string {
	what := guards.FindStringSubmatch(m.comment)
	if what == nil {
		if held.MatchString(m.comment) {
			return ""
		}
		return `does not say what it guards: write "guards a and b", or "held while …", beside it`
	}
	if strings.HasPrefix(what[1], "the ") || strings.HasPrefix(what[1], "all") || strings.HasPrefix(what[1], "what ") {
		return ""
	}
	names := strings.FieldsFunc(strings.ReplaceAll(what[1], " and ", ","), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
	for _, name := range names {
		if !field.MatchString(name) || !slices.Contains(m.siblings, name) {
			return fmt.Sprintf("says that it guards %q, which is no field beside it", name)
		}
	}
	return ""
}

// mutexesOf finds the mutexes among the fields of structs and the variables of a file.
func mutexesOf(set *token.FileSet, tree *ast.File) []mutex {
	var found []mutex
	add := func(names []*ast.Ident, comment string, siblings []string) {
		for _, n := range names {
			found = append(found, mutex{n.Name, set.Position(n.Pos()).Line, comment, siblings})
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			all := fieldsOf(n)
			for _, f := range n.Fields.List {
				if !isMutex(f.Type) {
					continue
				}
				names := f.Names
				if len(names) == 0 { // embedded
					names = []*ast.Ident{{NamePos: f.Pos(), Name: "of an embedding"}}
				}
				add(names, f.Doc.Text()+" "+f.Comment.Text(), all)
			}
		case *ast.ValueSpec:
			if isMutex(n.Type) {
				add(n.Names, n.Doc.Text()+" "+n.Comment.Text(), nil)
			}
		}
		return true
	})
	return found
}

func isMutex(t ast.Expr) bool {
	s, ok := t.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := s.X.(*ast.Ident)
	return ok && from.Name == "sync" && (s.Sel.Name == "Mutex" || s.Sel.Name == "RWMutex")
}

func fieldsOf(s *ast.StructType) []string {
	var out []string
	for _, f := range s.Fields.List {
		for _, n := range f.Names {
			out = append(out, n.Name)
		}
	}
	return out
}
