package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// graphql runs an operation as the console does: with the browser's cookies alone.
func (b *browser) graphql(query string, variables, out any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", b.base)
	resp, err := b.Do(req)
	if err != nil {
		return err
	}
	_, text := b.read(resp)
	answer := struct {
		Data   any
		Errors []struct{ Message string }
	}{Data: out}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	if len(answer.Errors) > 0 {
		return errors.New(answer.Errors[0].Message)
	}
	return nil
}

// isSignedIn tells whether the browser has a session that is good.
func (b *browser) isSignedIn() bool {
	var v struct{ Viewer *struct{ Name string } }
	return b.graphql(`{ viewer { name } }`, nil, &v) == nil && v.Viewer != nil
}

// approve approves the request of a page, as it is now.
func (b *browser) approve(path string) {
	b.t.Helper()
	id := strings.TrimPrefix(path, "/requests/")
	var r struct{ AccessRequest struct{ Version int } }
	if err := b.graphql(`query ($id: ID!) { accessRequest(id: $id) { version } }`, map[string]any{"id": id}, &r); err != nil {
		b.t.Fatal(err)
	}
	var done struct {
		ReviewAccessRequest struct{ UserErrors []struct{ Message string } }
	}
	err := b.graphql(`mutation ($i: ReviewAccessRequestInput!) { reviewAccessRequest(input: $i) { userErrors { message } } }`, map[string]any{"i": map[string]any{
		"requestId": id, "expectedVersion": r.AccessRequest.Version, "subject": "REQUEST", "decision": "APPROVE",
	}}, &done)
	if err != nil || len(done.ReviewAccessRequest.UserErrors) > 0 {
		b.t.Fatalf("%v %v", err, done)
	}
}
