package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// call asks the API with a token, or ("") with the browser's session, and returns the
// status and the answer's first field.
func (v *guest) call(token, query string, variables map[string]any) (int, map[string]any) {
	v.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	v.must(err)
	r := httptest.NewRequestWithContext(v.t.Context(), http.MethodPost, v.g.public.String()+"/graphql", strings.NewReader(string(body)))
	r.RemoteAddr = v.addr
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	} else {
		r.Header.Set("Origin", v.g.public.String())
		for name, value := range v.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	w := httptest.NewRecorder()
	v.g.mux.ServeHTTP(w, r)
	var answer struct {
		Data   map[string]map[string]any
		Errors []struct{ Message string }
	}
	v.must(json.Unmarshal(w.Body.Bytes(), &answer))
	if w.Code == http.StatusOK && len(answer.Errors) > 0 {
		v.t.Fatalf("%s: %v", query, answer.Errors)
	}
	for _, field := range answer.Data {
		if list, _ := field["userErrors"].([]any); len(list) > 0 {
			v.t.Fatalf("%s: %v", query, list)
		}
		return w.Code, field
	}
	return w.Code, nil
}

// text is a text in an answer, by the names of the fields that lead to it.
func text(of map[string]any, path ...string) string {
	for _, name := range path[:len(path)-1] {
		of, _ = of[name].(map[string]any)
	}
	s, _ := of[path[len(path)-1]].(string)
	return s
}

// People, service accounts, tokens and consumers are managed over the API alone, by an
// administrator in a browser.
func TestManagingOverTheAPI(t *testing.T) {
	f := newFront(t)
	ada := f.visitor(homeAddr)
	ada.gets("ada@example.com", goodPassword, isIn)
	mutate := func(document string, variables map[string]any) map[string]any {
		t.Helper()
		status, out := ada.call("", document, variables)
		if status != http.StatusOK {
			t.Fatalf("%s: %d", document, status)
		}
		return out
	}

	// A service account follows events by a token, until that is revoked.
	account := text(mutate(`mutation { createServiceAccount(input: {name: "siem", idempotencyKey: "1"}) { serviceAccount { id } userErrors { code } } }`, nil), "serviceAccount", "id")
	issued := mutate(`mutation($id: ID!) { createToken(input: {serviceAccountId: $id, name: "prod", scopes: ["events:read"]}) { token { id } secret userErrors { code message } } }`, map[string]any{"id": account})
	secret := text(issued, "secret")
	worker := f.visitor(awayAddr)
	if status, out := worker.call(secret, `mutation { acquireConsumer(input: {name: "siem", holder: "one", ttl: "PT1M"}) { consumer { name } userErrors { code message } } }`, nil); status != http.StatusOK || text(out, "consumer", "name") != "siem" {
		t.Errorf("%d %v", status, out)
	}
	mutate(`mutation($id: ID!) { revokeToken(input: {tokenId: $id}) { revokedTokenId userErrors { code } } }`, map[string]any{"id": text(issued, "token", "id")})
	if status, _ := worker.call(secret, `{ viewer { name } }`, nil); status != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d", status)
	}
	f.pass(time.Minute)
	mutate(`mutation { deleteConsumer(input: {name: "siem"}) { deletedConsumerId userErrors { code message } } }`, nil)
	if list := mutate(`{ consumers { nodes { name } } }`, nil)["nodes"].([]any); len(list) != 0 {
		t.Errorf("%v", list)
	}

	// A person chooses a password by the one that they were given, and is kept out later.
	made := mutate(`mutation { createUser(input: {email: "nina@example.com", name: "Nina"}) { user { id } oneTimePassword userErrors { code message } } }`, nil)
	id, once := text(made, "user", "id"), text(made, "oneTimePassword")
	nina := f.visitor(awayAddr)
	page := nina.gets("nina@example.com", once, http.StatusUnprocessableEntity).Body.String()
	if _, in := nina.cookies[f.g.Auth.CookieName()]; in || !strings.Contains(page, "Choose a password") {
		t.Error("a one-time password opens a session")
	}
	if w := nina.do(http.MethodPost, "/signin", url.Values{
		"csrf": {between(page, `name="csrf" value="`, `"`)}, "next": {"/requests"}, "email": {"nina@example.com"}, "password": {once}, "newPassword": {goodPassword},
	}); w.Code != isIn {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	_, mine := nina.call("", `mutation { createToken(input: {name: "laptop"}) { secret userErrors { code message } } }`, nil)
	for _, token := range []string{"", text(mine, "secret")} {
		if _, out := nina.call(token, `{ viewer { name user { tokens { nodes { name } } sessions { nodes { current } } } } }`, nil); text(out, "name") != "Nina" {
			t.Errorf("%v", out)
		}
	}
	ended := mutate(`mutation($id: ID!) { disableUser(input: {userId: $id}) { endedSessions endedTokens endedRequests { count } userErrors { code message } } }`, map[string]any{"id": id})
	if ended["endedSessions"] != 1.0 || ended["endedTokens"] != 1.0 {
		t.Errorf("%v", ended)
	}
	if status, _ := nina.call(text(mine, "secret"), `{ viewer { name } }`, nil); status != http.StatusUnauthorized {
		t.Errorf("a disabled person's token: %d", status)
	}
	if status, out := nina.call("", `{ viewer { name } }`, nil); status != http.StatusOK || out != nil {
		t.Errorf("a disabled person's session: %d %v", status, out)
	}
	nina.gets("nina@example.com", goodPassword, isWrong)

	// Who did all that is in the journal, and none of the secrets, nor in the log.
	_, journal := ada.call("", `query($id: ID) { journal(filter: {subjectId: $id}, last: 9) { nodes { type actor { name } data } } }`, map[string]any{"id": id})
	told, err := json.Marshal(journal)
	f.must(err)
	for _, word := range []string{`"CREATED"`, `"PASSWORD_SET"`, `"TOKEN_ISSUED"`, `"UPDATED"`} {
		if !strings.Contains(string(told), word) {
			t.Errorf("the journal lacks %s: %s", word, told)
		}
	}
	for _, hidden := range []string{secret, once, goodPassword, text(mine, "secret")} {
		if strings.Contains(string(told)+f.log.String(), hidden) {
			t.Error("a secret is told")
		}
	}
}

// Another site can't have an administrator's browser make somebody.
func TestOtherSitesMakeNobody(t *testing.T) {
	f := newFront(t)
	ada := f.visitor(homeAddr)
	ada.gets("ada@example.com", goodPassword, isIn)
	for _, query := range []string{`mutation { createUser(input: {email: \"x@example.com\", name: \"X\", role: ADMIN}) { user { id } } }`, `mutation { createToken(input: {name: \"x\"}) { secret } }`} {
		for _, site := range [][2]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, f.g.public.String()+"/graphql", strings.NewReader(`{"query": "`+query+`"}`))
			r.RemoteAddr = homeAddr
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(site[0], site[1])
			for name, value := range ada.cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			w := httptest.NewRecorder()
			f.g.mux.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), `"secret"`) {
				t.Errorf("%s: %d %s", query, w.Code, w.Body)
			}
		}
	}
	if _, err := f.g.Access.UserByEmail(t.Context(), "x@example.com"); err == nil {
		t.Error("somebody was made")
	}
}
