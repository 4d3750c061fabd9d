package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"procyon/auth"
	"procyon/console"
)

func credentials(a answer, t *testing.T, password string) url.Values {
	return url.Values{"csrf": {a.field(t, "csrf")}, "next": {a.field(t, "next")}, "email": {"grace@example.com"}, "password": {password}}
}

func TestSignInLeadsWhereOneWantedToGo(t *testing.T) {
	s := newSite(t)
	first := s.get(page + "?a=b&c=d")
	first.wantTo(t, "/signin?next="+url.QueryEscape(page+"?a=b&c=d"))
	form := s.get(first.Header.Get("Location"))
	form.want(t, http.StatusOK, "Sign in", "E-mail address", "Password")
	s.post("/signin", credentials(form, t, adminPassword)).wantTo(t, page+"?a=b&c=d")
	s.get(page).want(t, http.StatusOK)
	s.get("/signin?next=/requests").wantTo(t, "/requests")
	s.post("/signout", url.Values{"csrf": {sessionToken}}).wantTo(t, "/signin")
	s.get("/signin").want(t, http.StatusOK, "You are signed out.")
	s.get(page).wantTo(t, "/signin?next="+url.QueryEscape(page))
	s.get("/").wantTo(t, "/signin")
}

func TestWrongPassword(t *testing.T) {
	s := newSite(t)
	a := s.post("/signin", credentials(s.get("/signin?next="+page), t, "wrong"))
	a.want(t, http.StatusUnprocessableEntity, "The e-mail address or the password is wrong.")
	for _, part := range []string{`value="grace@example.com"`, `role="alert"`, `aria-describedby="wrong"`, `<title>Error: Sign in`, `name="next" value="` + page + `"`} {
		if !strings.Contains(a.body, part) {
			t.Errorf("page lacks %s", part)
		}
	}
	if strings.Contains(a.body, `value="wrong"`) {
		t.Error("the password is sent back")
	}
	form := credentials(a, t, "")
	s.post("/signin", form).want(t, http.StatusUnprocessableEntity, "Enter your password.")
	form.Set("email", "")
	s.post("/signin", form).want(t, http.StatusUnprocessableEntity, "Enter your e-mail address.")
}

// A one-time password opens nothing but the choice of another, on the same page.
func TestAOneTimePasswordIsReplaced(t *testing.T) {
	s := newSite(t)
	form := s.get("/signin?next=" + page)
	if strings.Contains(form.body, "newPassword") {
		t.Error("a new password is asked for before it is needed")
	}
	a := s.post("/signin", credentials(form, t, oneTimePassword))
	a.want(t, http.StatusUnprocessableEntity, "Choose a password", "good for one thing", "Your new password", "The password that you were given")
	if strings.Contains(a.body, oneTimePassword) || !strings.Contains(a.body, `autocomplete="new-password"`) {
		t.Errorf("%s", a.body)
	}
	s.get(page).wantTo(t, "/signin?next="+url.QueryEscape(page))
	chosen := credentials(a, t, oneTimePassword)
	chosen.Set("newPassword", "short")
	a = s.post("/signin", chosen)
	a.want(t, http.StatusUnprocessableEntity, "The password is too short.", "Your new password")
	if strings.Contains(a.body, `value="short"`) {
		t.Error("the new password is sent back")
	}
	wrong := credentials(a, t, "wrong")
	wrong.Set("newPassword", "a password of my own")
	s.post("/signin", wrong).want(t, http.StatusUnprocessableEntity, "is wrong", "Your new password")
	chosen = credentials(a, t, oneTimePassword)
	chosen.Set("newPassword", "a password of my own")
	s.post("/signin", chosen).wantTo(t, page)
}

func TestTooManyAttempts(t *testing.T) {
	s := newSite(t)
	s.auth.err = &auth.TooManyError{RetryAfter: 90 * time.Second}
	a := s.post("/signin", credentials(s.get("/signin"), t, "x"))
	a.want(t, http.StatusTooManyRequests, "Try again in 1 minute 30 seconds.")
	if a.Header.Get("Retry-After") != "90" {
		t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
}

// Another site could otherwise sign somebody in as somebody else.
func TestSignInNeedsItsToken(t *testing.T) {
	s := newSite(t)
	form := credentials(s.get("/signin"), t, adminPassword)
	other := newSite(t) // a browser without the cookie
	other.post("/signin", form).want(t, http.StatusForbidden, "You were not signed in", "Open the sign-in page")
	form.Set("csrf", "")
	s.post("/signin", form).want(t, http.StatusForbidden, "You were not signed in")
}

// A session that ends while a form is open costs a sign-in, and changes nothing.
func TestFormAfterSignOut(t *testing.T) {
	s := newSite(t)
	a := s.post("/links/slk_1/agree", url.Values{"csrf": {sessionToken}, "user": {"usr_other"}})
	a.want(t, http.StatusForbidden, "You are signed out", "Nothing was changed")
	if !strings.Contains(a.body, `href="/signin?next=`+url.QueryEscape("/links")+`"`) {
		t.Error("no link to sign in and come back")
	}
}

func TestNextStaysHere(t *testing.T) {
	s := newSite(t)
	for next, want := range map[string]string{
		"/requests/req_1?x=1&y=%2F":     "/requests/req_1?x=1&y=%2F",
		"/link/slack/abc":               "/link/slack/abc",
		"":                              "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		`/\evil.example`:                "/",
		`\\evil.example`:                "/",
		"/%5cevil.example":              "/",
		"/%2f/evil.example":             "/",
		"/\t/evil.example":              "/",
		"\t//evil.example":              "/",
		"/a\r\nSet-Cookie: x=y":         "/",
		"https://evil.example/":         "/",
		"javascript:alert(1)":           "/",
		"requests":                      "/",
		"/requests//x":                  "/",
		"/..//evil.example":             "/",
		"/signin?next=/signin":          "/",
		"/signout":                      "/",
		"/" + strings.Repeat("a", 3000): "/",
	} {
		form := credentials(s.get("/signin?next="+url.QueryEscape(next)), t, adminPassword)
		form.Set("next", next) // as if the page had been tampered with
		fresh := s.post("/signin", form)
		if got := fresh.Header.Get("Location"); fresh.StatusCode != http.StatusSeeOther || got != want {
			t.Errorf("next %q leads to %q (%d), want %q", next, got, fresh.StatusCode, want)
		}
		s.post("/signout", url.Values{"csrf": {sessionToken}})
	}
}

// On https the cookies are Secure and bound to the host.
func TestSecureCookies(t *testing.T) {
	c, err := console.New(console.Options{API: &fakeAPI{}, Auth: &fakeAuth{}, Log: newLog(), PublicURL: "https://procyon.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/signin", http.NoBody))
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || !strings.HasPrefix(cookies[0].Name, "__Host-") || !cookies[0].Secure || !cookies[0].HttpOnly || cookies[0].Path != "/" {
		t.Errorf("cookies %v", cookies)
	}
}

// Who is signed in can be asked to prove anew who they are, and goes on to where they were.
func TestSignInAgain(t *testing.T) {
	s := newSite(t)
	s.post("/signin", credentials(s.get("/signin"), t, adminPassword)).wantTo(t, "/")
	form := s.get("/signin?again&next=" + page)
	form.want(t, http.StatusOK, "Sign in again", "needs a sign-in of just now")
	values := credentials(form, t, "wrong")
	values.Set("again", form.field(t, "again"))
	s.post("/signin", values).want(t, http.StatusUnprocessableEntity, "Sign in again", "is wrong")
	values.Set("password", adminPassword)
	s.post("/signin", values).wantTo(t, page)
}
