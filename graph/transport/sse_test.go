package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
)

// newSSEBed serves events of the bed's log to one administrator.
func newSSEBed(t testing.TB) *httpBed {
	running := goleak.IgnoreCurrent()
	lazy := &lazySource{}
	b := newHTTPBed(t, transport.SSE{Source: lazy})
	opt := fanouttest.Options(b.exec)
	opt.Logger = slog.New(slog.DiscardHandler)
	fan := fanout.New(b.log, b.exec, opt)
	lazy.Source = fan
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		fan.Close()
		b.server.Close()
		goleak.VerifyNone(t, running)
	})
	return b
}

// lazySource is a source that is made after the transport that it serves.
type lazySource struct{ transport.Source }

func (s *lazySource) Open(ctx context.Context, op *graphql.OperationContext, wake func()) (transport.Stream, gqlerror.List) {
	return s.Source.Open(fanouttest.WithViewer(ctx, fanouttest.Viewer{ID: "v", Admin: true}), op, wake)
}

// eventStream reads events; lines of one event are joined by "|".
type eventStream struct {
	t    testing.TB
	body *bufio.Reader
	stop context.CancelFunc
}

// stream opens a stream by GET.
func (b *httpBed) stream(query string, headers ...string) *eventStream {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	b.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"?query="+url.QueryEscape(query), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream; charset=utf-8" {
		b.t.Fatalf("%s, Content-Type: %s", resp.Status, got)
	}
	s := &eventStream{t: b.t, body: bufio.NewReader(resp.Body), stop: cancel}
	s.expect("retry: 1000|:")
	return s
}

func (s *eventStream) expect(events ...string) {
	s.t.Helper()
	for _, want := range events {
		var lines []string
		for {
			line, err := s.body.ReadString('\n')
			if err != nil {
				s.t.Fatalf("%v after %q, want %q", err, lines, want)
			}
			if line = strings.TrimSuffix(line, "\n"); line == "" {
				break
			}
			lines = append(lines, line)
		}
		if got := strings.Join(lines, "|"); got != want {
			s.t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// expectEnd wants nothing more.
func (s *eventStream) expectEnd() {
	s.t.Helper()
	if rest, err := io.ReadAll(s.body); err != nil || len(rest) > 0 {
		s.t.Fatalf("got %q, %v, want the end", rest, err)
	}
}

func nextEvent(cursor int, text string) string {
	return `id: ` + strconv.Itoa(cursor) + `|event: next|data: {"data":{"events":{"text":"` + text + `"}}}`
}

const (
	complete    = "event: complete|data:"
	interrupted = `event: next|data: {"errors":[{"message":"The stream was interrupted. Subscribe again with the cursor of your last event, as after or in the header Last-Event-ID.","extensions":{"code":"INTERRUPTED","documentation":"errors#INTERRUPTED"}}]}`
)

func (b *httpBed) say(texts ...string) {
	for _, text := range texts {
		b.log.Publish(fanouttest.Entry(fanouttest.Fact{Kind: "said", Text: text}))
	}
}

func TestSSEStreams(t *testing.T) {
	b := newSSEBed(t)
	s := b.stream("subscription{events{text}}")
	b.say("one")
	s.expect(nextEvent(1, "one"))
	b.say("two", "three")
	s.expect(nextEvent(2, "two"), nextEvent(3, "three"))
	s.stop()
}

// TestSSEResumes has the cursor of Last-Event-ID take the place of "after" in
// every form that a document can give it.
func TestSSEResumes(t *testing.T) {
	b := newSSEBed(t)
	b.say("one", "two", "three")
	for _, query := range []string{
		`subscription{events{text}}`,
		`subscription{events(after:"0"){text}}`,
		`subscription{events(after:null){text}}`,
		`subscription{events(filter:{kind:"said"}){text}}`,
		`subscription($c:Cursor){events(after:$c){text}}`,
		`subscription($c:Cursor="0"){events(after:$c){text}}`,
		`subscription{...f} fragment f on Subscription{events(after:"0"){text}}`,
		`subscription($c:Cursor){...on Subscription{...f}} fragment f on Subscription{events(after:$c){text}}`,
	} {
		s := b.stream(query, "Last-Event-ID", "2")
		s.expect(nextEvent(3, "three"))
		s.stop()
	}
}

func TestSSERefusesWhatCannotResume(t *testing.T) {
	b := newSSEBed(t)
	for _, c := range []struct{ cursor, message string }{
		{strings.Repeat("1", 257), "longer than 256 bytes"},
		{"nonsense", "after is no cursor"},
	} {
		s := b.stream("subscription{events{text}}", "Last-Event-ID", c.cursor)
		s.expectError(c.message)
	}
}

// expectError wants one result with an error, and the end.
func (s *eventStream) expectError(part string) {
	s.t.Helper()
	body, err := io.ReadAll(s.body)
	if err != nil {
		s.t.Fatal(err)
	}
	got := string(body)
	if !strings.HasPrefix(got, "event: next\ndata: {\"errors\":[") || !strings.Contains(got, part) || !strings.HasSuffix(got, "}\n\nevent: complete\ndata:\n\n") {
		s.t.Fatalf("got %q, want the error %q", got, part)
	}
}

func TestSSESingleResults(t *testing.T) {
	b := newSSEBed(t)
	s := b.stream("{ping}")
	s.expect(`event: next|data: {"data":{"ping":"pong"},"extensions":{"cost":{"asked":1,"spent":1,"left":4999}}}`, complete)
	s.expectEnd()

	b.stream("{").expectError("GRAPHQL_PARSE_FAILED")
	b.stream("{nothing}").expectError("GRAPHQL_VALIDATION_FAILED")
	b.stream("{" + aliasedPings(16) + "}").expectError(transport.CodeTooManyAliases)

	resp, body := b.ask("POST", "", `{"query":"mutation{publish(text:\"hi\")}"}`, "Content-Type", asJSON, "Accept", "text/event-stream")
	want := "retry: 1000\n:\n\nevent: next\ndata: {\"data\":{\"publish\":\"hi\"},\"extensions\":{\"cost\":{\"asked\":1,\"spent\":1,\"left\":4999}}}\n\nevent: complete\ndata:\n\n"
	if resp.StatusCode != http.StatusOK || body != want {
		t.Errorf("%s: %q", resp.Status, body)
	}
}

func TestSSERefusals(t *testing.T) {
	b := newSSEBed(t)
	for _, c := range []struct {
		name, method, media, target, body string
		status                            int
	}{
		{"mutation by GET", "GET", "", "?query=" + url.QueryEscape(`mutation{publish(text:"x")}`), "", 405},
		{"no query", "GET", "", "", "", 400},
		{"text", "POST", "text/plain", "", `{"query":"{ping}"}`, 415},
		{"batch", "POST", asJSON, "", `[{"query":"{ping}"}]`, 400},
		{"too large", "POST", asJSON, "", `{"query":"` + strings.Repeat("x", transport.DefaultMaxBody) + `"}`, 413},
	} {
		resp, body := b.ask(c.method, c.target, c.body, "Content-Type", c.media, "Accept", "text/event-stream")
		if resp.StatusCode != c.status {
			t.Errorf("%s: %s: %s", c.name, resp.Status, body)
		}
		expectBody(t, body, "BAD_REQUEST")
	}
}

// script is a source of streams whose Pull is a function.
type script struct {
	pull   func(dst []transport.Payload, limit int) ([]transport.Payload, error)
	closed chan struct{}
}

func (s *script) Open(context.Context, *graphql.OperationContext, func()) (transport.Stream, gqlerror.List) {
	return s, nil
}

func (s *script) Pull(_ context.Context, dst []transport.Payload, limit int) ([]transport.Payload, error) {
	return s.pull(dst, limit)
}

func (s *script) Close() { close(s.closed) }

func newScript(pull func([]transport.Payload, int) ([]transport.Payload, error)) *script {
	return &script{pull: pull, closed: make(chan struct{})}
}

func (s *script) awaitClose(t *testing.T) {
	t.Helper()
	select {
	case <-s.closed:
	case <-time.After(20 * time.Second):
		t.Fatal("the stream was not closed")
	}
}

func TestSSEEnds(t *testing.T) {
	last := transport.Payload{Cursor: "1", Data: []byte("{\n\"data\":\r{}}")}
	sent := "id: 1|event: next|data: {|data: \"data\":|data: {}}"
	for _, c := range []struct {
		name string
		err  error
		want []string
	}{
		{"over", io.EOF, []string{sent, complete}},
		{"error", &gqlerror.Error{Message: "gone"}, []string{sent, `event: next|data: {"errors":[{"message":"gone"}]}`, complete}},
		{"errors", gqlerror.List{{Message: "gone"}}, []string{sent, `event: next|data: {"errors":[{"message":"gone"}]}`, complete}},
		{"interrupted", errors.New("s3cret"), []string{sent, interrupted, complete}},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := newScript(func(dst []transport.Payload, _ int) ([]transport.Payload, error) {
				return append(dst, last), c.err
			})
			s := newHTTPBed(t, transport.SSE{Source: source}).stream("subscription{events{text}}")
			s.expect(c.want...)
			s.expectEnd()
			source.awaitClose(t)
		})
	}
}

// TestSSECursorsCannotAddLines has an id that would be two lines.
func TestSSECursorsCannotAddLines(t *testing.T) {
	source := newScript(func(dst []transport.Payload, _ int) ([]transport.Payload, error) {
		return append(dst, transport.Payload{Cursor: "1\nevent: complete", Data: []byte("{}")}), io.EOF
	})
	s := newHTTPBed(t, transport.SSE{Source: source}).stream("subscription{events{text}}")
	s.expect("event: next|data: {}", complete)
}

func TestSSEKeepsAlive(t *testing.T) {
	ticks := make(chan time.Time)
	source := newScript(func(dst []transport.Payload, _ int) ([]transport.Payload, error) { return dst, nil })
	b := newHTTPBed(t, transport.SSE{Source: source, Tick: func(every time.Duration) (<-chan time.Time, func()) {
		if every != 15*time.Second {
			t.Errorf("every %s", every)
		}
		return ticks, func() {}
	}})
	s := b.stream("subscription{events{text}}")
	ticks <- time.Time{}
	s.expect(":")
	ticks <- time.Time{}
	s.expect(":")
	s.stop()
	source.awaitClose(t)
}

// A stream to which nothing is sent ends, too, once its caller's rights did, and says
// so; where they can't be checked now it says how to come back.
func TestSSEEndsWithTheRights(t *testing.T) {
	sseEndsWith(t, &gqlerror.Error{Message: "revoked"}, `event: next|data: {"errors":[{"message":"revoked"}]}`)
	sseEndsWith(t, errors.New("no store"), interrupted)
}

func sseEndsWith(t *testing.T, why error, want string) {
	t.Helper()
	ticks := make(chan time.Time)
	var ended atomic.Bool
	source := newScript(func(dst []transport.Payload, _ int) ([]transport.Payload, error) { return dst, nil })
	b := newHTTPBed(t, transport.SSE{
		Source: source, Tick: func(time.Duration) (<-chan time.Time, func()) { return ticks, func() {} },
		Authorized: func(context.Context) error {
			if ended.Load() {
				return why
			}
			return nil
		},
	})
	s := b.stream("subscription{events{text}}")
	ticks <- time.Time{}
	s.expect(":")
	ended.Store(true)
	ticks <- time.Time{}
	s.expect(want, complete)
	s.expectEnd()
	source.awaitClose(t)
}

// An event is never longer than what common clients can read, which would come back for
// it for ever: the stream ends before it, and says so.
func TestSSELongEvents(t *testing.T) {
	fits := `{"data":"` + strings.Repeat("x", 64_000-len("id: 1\nevent: next\ndata: \n\n")-len(`{"data":""}`)) + `"}`
	source := newScript(func(dst []transport.Payload, _ int) ([]transport.Payload, error) {
		return append(dst, transport.Payload{Cursor: "1", Data: []byte(fits)}, transport.Payload{Cursor: "2", Data: []byte(fits + " ")}, transport.Payload{Cursor: "3", Data: []byte("{}")}), nil
	})
	s := newHTTPBed(t, transport.SSE{Source: source}).stream("subscription{events{text}}")
	s.expect("id: 1|event: next|data: " + fits)
	s.expectError(`The next event takes 64001 bytes`)
	source.awaitClose(t)
}

// A mutation whose result is too long for an event was carried out.
func TestSSELongResults(t *testing.T) {
	b := newSSEBed(t)
	_, body := b.ask("POST", "", `{"query":"mutation($t:String!){publish(text:$t)}","variables":{"t":"`+strings.Repeat("x", 64_000)+`"}}`, "Content-Type", asJSON, "Accept", "text/event-stream")
	if !strings.Contains(body, `"code":"EVENT_TOO_LONG"`) || !strings.Contains(body, "carried out all the same") || !strings.HasSuffix(body, "event: complete\ndata:\n\n") || len(body) > 1000 || b.log.Head() != 1 {
		t.Errorf("%d entries, and %.1000q", b.log.Head(), body)
	}
}

// HEAD has the head of what GET would have, and opens nothing.
func TestSSEHead(t *testing.T) {
	source := newScript(func([]transport.Payload, int) ([]transport.Payload, error) { panic("it is opened") })
	b := newHTTPBed(t, transport.SSE{Source: source})
	for query, want := range map[string]int{"subscription{events{text}}": 200, "{ping}": 200, `mutation{publish(text:"x")}`: 405} {
		resp, body := b.ask("HEAD", "?query="+url.QueryEscape(query), "", "Accept", "text/event-stream")
		if resp.StatusCode != want || body != "" || want == 200 && (resp.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || resp.Header.Get("Vary") != "Accept, Last-Event-ID") {
			t.Errorf("%s: %s %v %q", query, resp.Status, resp.Header, body)
		}
	}
	if b.log.Head() > 0 {
		t.Error("HEAD has changed something")
	}
}

// TestSSECutsSlowReaders has a client that reads nothing of an endless stream.
func TestSSECutsSlowReaders(t *testing.T) {
	event := transport.Payload{Data: []byte(`"` + strings.Repeat("x", 32<<10) + `"`)}
	source := newScript(func(dst []transport.Payload, limit int) ([]transport.Payload, error) {
		for range limit {
			dst = append(dst, event)
		}
		return dst, nil
	})
	b := newHTTPBed(t, transport.SSE{Source: source, WriteTimeout: 50 * time.Millisecond})
	b.stream("subscription{events{text}}")
	source.awaitClose(t)
}

// TestSSEPanics has a stream that panics amid its results.
func TestSSEPanics(t *testing.T) {
	source := newScript(func([]transport.Payload, int) ([]transport.Payload, error) { panic("s3cret") })
	s := newHTTPBed(t, transport.SSE{Source: source}).stream("subscription{events{text}}")
	if rest, err := io.ReadAll(s.body); err == nil {
		t.Errorf("the stream ended as if nothing were: %q", rest)
	}
	source.awaitClose(t)
}

// TestResumeAfterSharesNothing resumes an operation of a cached document.
func TestResumeAfterSharesNothing(t *testing.T) {
	exec := fanouttest.NewExecutor(fanouttest.NewLog())
	exec.SetQueryCache(graphql.MapCache[*ast.QueryDocument]{})
	for _, query := range []string{
		`subscription{events(after:"1"){text}}`,
		`subscription{events{text}}`,
		`subscription{...f} fragment f on Subscription{events(after:"1"){text}}`,
		`subscription($c:Cursor="1"){events(after:$c){text}}`,
	} {
		op, errs := create(t, exec.Executor, query, nil)
		if errs != nil {
			t.Fatal(errs)
		}
		before := after(op)
		if err := transport.ResumeAfter(op, "7"); err != nil {
			t.Fatal(err)
		}
		if got := after(op); got != "7" {
			t.Errorf("%s: resumed after %v", query, got)
		}
		again, _ := create(t, exec.Executor, query, nil)
		if got := after(again); got != before || again.Doc != op.Doc {
			t.Errorf("%s: the document was changed: after %v, not %v", query, got, before)
		}
	}
}

func TestResumeAfterKeepsOtherUsesOfAVariable(t *testing.T) {
	exec := fanouttest.NewExecutor(fanouttest.NewLog())
	op, errs := create(t, exec.Executor, `subscription($c:Cursor){events(after:$c){text} ...on Subscription{events(after:$c){text}}}`, map[string]any{"c": "1"})
	if errs != nil {
		t.Fatal(errs)
	}
	if err := transport.ResumeAfter(op, "7"); err != nil {
		t.Fatal(err)
	}
	if op.Variables["c"] != "1" || after(op) != "7" {
		t.Errorf("$c is %v, after %v", op.Variables["c"], after(op))
	}
}

func TestResumeAfterNeedsAnArgument(t *testing.T) {
	op, errs := create(t, treeExecutor(transport.Limits{}, nil), "subscription{leaves{leaf}}", nil)
	if errs != nil {
		t.Fatal(errs)
	}
	if err := transport.ResumeAfter(op, "7"); err == nil {
		t.Error("a field without after was resumed")
	}
}

// after returns the value that the root field's argument has.
func after(op *graphql.OperationContext) any {
	field := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})[0]
	return field.ArgumentMap(op.Variables)["after"]
}
