package archtest_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"procyon/internal/archtest"
)

func TestThisRepository(t *testing.T) {
	violations, err := archtest.Check(os.DirFS("../.."), archtest.Rules())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}

func TestCheckFinds(t *testing.T) {
	long := strings.Repeat("\n", archtest.MaxLines+1)
	for _, test := range []struct {
		name, path, source string
		want               string // "" where nothing is wrong
	}{
		{"a good file", "access/a.go", "// Package access is right.\npackage access\n\nimport \"time\"\n", ""},
		{"domain imports a technology", "access/a.go", "// Package access is wrong.\npackage access\nimport _ \"github.com/google/uuid\"\n", "access imports the standard library only"},
		{"domain imports the journal", "access/a.go", "// Package access is wrong.\npackage access\nimport _ \"procyon/journal\"\n", "of this module access may import only"},
		{"domain imports the contract of a store", "access/a.go", "// Package access is right.\npackage access\nimport _ \"procyon/store\"\n", ""},
		{"domain imports a store", "access/a.go", "// Package access is wrong.\npackage access\nimport _ \"procyon/store/sqlite\"\n", "of this module access may import only"},
		{"domain imports the policies", "access/a.go", "// Package access is right.\npackage access\nimport _ \"procyon/policy\"\n", ""},
		{"domain imports the language of conditions", "access/a.go", "// Package access is wrong.\npackage access\nimport _ \"procyon/policy/condition\"\n", "of this module access may import only"},
		{"contract imports a store", "store/s.go", "// Package store is wrong.\npackage store\nimport _ \"procyon/journal\"\n", "store may import nothing else"},
		{"a new store", "store/memory/s.go", "// Package memory is right.\npackage memory\nimport (\n\t_ \"procyon/journal\"\n\t_ \"procyon/store/memory/page\"\n)\n", ""},
		{"a store imports another", "store/memory/s.go", "// Package memory is wrong.\npackage memory\nimport _ \"procyon/store/sqlite\"\n", "store/memory may import only"},
		{"a store imports the suite", "store/memory/s.go", "// Package memory is wrong.\npackage memory\nimport _ \"procyon/store/storetest\"\n", "store/memory may import only"},
		{"seals import the journal", "internal/seal/s.go", "// Package seal is wrong.\npackage seal\nimport _ \"procyon/journal\"\n", "may import only internal/keyfile"},
		{"API imports a store", "graph/node/n.go", "// Package node is wrong.\npackage node\nimport _ \"procyon/store/sqlite\"\n", "of this module graph may import only"},
		{"API imports the domain", "graph/node/n.go", "// Package node is right.\npackage node\nimport (\n\t_ \"procyon/access\"\n\t_ \"procyon/graph/model\"\n)\n", ""},
		{"worker imports the domain", "notifier/n.go", "// Package notifier is wrong.\npackage notifier\nimport _ \"procyon/access\"\n", "of this module notifier may import only"},
		{"worker imports the other", "slackbot/n.go", "// Package slackbot is wrong.\npackage slackbot\nimport _ \"procyon/notifier\"\n", "of this module slackbot may import only"},
		{"a like name is not below", "graph/a.go", "// Package graph is wrong.\npackage graph\nimport _ \"procyon/accessory\"\n", "of this module graph may import only"},
		{"import of the root", "journal/j.go", "// Package journal is wrong.\npackage journal\nimport _ \"procyon\"\n", "nothing imports the root package"},
		{"domain names a technology", "access/a.go", "// Package access is wrong.\npackage access\nvar mySlackID int\n", "access knows nothing"},
		{"domain speaks of a technology", "access/a.go", "// Package access is wrong.\npackage access\nvar id = \"in Slack\"\n", "access knows nothing"},
		{"a comment is free", "access/a.go", "// Package access is right, also in Slack.\npackage access\n", ""},
		{"a room knows what is its own", "slackworkspace/a.go", "// Package slackworkspace is right.\npackage slackworkspace\nimport _ \"procyon/access\"\nvar slack int\n", ""},
		{"domain imports a room", "access/a.go", "// Package access is wrong.\npackage access\nimport _ \"procyon/slackworkspace\"\n", "of this module access may import only"},
		{"a test may import more", "access/a_test.go", "// Package access_test is right.\npackage access_test\nimport _ \"go.uber.org/goleak\"\n", ""},
		{"no rule", "novel/n.go", "// Package novel has no place.\npackage novel\n", "no rule says"},
		{"the root has commands", "server.go", "// Package main has the table of commands.\npackage main\nimport _ \"procyon/internal/command\"\n", ""},
		{"the root wires", "server.go", "// Package main wires.\npackage main\nimport _ \"procyon/store/sqlite\"\n", "may import only internal/command"},
		{"a name that says nothing", "graph/util/u.go", "// Package util is wrong.\npackage util\n", "says nothing"},
		{"a folder that says nothing", "graph/common/u.go", "// Package thing is wrong.\npackage thing\n", "says nothing"},
		{"no doc comment", "journal/j.go", "package journal\n", "no doc comment"},
		{"a long file", "journal/j.go", "// Package journal is long.\npackage journal\n" + long, "500 is the most"},
		{"a long test", "journal/j_test.go", "// Package journal is long.\npackage journal\n" + long, "500 is the most"},
		{"a long generated file", "journal/j.go", "// Code generated by a tool. DO NOT EDIT.\n\n// Package journal is long.\npackage journal\n" + long, ""},
		{"a mutex that says nothing", "journal/j.go", mutexFile("mu sync.Mutex\n\ta int"), "j.go:6: the mutex mu does not say what it guards"},
		{"a mutex that says it above", "journal/j.go", mutexFile("// mu guards a.\n\tmu sync.Mutex\n\ta int"), ""},
		{"a mutex that says it beside", "journal/j.go", mutexFile("mu sync.RWMutex // guards a and b; taken last\n\ta, b int"), ""},
		{"a mutex that guards what was renamed", "journal/j.go", mutexFile("mu sync.Mutex // guards a, c\n\ta, b int"), "guards \"c\", which is no field"},
		{"a mutex that guards all below", "journal/j.go", mutexFile("mu sync.Mutex // guards the fields below\n\ta int"), ""},
		{"a mutex that puts calls in order", "journal/j.go", mutexFile("writing sync.Mutex // held while the file is written"), ""},
		{"an embedded mutex", "journal/j.go", mutexFile("sync.Mutex"), "does not say what it guards"},
		{"a mutex of a test", "journal/j_test.go", mutexFile("mu sync.Mutex"), ""},
		{"not ours", "console/node_modules/x/util/u.go", "package util\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := fstest.MapFS{test.path: {Data: []byte(test.source)}}
			violations, err := archtest.Check(tree, archtest.Rules())
			if err != nil {
				t.Fatal(err)
			}
			switch got := strings.Join(violations, "\n"); {
			case test.want == "" && got != "":
				t.Errorf("found %s", got)
			case !strings.Contains(got, test.want):
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

// mutexFile is a file with a struct of these fields.
func mutexFile(fields string) string {
	return "// Package journal is here.\npackage journal\nimport \"sync\"\n\ntype t struct {\n\t" + fields + "\n}\n"
}

func TestCheckNestedModule(t *testing.T) {
	tree := fstest.MapFS{
		"store/mongo/ferrettest/go.mod": {Data: []byte("module procyon/store/mongo/ferrettest\n")},
		"store/mongo/ferrettest/f.go":   {Data: []byte("package util\nimport _ \"procyon/graph\"\n")},
	}
	violations, err := archtest.Check(tree, archtest.Rules())
	if err != nil {
		t.Fatal(err)
	}
	if len(violations) != 2 {
		t.Errorf("found %q, want its name and its missing doc comment, not its imports", violations)
	}
}

func TestCheckUnparsable(t *testing.T) {
	tree := fstest.MapFS{"journal/j.go": {Data: []byte("no Go")}}
	if _, err := archtest.Check(tree, archtest.Rules()); err == nil {
		t.Error("no error for a file that is not Go")
	}
}
