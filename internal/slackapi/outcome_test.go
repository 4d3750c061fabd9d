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
		{200, "ok", Delivered, "ok"},
		{200, "ok\n", Retry, "unexpected_answer"},
		{200, "<html>sign in</html>", Retry, "unexpected_answer"},
		{200, "", Retry, "unexpected_answer"},
		{200, "no_service", Broken, "no_service"},
		{201, "ok", Retry, "unexpected_answer"},
		{204, "", Retry, "unexpected_answer"},
		{302, "", Broken, "redirect"},
		{400, "invalid_payload", Rejected, "invalid_payload"},
		{400, "user_not_found", Rejected, "user_not_found"},
		{400, "invalid_blocks: [1]", Rejected, "invalid_blocks"},
		{400, "no_text", Rejected, "no_text"},
		{400, "too_many_attachments", Rejected, "too_many_attachments"},
		{400, "what", Rejected, "http_400"},
		{403, "action_prohibited", Broken, "action_prohibited"},
		{403, "invalid_token", Broken, "invalid_token"},
		{403, "team_disabled", Broken, "team_disabled"},
		{403, "posting_to_general_channel_denied", Broken, "posting_to_general_channel_denied"},
		{404, "no_service", Broken, "no_service"},
		{404, "no_service_id", Broken, "no_service_id"},
		{404, "no_team", Broken, "no_team"},
		{404, "no_active_hooks", Broken, "no_active_hooks"},
		{404, "channel_not_found", Broken, "channel_not_found"},
		{404, "<html>", Broken, "http_404"},
		{410, "channel_is_archived", Broken, "channel_is_archived"},
		{413, "", Rejected, "http_413"},
		{408, "", Retry, "http_408"},
		{429, "rate_limited", Retry, "rate_limited"},
		{429, "no_service", Retry, "rate_limited"},
		{500, "rollup_error", Retry, "rollup_error"},
		{503, "", Retry, "http_503"},
		{500, "channel_is_archived", Broken, "channel_is_archived"}, // the word decides
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
		if (r.Outcome == Delivered) != (status == 200 && body == "ok") {
			t.Fatalf("%d %q: %+v", status, body, r)
		}
		if r.RetryAfter < 0 || r.RetryAfter > MaxRetryAfter || r.Code == "" || r.Detail == "" {
			t.Fatalf("%+v", r)
		}
	})
}
