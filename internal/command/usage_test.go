package command_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"procyon/internal/command"
)

// invoke runs the binary's commands as the process does.
func invoke(t *testing.T, environ []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	s := command.Surroundings{Environ: func() []string { return environ }, Out: &o, Err: &e}
	code = command.Run(t.Context(), s, args, all()...)
	return code, o.String(), e.String()
}

var groups = map[string][]string{
	"":           {"serve", "notifier", "slackbot", "demo", "slack manifest", "user create", "user list", "user role", "token create", "journal verify", "receipt", "receipt verify", "completion"},
	"user":       {"user create", "user list", "user email", "user password", "user role", "user disable", "user enable", "user hand-over", "user join", "user separate"},
	"group":      {"group list", "group create", "group rename", "group delete", "group members", "group add", "group remove"},
	"token":      {"token create", "token list", "token revoke"},
	"journal":    {"journal verify", "journal checkpoint", "journal rebuild"},
	"slack":      {"slack manifest"},
	"completion": {"completion bash", "completion zsh", "completion fish", "completion powershell"},
}

// Commands that hold others list them, and there is help on each. Without being asked for
// help they do so on the error output, and fail.
func TestSubCommandsAreListed(t *testing.T) {
	lists := func(args []string, text string, subs []string) {
		t.Helper()
		for _, sub := range subs {
			if !strings.Contains(text, "\n  "+sub+" ") {
				t.Errorf("%v does not list %q: %s", args, sub, text)
			}
		}
	}
	for group, subs := range groups {
		args := strings.Fields(group)
		code, out, errs := invoke(t, nil, args...)
		if want := "procyon: say which command of " + strings.TrimSpace("procyon "+group) + "\n"; code != 2 || out != "" || !strings.HasSuffix(errs, want) {
			t.Errorf("%v: %d %s%s", args, code, out, errs)
		}
		lists(args, errs, subs)
		for _, args := range [][]string{append(args, "--help"), append([]string{"help"}, args...)} {
			code, out, errs := invoke(t, nil, args...)
			if code != 0 || errs != "" {
				t.Errorf("%v: %d %s", args, code, errs)
			}
			if group != "completion" { // of which cobra has words of its own
				lists(args, out, subs)
			}
		}
	}
	if code, out, _ := invoke(t, nil, "help", "user", "role"); code != 0 || !strings.Contains(out, "--role") || !strings.Contains(out, "--store") {
		t.Errorf("%d: %s", code, out)
	}
}

// A list below the root says what each command takes, what it can't do without first.
func TestListsSayWhatCommandsTake(t *testing.T) {
	for group, want := range map[string][]string{
		"user": {
			"--email … --name … --password … [--admin]\n", "--email … --to …\n", "--email … --role …\n", "--email … [--back]\n", "--email … --with …\n",
		},
		"group": {"--name …\n", "--name … --to … [--source …]\n", "--name … [--source …]\n", "--email … --name … [--source …]\n"},
		"token": {"[--name …] [--scope …] [--ttl …] [--user …]\n", "--id …\n"},
	} {
		_, _, errs := invoke(t, nil, group)
		for _, w := range want {
			if !strings.Contains(errs, "  "+w) {
				t.Errorf("%s lacks %q: %s", group, w, errs)
			}
		}
	}
}

// A command that lacks what it needs says what it takes, and opens nothing.
func TestHalfACommand(t *testing.T) {
	for args, want := range map[string]string{
		"user create":                         "procyon user create needs --email and --name and --password",
		"user create --email a@b --name ":     "procyon user create needs --name and --password",
		"user email":                          "procyon user email needs --email and --to",
		"user password --email a@example.com": "procyon user password needs --password",
		"user role --email a@example.com":     "procyon user role needs --role",
		"user disable":                        "procyon user disable needs --email",
		"user enable":                         "procyon user enable needs --email",
		"user hand-over":                      "procyon user hand-over needs --email",
		"user join --email a@example.com":     "procyon user join needs --with",
		"user separate":                       "procyon user separate needs --email",
		"group create":                        "procyon group create needs --name",
		"group add --name DBA":                "procyon group add needs --email",
		"group rename --name DBA":             "procyon group rename needs --to",
		"group members --name D --source ad":  `there is no source "ad"; give --source local, oidc or scim`,
		"token revoke":                        "procyon token revoke needs --id",
		"token create":                        "a service's token needs --name and --scope; a person's needs --user",
		"token create --name x --scope ,":     "a service's token needs --name and --scope; a person's needs --user",
		"token list":                          "give --user, or --name of a service account",
		"user role --email a@b --role boss":   `there is no role "boss"; give --role admin or --role member`,
		"slack manifest":                      "PROCYON_PUBLIC_URL must be an https URL that Slack can reach; give it with --public-url",
		"notifier":                            "PROCYON_SERVICE_TOKEN is missing; make one with: procyon token create --name notifier --scope events:read,deliveries:write,webhooks:read",
		"user disable dev@example.com":        `procyon user disable takes no argument "dev@example.com"; it takes flags, which begin with two dashes`,
	} {
		store := "PROCYON_STORE=nowhere:at all" // which whatever is opened fails at
		code, out, errs := invoke(t, []string{store}, strings.Split(args, " ")...)
		words := strings.Fields(args)
		if code != 2 || out != "" || !strings.HasSuffix(errs, "\nprocyon: "+want+"\n") || !strings.HasPrefix(errs, "Usage: procyon "+words[0]) {
			t.Errorf("%s: %d %s%s\nwant %s", args, code, out, errs, want)
		}
		for _, f := range regexp.MustCompile(`--[a-z]+`).FindAllString(want, -1) {
			if strings.Contains(want, "needs "+f) && !strings.Contains(errs, "      "+f) {
				t.Errorf("%s: nothing is said of %s: %s", args, f, errs)
			}
		}
	}
}

func TestWhatThereIsNot(t *testing.T) {
	for want, args := range map[string][]string{
		`there is no command "fly"`:                                                                          {"fly"},
		`there is no command "user fly"`:                                                                     {"user", "fly"},
		`there is no command "serv"; did you mean serve?`:                                                    {"serv"},
		`there is no command "users"; did you mean user?`:                                                    {"users"},
		`there is no command "verify"; did you mean journal verify, or receipt verify?`:                      {"verify"},
		`there is no command "list"; did you mean group list, or token list, or user list?`:                  {"list"},
		`there is no command "user lsit"; did you mean user list?`:                                           {"user", "lsit"},
		`there is no command "user mail"; did you mean user email?`:                                          {"user", "mail", "--email", "x"},
		`there is no command "journal verfiy"; did you mean journal verify?`:                                 {"journal", "verfiy"},
		`there is no command "completion bsh"; did you mean completion bash, or completion zsh?`:             {"completion", "bsh"},
		`procyon journal verify takes no argument "everything"; it takes flags, which begin with two dashes`: {"journal", "verify", "everything"},
		"unknown flag: --fly":                                              {"serve", "--fly"},
		"unknown flag: --emial; did you mean --email?":                     {"user", "disable", "--emial", "x"},
		"unknown flag: -email; names of flags have two dashes before them": {"user", "disable", "-email", "x"},
		"flag needs an argument: --email":                                  {"user", "disable", "--email"},
	} {
		code, out, errs := invoke(t, nil, args...)
		if code != 2 || out != "" || !strings.HasSuffix(errs, "procyon: "+want+"\n") {
			t.Errorf("%v: %d %s, want %q", args, code, errs, want)
		}
	}
	for _, args := range [][]string{{"help", "usr"}, {"usr"}} {
		if code, out, errs := invoke(t, nil, args...); code != 2 || out != "" || !strings.HasSuffix(errs, `there is no command "usr"; did you mean user?`+"\n") {
			t.Errorf("%v: %d %s%s", args, code, out, errs)
		}
	}
	if code, _, errs := invoke(t, nil, "help", "user", "lsit"); code != 2 || !strings.Contains(errs, `no command "user lsit"; did you mean user list?`) {
		t.Errorf("%d %s", code, errs)
	}
	if _, _, errs := invoke(t, nil, "fly"); !strings.Contains(errs, "  serve ") {
		t.Errorf("nobody is told what there is: %s", errs)
	}
}

// A command that takes an argument says so, and takes one.
func TestCommandsWithAnArgument(t *testing.T) {
	for args, want := range map[string]string{
		"receipt":                           "procyon receipt needs REQUEST",
		"receipt req_1 req_2":               `procyon receipt takes one REQUEST, and no argument "req_2" behind it`,
		"receipt verify --public-key x":     "procyon receipt verify needs FILE",
		"receipt verify nowhere":            "procyon receipt verify needs --public-key: whoever runs the gateway prints it with procyon journal checkpoint --public-key",
		"receipt req_1 --fly":               "unknown flag: --fly",
		"journal checkpoint now":            `procyon journal checkpoint takes no argument "now"; it takes flags, which begin with two dashes`,
		"journal verify --checkpoint=a now": `procyon journal verify takes no argument "now"; it takes flags, which begin with two dashes`,
	} {
		code, out, errs := invoke(t, []string{"PROCYON_STORE=nowhere:at all"}, strings.Split(args, " ")...)
		if code != 2 || out != "" || !strings.HasSuffix(errs, "\nprocyon: "+want+"\n") || !strings.HasPrefix(errs, "Usage: procyon ") {
			t.Errorf("%s: %d %s%s\nwant %s", args, code, out, errs, want)
		}
	}
	_, out, _ := invoke(t, nil, "receipt", "--help")
	for _, want := range []string{"Usage: procyon receipt REQUEST [FLAGS]\n", "--checkpoint-key-file", "receipt verify"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q: %s", want, out)
		}
	}
	if _, out, _ := invoke(t, nil, "receipt", "verify", "--help"); !strings.Contains(out, "Usage: procyon receipt verify FILE [--public-key …] [FLAGS]\n") {
		t.Error(out)
	}
}
