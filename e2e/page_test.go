package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is a person at the console.
type browser struct {
	*http.Client
	t    *testing.T
	base string
}

func (g *server) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{Client: &http.Client{Jar: jar}, t: t, base: "http://" + g.address}
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	resp, err := b.Get(b.base + path)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.read(resp)
}

func (b *browser) read(resp *http.Response) (int, string) {
	b.t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (b *browser) post(path string, form url.Values) (int, string) {
	b.t.Helper()
	resp, err := b.PostForm(b.base+path, form)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.read(resp)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)"`)

// form takes the hidden fields of a page's last form with an anti-forgery token.
func form(page string) url.Values {
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

func (b *browser) signIn(email, password, next string) (int, string) {
	b.t.Helper()
	_, page := b.get("/signin?next=" + url.QueryEscape(next))
	f := form(page)
	f.Set("email", email)
	f.Set("password", password)
	return b.post("/signin", f)
}

// The link in a notification works: sign in, see the request, decide it.
func TestDecideInTheConsole(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	id, err := b.ask(b.catalog("console"), "for the <b>console</b>")
	if err != nil {
		t.Fatal(err)
	}
	path := "/requests/" + id
	who := g.browser(t)
	if status, page := who.get(path); status != http.StatusOK || !strings.Contains(page, "<h1>Sign in</h1>") {
		t.Fatalf("a stranger sees %d %s", status, page)
	}
	if status, _ := who.signIn(adminEmail, "wrong password", path); status == http.StatusOK {
		t.Error("a wrong password signs in")
	}
	status, page := who.signIn(adminEmail, adminPassword, path)
	if status != http.StatusOK || !strings.Contains(page, "for the &lt;b&gt;console&lt;/b&gt;") || !strings.Contains(page, "Approve") {
		t.Fatalf("%d %s", status, page)
	}
	g.kill()
	g.again() // the session outlives the process
	if status, again := who.get(path); status != http.StatusOK || !strings.Contains(again, "Approve") {
		t.Fatalf("%d %s", status, again)
	}
	f := form(page)
	f.Set("decision", "APPROVE")
	forged := url.Values{"decision": {"APPROVE"}, "csrf": {"guess"}}
	if status, _ := who.post(path+"/review", forged); status != http.StatusForbidden {
		t.Errorf("a forged form is answered with %d", status)
	}
	if status, page := who.post(path+"/review", f); status != http.StatusOK || !strings.Contains(page, "You approved this request.") {
		t.Errorf("%d %s", status, page)
	}
	dev := g.browser(t)
	if _, page := dev.signIn("dev@example.com", devPassword, path); strings.Contains(page, ">Approve<") {
		t.Error("the requester could approve")
	}
	for _, c := range who.Jar.Cookies(&url.URL{Scheme: "http", Host: g.address, Path: "/"}) {
		b.tok["cookie "+c.Name] = c.Value // no log may have it
	}
	g.stop()
}
