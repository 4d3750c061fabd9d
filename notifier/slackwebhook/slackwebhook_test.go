package slackwebhook

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/notifier"
	"procyon/notifier/notifiertest"
)

// bed is a channel that posts to a simulated Slack.
func bed(t *testing.T) (*Channel, *slacksim.Server, string) {
	t.Helper()
	var sim *slacksim.Server
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sim.ServeHTTP(w, r) }))
	sim = slacksim.New(slacksim.Options{BaseURL: web.URL})
	policy, err := slackapi.ParseHostPolicy("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	c := New(policy)
	t.Cleanup(func() { _ = c.Close(); web.Close(); sim.Close() })
	hook := sim.AddWebhook("approvals")
	return c, sim, hook
}

// The simulator checks what Slack checks, and refuses what Slack refuses.
func TestEveryEventIsTaken(t *testing.T) {
	for _, event := range []string{
		"CREATED", "UPDATED", "REVIEWED", "APPROVED", "DENIED", "CANCELED", "TIMED_OUT", "ACTIVATED", "EXTENSION_REQUESTED", "EXTENDED",
		"EXTENSION_DENIED", "POLICY_CHANGED", "REMINDED", "ESCALATED", "EXPIRED", "CLOSED", "REVOKED", "FAILED", notifier.Test, "SOMETHING_NEW",
	} {
		c, sim, url := bed(t)
		if r := c.Send(t.Context(), url, notifiertest.Message(event)); r.Outcome != notifier.OutcomeDelivered || r.Status != 200 || r.Detail != "" {
			t.Fatalf("%s: %+v", event, r)
		}
		got := sim.Messages("approvals")
		if len(got) != 1 {
			t.Fatalf("%s: %d messages", event, len(got))
		}
		if event == notifier.Test {
			continue
		}
		for _, want := range []string{
			"Dev &amp; Co (dev@example.com)", "orders-db as reader (Database, Production)", "bastion-1 (Private server, Berlin office)",
			"and 1 more item", "2 hours", "INC-42", "Fix &lt;@U012345&gt;", "be careful", "https://procyon.example.com/requests/req_1",
		} {
			if !strings.Contains(got[0].Text, want) {
				t.Errorf("%s: %q is not in %s", event, want, got[0].Text)
			}
		}
		if strings.Contains(got[0].Text, "<!channel>") {
			t.Errorf("%s: a mention got through: %s", event, got[0].Text)
		}
	}
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		header string
		want   notifier.Result
	}{
		"slow down": {429, "rate_limited", "7", notifier.Result{Outcome: notifier.OutcomeRetry, Status: 429, RetryAfter: 7 * time.Second}},
		"trouble":   {503, "", "", notifier.Result{Outcome: notifier.OutcomeRetry, Status: 503}},
		"refused":   {400, "invalid_blocks", "", notifier.Result{Outcome: notifier.OutcomeDead, Status: 400}},
		"removed":   {404, "no_service", "", notifier.Result{Outcome: notifier.OutcomeBroken, Status: 404}},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer s.Close()
			channel, _, _ := bed(t)
			got := channel.Send(t.Context(), s.URL+"/services/T0/B0/secret", notifiertest.Message("CREATED"))
			if got.Detail == "" || strings.Contains(got.Detail, "secret") || c.body != "" && !strings.Contains(got.Detail, c.body) {
				t.Errorf("detail %q", got.Detail)
			}
			if got.Detail = ""; got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	c, _, url := bed(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := c.Send(ctx, url, notifiertest.Message("CREATED")); r.Outcome != notifier.OutcomeRetry {
		t.Errorf("%+v", r)
	}
}

func TestWhatMendsAWebhook(t *testing.T) {
	mend := Kind(slackapi.HostPolicy{}).Mend
	for reason, want := range map[string]string{
		"Slack no longer knows this webhook: it was removed or disabled (no_service)": "Slack no longer knows this webhook. Make a new one, then Rotate URL.",
		"": "Make a new webhook in Slack, then Rotate URL.",
		"the webhook's channel is archived (channel_is_archived)":                                          "Unarchive the channel",
		"a Slack administrator forbids posting by this webhook (action_prohibited)":                        "Have a Slack administrator allow it",
		"this webhook may not post to the workspace's general channel (posting_to_general_channel_denied)": "Have a Slack administrator allow it",
	} {
		if got := mend(reason); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", reason, got)
		}
	}
}
