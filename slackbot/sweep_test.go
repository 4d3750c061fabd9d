package slackbot

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

// The first sweep of a lease reads all messages and all that is in force; each later one what
// is left to do, and what ends soon: it costs by that, however much is kept.
func TestSweepsReadWhatIsLeftToDo(t *testing.T) {
	var asked []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Query     string
			Variables struct {
				Prefix string
				Due    bool
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		name := regexp.MustCompile(`(?:query|mutation) (\w+)`).FindStringSubmatch(in.Query)[1]
		data := map[string]any{"records": []any{}}
		switch name {
		case "readRecords":
			name += fmt.Sprintf(" %s due %v", in.Variables.Prefix, in.Variables.Due)
		case "listActive":
			var nodes []any
			for i := range aPage {
				at := time.Now().Add(time.Duration(i+1) * time.Hour)
				nodes = append(nodes, map[string]any{"id": fmt.Sprint("req_", i), "grant": map[string]any{"startsAt": at.Add(-time.Hour), "expiresAt": at}})
			}
			data = map[string]any{"accessRequests": map[string]any{"nodes": nodes, "pageInfo": map[string]any{"hasNextPage": false, "endCursor": ""}}}
		case "readRequest":
			data = map[string]any{"accessRequest": nil}
		}
		asked = append(asked, name)
		w.Header().Set("Content-Type", "application/graphql-response+json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	}))
	t.Cleanup(web.Close)
	c, err := client.New(client.Options{URL: web.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	ahead := time.Duration(0)
	b, err := New(Options{Client: c, API: &slackapi.API{}, PublicURL: &url.URL{}, SigningSecret: "s", Now: func() time.Time { return time.Now().Add(ahead) }})
	if err != nil {
		t.Fatal(err)
	}
	b.endings.clear()
	sweep := b.sweep()
	swept := func(what string, want ...string) {
		t.Helper()
		asked = nil
		if err := sweep(t.Context()); err != nil || !slices.Equal(asked, want) {
			t.Errorf("%s it asks for %q, %v", what, asked, err)
		}
	}
	left := []string{"readRecords msg/ due true", "readRecords home/ due true"}
	swept("at first", "readRecords msg/ due false", "readRecords home/ due false", "listActive")
	swept("then", left...)
	ahead = 55 * time.Minute
	swept("when one ends soon", append(left, "readRequest")...)
	swept("when that is told", left...)
}

// Events say of what the end is still to be told: of a new access, and of one that ends at
// another time, but of none that is over or short. An old list counts less.
func TestEndingsFollowEvents(t *testing.T) {
	var e endings
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	event := func(status AccessRequestStatus, lasts time.Duration) {
		r := &request{}
		r.ID, r.Status, r.Grant = "req_1", status, &RequestSummaryGrant{StartsAt: now, ExpiresAt: now.Add(lasts)}
		e.note(r)
	}
	ends := func() time.Duration {
		if at, ok := e.due(now.Add(24 * time.Hour))["req_1"]; ok {
			return at.Sub(now)
		}
		return 0
	}
	event(AccessRequestStatusActive, time.Hour)
	if ends() != 0 {
		t.Error("it remembers without a lease")
	}
	e.clear()
	want := func(what string, lasts time.Duration) {
		t.Helper()
		if ends() != lasts {
			t.Errorf("%s: it ends after %s", what, ends())
		}
	}
	event(AccessRequestStatusActive, time.Hour)
	want("in force", time.Hour)
	e.list("req_1", now, now.Add(30*time.Minute))
	want("listed as it was", time.Hour)
	event(AccessRequestStatusActive, 2*time.Hour)
	want("extended", 2*time.Hour)
	e.done("req_1", now.Add(time.Hour))
	want("told of the former end", 2*time.Hour)
	if len(e.due(now)) != 0 {
		t.Error("it ends soon")
	}
	e.done("req_1", now.Add(2*time.Hour))
	want("told", 0)
	event(AccessRequestStatusActive, 5*time.Minute)
	want("short", 0)
	event(AccessRequestStatusActive, time.Hour)
	event(AccessRequestStatusRevoked, time.Hour)
	want("over", 0)
}
