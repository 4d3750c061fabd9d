package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

func respond(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := New(Options{URL: s.URL, Token: "secret-token"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestDo(t *testing.T) {
	c := respond(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) != `{"query":"query($d: Duration) { viewer { id } }","variables":{"d":"PT1H30M"}}` {
			t.Errorf("body %s", body)
		}
		if r.Header.Get("Authorization") != "Bearer secret-token" || r.Header.Get("Procyon-Act-For") != "usr_1" {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("Content-Type", "application/graphql-response+json; charset=utf-8")
		_, _ = io.WriteString(w, `{"data":{"viewer":{"id":"svc_1"}}}`)
	})
	var out struct{ Viewer struct{ ID string } }
	vars := map[string]any{"d": Duration(90 * time.Minute)}
	if err := c.ActFor("usr_1").Do(t.Context(), "query($d: Duration) { viewer { id } }", vars, &out); err != nil || out.Viewer.ID != "svc_1" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestDoErrors(t *testing.T) {
	for name, c := range map[string]struct {
		status    int
		media     string
		body      string
		code      string
		retryable bool
	}{
		"invalid":         {400, "application/graphql-response+json", `{"errors":[{"message":"no field","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`, "GRAPHQL_VALIDATION_FAILED", false},
		"internal":        {200, "application/json", `{"data":null,"errors":[{"message":"oops","extensions":{"code":"INTERNAL"}}]}`, "INTERNAL", true},
		"partly internal": {200, "application/json", `{"errors":[{"message":"oops","extensions":{"code":"INTERNAL"}},{"message":"no"}]}`, "INTERNAL", false},
		"signed out":      {401, "application/json", `{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`, CodeUnauthenticated, false},
		"too many":        {429, "application/json", `{"errors":[{"message":"later","extensions":{"code":"TOO_MANY_REQUESTS"}}]}`, "TOO_MANY_REQUESTS", true},
		"away":            {503, "application/json", `{"errors":[{"message":"later","extensions":{"code":"NEW"}}]}`, "NEW", true},
		"a proxy's 401":   {401, "text/plain", `who are you?`, CodeHTTP, true},
		"a proxy's 403":   {403, "text/html", `<html>`, CodeHTTP, true},
		"proxy":           {502, "text/html", `<html>`, CodeHTTP, true},
		"a proxy's 404":   {404, "text/html", `<html>`, CodeHTTP, true},
		"empty":           {200, "application/json", `{}`, CodeHTTP, false},
		"redirect":        {302, "application/json", ``, CodeHTTP, false},
	} {
		t.Run(name, func(t *testing.T) {
			client := respond(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.media)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			err := client.Do(t.Context(), "{ viewer { id } }", nil, nil)
			if CodeOf(err) != c.code || IsRetryable(err) != c.retryable {
				t.Errorf("%v: code %q, retryable %v", err, CodeOf(err), IsRetryable(err))
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

func TestDoWithoutAnswer(t *testing.T) {
	c := respond(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if err := c.Do(t.Context(), "{ a }", nil, nil); CodeOf(err) != CodeNetwork || !IsRetryable(err) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Do(ctx, "{ a }", nil, nil); !errors.Is(err, context.Canceled) || IsRetryable(err) {
		t.Error(err)
	}
}

func TestNewRefusesABadURL(t *testing.T) {
	for _, u := range []string{"", "localhost:8080", "ftp://a/graphql", "https://u:secret@a/graphql"} {
		if _, err := New(Options{URL: u}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestIsRefusal(t *testing.T) {
	for _, err := range []error{&Error{Code: CodeForbidden}, &Error{Code: CodeUnauthenticated}, UserErrors{{Code: "FORBIDDEN"}}} {
		if !IsRefusal(err) {
			t.Errorf("%v is a refusal", err)
		}
	}
	for _, err := range []error{nil, ErrHeld, &Error{Code: CodeNetwork}, UserErrors{{Code: "LEASE"}}} {
		if IsRefusal(err) {
			t.Errorf("%v is no refusal", err)
		}
	}
}

func TestUserErrors(t *testing.T) {
	u := UserErrors{{Code: "LEASE", Message: "Lost."}}
	if u.Err() == nil || !u.Has("LEASE") || u.Has("INVALID") || UserErrors(nil).Err() != nil {
		t.Error(u)
	}
}

func TestDuration(t *testing.T) {
	for d, s := range map[time.Duration]string{
		0: "PT0S", 10 * time.Second: "PT10S", 90 * time.Minute: "PT1H30M", 25 * time.Hour: "PT25H",
		time.Hour + time.Second: "PT1H1S",
	} {
		got, err := json.Marshal(Duration(d))
		if err != nil || string(got) != `"`+s+`"` {
			t.Errorf("%v is %s, %v; want %s", d, got, err, s)
		}
		var back Duration
		if err := json.Unmarshal(got, &back); err != nil || time.Duration(back) != d {
			t.Errorf("%s is %v, %v", got, time.Duration(back), err)
		}
	}
	for _, d := range []time.Duration{1500 * time.Millisecond, 3 * time.Microsecond, time.Minute - 1, -time.Second} {
		if got, err := json.Marshal(Duration(d)); err == nil {
			t.Errorf("%v was written as %s", d, got)
		}
	}
	for _, s := range []string{`"PT1.5S"`, `""`, `"P"`, `"PT"`, `"P1DT"`, `"1h"`, `5`, `"P999999999D"`, `"-PT1H"`} {
		var d Duration
		if json.Unmarshal([]byte(s), &d) == nil {
			t.Errorf("%s is %v", s, time.Duration(d))
		}
	}
}
