package command_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/app"
)

// atCommandLine runs commands on one store, whose words are separated by "|".
type atCommandLine struct {
	t     *testing.T
	store string
}

func newCommandLine(t *testing.T) atCommandLine {
	return atCommandLine{t, "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}
}

func (l atCommandLine) run(line string) (code int, out, errs string) {
	l.t.Helper()
	return invoke(l.t, []string{"PROCYON_STORE=" + l.store, "PROCYON_PASSWORD=correct horse battery"}, strings.Split(line, "|")...)
}

// says runs a command that prints exactly this.
func (l atCommandLine) says(line, want string) {
	l.t.Helper()
	if code, out, errs := l.run(line); code != 0 || out != want {
		l.t.Errorf("%s: %d %s%s, want %s", line, code, out, errs, want)
	}
}

// refuses runs a command that fails with these words.
func (l atCommandLine) refuses(line, want string) {
	l.t.Helper()
	if code, out, errs := l.run(line); code != 1 || out != "" || !strings.HasPrefix(errs, "procyon: "+want) {
		l.t.Errorf("%s: %d %s%s, want %s", line, code, out, errs, want)
	}
}

// lists runs a command that prints a table, with these rows from the second column on.
func (l atCommandLine) lists(line string, want ...string) {
	l.t.Helper()
	code, out, errs := l.run(line)
	var rows []string
	for row := range strings.Lines(out) {
		rows = append(rows, strings.Join(strings.Fields(row)[1:], " "))
	}
	if code != 0 || strings.Join(rows, "\n") != strings.Join(want, "\n") {
		l.t.Errorf("%s: %d %s\n%s\nwant\n%s", line, code, errs, strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

// directly does something on the store without a command.
func (l atCommandLine) directly(do func(ctx context.Context, s *access.Service) error) {
	l.t.Helper()
	k, err := app.OpenCore(l.t.Context(), app.StoreConfig{URL: l.store}, slog.New(slog.DiscardHandler))
	if err != nil {
		l.t.Fatal(err)
	}
	defer k.Close()
	if err := k.Do(l.t.Context(), func() error { return do(l.t.Context(), k.Access) }); err != nil {
		l.t.Fatal(err)
	}
}

// people adds persons without rights, and one administrator.
func (l atCommandLine) people(names ...string) {
	l.t.Helper()
	for _, line := range append([]string{"ada|--admin"}, names...) {
		name, more, _ := strings.Cut(line, "|")
		line := strings.TrimSuffix("user|create|--email|"+name+"@example.com|--name|"+name+"|"+more, "|")
		if code, _, errs := l.run(line); code != 0 {
			l.t.Fatal(errs)
		}
	}
}

// provisioned makes a person, and a group with them in it, as the directory does.
func (l atCommandLine) provisioned(name, group string) {
	l.t.Helper()
	l.directly(func(ctx context.Context, s *access.Service) error {
		directory := access.Actor{Kind: access.ActorService, ID: "svc_directory", Name: "directory", Via: "scim"}
		u, err := s.ProvisionUser(ctx, directory, access.Provision{UserName: name, Email: name + "@example.com", Name: name, Active: true, Record: []byte("{}")})
		if err == nil {
			_, err = s.CreateGroup(ctx, directory, access.NewGroup{Name: group, Source: access.SourceSCIM, ExternalID: group, Members: []string{u.ID}})
		}
		return err
	})
}

// signedIn signs a person in, whose claims name groups.
func (l atCommandLine) signedIn(name string, groups ...string) {
	l.t.Helper()
	l.directly(func(ctx context.Context, s *access.Service) error {
		_, err := s.Identify(ctx, access.System(), access.SignedIn{
			Identity: access.Identity{Issuer: "https://id.example.com", Subject: name}, Email: name + "@example.com", EmailVerified: true, Name: name, Groups: groups,
		})
		return err
	})
}

// Administrators keep groups at the command line, and see those of others.
func TestGroups(t *testing.T) {
	l := newCommandLine(t)
	l.people("dev", "eve")
	today := time.Now().UTC().Format(time.DateOnly)
	if code, out, errs := l.run("group|create|--name|On call"); code != 0 || !strings.HasPrefix(out, "grp_") || strings.Count(out, "\n") != 1 {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	l.refuses("group|create|--name|on CALL", `--name: There is already a group named "on CALL".`)
	l.refuses("group|create|--name| ", "--name: Give at least 1 character.")
	l.says("group|add|--name|on call|--email|dev@example.com, EVE@example.com", "In the group On call now: dev@example.com and eve@example.com.\n")
	l.lists("group|members|--name|On call", "E-MAIL NAME STATUS SINCE COUNTS", "dev@example.com dev enabled "+today+" yes", "eve@example.com eve enabled "+today+" yes")
	l.refuses("group|add|--name|On call|--email|ada@example.com,nobody@example.com", "--email: There is no user with the e-mail address nobody@example.com.")
	l.refuses("group|add|--name|On call|--email|,", "--email: Give at least one e-mail address.")
	l.says("group|remove|--name|On call|--email|dev@example.com", "No longer in the group On call: dev@example.com.\n")
	l.lists("group|members|--name|On call", "E-MAIL NAME STATUS SINCE COUNTS", "eve@example.com eve enabled "+today+" yes")
	l.says("group|rename|--name|On call|--to|DBA", "The group On call is now called DBA.\n")
	l.refuses("group|rename|--name|DBA|--to| ", "--to: Give at least 1 character.")
	l.refuses("group|members|--name|On call", "--name: There is no such group.")

	l.provisioned("mia", "DBA")
	l.signedIn("nina", "Ops")
	l.lists("group|list", "NAME SOURCE SINCE", "DBA local "+today, "DBA scim "+today, "Ops oidc "+today)
	l.refuses("group|delete|--name|DBA", `--name: There are groups named "DBA" of several sources; say which source is meant.`)
	l.refuses("group|add|--name|DBA|--source|scim|--email|dev@example.com", `The group "DBA" is kept by the directory; change it there.`)
	l.refuses("group|rename|--name|DBA|--source|scim|--to|X", `The group "DBA" is kept by the directory; change it there.`)
	l.refuses("group|add|--name|Ops|--email|dev@example.com", `Who is in the group "Ops" is said by the identity provider when people sign in.`)
	l.lists("group|members|--name|DBA|--source|scim", "E-MAIL NAME STATUS SINCE COUNTS", "mia@example.com mia enabled "+today+" yes")
	if _, out, _ := l.run("group|members|--name|Ops"); !strings.Contains(out, " until "+time.Now().UTC().Add(23*time.Hour).Format("2006-01")) {
		t.Errorf("nobody is told how long a sign-in counts: %s", out)
	}
	l.says("group|rename|--name|Ops|--to|Operators", "The group Ops is now called Operators.\n")
	l.signedIn("nina", "Ops") // which is that group still
	l.says("group|delete|--name|DBA|--source|local", "The group DBA is deleted; nobody is in it any more.\n")
	l.directly(func(ctx context.Context, s *access.Service) error {
		g, err := s.GroupCalled(ctx, "DBA")
		for i, others := range []string{"", "dev@example.com"} {
			var a access.Account
			if err == nil {
				a, err = s.CreateAccount(ctx, app.Operator(), access.NewAccount{Name: fmt.Sprint("Account ", i+1), Provider: "AWS", ExternalID: fmt.Sprint(i)})
			}
			owners := []string{g.ID}
			if err == nil && others != "" {
				var u access.User
				u, err = s.UserByEmail(ctx, others)
				owners = append(owners, u.ID)
			}
			if err == nil {
				err = s.SetOwners(ctx, app.Operator(), a.ID, owners, nil)
			}
		}
		return err
	})
	l.says("group|delete|--name|DBA", "The group DBA is deleted; nobody is in it any more. It answered for “Account 1” and “Account 2”. Nobody answers any more for “Account 1”.\n")
	l.lists("group|list", "NAME SOURCE SINCE", "Operators oidc "+today)
}

// A person is handed over to the directory, which then takes them over; administrators are
// not.
func TestHandOver(t *testing.T) {
	l := newCommandLine(t)
	l.people("lena", "tom")
	today := time.Now().UTC().Format(time.DateOnly)
	const waits = " is kept here until the directory next tries to make them; then it takes them over.\n"
	l.refuses("user|hand-over|--email|ada@example.com", "ada is an administrator; the directory can't take over administrators.")
	l.refuses("user|hand-over|--email|nobody@example.com", "--email: There is no such user.")
	l.says("user|hand-over|--email|lena@example.com", "lena@example.com"+waits)
	l.says("user|hand-over|--email|tom@example.com", "tom@example.com"+waits)
	l.says("user|hand-over|--email|tom@example.com|--back", "tom@example.com is kept here; the directory can't take them over.\n")
	l.lists("user|list", "E-MAIL NAME ROLE STATUS SINCE FROM",
		"ada@example.com ada admin enabled "+today+" local", "lena@example.com lena member enabled "+today+" local, handed over", "tom@example.com tom member enabled "+today+" local")
	l.provisioned("lena", "DBA")
	l.says("user|hand-over|--email|lena@example.com", "lena@example.com comes from the directory already.\n")
	l.lists("user|list", "E-MAIL NAME ROLE STATUS SINCE FROM",
		"ada@example.com ada admin enabled "+today+" local", "lena@example.com lena member enabled "+today+" directory", "tom@example.com tom member enabled "+today+" local")
}

// Accounts are joined to one human's, and separated again.
func TestJoin(t *testing.T) {
	l := newCommandLine(t)
	l.people("dev", "root", "eve")
	l.refuses("user|join|--email|dev@example.com|--with|nobody@example.com", "--with: There is no such user.")
	l.refuses("user|join|--email|dev@example.com|--with|dev@example.com", "--with: Give two different accounts.")
	l.says("user|join|--email|root@example.com|--with|dev@example.com", "root@example.com and dev@example.com count as one human.\n")
	l.says("user|join|--email|root@example.com|--with|dev@example.com", "root@example.com and dev@example.com count as one human.\n")
	l.refuses("user|join|--email|root@example.com|--with|eve@example.com", "--email: root is joined to 1 other account already; separate them first.")
	l.refuses("user|separate|--email|dev@example.com", "--email: Other accounts are joined to dev; separate those.")
	l.says("user|separate|--email|root@example.com", "root@example.com counts as a human of their own.\n")
	l.says("user|separate|--email|dev@example.com", "dev@example.com counts as a human of their own.\n")
}
