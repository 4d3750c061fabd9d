package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"procyon/internal/command"
)

// What stands in a file writes nothing but text to a terminal.
func TestCatalogImportOfATerminalsCommands(t *testing.T) {
	dir := t.TempDir()
	environ := []string{"PROCYON_STORE=sqlite:" + filepath.Join(dir, "procyon.db")}
	if _, errs, err := call(t, append(environ, "PROCYON_PASSWORD=correct horse battery"), "user", "create", "--email", "ada@example.com", "--name", "Ada"); err != nil {
		t.Fatal(errs, err)
	}
	for name, text := range map[string]string{
		"a row":    "type,name\nfolder\x1b[2J,\x1b]0;x\a\u202ey\n",
		"a column": "type,name,\x1b[2J\u202e\n",
	} {
		path := filepath.Join(dir, "rows.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		code := command.Run(t.Context(), command.Surroundings{Environ: func() []string { return environ }, Out: &out, Err: &errs}, []string{"catalog", "import", "--file", path}, all()...)
		said := out.String() + errs.String()
		if code == 0 || strings.ContainsAny(said, "\x1b\a\u202e") || !strings.Contains(strings.ToLower(said), "[2j") {
			t.Errorf("%s: %d %q", name, code, said)
		}
	}
}

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
