package e2e

import (
	"strings"
	"testing"

	"github.com/mxschmitt/playwright-go"
)

// shown is the value of a field that shows a secret.
func (p person) shown(label string) string {
	f := p.Page.GetByLabel(label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)})
	p.Must(f.WaitFor())
	v, err := f.InputValue()
	p.Must(err)
	return v
}

// checks chooses a radio button or a checkbox by the beginning of its name.
func (p person) checks(name string) {
	p.Must(p.Page.GetByLabel(name).First().Check())
}

// An administrator adds a person, who signs in; gives a service a token; and keeps somebody
// out who leaves, told before what that ends. The last administrator stays.
func TestPeopleInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	dev := c.as("dev@example.com", "/requests")
	ada := c.as(adminEmail, "/people")
	ada.sees("Dev Developer", "bo@example.com")

	const name = `Zoë <b>O'Neil</b> "Q" 🦊`
	ada.presses("Add a person")
	ada.fills("Name", name)
	ada.fills("E-mail address", "dev@example.com")
	ada.presses("Add")
	ada.sees("There is already a user with the e-mail address dev@example.com.")
	ada.fills("E-mail address", "zoe@example.com")
	ada.presses("Add")
	first := ada.shown("One-time password")
	if len(first) < 20 {
		t.Fatalf("%q is no one-time password", first)
	}
	ada.presses("I have stored it")
	ada.sees("What you can do", name)
	ada.Until(`location.pathname.startsWith("/people/usr_")`)
	if kept := ada.Run(`JSON.stringify([{...sessionStorage}, {...localStorage}])`); strings.Contains(string(kept), first) {
		t.Error("the browser keeps the password")
	}
	zoe := person{c.web.Person().Open(c.url("/signin?next=/profile"))}
	zoe.fills("E-mail address", "zoe@example.com")
	zoe.fills("Password", first)
	zoe.presses("Sign in")
	zoe.fills("The password that you were given", first)
	zoe.fills("Your new password", devPassword+devPassword)
	zoe.presses("Choose it and sign in")
	zoe.sees("My profile", name)

	// What ends is said before, and then has ended.
	ada.Visit(c.url("/people?words=dev"))
	ada.presses("What to do with Dev Developer")
	ada.Must(ada.Page.GetByRole("menuitem", playwright.PageGetByRoleOptions{Name: "Disable…"}).Click())
	ada.sees("Ends 1 access (" + longWord + " reader), 1 request that waits (" + longWord + " reader), 1 session and 1 token.")
	ada.presses("Disable Dev Developer")
	ada.sees("Disabled", "They hold nothing now, and wait for nothing.", "They are signed in nowhere.", "There is no token.", "disabled this person")
	dev.sees("signed out")
	var out struct{ Node struct{ Status string } }
	for _, id := range []string{c.active, c.pending} {
		c.done(c.admin.Do(t.Context(), `query($id: ID!) { node(id: $id) { ... on AccessRequest { status } } }`, map[string]any{"id": id}, &out))
		if out.Node.Status != "REVOKED" && out.Node.Status != "CANCELED" {
			t.Errorf("%s is %s", id, out.Node.Status)
		}
	}

	// A service account has a token as long as somebody wants.
	ada.Visit(c.url("/people?tab=services&add=true"))
	ada.fills("Name", "siem")
	ada.presses("Add")
	ada.Until(`new URLSearchParams(location.search).get("account")?.startsWith("svc_")`)
	ada.Must(ada.Page.GetByRole("region", playwright.PageGetByRoleOptions{Name: "siem"}).GetByText("Make a token…").Click())
	ada.fills("Name", "production")
	ada.checks("events:read")
	ada.presses("Make the token")
	secret := ada.shown("Token")
	ada.presses("I have stored it")
	siem := c.g.client(secret)
	c.done(siem.Do(t.Context(), `{ viewer { name } }`, nil, nil))
	ada.presses("Revoke: production")
	ada.presses("Revoke production")
	ada.Until(`!document.body.innerText.includes("production")`)
	if siem.Do(t.Context(), `{ viewer { name } }`, nil, nil) == nil {
		t.Error("a token that was revoked opens something")
	}
	ada.sees("a worker in this server acts as it")

	// Who is last stays, and is told so before.
	ada.Visit(c.url("/people?role=ADMIN&status=ENABLED"))
	ada.presses("Bo Boss")
	ada.presses("Disable…")
	ada.sees("Disable “Bo Boss”?", "Ends 1 token.")
	ada.presses("Disable Bo Boss")
	ada.sees("disabled this person")
	ada.Visit(c.url("/people?role=ADMIN&status=ENABLED"))
	ada.presses("Administrator")
	ada.presses("Disable…")
	ada.sees("This is you", "Administrator is the last administrator who can sign in; add another first.")
	ada.off("Disable Administrator")

	// A zone is the person's, on every device.
	zoe.presses("My profile")
	zoe.Must(zoe.Page.GetByRole("combobox", playwright.PageGetByRoleOptions{Name: "Time zone"}).Fill("Asia/Kathmandu"))
	zoe.Must(zoe.Page.GetByRole("option", playwright.PageGetByRoleOptions{Name: "Asia/Kathmandu"}).Click())
	minutes := `document.body.innerText.match(/It is .*:(\d\d) there/)?.[1]`
	quarter := `(() => { const m = ` + minutes + `; return m !== undefined && [44, 45, 46].includes((Number(m) - new Date().getUTCMinutes() + 60) % 60) })()`
	zoe.Until(quarter)
	other := person{c.web.Person().Open(c.url("/signin?next=/profile"))}
	other.fills("E-mail address", "zoe@example.com")
	other.fills("Password", devPassword+devPassword)
	other.presses("Sign in")
	other.sees("Shortcuts of single letters")
	other.Until(quarter)
	other.presses("End all others…", "End the others")
	zoe.sees("signed out")
	c.web.Clean("404", "422") // the latter is how the sign-in asks for a password of one's own
	c.g.stop()
}
