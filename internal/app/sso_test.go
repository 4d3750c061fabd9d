package app_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/app/apptest"
	"procyon/internal/demo"
	"procyon/store"
)

// provider is a certified OpenID Connect provider that we did not write.
type provider struct {
	t      *testing.T
	issuer string
	stop   func()
}

// newProvider starts it with this server as its client, and tells the server.
func newProvider(t *testing.T, cfg *app.Config) *provider {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Node.js and npm")
	}
	dir := filepath.Join("..", "..", "auth", "oidc", "testdata", "provider")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the provider is not installed: run make test")
		}
		t.Skip("the provider is not installed: run make test, or npm ci in " + dir)
	}
	cfg.OIDC.ClientID, cfg.OIDC.ClientSecret = "procyon", "a secret of forty-eight characters for the tests"
	cmd := exec.CommandContext(t.Context(), "node", "server.mjs")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t}
	var stopped bool
	p.stop = func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(p.stop)
	client, err := json.Marshal(map[string]string{"redirectUri": cfg.Server.PublicURL + "/auth/oidc/callback", "clientId": cfg.OIDC.ClientID, "clientSecret": cfg.OIDC.ClientSecret})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(in, string(client)); err != nil {
		t.Fatal(err)
	}
	if p.issuer, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal("the provider did not start: ", err)
	}
	p.issuer = strings.TrimSpace(p.issuer)
	cfg.OIDC.Issuer = p.issuer
	return p
}

// knows says what the provider knows of somebody.
func (p *provider) knows(subject, email string, verified bool, name string) {
	p.t.Helper()
	p.says(subject, map[string]any{"email": email, "email_verified": verified, "name": name})
}

// says gives the provider all that it says of somebody; see its server.mjs.
func (p *provider) says(subject string, claims map[string]any) {
	p.t.Helper()
	body, err := json.Marshal(map[string]any{subject: claims})
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.Post(p.issuer+"/test/people", "application/json", strings.NewReader(string(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
}

// surfer is a browser that knows the way through the provider.
type surfer struct{ *apptest.Browser }

func newSurfer(t *testing.T) surfer { return surfer{apptest.NewBrowser(t)} }

var (
	ssoLink   = regexp.MustCompile(`href="(/auth/oidc/start[^"]*)"`)
	abortLink = regexp.MustCompile(`href="([^"]*/abort)"`)
)

// toProvider goes from a sign-in page to the provider's.
func (s surfer) toProvider(page string) string {
	s.T.Helper()
	link := ssoLink.FindStringSubmatch(page)
	if link == nil {
		s.T.Fatalf("no single sign-on here: %s", page)
	}
	return s.Get(strings.ReplaceAll(link[1], "&amp;", "&"))
}

// signIn signs in at the provider as a subject, and returns the page where that ends.
func (s surfer) signIn(page, subject string) string {
	s.T.Helper()
	page = s.Send(s.toProvider(page), url.Values{"login": {subject}, "password": {"x"}})
	if strings.Contains(page, `value="consent"`) {
		page = s.Send(page, url.Values{})
	}
	return page
}

// ssoBed is a server with a provider, and a simulated Slack.
func ssoBed(t *testing.T, change ...func(*app.Config)) (*apptest.Bed, *provider) {
	t.Helper()
	var p *provider
	b := apptest.New(t, func(b *apptest.Bed) {
		p = newProvider(t, b.Config)
		for _, f := range change {
			f(b.Config)
		}
	})
	return b, p
}

// A link from Slack leads through the provider, and back to the page that links.
func TestSSOLinksSlack(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	dev := b.Sim.As("dev")
	b.Must(dev.Command(b.Ctx, "prod-approvals", "/procyon login"))
	said, err := dev.ExpectEphemeral(b.Ctx)
	b.Must(err)
	web := newSurfer(t)
	page := web.Get(apptest.LinkPage(said))
	page = web.signIn(page, "s-dev")
	apptest.Wants(t, page, "Link this Slack account?", "Dev Developer", "dev@example.com")
	apptest.Wants(t, web.Send(page, url.Values{}), "Your Slack account is linked")
	hello, err := dev.ExpectDM(b.Ctx)
	b.Must(err)
	apptest.Wants(t, hello.Text, "Dev Developer")
	if u := b.Person("dev@example.com"); u.Identity == nil || u.Identity.Subject != "s-dev" || u.Identity.Issuer != p.issuer {
		t.Errorf("%+v", u.Identity)
	}
}

// Who comes for the first time is made a person without rights; who comes again is
// the same person, whatever their e-mail address is by then; and somebody else with
// an address that was theirs is not.
func TestSSOIdentity(t *testing.T) {
	b, p := ssoBed(t)
	start := b.Config.Server.PublicURL + "/signin?next=%2Frequests"
	p.knows("s-new", "new@example.com", true, "Nina New")
	web := newSurfer(t)
	web.signIn(web.Get(start), "s-new")
	if web.At.Path != "/requests" {
		t.Errorf("the sign-in ends at %s", web.At)
	}
	made := b.Person("new@example.com")
	if made.Admin || made.Name != "Nina New" {
		t.Errorf("%+v", made)
	}

	p.knows("s-new", "nina@elsewhere.example", true, "Nina Newer")
	web = newSurfer(t)
	web.signIn(web.Get(start), "s-new")
	if web.At.Path != "/requests" {
		t.Errorf("the second sign-in ends at %s", web.At)
	}
	if u := b.Person("new@example.com"); u.ID != made.ID || u.Name != "Nina Newer" {
		t.Errorf("%+v", u)
	}
	if _, err := b.App.Access.UserByEmail(b.Ctx, "nina@elsewhere.example"); access.CodeOf(err) != access.CodeNotFound {
		t.Errorf("a second person was made: %v", err)
	}

	p.knows("s-heir", "new@example.com", true, "Somebody else")
	web = newSurfer(t)
	apptest.Wants(t, web.signIn(web.Get(start), "s-heir"), "belongs to somebody else")

	p.knows("s-ada", "ada@example.com", false, "Not Ada")
	web = newSurfer(t)
	apptest.Wants(t, web.signIn(web.Get(start), "s-ada"), "does not say that your e-mail address is verified")
	if u := b.Person("ada@example.com"); u.Identity != nil {
		t.Errorf("an unverified address made somebody Ada: %+v", u.Identity)
	}
}

// What does not belong to a sign-in that this browser began signs nobody in.
func TestSSOIsBoundToTheBrowser(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	start := b.Config.Server.PublicURL + "/signin"

	// The provider sends the browser back here; stop right before.
	web := newSurfer(t)
	var back string
	web.Web.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/auth/oidc/callback" {
			back = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	web.signIn(web.Get(start), "s-dev")
	if back == "" {
		t.Fatal("the provider did not send the browser back")
	}
	here, err := url.Parse(back)
	b.Must(err)

	other := newSurfer(t)
	apptest.Wants(t, other.Get(back), "Please begin again")
	other.toProvider(other.Get(start)) // a sign-in of its own
	apptest.Wants(t, other.Get(back), "Please begin again")

	forged := *here
	q := forged.Query()
	q.Set("state", "x")
	forged.RawQuery = q.Encode()
	apptest.Wants(t, web.Get(forged.String()), "Please begin again")
	apptest.Wants(t, web.Get(back), "Please begin again") // that try used the flow up

	// Another nonce, and another provider's answer.
	for what, change := range map[string]func(flow map[string]any, q url.Values){
		"nonce":  func(flow map[string]any, _ url.Values) { flow["n"] = "another" },
		"issuer": func(_ map[string]any, q url.Values) { q.Set("iss", "https://evil.example") },
		"pkce":   func(flow map[string]any, _ url.Values) { flow["v"] = strings.Repeat("a", 43) },
	} {
		victim := newSurfer(t)
		victim.Web.CheckRedirect = web.Web.CheckRedirect
		victim.signIn(victim.Get(start), "s-dev")
		here, err := url.Parse(back)
		b.Must(err)
		q := here.Query()
		for _, c := range victim.Web.Jar.Cookies(here) {
			if c.Name != "procyon_oidc" {
				continue
			}
			data, err := base64.RawURLEncoding.DecodeString(c.Value)
			b.Must(err)
			flow := map[string]any{}
			b.Must(json.Unmarshal(data, &flow))
			change(flow, q)
			data, err = json.Marshal(flow)
			b.Must(err)
			c.Value, c.Path = base64.RawURLEncoding.EncodeToString(data), "/"
			victim.Web.Jar.SetCookies(here, []*http.Cookie{c})
		}
		here.RawQuery = q.Encode()
		t.Log(what)
		apptest.Wants(t, victim.Get(here.String()), "answer was not accepted")
		if page := victim.Get(b.Config.Server.PublicURL + "/requests"); !strings.Contains(page, "Sign in") {
			t.Errorf("%s: somebody is signed in", what)
		}
	}
}

// A code is good once, also for a browser that kept its flow.
func TestSSOReplay(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	web := newSurfer(t)
	var back *url.URL
	var kept []*http.Cookie
	web.Web.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/auth/oidc/callback" {
			back, kept = r.URL, web.Web.Jar.Cookies(r.URL)
		}
		return nil
	}
	web.signIn(web.Get(b.Config.Server.PublicURL+"/signin"), "s-dev")
	for _, c := range kept {
		c.Path = "/"
	}
	thief := newSurfer(t)
	thief.Web.Jar.SetCookies(back, kept)
	apptest.Wants(t, thief.Get(back.String()), "answer was not accepted")
}

// To cancel, a provider that is away or another than it says it is, and addresses of
// other domains, end in a page with a way on. Passwords work all the same.
func TestSSOEndsEarly(t *testing.T) {
	b, p := ssoBed(t, func(c *app.Config) { c.OIDC.EmailDomains = "example.com" })
	start := b.Config.Server.PublicURL + "/signin?next=%2Frequests"
	web := newSurfer(t)
	page := web.toProvider(web.Get(start))
	abort := abortLink.FindStringSubmatch(page)
	if abort == nil {
		t.Fatalf("no way to cancel: %s", page)
	}
	apptest.Wants(t, web.Get(abort[1]), "You are not signed in", "/signin?next=%2Frequests")

	p.knows("s-eve", "eve@example.com.evil.example", true, "Eve")
	web = newSurfer(t)
	apptest.Wants(t, web.signIn(web.Get(start), "s-eve"), "verified e-mail address of this organisation")

	for _, next := range []string{"//evil.example", "https://evil.example", "/auth/oidc/start"} {
		p.knows("s-dev", "dev@example.com", true, "Dev Developer")
		web = newSurfer(t)
		web.signIn(web.Get(b.Config.Server.PublicURL+"/signin?next="+url.QueryEscape(next)), "s-dev")
		if at := web.At; at.Scheme+"://"+at.Host != b.Config.Server.PublicURL || at.Path != "/" {
			t.Errorf("%s leads to %s", next, at)
		}
	}
	p.stop()
	web = newSurfer(t)
	page = web.Get(start)
	web.Send(page, url.Values{"email": {"ada@example.com"}, "password": {demo.Password}})
	apptest.Wants(t, web.Get(b.Config.Server.PublicURL+"/links"), "Signed in as </span><bdi>Ada Admin")
}

// A browser that signed in through the provider is known: nobody who guesses at the
// person's password keeps it out, also not where the provider is away.
func TestSSOMakesTheBrowserKnown(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	start := b.Config.Server.PublicURL + "/signin?next=%2Frequests"
	known := newSurfer(t)
	known.signIn(known.Get(start), "s-dev")
	page := known.Get("/links")
	signOut, _, _ := strings.Cut(page, "</form>")
	apptest.Wants(t, known.Send(signOut, url.Values{}), "You are signed out.")
	p.stop()
	form := func(password string) url.Values {
		return url.Values{"email": {"dev@example.com"}, "password": {password}}
	}
	other := newSurfer(t)
	for range 5 {
		apptest.Wants(t, other.Send(other.Get(start), form("a wrong password")), "The e-mail address or the password is wrong.")
	}
	apptest.Wants(t, other.Send(other.Get(start), form(demo.Password)), "There were too many attempts to sign in.")
	known.Send(known.Get(start), form(demo.Password))
	apptest.Wants(t, known.Get(b.Config.Server.PublicURL+"/links"), "Signed in as </span><bdi>Dev Developer")
}

func TestSSOProviderAway(t *testing.T) {
	b, _ := ssoBed(t, func(c *app.Config) { c.OIDC.Issuer = strings.Replace(c.OIDC.Issuer, "127.0.0.1", "localhost", 1) }) // not as it calls itself
	web := newSurfer(t)
	apptest.Wants(t, web.toProvider(web.Get(b.Config.Server.PublicURL+"/signin")), "Single sign-on is not there")
	web.Send(web.Get(b.Config.Server.PublicURL+"/signin"), url.Values{"email": {"ada@example.com"}, "password": {demo.Password}})
	apptest.Wants(t, web.Get(b.Config.Server.PublicURL+"/links"), "Signed in as </span><bdi>Ada Admin")
}

func TestSSOSettings(t *testing.T) {
	for _, c := range []app.OIDCConfig{{Issuer: "https://id.example"}, {ClientID: "x"}, {Issuer: "https://id.example", ClientSecret: "x"}} {
		if c.Check() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	if err := (&app.OIDCConfig{}).Check(); err != nil {
		t.Error(err)
	}
}

// Whoever is to sign in again is asked by the provider that knows them already, and their session
// says when they proved who they are; the one before it is over.
func TestSSOAgain(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	web := newSurfer(t)
	web.signIn(web.Get(b.Config.Server.PublicURL+"/signin"), "s-dev")
	again := b.Config.Server.PublicURL + "/signin?again&next=%2Frequests"
	apptest.Wants(t, web.Get(b.Config.Server.PublicURL+"/auth/oidc/start?next=%2Flinks"), "Dev Developer") // the provider asks nothing
	page := web.toProvider(web.Get(again))
	apptest.Wants(t, page, `name="login"`)
	page = web.Send(page, url.Values{"login": {"s-dev"}, "password": {"x"}})
	if strings.Contains(page, `value="consent"`) {
		web.Send(page, url.Values{})
	}
	if web.At.Path != "/requests" {
		t.Errorf("it ends at %s", web.At)
	}
	l, err := b.App.Auth.Sessions(b.Ctx, b.Person("dev@example.com").ID, store.Page{First: 5})
	b.Must(err)
	if len(l.Docs) != 1 {
		t.Errorf("there are %d sessions", len(l.Docs))
	}
}
