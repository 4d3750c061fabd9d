package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// pkg is one package: the Go files of one folder, its external tests included.
type pkg struct {
	folder     string // relative to the root, "." for the root itself
	name       string
	documented bool
	nested     bool // in a module of its own
	files      []file
}

type file struct {
	path      string
	lines     int
	imports   []string
	words     []string // its identifiers and literals
	test      bool
	generated bool
	mutexes   []mutex
}

// load reads every package in root, ordered by folder.
func load(root fs.FS) ([]pkg, error) {
	byFolder := map[string]*pkg{}
	nested := map[string]bool{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return skip(entry.Name())
		case entry.Name() == "go.mod" && name != "go.mod":
			nested[path.Dir(name)] = true
		case strings.HasSuffix(name, ".go"):
			return add(byFolder, root, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	packages := make([]pkg, 0, len(byFolder))
	for _, p := range byFolder {
		for folder := range nested {
			p.nested = p.nested || within(p.folder, folder)
		}
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b pkg) int { return strings.Compare(a.folder, b.folder) })
	return packages, nil
}

// skip leaves out the folders that the go command leaves out.
func skip(folder string) error {
	if folder == "node_modules" || folder == "testdata" || strings.HasPrefix(folder, "_") ||
		(strings.HasPrefix(folder, ".") && folder != ".") {
		return fs.SkipDir
	}
	return nil
}

func add(byFolder map[string]*pkg, root fs.FS, name string) error {
	source, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	folder := path.Dir(name)
	p := byFolder[folder]
	if p == nil {
		p = &pkg{folder: folder}
		byFolder[folder] = p
	}
	f := file{
		path:      name,
		lines:     bytes.Count(source, []byte("\n")),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(tree),
		mutexes:   mutexesOf(set, tree),
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			f.words = append(f.words, n.Name)
		case *ast.BasicLit:
			f.words = append(f.words, n.Value)
		}
		return true
	})
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		f.imports = append(f.imports, imported)
	}
	p.files = append(p.files, f)
	p.documented = p.documented || strings.TrimSpace(tree.Doc.Text()) != ""
	if p.name == "" || !f.test {
		p.name = strings.TrimSuffix(tree.Name.Name, "_test")
	}
	return nil
}
