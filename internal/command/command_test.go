package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"procyon/internal/app"
	"procyon/internal/command"
	"procyon/store"
)

// call runs the binary's commands with an environment.
func call(t *testing.T, environ []string, args ...string) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	root := command.Root(command.Surroundings{Environ: func() []string { return environ }, Out: &o, Err: &e}, args, all()...)
	err = root.ExecuteContext(t.Context())
	return o.String(), e.String(), err
}

func all() []func() *cobra.Command {
	return []func() *cobra.Command{
		command.Serve, command.Notifier, command.SlackBot, command.Slack, command.Demo, command.User, command.Group, command.Token, command.Catalog, command.Journal, command.Receipt, command.Version,
	}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "procyon.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// manifestURL is the public URL that slack manifest takes from what it is told.
func manifestURL(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	out, _, err := call(t, environ, append([]string{"slack", "manifest"}, args...)...)
	if err != nil {
		return err.Error()
	}
	_, rest, _ := strings.Cut(out, `"url": "`)
	at, _, _ := strings.Cut(rest, "/slack/")
	return at
}

// A flag counts more than its variable, the variable more than the file, the file more
// than the default; an empty variable is none.
func TestPrecedence(t *testing.T) {
	path := file(t, "public-url: https://file.example\nlog-format: json\n")
	const missing = "PROCYON_PUBLIC_URL must be an https URL that Slack can reach; give it with --public-url"
	for _, c := range []struct {
		name    string
		environ []string
		args    []string
		want    string
	}{
		{"nothing", nil, nil, missing},
		{"a file", nil, []string{"--config", path}, "https://file.example"},
		{"a file that a variable names", []string{"PROCYON_CONFIG=" + path}, nil, "https://file.example"},
		{"a variable and a file", []string{"PROCYON_PUBLIC_URL=https://variable.example"}, []string{"--config", path}, "https://variable.example"},
		{"an empty variable and a file", []string{"PROCYON_PUBLIC_URL="}, []string{"--config", path}, "https://file.example"},
		{"an empty variable", []string{"PROCYON_PUBLIC_URL="}, nil, missing},
		{"all", []string{"PROCYON_PUBLIC_URL=https://variable.example", "PROCYON_CONFIG=" + path}, []string{"--public-url=https://flag.example"}, "https://flag.example"},
		{"no file, though a variable names one", []string{"PROCYON_CONFIG=" + path}, []string{"--config", ""}, missing},
		{"an empty flag and a variable", []string{"PROCYON_PUBLIC_URL=https://variable.example"}, []string{"--public-url", ""}, missing},
	} {
		if got := manifestURL(t, c.environ, c.args...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What is wrong in the file or the environment is named.
func TestWrongSettings(t *testing.T) {
	for _, c := range []struct {
		name, text string
		environ    []string
		want       string
	}{
		{"an unknown key", "public-url: https://a.example\npubic-url: x\n", nil, `there is no setting "pubic-url"`},
		{"nested keys", "slack:\n  client-id: x\n", nil, `there is no setting "slack"`},
		{"a flag of one call", "email: ada@example.com\n", nil, `there is no setting "email"`},
		{"a file that names another", "config: x\n", nil, `there is no setting "config"`},
		{"a number that YAML makes of a text", "slack-client-id: 1234567890.10\n", nil, "slack-client-id is not a string; put text in quotes"},
		{"a list", "workers: [notifier]\n", nil, "workers is not a string"},
		{"no YAML", "a: b: c\n", nil, "PROCYON_CONFIG: "},
		{"no boolean", "socket-mode: maybe\n", nil, `PROCYON_SOCKET_MODE "maybe" is neither true nor false`},
		{"no boolean in a variable", "", []string{"PROCYON_SOCKET_MODE=maybe"}, `PROCYON_SOCKET_MODE "maybe" is neither true nor false`},
	} {
		_, _, err := call(t, c.environ, "slack", "manifest", "--public-url", "https://procyon.example", "--config", file(t, c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	for variable, want := range map[string]string{
		"PROCYON_DECIDE_IN=1d":    `PROCYON_DECIDE_IN "1d" is not a length of time such as 30s, 90m or 24h; a day is 24h`,
		"PROCYON_MIN_REASON=many": `PROCYON_MIN_REASON "many" is not a number`,
		"PROCYON_CONFIG=/no/file": "PROCYON_CONFIG: open /no/file",
		"PROCYON_DEBUG_LISTEN=:1": `PROCYON_DEBUG_LISTEN ":1" must be an address of this machine alone, such as 127.0.0.1:6060`,
	} {
		if _, _, err := call(t, []string{variable}, "serve"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", variable, err, want)
		}
	}
}

// A flag's value is told to be wrong in the same words as its variable's, and not in those
// of Go.
func TestWrongFlags(t *testing.T) {
	for line, want := range map[string]string{
		"token create --name siem --scope admin --ttl 90d": `--ttl "90d" is not a length of time such as 30s, 90m or 24h; a day is 24h`,
		"serve --decide-in 5":                              `--decide-in "5" is not a length of time such as 30s, 90m or 24h; a day is 24h`,
		"serve --min-reason many":                          `--min-reason "many" is not a number`,
		"serve --approve-in-console=maybe":                 `--approve-in-console "maybe" is neither true nor false`,
	} {
		if _, _, err := call(t, nil, strings.Fields(line)...); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}

// A command reads its own settings alone: what another's are does not matter to it.
func TestSettingsOfOtherCommands(t *testing.T) {
	path := file(t, "public-url: https://a.example\nmin-reason: -1\nslack-api-url: nowhere\nwebhook-interval: 2s\napprove-in-console: true\n")
	if got := manifestURL(t, []string{"PROCYON_MIN_REASON=x", "PROCYON_SOMETHING=else"}, "--config", path); got != "https://a.example" {
		t.Error(got)
	}
	_, _, err := call(t, nil, "notifier", "--config", path)
	if err == nil || !strings.HasPrefix(err.Error(), "PROCYON_SERVICE_TOKEN is missing") {
		t.Error(err)
	}
}

// Secrets that the environment gives are never shown.
func TestHelpShowsNoSecret(t *testing.T) {
	out, _, err := call(t, []string{"PROCYON_ADMIN_PASSWORD=hunter2", "PROCYON_STORE=mongodb://me:hunter2@db"}, "serve", "--help")
	if err != nil || !strings.Contains(out, "--admin-password") || strings.Contains(out, "hunter2") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Nor are they in what is said of a mistake.
func TestErrorsShowNoSecret(t *testing.T) {
	for want, args := range map[string][]string{
		"unknown flag: -admin-password;":          {"serve", "-admin-password=hunter2"},
		"is not YAML of names and values; put":    {"serve", "--config", file(t, "listen: 127.0.0.1:0\nadmin-password: *hunter2\n")},
		"is not YAML of names and values, line 1": {"serve", "--config", file(t, "hunter2")},
		"is not YAML of names and values, line 2": {"serve", "--config", file(t, "listen: 127.0.0.1:0\nadmin-password: hunter2: x\n")},
		"admin-password is not a string":          {"serve", "--config", file(t, "admin-password: {hunter2: x}\n")},
	} {
		out, errs, err := call(t, nil, args...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(out+errs+err.Error(), "hunter2") {
			t.Errorf("%v: %v %s%s, want %q", args, err, out, errs, want)
		}
	}
}

// Shells complete commands and flags.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out, _, err := call(t, nil, "completion", shell); err != nil || !strings.Contains(out, "procyon") {
			t.Errorf("%s: %v, %d bytes", shell, err, len(out))
		}
	}
	if out, _, err := call(t, nil, "__complete", "token", ""); err != nil || !strings.Contains(out, "revoke") {
		t.Errorf("%v: %s", err, out)
	}
	if out, _, err := call(t, nil, "__complete", "serve", "--slack-s"); err != nil || !strings.Contains(out, "--slack-signing-secret") {
		t.Errorf("%v: %s", err, out)
	}
}

// The commands of administration work on a store, and a setting from a file leads to it.
func TestAdministration(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")
	path := file(t, "store: "+url+"\npassword: correct horse battery\n")
	run := func(args ...string) string {
		t.Helper()
		out, errs, err := call(t, []string{"PROCYON_CONFIG=" + path}, args...)
		if err != nil {
			t.Fatalf("%v: %v %s", args, err, errs)
		}
		return out
	}
	if id := run("user", "create", "--email", "ada@example.com", "--name", "Ada", "--admin"); !strings.HasPrefix(id, "usr_") {
		t.Error(id)
	}
	if list := run("user", "list"); strings.Count(list, "\n") != 2 || !strings.HasPrefix(list, "ID ") {
		t.Error(list)
	}
	run("token", "create", "--user", "ada@example.com")
	list := run("token", "list", "--user", "ada@example.com")
	if !strings.Contains(list, "personal") {
		t.Fatal(list)
	}
	run("token", "revoke", "--id", strings.Fields(list)[0])
	if list := run("token", "list", "--user", "ada@example.com"); list != "" {
		t.Error(list)
	}
	if out := run("journal", "verify"); !strings.HasPrefix(out, "The journal is whole: ") {
		t.Error(out)
	}
	// What is counted from the journal is made anew as well.
	db, err := app.OpenStore(t.Context(), url, app.StoreOptions{Note: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Put(t.Context(), store.Document{ID: "meta_ended", Version: 1, Data: []byte(`{"n":{"DENIED":7}}`)}); err != nil {
		t.Fatal(err)
	}
	if out := run("journal", "rebuild"); !strings.HasPrefix(out, "All views were made anew from ") {
		t.Error(out)
	}
	if docs, err := db.Get(t.Context(), "meta_ended"); err != nil || len(docs) > 0 {
		t.Errorf("%v, %v", docs, err)
	}
}

// Whoever is disabled at the command line leaves no token behind, as over the API.
func TestDisablingClearsAway(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")
	var id string
	for _, args := range [][]string{
		{"user", "create", "--email", "ada@example.com", "--name", "Ada", "--admin"},
		{"user", "create", "--email", "dev@example.com", "--name", "Dev"},
		{"token", "create", "--user", "dev@example.com"},
		{"user", "disable", "--email", "dev@example.com"},
	} {
		out, errs, err := call(t, []string{"PROCYON_PASSWORD=correct horse battery", "PROCYON_STORE=" + address}, args...)
		if err != nil {
			t.Fatalf("%v: %v %s", args, err, errs)
		}
		if strings.HasPrefix(out, "usr_") {
			id = strings.TrimSpace(out)
		}
	}
	s, err := app.OpenStore(t.Context(), address, app.StoreOptions{Note: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	left, err := s.List(t.Context(), store.Query{Term: "auth/token=" + id, Limit: 9})
	if err != nil || len(left) != 0 {
		t.Errorf("%d tokens are left: %v", len(left), err)
	}
}

// The demo offers no setting that a demo would not heed.
func TestDemoTakesWhatCounts(t *testing.T) {
	flags := command.Demo().Flags()
	for _, name := range []string{"store", "admin-email", "admin-password", "webhook-hosts", "workers", "slack-signing-secret", "slack-app-token", "slack-client-id", "slack-client-secret", "slack-api-url"} {
		if flags.Lookup(name) != nil {
			t.Errorf("demo has --%s, which changes nothing", name)
		}
	}
	for _, name := range []string{"secret-key-file", "slack-approver-dms", "max-duration", "listen"} {
		if flags.Lookup(name) == nil {
			t.Errorf("demo lacks --%s", name)
		}
	}
}
