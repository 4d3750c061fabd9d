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
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/transport"
)

// cutting is a source of the events 1 to 9 that cuts its streams after each 3:
// by an end without "complete" and by a connection that breaks, in turn.
type cutting struct {
	mu    sync.Mutex // guards after
	after []string   // of each stream opened
}

func (c *cutting) Open(_ context.Context, op *graphql.OperationContext, wake func()) (transport.Stream, gqlerror.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from, _ := after(op).(string)
	c.after = append(c.after, from)
	at, _ := strconv.Atoi(from)
	breaks := len(c.after)%2 == 0
	return &cutStream{at: at, end: min(at+3, 9), breaks: breaks, wake: wake}, nil
}

type cutStream struct {
	at, end int
	breaks  bool
	wake    func()
}

func (s *cutStream) Pull(_ context.Context, dst []transport.Payload, _ int) ([]transport.Payload, error) {
	if s.at == s.end { // the events before have been written
		panic(http.ErrAbortHandler)
	}
	for s.at < s.end {
		s.at++
		cursor := strconv.Itoa(s.at)
		dst = append(dst, transport.Payload{Cursor: cursor, Data: fmt.Appendf(nil, `{"data":{"events":{"cursor":%q}}}`, cursor)})
	}
	switch {
	case s.end == 9:
		return dst, io.EOF
	case s.breaks:
		s.wake()
		return dst, nil
	default:
		return dst, errors.New("interrupted")
	}
}

func (*cutStream) Close() {}

// TestSSEReferenceClient has the npm package graphql-sse take results, be cut
// off, and go on without a gap or a repeat.
func TestSSEReferenceClient(t *testing.T) {
	source := &cutting{}
	b := newHTTPBed(t, transport.SSE{Source: source})
	lines, failed := runNode(t, "sse.mjs", b.url)
	if failed {
		t.Error("the client failed")
	}
	got := map[string][]string{}
	for _, line := range lines {
		var l struct {
			Name   string
			Result struct {
				Data   struct{ Ping, Publish, Events json.RawMessage }
				Errors []struct{ Extensions struct{ Code string } }
			}
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		text := string(l.Result.Data.Ping) + string(l.Result.Data.Publish)
		var event struct{ Cursor string }
		if l.Result.Data.Events != nil && json.Unmarshal(l.Result.Data.Events, &event) == nil {
			text = event.Cursor
		}
		for _, e := range l.Result.Errors {
			text += e.Extensions.Code
		}
		got[l.Name] = append(got[l.Name], text)
	}
	for name, want := range map[string][]string{
		"query":    {`"pong"`},
		"mutation": {`"hello"`},
		"refused":  {"GRAPHQL_VALIDATION_FAILED"},
		"literal":  {"1", "2", "3", "4", "5", "6", "7", "8", "9"},
		"variable": {"3", "4", "5", "6", "7", "8", "9"},
	} {
		if !slices.Equal(got[name], want) {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
	// What was on its way in a connection that broke may be lost to the client,
	// which then asks for it again.
	if len(source.after) < 6 || source.after[0] != "" || source.after[1] != "3" {
		t.Errorf("streams began after %q", source.after)
	}
}
