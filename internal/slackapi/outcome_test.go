package slackapi

import (
	"net/http"
	"testing"
	"time"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   Outcome
		code   string
	}{
		{200, "ok", OutcomeDelivered, "ok"},
		{200, "ok\n", OutcomeRetry, "unexpected_answer"},
		{200, "<html>sign in</html>", OutcomeRetry, "unexpected_answer"},
		{200, "", OutcomeRetry, "unexpected_answer"},
		{200, "no_service", OutcomeBroken, "no_service"},
		{201, "ok", OutcomeRetry, "unexpected_answer"},
		{204, "", OutcomeRetry, "unexpected_answer"},
		{302, "", OutcomeBroken, "redirect"},
		{400, "invalid_payload", OutcomeRejected, "invalid_payload"},
		{400, "user_not_found", OutcomeRejected, "user_not_found"},
		{400, "invalid_blocks: [1]", OutcomeRejected, "invalid_blocks"},
		{400, "no_text", OutcomeRejected, "no_text"},
		{400, "too_many_attachments", OutcomeRejected, "too_many_attachments"},
		{400, "what", OutcomeRejected, "http_400"},
		{403, "action_prohibited", OutcomeBroken, "action_prohibited"},
		{403, "invalid_token", OutcomeBroken, "invalid_token"},
		{403, "team_disabled", OutcomeBroken, "team_disabled"},
		{403, "posting_to_general_channel_denied", OutcomeBroken, "posting_to_general_channel_denied"},
		{404, "no_service", OutcomeBroken, "no_service"},
		{404, "no_service_id", OutcomeBroken, "no_service_id"},
		{404, "no_team", OutcomeBroken, "no_team"},
		{404, "no_active_hooks", OutcomeBroken, "no_active_hooks"},
		{404, "channel_not_found", OutcomeBroken, "channel_not_found"},
		{404, "<html>", OutcomeBroken, "http_404"},
		{410, "channel_is_archived", OutcomeBroken, "channel_is_archived"},
		{413, "", OutcomeRejected, "http_413"},
		{408, "", OutcomeRetry, "http_408"},
		{429, "rate_limited", OutcomeRetry, "rate_limited"},
		{429, "no_service", OutcomeRetry, "rate_limited"},
		{500, "rollup_error", OutcomeRetry, "rollup_error"},
		{503, "", OutcomeRetry, "http_503"},
		{500, "channel_is_archived", OutcomeBroken, "channel_is_archived"}, // the word decides
	} {
		r := classify(c.status, http.Header{}, c.body, at)
		if r.Outcome != c.want || r.Code != c.code || r.Status != c.status || r.Detail == "" {
			t.Errorf("%d %q: %+v, want %s %s", c.status, c.body, r, c.want, c.code)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"30":                            30 * time.Second,
		" 7 ":                           7 * time.Second,
		"-1":                            0,
		"1.5":                           0,
		"soon":                          0,
		"86400":                         MaxRetryAfter,
		"99999999999999999999999":       MaxRetryAfter,
		"Mon, 23 Nov 2026 10:40:00 GMT": time.Minute,
		"Mon, 23 Nov 2026 10:00:00 GMT": 0,
		"Tue, 24 Nov 2026 10:40:00 GMT": MaxRetryAfter,
	} {
		if got := retryAfter(in, at); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add(200, "ok", "3")
	f.Add(429, "", "Mon, 23 Nov 2026 10:40:00 GMT")
	f.Fuzz(func(t *testing.T, status int, body, after string) {
		r := classify(status, http.Header{"Retry-After": {after}}, body, at)
		if (r.Outcome == OutcomeDelivered) != (status == 200 && body == "ok") {
			t.Fatalf("%d %q: %+v", status, body, r)
		}
		if r.RetryAfter < 0 || r.RetryAfter > MaxRetryAfter || r.Code == "" || r.Detail == "" {
			t.Fatalf("%+v", r)
		}
	})
}
