package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file is checked, and imported unless a row is wrong; a dry run writes nothing.
func TestCatalogImport(t *testing.T) {
	dir := t.TempDir()
	environ := []string{"PROCYON_STORE=sqlite:" + filepath.Join(dir, "procyon.db")}
	if _, errs, err := call(t, append(environ, "PROCYON_PASSWORD=correct horse battery"), "user", "create", "--email", "ada@example.com", "--name", "Ada"); err != nil {
		t.Fatal(errs, err)
	}
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rows := file("rows.csv", "type;name\ngateway;Berlin\ngateway;Paris\n")
	for _, c := range []struct {
		args []string
		want string
		ok   bool
	}{
		{[]string{"--file", rows, "--dry-run"}, "2 new, 0 changed, 0 the same, 0 wrong.\nNothing was written.\n", true},
		{[]string{"--file", rows}, "2 new, 0 changed, 0 the same, 0 wrong.\n2 rows imported, 0 refused.\n", true},
		{[]string{"--file", rows}, "0 new, 0 changed, 2 the same, 0 wrong.\nNothing was written.\n", true},
		{[]string{"--file", file("rows.JSON", `[{"type":"gateway","name":"Berlin"},{"type":"folder","name":"x"}]`)}, "0 new, 0 changed, 1 the same, 1 wrong.\nROW  NAME  COLUMN  WHAT IS WRONG\n2    x     type    “folder” is no type of rows. Write account, gateway or resource.\n", false},
		{[]string{"--file", file("empty.csv", "")}, "", false},
		{[]string{"--file", filepath.Join(dir, "none.csv")}, "", false},
	} {
		out, errs, err := call(t, environ, append([]string{"catalog", "import"}, c.args...)...)
		if out != c.want || (err == nil) != c.ok {
			t.Errorf("%s: %v %s\n got  %q\n want %q", strings.Join(c.args, " "), err, errs, out, c.want)
		}
	}
}
