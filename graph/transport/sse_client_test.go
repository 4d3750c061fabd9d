package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/transport"
)

// ending is a source of the events 1 to 9 whose streams end after each 3, as the filter's
// kind says: with a word, or by a connection that breaks, as that of a slow reader does.
type ending struct {
	mu    sync.Mutex          // guards after
	after map[string][]string // of each stream opened, by kind
}

func (e *ending) Open(_ context.Context, op *graphql.OperationContext, wake func()) (transport.Stream, gqlerror.List) {
	e.mu.Lock()
	defer e.mu.Unlock()
	kind, _ := op.Variables["kind"].(string)
	from, _ := after(op).(string)
	e.after[kind] = append(e.after[kind], from)
	if kind == "resume" {
		kind = []string{"interrupted", "cut"}[len(e.after[kind])%2]
	}
	at, _ := strconv.Atoi(from)
	return &endingStream{kind: kind, at: at, end: min(at+3, 9), wake: wake}, nil
}

type endingStream struct {
	kind    string
	at, end int
	wake    func()
}

func (s *endingStream) Pull(_ context.Context, dst []transport.Payload, _ int) ([]transport.Payload, error) {
	if s.at == s.end { // the events before have been written
		panic(http.ErrAbortHandler)
	}
	for s.at < s.end {
		s.at++
		cursor := strconv.Itoa(s.at)
		dst = append(dst, transport.Payload{Cursor: cursor, Data: fmt.Appendf(nil, `{"data":{"events":{"cursor":%q}}}`, cursor)})
	}
	refused := func(code string) error {
		return &gqlerror.Error{Message: "No more.", Extensions: map[string]any{"code": code}}
	}
	switch s.kind {
	case "over":
		return dst, io.EOF
	case "rights":
		return dst, refused("FORBIDDEN")
	case "token":
		return dst, refused("UNAUTHENTICATED")
	case "long":
		return append(dst, transport.Payload{Cursor: "4", Data: []byte(`"` + strings.Repeat("x", 64<<10) + `"`)}), nil
	case "cut":
		s.wake()
		return dst, nil
	default: // such as a restart
		return dst, errors.New("interrupted")
	}
}

func (*endingStream) Close() {}

// TestSSEReferenceClient has the npm package graphql-sse take results and see streams end
// in each way that they do. It asks for none again by itself, from its beginning, and who
// goes on from their own cursor has no gap and no repeat.
func TestSSEReferenceClient(t *testing.T) {
	source := &ending{after: map[string][]string{}}
	b := newHTTPBed(t, transport.SSE{Source: source})
	lines, failed := runNode(t, "sse.mjs", b.url)
	if failed {
		t.Error("the client failed")
	}
	got := map[string][]string{}
	for _, line := range lines {
		var l struct {
			Name, End string
			Result    struct {
				Data   struct{ Ping, Publish, Events json.RawMessage }
				Errors []struct{ Extensions struct{ Code string } }
			}
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		text := l.End + string(l.Result.Data.Ping) + string(l.Result.Data.Publish)
		var event struct{ Cursor string }
		if l.Result.Data.Events != nil && json.Unmarshal(l.Result.Data.Events, &event) == nil {
			text = event.Cursor
		}
		for _, e := range l.Result.Errors {
			text += e.Extensions.Code
		}
		got[l.Name] = append(got[l.Name], text)
	}
	for name, want := range map[string]string{
		"query":             `"pong" complete`,
		"mutation":          `"hello" complete`,
		"refused":           "GRAPHQL_VALIDATION_FAILED complete",
		"over":              "1 2 3 complete",
		"interrupted":       "1 2 3 INTERRUPTED complete",
		"rights":            "1 2 3 FORBIDDEN complete",
		"token":             "1 2 3 UNAUTHENTICATED complete",
		"long":              "1 2 3 EVENT_TOO_LONG complete",
		"eager interrupted": "1 2 3 INTERRUPTED complete",
		"eager rights":      "1 2 3 FORBIDDEN complete",
		"resume":            "1 2 3 4 5 6 7 8 9",
	} {
		if text := strings.Join(got[name], " "); text != want {
			t.Errorf("%s: got %s, want %s", name, text, want)
		}
	}
	// What was on its way in a connection that broke may be lost to the client.
	if cut := got["cut"]; len(cut) == 0 || cut[len(cut)-1] != "NetworkError" {
		t.Errorf("cut: got %q", cut)
	}
	for kind, opened := range source.after {
		if kind != "resume" && len(opened) > 1+strings.Count("interrupted rights", kind) {
			t.Errorf("%s: it was asked for %d times", kind, len(opened))
		}
	}
	if ends := slices.Compact(slices.Sorted(slices.Values(got["resume ends"]))); !slices.Equal(ends, []string{"INTERRUPTED", "NetworkError"}) {
		t.Errorf("resumed after %q, by streams that ended with %q", source.after["resume"], ends)
	}
}
