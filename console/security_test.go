package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"procyon/console"
)

func TestEveryAnswerIsGuarded(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"slackLinks", "waiting", "links", "waitingWorkspaces", "workspaces"} {
		s.api.fields[name] = pageOf()
	}
	for _, a := range []answer{s.get("/signin"), s.get("/"), s.get("/nowhere"), s.post("/signout", nil), s.signedIn().get("/links"), s.get("/errors")} {
		h := a.Header
		const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
		if h.Get("Content-Security-Policy") != policy || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Referrer-Policy") != "same-origin" || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: headers %v", a.Request.URL, h)
		}
		// The policy forbids all of these, so none may be relied upon.
		if m := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:`).FindString(a.body); m != "" {
			t.Errorf("%s: page has %q", a.Request.URL, m)
		}
	}
}

func TestAssets(t *testing.T) {
	s := newSite(t)
	for pattern, media := range map[string]string{`href="(/assets/console-[0-9a-f]+\.css)"`: "text/css; charset=utf-8", `href="(/assets/icon-[0-9a-f]+\.svg)"`: "image/svg+xml"} {
		m := regexp.MustCompile(pattern).FindStringSubmatch(s.get("/signin").body)
		if m == nil {
			t.Fatalf("no %s", pattern)
		}
		a := s.get(m[1])
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != media || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", m[1], a.StatusCode, a.Header)
		}
	}
}

// Text from people stays text, wherever it stands.
func TestHostileTextIsEscaped(t *testing.T) {
	s := newSite(t).signedIn()
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`
	hostile := func(o object, keys ...string) {
		for _, k := range keys {
			o[k] = evil
		}
	}
	l := linkOf("slk_1", "WAITING", "usr_other")
	hostile(l, "slackUserId", "slackName", "slackEmail")
	hostile(l["workspace"].(object), "slackId", "name", "domain")
	hostile(l["user"].(object), "name", "email")
	w := object{"id": "wsp_1", "installedAt": "2026-11-20T10:00:00Z", "waiting": true, "offeredWebhook": object{"channel": evil}}
	hostile(w, "slackId", "name", "domain")
	s.api.fields["slackLinks"], s.api.fields["waiting"], s.api.fields["links"] = pageOf(l), pageOf(l), pageOf(l)
	s.api.fields["waitingWorkspaces"], s.api.fields["workspaces"] = pageOf(w), pageOf(w)
	s.api.person["name"] = evil
	for _, path := range []string{"/links", "/links?after=" + url.QueryEscape(evil)} {
		a := s.get(path)
		a.want(t, http.StatusOK)
		if strings.Contains(a.body, "<script") || strings.Contains(a.body, "<img src=x") {
			t.Errorf("%s: unescaped", path)
		}
		if n := strings.Count(a.body, "&lt;script&gt;"); n < 9 {
			t.Errorf("%s: shown %d times", path, n)
		}
	}
	if a := s.get("/signin?next=" + url.QueryEscape("/requests?"+evil)); strings.Contains(a.body, "<script") {
		t.Error("the address is unescaped")
	}
}

func TestFormsNeedTheSessionsToken(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = object{"userErrors": []object{}}
	for _, path := range []string{"/links/slk_1/agree", "/links/slk_1/remove", "/links/install"} {
		for _, token := range []string{"", "other", sessionToken + "x"} {
			a := s.post(path, url.Values{"csrf": {token}, "user": {"usr_other"}})
			a.want(t, http.StatusForbidden, "Nothing was changed", "Open the page again")
			if !strings.Contains(a.body, `href="/links"`) {
				t.Errorf("%s: no way back", path)
			}
		}
		// In the address it would end up in logs and histories: not taken there.
		s.post(path+"?csrf="+sessionToken, url.Values{"user": {"usr_other"}}).want(t, http.StatusForbidden)
	}
	s.post("/signout", url.Values{}).want(t, http.StatusForbidden)
	for _, field := range []string{"agreeSlackLink", "removeSlackLink", "startSlackInstall"} {
		if s.api.call(field) != nil {
			t.Errorf("%s ran", field)
		}
	}
}

func TestOtherSitesCannotPost(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = object{"userErrors": []object{}}
	for _, header := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		{"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
	} {
		for _, path := range []string{"/links/slk_1/agree", "/signin", "/signout"} {
			s.do(s.form(path, url.Values{"csrf": {sessionToken}, "user": {"usr_other"}}, header)).want(t, http.StatusForbidden, "This form came from another site")
		}
	}
	if s.api.call("agreeSlackLink") != nil {
		t.Error("it was agreed to")
	}
}

func TestOversizedForm(t *testing.T) {
	s := newSite(t).signedIn()
	form := url.Values{"csrf": {sessionToken}, "user": {strings.Repeat("x", 100<<10)}}
	s.post("/links/slk_1/agree", form).want(t, http.StatusRequestEntityTooLarge, "Nothing was changed")
}

func TestUnknownMethod(t *testing.T) {
	s := newSite(t).signedIn()
	a := s.post("/requests", url.Values{"csrf": {sessionToken}})
	a.want(t, http.StatusMethodNotAllowed, "can't be done here")
}

func TestOptionsAreChecked(t *testing.T) {
	ok := console.Options{API: &fakeAPI{}, Auth: &fakeAuth{}, Log: newLog(), PublicURL: "https://procyon.example.com"}
	if _, err := console.New(ok); err != nil {
		t.Error(err)
	}
	for _, o := range []console.Options{
		{}, {API: ok.API, Auth: ok.Auth, Log: ok.Log}, {API: ok.API, Auth: ok.Auth, Log: ok.Log, PublicURL: "procyon.example.com"},
	} {
		if _, err := console.New(o); err == nil {
			t.Errorf("took %+v", o)
		}
	}
}
