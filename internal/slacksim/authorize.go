package slacksim

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var authorizeTemplate = template.Must(template.ParseFS(files, "authorize.html"))

// asked is what an app asks for by the address of the page that installs it.
type asked struct {
	scopes   []string
	redirect string // where to go afterwards
	given    string // redirect_uri as it was in the address, or ""
	state    string
	stateful bool // there was a state
}

// ask judges the address of the page; s.mu is held.
func (s *Server) ask(q url.Values) (asked, error) {
	a := asked{given: q.Get("redirect_uri"), state: q.Get("state"), stateful: q.Has("state")}
	a.scopes = strings.FieldsFunc(q.Get("scope"), func(r rune) bool { return r == ',' || r == ' ' })
	a.redirect = a.given
	if a.redirect == "" && len(s.app.RedirectURLs) > 0 {
		a.redirect = s.app.RedirectURLs[0]
	}
	u, err := url.Parse(a.redirect)
	known := slices.ContainsFunc(s.app.RedirectURLs, func(base string) bool { return strings.HasPrefix(a.redirect, base) })
	switch {
	case q.Get("client_id") != s.app.ClientID:
		return a, fmt.Errorf("Invalid client_id parameter: no app has the id %q.", q.Get("client_id")) //nolint:revive,staticcheck // a sentence that is shown
	case err != nil || u.Host == "" || (!known && (len(s.app.RedirectURLs) > 0 || !loopback(u.Hostname()))):
		return a, fmt.Errorf("redirect_uri did not match any configured URIs. Passed URI: %s", a.redirect)
	case len(a.scopes) == 0:
		return a, fmt.Errorf("Invalid permissions requested: no scopes.") //nolint:revive,staticcheck // a sentence that is shown
	}
	for _, scope := range a.scopes {
		if len(s.app.Scopes) > 0 && !slices.Contains(s.app.Scopes, scope) {
			return a, fmt.Errorf("Invalid permissions requested: the app's settings lack %q.", scope) //nolint:revive,staticcheck // a sentence that is shown
		}
	}
	return a, nil
}

// back is where the browser goes next, with an answer.
func (a asked) back(name, value string) string {
	u, err := url.Parse(a.redirect)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set(name, value)
	if a.stateful {
		q.Set("state", a.state)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Grant is what a person chooses on the page that installs the app.
type Grant struct {
	// Channel receives the webhook where the scope incoming-webhook is asked for:
	// by name, or "" for the person's direct messages.
	Channel string
	// Organisation installs for all workspaces of the person's organisation.
	Organisation bool
}

// Allow opens the page that installs the app, presses Allow, and gives the address
// to which Slack then sends the browser, with code and state.
func (p *Person) Allow(authorizeURL string, g Grant) (string, error) {
	return p.decide(authorizeURL, func(a asked, u *user) (string, error) {
		return p.s.allow(a, u, g)
	})
}

// Refuse is Allow with the button Cancel.
func (p *Person) Refuse(authorizeURL string) (string, error) {
	return p.decide(authorizeURL, func(a asked, _ *user) (string, error) { return a.back("error", "access_denied"), nil })
}

func (p *Person) decide(authorizeURL string, how func(asked, *user) (string, error)) (string, error) {
	at, err := url.Parse(authorizeURL)
	if err != nil {
		return "", fmt.Errorf("slacksim: %w", err)
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if want := p.s.base + "/oauth/v2/authorize"; !strings.HasPrefix(authorizeURL, want+"?") {
		return "", fmt.Errorf("slacksim: the page that installs an app is %s, not %s", want, authorizeURL)
	}
	u, err := p.user()
	if err != nil {
		return "", err
	}
	a, err := p.s.ask(at.Query())
	if err != nil {
		p.s.keep(Refusal{Method: "oauth/v2/authorize", Status: http.StatusBadRequest, Body: "bad_request", Why: err.Error()})
		return "", &Problem{Text: err.Error()}
	}
	return how(a, u)
}

// allow makes a code; s.mu is held.
func (s *Server) allow(a asked, u *user, g Grant) (string, error) {
	made := &grant{team: u.team, by: u, scopes: a.scopes, redirect: a.given, at: s.opts.Now()}
	if g.Organisation {
		if u.team.enterprise == "" {
			return "", fmt.Errorf("slacksim: %s belongs to no organisation", u.team.name)
		}
		made.enterprise = u.team.enterprise
	}
	if slices.Contains(a.scopes, "incoming-webhook") {
		if g.Channel == "" {
			made.channel, _ = s.directWith(u)
		} else if made.channel = u.team.channel(g.Channel); made.channel == nil || !made.channel.member(u) {
			return "", fmt.Errorf("slacksim: %s is in no channel %q", u.Name, g.Channel)
		}
	}
	code := "sim." + rand.Text()
	s.codes[code] = made
	return a.back("code", code), nil
}

// consent is what authorize.html shows.
type consent struct {
	App, Refused string
	Scopes       []string
	Webhook      bool
	Workspaces   []consentTeam
	Organisation bool
}

type consentTeam struct {
	ID, Name string
	People   []Profile
	Channels []string
}

// serveAuthorize shows the page that asks whether to install the app.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	a, err := s.ask(r.URL.Query())
	c := consent{App: s.app.Name, Scopes: a.scopes, Webhook: slices.Contains(a.scopes, "incoming-webhook")}
	for _, t := range s.teamOrder {
		ct := consentTeam{ID: t.id, Name: t.name}
		for _, u := range t.people {
			ct.People = append(ct.People, u.Profile)
		}
		for _, ch := range t.channels {
			if ch.kind != direct && ch.state == "" {
				ct.Channels = append(ct.Channels, ch.name)
			}
		}
		c.Workspaces = append(c.Workspaces, ct)
		c.Organisation = c.Organisation || t.enterprise != ""
	}
	if err != nil {
		s.keep(Refusal{Method: "oauth/v2/authorize", Status: http.StatusBadRequest, Body: "bad_request", Why: err.Error()})
	}
	s.mu.Unlock()
	status := http.StatusOK
	if err != nil {
		c.Refused, status = err.Error(), http.StatusBadRequest
	} else if u, err := url.Parse(a.redirect); err == nil {
		// A browser asks the policy for where the form leads in the end, too.
		h := w.Header()
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "form-action 'none'", "form-action 'self' "+u.Scheme+"://"+u.Host, 1))
	}
	var b bytes.Buffer
	if err := authorizeTemplate.Execute(&b, c); err != nil {
		http.Error(w, "The page can't be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// serveConsent takes what the person pressed.
func (s *Server) serveConsent(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	team, name, _ := strings.Cut(r.PostFormValue("as"), "/")
	_, channel, _ := strings.Cut(r.PostFormValue("channel"), "/")
	p := &Person{s: s, team: team, name: name}
	s.mu.Lock()
	page := s.base + "/oauth/v2/authorize?" + r.URL.RawQuery
	s.mu.Unlock()
	var to string
	var err error
	if r.PostFormValue("answer") == "allow" {
		to, err = p.Allow(page, Grant{Channel: channel, Organisation: r.PostFormValue("organisation") != ""})
	} else {
		to, err = p.Refuse(page)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}
