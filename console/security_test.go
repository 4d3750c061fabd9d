package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"procyon/console"
)

func TestEveryAnswerIsGuarded(t *testing.T) {
	s := newSite(t)
	for _, a := range []answer{s.get("/signin"), s.get("/"), s.get("/nowhere"), s.post("/signout", nil), s.signedIn().get("/"), s.get(page)} {
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
	r := pendingRequest()
	hostile(r, "reason", "ticket", "outcome")
	hostile(r["requester"].(object), "name", "email")
	hostile(r["items"].([]object)[0], "resourceName", "role", "accountName", "resourceKind", "resourceNameWas", "accountNameWas", "gatewayName", "gatewayNameWas", "unavailable")
	r["extension"] = object{"duration": "PT1H", "reason": evil, "requestedAt": "2026-11-23T11:50:00Z", "expiresAt": "2026-11-23T16:00:00Z"}
	hostile(r["notificationRoutes"].([]object)[0], "integrationName")
	hostile(r["timeline"].(object)["nodes"].([]object)[0], "type")
	hostile(r["timeline"].(object)["nodes"].([]object)[0]["actor"].(object), "name", "via", "actingService")
	r["timeline"].(object)["nodes"].([]object)[0]["data"] = object{"comment": evil}
	d := r["deliveries"].(object)["nodes"].([]object)[1]
	hostile(d, "integrationName", "eventType")
	hostile(d["attempts"].([]object)[0], "error")
	s.api.fields["accessRequest"], s.api.fields["reviewable"], s.api.fields["accessRequests"] = r, list(r), list(r)
	s.api.person["name"] = evil
	for _, path := range []string{page, "/", "/requests?show=review"} {
		a := s.get(path)
		a.want(t, http.StatusOK)
		if strings.Contains(a.body, "<script") || strings.Contains(a.body, "<img src=x") {
			t.Errorf("%s: unescaped", path)
		}
		if n := strings.Count(a.body, "&lt;script&gt;"); n < 3 {
			t.Errorf("%s: shown %d times", path, n)
		}
	}
	for _, query := range []string{"?show=" + url.QueryEscape(evil), "?status=" + url.QueryEscape(evil), "?after=" + url.QueryEscape(evil)} {
		if a := s.get("/requests" + query); strings.Contains(a.body, "<script") {
			t.Errorf("%s: unescaped", query)
		}
	}
}

func TestFormsNeedTheSessionsToken(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = accepted("APPROVED")
	for _, path := range []string{"/review", "/cancel", "/close", "/revoke"} {
		for _, token := range []string{"", "other", sessionToken + "x"} {
			form := review("APPROVE")
			form.Set("csrf", token)
			a := s.post(page+path, form)
			a.want(t, http.StatusForbidden, "Nothing was changed", "Open the page again")
			if !strings.Contains(a.body, `href="`+page+`"`) {
				t.Errorf("%s: no way back", path)
			}
		}
		// In the address it would end up in logs and histories: not taken there.
		s.post(page+path+"?csrf="+sessionToken, url.Values{"decision": {"APPROVE"}}).want(t, http.StatusForbidden)
	}
	s.post("/signout", url.Values{}).want(t, http.StatusForbidden)
	for _, field := range []string{"reviewAccessRequest", "cancelAccessRequest", "closeAccessRequest", "revokeAccessRequest"} {
		if s.api.call(field) != nil {
			t.Errorf("%s ran", field)
		}
	}
}

func TestOtherSitesCannotPost(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.fields["result"] = accepted("APPROVED")
	for _, header := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		{"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
	} {
		for _, path := range []string{page + "/review", "/signin", "/signout"} {
			s.do(s.form(path, review("APPROVE"), header)).want(t, http.StatusForbidden, "This form came from another site")
		}
	}
	if s.api.call("reviewAccessRequest") != nil {
		t.Error("it was decided")
	}
}

func TestOversizedForm(t *testing.T) {
	s := newSite(t).signedIn()
	form := review("APPROVE")
	form.Set("comment", strings.Repeat("x", 100<<10))
	s.post(page+"/review", form).want(t, http.StatusRequestEntityTooLarge, "Nothing was changed")
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
		{}, {API: ok.API, Auth: ok.Auth, Log: ok.Log}, {API: ok.API, Auth: ok.Auth, Log: ok.Log, PublicURL: "procyon.example.com", Now: time.Now},
	} {
		if _, err := console.New(o); err == nil {
			t.Errorf("took %+v", o)
		}
	}
}
