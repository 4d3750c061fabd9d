package app

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"procyon/access"
)

// provider is a certified OpenID Connect provider that we did not write.
type provider struct {
	t      *testing.T
	issuer string
	stop   func()
}

// newProvider starts it with this gateway as its client, and tells the gateway.
func newProvider(t *testing.T, cfg *config) *provider {
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
	cfg.oidc.clientID, cfg.oidc.clientSecret = "procyon", "a secret of forty-eight characters for the tests"
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
	client, err := json.Marshal(map[string]string{"redirectUri": cfg.publicURL + ssoCallback, "clientId": cfg.oidc.clientID, "clientSecret": cfg.oidc.clientSecret})
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
	cfg.oidc.issuer = p.issuer
	return p
}

// knows says what the provider knows of somebody.
func (p *provider) knows(subject, email string, verified bool, name string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]any{subject: map[string]any{"email": email, "email_verified": verified, "name": name}})
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.Post(p.issuer+"/test/people", "application/json", strings.NewReader(string(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
}

// surfer is a person's browser, which follows links.
type surfer struct {
	t   *testing.T
	web *http.Client
	at  *url.URL
}

func newSurfer(t *testing.T) *surfer {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &surfer{t: t, web: &http.Client{Jar: jar}}
}

func (s *surfer) read(resp *http.Response, err error) string {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.at = resp.Request.URL
	return string(data)
}

func (s *surfer) get(address string) string {
	s.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.at != nil {
		u = s.at.ResolveReference(u)
	}
	return s.read(s.web.Get(u.String()))
}

var (
	formAction  = regexp.MustCompile(`action="([^"]+)"`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)"`)
	ssoLink     = regexp.MustCompile(`href="(/auth/oidc/start[^"]*)"`)
	abortLink   = regexp.MustCompile(`href="([^"]*/abort)"`)
)

// send sends a page's last form: the first may be that which signs out.
func (s *surfer) send(page string, fields url.Values) string {
	s.t.Helper()
	page = page[max(0, strings.LastIndex(page, "<form")):]
	action := formAction.FindStringSubmatch(page)
	if action == nil {
		s.t.Fatalf("no form: %s", page)
	}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		if !fields.Has(m[1]) {
			fields.Set(m[1], m[2])
		}
	}
	u, err := url.Parse(action[1])
	if err != nil {
		s.t.Fatal(err)
	}
	return s.read(s.web.PostForm(s.at.ResolveReference(u).String(), fields))
}

// toProvider goes from a sign-in page to the provider's.
func (s *surfer) toProvider(page string) string {
	s.t.Helper()
	link := ssoLink.FindStringSubmatch(page)
	if link == nil {
		s.t.Fatalf("no single sign-on here: %s", page)
	}
	return s.get(strings.ReplaceAll(link[1], "&amp;", "&"))
}

// signIn signs in at the provider as a subject, and returns the page where that ends.
func (s *surfer) signIn(page, subject string) string {
	s.t.Helper()
	page = s.send(s.toProvider(page), url.Values{"login": {subject}, "password": {"x"}})
	if strings.Contains(page, `value="consent"`) {
		page = s.send(page, url.Values{})
	}
	return page
}

// ssoBed is a gateway with a provider, and a simulated Slack.
func ssoBed(t *testing.T, change ...func(*config)) (*slackBed, *provider) {
	t.Helper()
	var p *provider
	b := newSlackBed(t, func(b *slackBed) {
		p = newProvider(t, b.cfg)
		for _, f := range change {
			f(b.cfg)
		}
	})
	return b, p
}

func (b *slackBed) person(email string) access.User {
	b.t.Helper()
	u, err := b.g.access.UserByEmail(b.ctx, email)
	b.must(err)
	return u
}

func wants(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q: %s", w, page)
		}
	}
}

// A link from Slack leads through the provider, and back to the page that links.
func TestSSOLinksSlack(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	dev := b.sim.As("dev")
	b.must(dev.Command(b.ctx, "prod-approvals", "/procyon login"))
	said, err := dev.ExpectEphemeral(b.ctx)
	b.must(err)
	web := newSurfer(t)
	page := web.get(linkURL.FindString(strings.ReplaceAll(string(said.Blocks), `\/`, "/")))
	page = web.signIn(page, "s-dev")
	wants(t, page, "Link this Slack account?", "Dev Developer", "dev@example.com")
	wants(t, web.send(page, url.Values{}), "Your Slack account is linked")
	hello, err := dev.ExpectDM(b.ctx)
	b.must(err)
	wants(t, hello.Text, "Dev Developer")
	if u := b.person("dev@example.com"); u.Identity == nil || u.Identity.Subject != "s-dev" || u.Identity.Issuer != p.issuer {
		t.Errorf("%+v", u.Identity)
	}
}

// Who comes for the first time is made a person without rights; who comes again is
// the same person, whatever their e-mail address is by then; and somebody else with
// an address that was theirs is not.
func TestSSOIdentity(t *testing.T) {
	b, p := ssoBed(t)
	start := b.cfg.publicURL + "/signin?next=%2Frequests"
	p.knows("s-new", "new@example.com", true, "Nina New")
	web := newSurfer(t)
	web.signIn(web.get(start), "s-new")
	if web.at.Path != "/requests" {
		t.Errorf("the sign-in ends at %s", web.at)
	}
	made := b.person("new@example.com")
	if made.Admin || made.Name != "Nina New" {
		t.Errorf("%+v", made)
	}

	p.knows("s-new", "nina@elsewhere.example", true, "Nina Newer")
	web = newSurfer(t)
	web.signIn(web.get(start), "s-new")
	if web.at.Path != "/requests" {
		t.Errorf("the second sign-in ends at %s", web.at)
	}
	if u := b.person("new@example.com"); u.ID != made.ID || u.Name != "Nina Newer" {
		t.Errorf("%+v", u)
	}
	if _, err := b.g.access.UserByEmail(b.ctx, "nina@elsewhere.example"); access.CodeOf(err) != access.NotFound {
		t.Errorf("a second person was made: %v", err)
	}

	p.knows("s-heir", "new@example.com", true, "Somebody else")
	web = newSurfer(t)
	wants(t, web.signIn(web.get(start), "s-heir"), "belongs to somebody else")

	p.knows("s-ada", "ada@example.com", false, "Not Ada")
	web = newSurfer(t)
	wants(t, web.signIn(web.get(start), "s-ada"), "does not say that your e-mail address is verified")
	if u := b.person("ada@example.com"); u.Identity != nil {
		t.Errorf("an unverified address made somebody Ada: %+v", u.Identity)
	}
}

// What does not belong to a sign-in that this browser began signs nobody in.
func TestSSOIsBoundToTheBrowser(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	start := b.cfg.publicURL + "/signin"

	// The provider sends the browser back here; stop right before.
	web := newSurfer(t)
	var back string
	web.web.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == ssoCallback {
			back = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	web.signIn(web.get(start), "s-dev")
	if back == "" {
		t.Fatal("the provider did not send the browser back")
	}
	here, err := url.Parse(back)
	b.must(err)

	other := newSurfer(t)
	wants(t, other.get(back), "Please begin again")
	other.toProvider(other.get(start)) // a sign-in of its own
	wants(t, other.get(back), "Please begin again")

	forged := *here
	q := forged.Query()
	q.Set("state", "x")
	forged.RawQuery = q.Encode()
	wants(t, web.get(forged.String()), "Please begin again")
	wants(t, web.get(back), "Please begin again") // that try used the flow up

	// Another nonce, and another provider's answer.
	for what, change := range map[string]func(flow map[string]any, q url.Values){
		"nonce":  func(flow map[string]any, _ url.Values) { flow["n"] = "another" },
		"issuer": func(_ map[string]any, q url.Values) { q.Set("iss", "https://evil.example") },
		"pkce":   func(flow map[string]any, _ url.Values) { flow["v"] = strings.Repeat("a", 43) },
	} {
		victim := newSurfer(t)
		victim.web.CheckRedirect = web.web.CheckRedirect
		victim.signIn(victim.get(start), "s-dev")
		here, err := url.Parse(back)
		b.must(err)
		q := here.Query()
		for _, c := range victim.web.Jar.Cookies(here) {
			if c.Name != "procyon_oidc" {
				continue
			}
			data, err := base64.RawURLEncoding.DecodeString(c.Value)
			b.must(err)
			flow := map[string]any{}
			b.must(json.Unmarshal(data, &flow))
			change(flow, q)
			data, err = json.Marshal(flow)
			b.must(err)
			c.Value, c.Path = base64.RawURLEncoding.EncodeToString(data), "/"
			victim.web.Jar.SetCookies(here, []*http.Cookie{c})
		}
		here.RawQuery = q.Encode()
		t.Log(what)
		wants(t, victim.get(here.String()), "answer was not accepted")
		if page := victim.get(b.cfg.publicURL + "/requests"); !strings.Contains(page, "Sign in") {
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
	web.web.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == ssoCallback {
			back, kept = r.URL, web.web.Jar.Cookies(r.URL)
		}
		return nil
	}
	web.signIn(web.get(b.cfg.publicURL+"/signin"), "s-dev")
	for _, c := range kept {
		c.Path = "/"
	}
	thief := newSurfer(t)
	thief.web.Jar.SetCookies(back, kept)
	wants(t, thief.get(back.String()), "answer was not accepted")
}

// To cancel, a provider that is away or another than it says it is, and addresses of
// other domains, end in a page with a way on. Passwords work all the same.
func TestSSOEndsEarly(t *testing.T) {
	b, p := ssoBed(t, func(c *config) { c.oidc.domains = "example.com" })
	start := b.cfg.publicURL + "/signin?next=%2Frequests"
	web := newSurfer(t)
	page := web.toProvider(web.get(start))
	abort := abortLink.FindStringSubmatch(page)
	if abort == nil {
		t.Fatalf("no way to cancel: %s", page)
	}
	wants(t, web.get(abort[1]), "You are not signed in", "/signin?next=%2Frequests")

	p.knows("s-eve", "eve@example.com.evil.example", true, "Eve")
	web = newSurfer(t)
	wants(t, web.signIn(web.get(start), "s-eve"), "verified e-mail address of this organisation")

	for _, next := range []string{"//evil.example", "https://evil.example", "/auth/oidc/start"} {
		p.knows("s-dev", "dev@example.com", true, "Dev Developer")
		web = newSurfer(t)
		web.signIn(web.get(b.cfg.publicURL+"/signin?next="+url.QueryEscape(next)), "s-dev")
		if at := web.at; at.Scheme+"://"+at.Host != b.cfg.publicURL || at.Path != "/" {
			t.Errorf("%s leads to %s", next, at)
		}
	}
	p.stop()
	web = newSurfer(t)
	page = web.get(start)
	wants(t, web.send(page, url.Values{"email": {"ada@example.com"}, "password": {demoPassword}}), "Ada Admin")
}

// A browser that signed in through the provider is known: nobody who guesses at the
// person's password keeps it out, also not where the provider is away.
func TestSSOMakesTheBrowserKnown(t *testing.T) {
	b, p := ssoBed(t)
	p.knows("s-dev", "dev@example.com", true, "Dev Developer")
	start := b.cfg.publicURL + "/signin?next=%2Frequests"
	known := newSurfer(t)
	known.signIn(known.get(start), "s-dev")
	page := known.get("/requests")
	signOut, _, _ := strings.Cut(page, "</form>")
	wants(t, known.send(signOut, url.Values{}), "You are signed out.")
	p.stop()
	form := func(password string) url.Values {
		return url.Values{"email": {"dev@example.com"}, "password": {password}}
	}
	other := newSurfer(t)
	for range 5 {
		wants(t, other.send(other.get(start), form("a wrong password")), "The e-mail address or the password is wrong.")
	}
	wants(t, other.send(other.get(start), form(demoPassword)), "There were too many attempts to sign in.")
	wants(t, known.send(known.get(start), form(demoPassword)), "Dev Developer")
}

func TestSSOProviderAway(t *testing.T) {
	b, _ := ssoBed(t, func(c *config) { c.oidc.issuer = strings.Replace(c.oidc.issuer, "127.0.0.1", "localhost", 1) }) // not as it calls itself
	web := newSurfer(t)
	wants(t, web.toProvider(web.get(b.cfg.publicURL+"/signin")), "Single sign-on is not there")
	wants(t, web.send(web.get(b.cfg.publicURL+"/signin"), url.Values{"email": {"ada@example.com"}, "password": {demoPassword}}), "Ada Admin")
}

func TestSSOSettings(t *testing.T) {
	for _, c := range []oidcConfig{{issuer: "https://id.example"}, {clientID: "x"}, {issuer: "https://id.example", clientSecret: "x"}} {
		if c.check() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	if err := (&oidcConfig{}).check(); err != nil {
		t.Error(err)
	}
}
