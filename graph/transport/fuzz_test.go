package transport

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// FuzzParams reads arbitrary bodies and query strings: each gives parameters
// with a query, or a refusal that repeats none of what was sent.
func FuzzParams(f *testing.F) {
	f.Add(`{"query":"{ping}","variables":{"n":1e400},"operationName":null}`)
	f.Add(`query=%7Bping%7D&variables={"a":[1,{"b":null}]}&extensions={}`)
	f.Add(`[{"query":"{ping}"}]`)
	f.Add(`{"query":"{ping}"`)
	f.Fuzz(func(t *testing.T, text string) {
		post := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text))
		post.Header.Set("Content-Type", mediaJSON)
		get := httptest.NewRequest(http.MethodGet, "/", nil)
		get.URL.RawQuery = text
		for _, r := range []*http.Request{post, get} {
			r = r.WithContext(graphql.StartOperationTrace(r.Context()))
			params, refused := readParams(httptest.NewRecorder(), r, 1<<10)
			if (params == nil) == (refused == nil) {
				t.Fatalf("%s: %v and %v", r.Method, params, refused)
			}
			if params != nil && params.Query == "" {
				t.Fatalf("%s: no query", r.Method)
			}
			if refused != nil && (refused.status < 400 || refused.status > 499 || !utf8.ValidString(refused.err.Message) || len(refused.err.Message) > 120) {
				t.Fatalf("%s: %d %s", r.Method, refused.status, refused.err.Message)
			}
		}
	})
}

// FuzzAccept negotiates by arbitrary headers: the outcome is an offer or none.
func FuzzAccept(f *testing.F) {
	f.Add("text/html, */*;q=0.1")
	f.Add("application/*;q=0, application/json;q=1.0000")
	f.Fuzz(func(t *testing.T, header string) {
		switch got := accepted(http.Header{"Accept": {header}}, mediaJSON, mediaResponse); got {
		case "", mediaJSON, mediaResponse:
		default:
			t.Fatalf("%q gave %q", header, got)
		}
	})
}
