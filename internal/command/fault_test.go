package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What goes wrong is told in the words of the command line: with the flag at fault, or with
// none where no flag has that name.
func TestErrorsSpeakInFlags(t *testing.T) {
	dir := t.TempDir()
	environ := []string{"PROCYON_STORE=sqlite:" + filepath.Join(dir, "procyon.db")}
	do := func(line string) (int, string, string) {
		t.Helper()
		return invoke(t, environ, strings.Split(line, "|")...)
	}
	const long = "|--password|correct horse battery"
	for _, line := range []string{
		"user|create|--email|ada@example.com|--name|Ada|--admin" + long,
		"user|create|--email|dev@example.com|--name|Dev" + long,
		"user|create|--email|gone@example.com|--name|Gone" + long,
		"user|disable|--email|gone@example.com",
	} {
		if code, _, errs := do(line); code != 0 {
			t.Fatal(errs)
		}
	}
	for line, want := range map[string]string{
		"user|create|--email|nobody|--name|A" + long:                                                             `--email: "nobody" is not an e-mail address.`,
		"user|create|--email|DEV@example.com|--name|A" + long:                                                    "--email: There is already a user with the e-mail address DEV@example.com.",
		"user|create|--email|a@example.com|--name| " + long:                                                      "--name: Give at least 1 character.",
		"user|create|--email|a@example.com|--name|A|--password|short":                                            "--password: The password is too short: give at least 12 characters.",
		"user|email|--email|nobody@example.com|--to|a@example.com":                                               "--email: There is no such user.",
		"user|email|--email|dev@example.com|--to|nobody":                                                         `--to: "nobody" is not an e-mail address.`,
		"user|email|--email|dev@example.com|--to|Ada@example.com":                                                "--to: There is already a user with the e-mail address Ada@example.com.",
		"user|password|--email|nobody@example.com" + long:                                                        "--email: There is no such user.",
		"user|password|--email|dev@example.com|--password|short":                                                 "--password: The password is too short: give at least 12 characters.",
		"user|role|--email|nobody@example.com|--role|admin":                                                      "--email: There is no such user.",
		"user|role|--email|ada@example.com|--role|member":                                                        "Ada is the last administrator who can sign in; add another first.",
		"user|disable|--email|ada@example.com":                                                                   "Ada is the last administrator who can sign in; add another first.",
		"user|disable|--email|nobody@example.com":                                                                "--email: There is no such user.",
		"user|enable|--email|nobody@example.com":                                                                 "--email: There is no such user.",
		"token|create|--user|nobody@example.com":                                                                 "--user: There is no such user.",
		"token|create|--user|gone@example.com":                                                                   "--user: Gone is disabled.",
		"token|create|--user|dev@example.com|--scope|all":                                                        `--scope: A token of a person can't have the scope "all"; use any of: `,
		"token|create|--user|dev@example.com|--ttl|-1h":                                                          "--ttl: A token is good for more than no time and at most 366 days.",
		"token|create|--user|dev@example.com|--name|\t":                                                          "--name: Give a name of 1 to 80 characters, without control characters, that says what the token is for.",
		"token|create|--name|x|--scope|all":                                                                      `--scope: A token of a service can't have the scope "all"; use any of: `,
		"token|list|--user|nobody@example.com":                                                                   "--user: There is no such user.",
		"token|list|--name|nobody":                                                                               "--name: There is no such service account.",
		"token|revoke|--id|tok_none":                                                                             "--id: There is no such token.",
		"serve|--listen|127.0.0.1:0|--store|sqlite:" + filepath.Join(dir, "new.db") + "|--admin-email|nobody":    `--admin-email: "nobody" is not an e-mail address.`,
		"serve|--listen|127.0.0.1:0|--store|sqlite:" + filepath.Join(dir, "new2.db") + "|--admin-password|short": "--admin-password: The password is too short: give at least 12 characters.",
	} {
		code, out, errs := do(line)
		if code != 1 || out != "" || !strings.HasPrefix(errs, "procyon: "+want) && !strings.Contains(errs, "\nprocyon: "+want) {
			t.Errorf("%s: %d %s%s\nwant %s", line, code, out, errs, want)
		}
	}
	// What is done is said, and listed.
	for line, want := range map[string]string{
		"user|email|--email|dev@example.com|--to|devi@example.com": "The e-mail address of Dev is devi@example.com.\n",
		"user|role|--email|gone@example.com|--role|admin":          "gone@example.com is an administrator.\n",
	} {
		if code, out, errs := do(line); code != 0 || out != want {
			t.Errorf("%s: %d %s%s, want %s", line, code, out, errs, want)
		}
	}
	_, list, _ := do("user|list")
	var rows [][]string
	for line := range strings.Lines(list) {
		rows = append(rows, strings.Fields(line)[1:])
	}
	for i, want := range []string{
		"E-MAIL NAME ROLE STATUS SINCE FROM", "ada@example.com Ada admin enabled ", "devi@example.com Dev member enabled ", "gone@example.com Gone admin disabled ",
	} {
		if i >= len(rows) || !strings.HasPrefix(strings.Join(rows[i], " "), want) {
			t.Errorf("row %d of the list is not %q:\n%s", i, want, list)
		}
	}
}

// A command about what is in a store makes none where there is no store: in another folder
// than the gateway's, a journal of nothing would be whole, and a token would open nothing.
func TestNoStoreIsMadeToLookInto(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "procyon.db")
	environ := []string{"PROCYON_STORE=sqlite:" + path}
	for _, line := range []string{
		"user|list", "user|email|--email|a@example.com|--to|b@example.com", "user|password|--email|a@example.com|--password|correct horse battery",
		"user|role|--email|a@example.com|--role|admin", "user|disable|--email|a@example.com", "user|enable|--email|a@example.com",
		"user|hand-over|--email|a@example.com", "user|join|--email|a@example.com|--with|b@example.com", "user|separate|--email|a@example.com",
		"group|list", "group|create|--name|DBA", "group|rename|--name|DBA|--to|Ops", "group|delete|--name|DBA", "group|members|--name|DBA",
		"group|add|--name|DBA|--email|a@example.com", "group|remove|--name|DBA|--email|a@example.com",
		"token|create|--name|siem|--scope|events:read", "token|list|--name|siem", "token|revoke|--id|tok_1",
		"journal|verify", "journal|rebuild",
	} {
		code, out, errs := invoke(t, environ, strings.Split(line, "|")...)
		if want := "procyon: PROCYON_STORE: there is no file " + path + " here; "; code != 1 || out != "" || !strings.HasPrefix(errs, want) {
			t.Errorf("%s: %d %s%s\nwant %s", line, code, out, errs, want)
		}
		if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
			t.Fatalf("%s made a store: %v", line, err)
		}
	}
}
