package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
)

// httpBed is a server of the test schema over HTTP.
type httpBed struct {
	t    testing.TB
	log  *fanouttest.Log
	exec *fanouttest.Executor
	url  string

	server *httptest.Server
}

// newHTTPBed puts more transports before HTTP.
func newHTTPBed(t testing.TB, more ...graphql.Transport) *httpBed {
	log := fanouttest.NewLog()
	exec := fanouttest.NewExecutor(log)
	exec.Use(introspectable{})
	exec.SetRecoverFunc(func(context.Context, any) error { return errors.New("quiet") })
	transport.DefaultLimits().Apply(exec.Executor)
	server := httptest.NewServer(transport.New(exec, transport.Options{
		Transports: append(more, transport.HTTP{}),
		Logger:     slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(server.Close)
	return &httpBed{t: t, log: log, exec: exec, url: server.URL, server: server}
}

// introspectable lets anybody look at the schema, which gqlgen does not by itself.
type introspectable struct{}

func (introspectable) ExtensionName() string                   { return "Introspectable" }
func (introspectable) Validate(graphql.ExecutableSchema) error { return nil }

func (introspectable) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = false
	return nil
}

// ask sends a request with headers, given as names and values in turn.
func (b *httpBed) ask(method, target, body string, headers ...string) (*http.Response, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+target, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, string(out)
}

const (
	asJSON     = "application/json"
	asResponse = "application/graphql-response+json"
)

func TestPost(t *testing.T) {
	b := newHTTPBed(t)
	big := `{"query":"{ping}","x":"` + strings.Repeat("x", transport.DefaultMaxBody) + `"}`
	for _, c := range []struct {
		name, media, accept, body string
		status                    int
		want                      string // the whole body, or the code of the error
	}{
		{"query", asJSON, "", `{"query":"{ping}"}`, 200, `{"data":{"ping":"pong"}}`},
		{"mutation", asJSON, "", `{"query":"mutation($t:String!){publish(text:$t)}","variables":{"t":"hi"}}`, 200, `{"data":{"publish":"hi"}}`},
		{"subscription", asJSON, asResponse, `{"query":"subscription{events{id}}"}`, 400, "BAD_REQUEST"},
		{"subscription as JSON", asJSON, asJSON, `{"query":"subscription{events{id}}"}`, 400, "BAD_REQUEST"},
		{"parse error", asJSON, asResponse, `{"query":"{"}`, 400, "GRAPHQL_PARSE_FAILED"},
		{"parse error as JSON", asJSON, asJSON, `{"query":"{"}`, 200, "GRAPHQL_PARSE_FAILED"},
		{"too many tokens", asJSON, asResponse, `{"query":"{` + strings.Repeat("ping ", 1001) + `}"}`, 400, "GRAPHQL_PARSE_FAILED"},
		{"over a limit", asJSON, asResponse, `{"query":"{` + aliasedPings(16) + `}"}`, 400, transport.CodeTooManyAliases},
		{"batch", asJSON, asResponse, ` [{"query":"{ping}"}]`, 400, "BAD_REQUEST"},
		{"null", asJSON, "", `null`, 400, "BAD_REQUEST"},
		{"two bodies", asJSON, "", `{"query":"{ping}"}{"query":"{ping}"}`, 400, "BAD_REQUEST"},
		{"other case", asJSON, "", `{"Query":"{ping}"}`, 400, "BAD_REQUEST"},
		{"empty query", asJSON, "", `{"query":""}`, 400, "BAD_REQUEST"},
		{"too large", asJSON, "", big, 413, "BAD_REQUEST"},
		{"no type", "", "", `{"query":"{ping}"}`, 415, "BAD_REQUEST"},
		{"plain text", "text/plain", "", `{"query":"{ping}"}`, 415, "BAD_REQUEST"},
		{"plain text that says JSON", "text/plain; application/json", "", `{"query":"{ping}"}`, 415, "BAD_REQUEST"},
		{"form", "application/x-www-form-urlencoded", "", `query={ping}`, 415, "BAD_REQUEST"},
		{"multipart", "multipart/form-data; boundary=x", "", "--x--", 415, "BAD_REQUEST"},
		{"graphql", "application/graphql", "", `{ping}`, 415, "BAD_REQUEST"},
		{"other charset", "application/json; charset=latin1", "", `{"query":"{ping}"}`, 415, "BAD_REQUEST"},
		{"not acceptable", asJSON, "text/html", `{"query":"{ping}"}`, 406, "BAD_REQUEST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := b.ask("POST", "", c.body, "Content-Type", c.media, "Accept", c.accept)
			if resp.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, c.status, body)
			}
			expectBody(t, body, c.want)
		})
	}
}

func aliasedPings(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte(byte('a' + i))
		b.WriteString(":ping ")
	}
	return b.String()
}

// expectBody wants this body, or a request error with this code.
// costPart is what an answer cost, which TestCostIsTold looks at.
var costPart = regexp.MustCompile(`,"extensions":\{"cost":\{[^}]*\}\}`)

func expectBody(t *testing.T, body, want string) {
	t.Helper()
	if strings.HasPrefix(want, "{") {
		if body = costPart.ReplaceAllString(body, ""); body != want {
			t.Errorf("got %s, want %s", body, want)
		}
		return
	}
	var resp map[string]json.RawMessage
	var errs []struct {
		Message    string
		Extensions struct{ Code string }
	}
	if err := json.Unmarshal([]byte(body), &resp); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if err := json.Unmarshal(resp["errors"], &errs); err != nil || len(errs) == 0 || errs[0].Extensions.Code != want || errs[0].Message == "" {
		t.Errorf("got %s, want the code %s", body, want)
	}
	if _, data := resp["data"]; data {
		t.Errorf("a request error with data: %s", body)
	}
}

func TestGet(t *testing.T) {
	b := newHTTPBed(t)
	for _, c := range []struct {
		name, query string
		status      int
		want        string
	}{
		{"query", "query={ping}", 200, `{"data":{"ping":"pong"}}`},
		{"operation name", "query=" + url.QueryEscape("query A{ping} query B{ping pong:ping}") + "&operationName=B", 200, `{"data":{"ping":"pong","pong":"pong"}}`},
		{"variables", "query=" + url.QueryEscape("query($a:Boolean!){ping@include(if:$a) __typename}") + `&variables={"a":false}`, 200, `{"data":{"__typename":"Query"}}`},
		{"mutation", "query=" + url.QueryEscape(`mutation{publish(text:"x")}`), 405, "BAD_REQUEST"},
		{"subscription", "query=" + url.QueryEscape(`subscription{events{id}}`), 400, "BAD_REQUEST"},
		{"nothing", "", 400, "BAD_REQUEST"},
		{"twice", "query={ping}&query={ping}", 400, "BAD_REQUEST"},
		{"malformed", "query={ping}&%zz", 400, "BAD_REQUEST"},
		{"variables of another type", "query={ping}&variables=[]", 400, "BAD_REQUEST"},
		{"two variables", "query={ping}&variables={}{}", 400, "BAD_REQUEST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := b.ask("GET", "?"+c.query, "", "Accept", asResponse)
			if resp.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, c.status, body)
			}
			if c.status == 405 && resp.Header.Get("Allow") != "POST" {
				t.Errorf("Allow: %q", resp.Header.Get("Allow"))
			}
			expectBody(t, body, c.want)
		})
	}
	if n := b.log.Head(); n != 0 {
		t.Errorf("GET requests have changed something %d times", n)
	}
}

func TestOtherMethods(t *testing.T) {
	b := newHTTPBed(t)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS"} {
		resp, body := b.ask(method, "?query={ping}", "")
		if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "GET, HEAD, POST" {
			t.Errorf("%s: %s, Allow: %s", method, resp.Status, resp.Header.Get("Allow"))
		}
		expectBody(t, body, "BAD_REQUEST")
	}
}

// TestErrorsKeepTheBodyToThemselves sends a secret in every place.
func TestErrorsKeepTheBodyToThemselves(t *testing.T) {
	b := newHTTPBed(t)
	for _, body := range []string{
		`s3cret`, `{"query": s3cret}`, `{"query":"{ping}","variables":"s3cret"}`, `{"query":["s3cret"]}`,
		`{"query":"{ping}","operationName":{"s3cret":1}}`, `["s3cret"]`, `{"s3cret":"`, `{"query":"{ping}"} s3cret`,
	} {
		_, answer := b.ask("POST", "", body, "Content-Type", asJSON)
		if strings.Contains(answer, "s3cret") {
			t.Errorf("%s was answered with %s", body, answer)
		}
	}
}

func TestHeaders(t *testing.T) {
	b := newHTTPBed(t)
	resp, _ := b.ask("GET", "?query={ping}", "")
	for name, want := range map[string]string{
		"Content-Type":           "application/json; charset=utf-8",
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
		"Vary":                   "Accept",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestNegotiation(t *testing.T) {
	b := newHTTPBed(t)
	for accept, want := range map[string]string{
		"":                                     asJSON,
		"*/*":                                  asJSON,
		"application/*":                        asJSON,
		"text/html,*/*;q=0.1":                  asJSON,
		asResponse:                             asResponse,
		asResponse + ", " + asJSON:             asResponse,
		asJSON + ", " + asResponse:             asJSON,
		asJSON + ";q=0.8, " + asResponse:       asResponse,
		asResponse + ";q=0.5," + asJSON:        asJSON,
		"*/*, " + asResponse:                   asResponse,
		"*/*, " + asJSON + ";q=0":              asResponse,
		"APPLICATION/JSON; charset=utf-8":      asJSON,
		asJSON + ";q=nonsense, " + asResponse:  asResponse,
		asResponse + ";q=NaN, " + asJSON:       asJSON,
		"nonsense, , " + asResponse + " ; q=1": asResponse,
	} {
		resp, _ := b.ask("GET", "?query={ping}", "", "Accept", accept)
		if got, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); got != want {
			t.Errorf("Accept %q gave %q, want %q", accept, got, want)
		}
	}
}

func TestErrorsAreFew(t *testing.T) {
	_, body := newHTTPBed(t).ask("POST", "", `{"query":"{`+strings.Repeat("nothing ", 900)+`}"}`, "Content-Type", asJSON)
	if n := strings.Count(body, `"message"`); n != 20 {
		t.Errorf("%d errors", n)
	}
}

// panicking is a transport that panics, before or after it began to answer.
type panicking struct{}

func (panicking) Supports(r *http.Request) bool { return r.Header.Get("Panic") != "" }

func (panicking) Do(w http.ResponseWriter, r *http.Request, _ graphql.GraphExecutor) {
	if r.Header.Get("Panic") == "late" {
		w.Header().Set("Content-Type", asJSON)
		_, _ = w.Write([]byte(`{"data":`))
		_ = http.NewResponseController(w).Flush()
	}
	panic("s3cret")
}

// Every refusal comes in the type that its request accepts, and says that it does.
func TestRefusalsHonourAccept(t *testing.T) {
	b := newHTTPBed(t, transport.SSE{}, panicking{})
	for accept, want := range map[string]string{
		"": asJSON, asJSON: asJSON, asResponse: asResponse, "text/event-stream": asJSON, "text/html": asJSON,
		"text/event-stream, " + asResponse + ";q=0.5": asResponse,
	} {
		for name, ask := range map[string][]string{
			"another method": {"PUT", "?query={ping}"}, "nothing": {"GET", ""}, "a mutation by GET": {"GET", "?query=" + url.QueryEscape(`mutation{publish(text:"x")}`)},
			"a subscription": {"GET", "?query=" + url.QueryEscape("subscription{events{id}}")}, "a panic": {"GET", "", "Panic", "early"}, "no JSON": {"POST", "", "Content-Type", "text/plain"},
		} {
			if name == "a subscription" && strings.HasPrefix(accept, "text/event-stream") {
				continue
			}
			resp, body := b.ask(ask[0], ask[1], "", append(ask[2:], "Accept", accept)...)
			if got := resp.Header.Get("Content-Type"); got != want+"; charset=utf-8" || resp.Header.Get("Vary") != "Accept" || resp.StatusCode < 400 || !strings.HasPrefix(body, `{"errors":[`) {
				t.Errorf("%s, Accept %q: %s %q %s", name, accept, resp.Status, got, body)
			}
		}
	}
}

// HEAD is answered as GET is, without the body.
func TestHead(t *testing.T) {
	b := newHTTPBed(t)
	for _, query := range []string{"{ping}", "{", "{nothing}", `mutation{publish(text:"x")}`, "subscription{events{id}}", ""} {
		target := "?query=" + url.QueryEscape(query)
		get, body := b.ask("GET", target, "", "Accept", asResponse)
		head, none := b.ask("HEAD", target, "", "Accept", asResponse)
		for _, h := range []string{"Content-Type", "Cache-Control", "Vary", "Allow"} {
			if get.Header.Get(h) != head.Header.Get(h) {
				t.Errorf("%s: %s is %q, of GET %q", query, h, head.Header.Get(h), get.Header.Get(h))
			}
		}
		if head.StatusCode != get.StatusCode || none != "" || body == "" || head.ContentLength != int64(len(body)) {
			t.Errorf("%s: %s with %q and length %d, of GET %s", query, head.Status, none, head.ContentLength, get.Status)
		}
	}
	if b.log.Head() > 0 {
		t.Error("HEAD has changed something")
	}
}

// An operation that is not there is named, beside those that are.
func TestMissingOperations(t *testing.T) {
	b := newHTTPBed(t)
	for query, c := range map[string]struct{ name, want string }{
		"query a{ping} query b{ping}": {"c", `The document has no operation named "c": it has "a", "b".`},
		"query c{ping} query d{ping}": {"", `The document has several operations, and operationName does not say which to run: it has "c", "d".`},
		"{ping}":                      {"e", `The document has no operation named "e": its one operation has no name, so leave operationName out.`},
		"query f{ping}":               {strings.Repeat("x", 300), `The document has no operation named "` + strings.Repeat("x", 100) + `…": it has "f".`},
	} {
		body, err := json.Marshal(map[string]string{"query": query, "operationName": c.name})
		if err != nil {
			t.Fatal(err)
		}
		_, got := b.ask("POST", "", string(body), "Content-Type", asJSON)
		expectBody(t, got, "GRAPHQL_VALIDATION_FAILED")
		if message, _ := json.Marshal(c.want); !strings.Contains(got, `"message":`+string(message)) {
			t.Errorf("%s: %s, want %s", query, got, c.want)
		}
	}
}

func TestPanics(t *testing.T) {
	b := newHTTPBed(t, panicking{})
	resp, body := b.ask("GET", "", "", "Panic", "early")
	if resp.StatusCode != http.StatusInternalServerError || strings.Contains(body, "s3cret") || !strings.Contains(body, `"id":"`) {
		t.Errorf("%s: %s", resp.Status, body)
	}
	expectBody(t, body, transport.CodeInternal)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Panic", "late")
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if rest, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("half an answer looks whole: %s", rest)
	}
}
