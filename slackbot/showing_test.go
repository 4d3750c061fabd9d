package slackbot

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"procyon/internal/slackapi"
)

// Nothing is sent twice in a row, and whatever ended without an answer is sent again.
func TestShowing(t *testing.T) {
	var s showing
	sent, lost := 0, errors.New("the answer got lost")
	var fails error
	show := func(key, text, ts string, want int) {
		t.Helper()
		_ = s.send(key, slackapi.Posted{Channel: "C1", TS: ts}, slackapi.Message{Text: text}, func() error {
			sent++
			return fails
		})
		if sent != want {
			t.Errorf("%s at %s: %d were sent, want %d", text, ts, sent, want)
		}
	}
	show("a", "asked", "1", 1)
	show("a", "asked", "1", 1)
	show("b", "asked", "1", 2)
	show("a", "asked", "2", 3) // another message took its place
	fails = lost
	show("a", "approved", "2", 4) // it may be there
	fails = nil
	show("a", "asked", "2", 5)
	s.clear()
	show("a", "asked", "2", 6)
	for i := range 2 * maxShowing {
		_ = s.send(fmt.Sprint(i), slackapi.Posted{}, slackapi.Message{}, func() error { return nil })
	}
	if len(s.known) > maxShowing {
		t.Errorf("%d are remembered", len(s.known))
	}
}

// Two events after which a message looks alike change it once.
func TestEqualUpdatesAreSentOnce(t *testing.T) {
	updates := 0
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/chat.update") {
			updates++
		}
		_, _ = io.WriteString(w, `{"ok":true,"channel":"C1","ts":"1.1"}`)
	}))
	t.Cleanup(slack.Close)
	api, err := slackapi.NewAPI(slack.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	b, _ := silent(t)
	m := &message{Kind: kindApprover, SlackID: "T1", To: "U1", At: slackapi.Posted{Channel: "C1", TS: "1.1"}, key: "msg/r/approver/T1/U1"}
	r := &request{}
	for _, step := range []struct {
		status AccessRequestStatus
		want   int
	}{{AccessRequestStatusApproved, 1}, {AccessRequestStatusActive, 2}, {AccessRequestStatusActive, 2}, {AccessRequestStatusApproved, 3}} {
		r.Status = step.status
		if done, err := b.show(t.Context(), workspace{Bot: api.Bot("xoxb-1")}, m, r); err != nil || !done {
			t.Fatal(done, err)
		}
		if updates != step.want {
			t.Errorf("%s: %d updates, want %d", step.status, updates, step.want)
		}
	}
}
