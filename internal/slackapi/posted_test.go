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
		{nil, Delivered},
		{&APIError{Code: "ratelimited", RetryAfter: 7 * time.Second}, Retry},
		{&APIError{Code: "network", RetryAfter: time.Second}, Retry},
		{&APIError{Code: "message_limit_exceeded"}, Retry},
		{&APIError{Code: "channel_not_found"}, Broken},
		{&APIError{Code: "not_in_channel"}, Broken},
		{&APIError{Code: "token_revoked"}, Broken},
		{&APIError{Code: "invalid_blocks"}, Rejected},
		{context.Canceled, Retry},
		{errors.New("something else"), Retry},
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
