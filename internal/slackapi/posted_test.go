package slackapi

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPostOutcome(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Outcome
	}{
		{nil, OutcomeDelivered},
		{&APIError{Code: "ratelimited", RetryAfter: 7 * time.Second}, OutcomeRetry},
		{&APIError{Code: "network", RetryAfter: time.Second}, OutcomeRetry},
		{&APIError{Code: "message_limit_exceeded"}, OutcomeRetry},
		{&APIError{Code: "channel_not_found"}, OutcomeBroken},
		{&APIError{Code: "not_in_channel"}, OutcomeBroken},
		{&APIError{Code: "token_revoked"}, OutcomeBroken},
		{&APIError{Code: "invalid_blocks"}, OutcomeRejected},
		{context.Canceled, OutcomeRetry},
		{errors.New("something else"), OutcomeRetry},
	} {
		r := PostOutcome(c.err)
		if r.Outcome != c.want || r.Detail == "" {
			t.Errorf("%v: %+v, want %s", c.err, r, c.want)
		}
	}
	if r := PostOutcome(&APIError{Code: "ratelimited", RetryAfter: 7 * time.Second}); r.RetryAfter != 7*time.Second {
		t.Errorf("the wait that Slack asks for is lost: %+v", r)
	}
}
