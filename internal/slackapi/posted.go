package slackapi

import (
	"context"
	"errors"
)

// postVerdicts is what each word that Slack answers to chat.postMessage means, where
// it is about more than this one message.
// Source: https://docs.slack.dev/reference/methods/chat.postMessage
var postVerdicts = map[string]struct {
	outcome Outcome
	detail  string
}{
	"channel_not_found":                        {OutcomeBroken, "the app does not see this channel: it does not exist any more, or it is private and the app is not in it; invite the app with /invite"},
	"not_in_channel":                           {OutcomeBroken, "the app is not in this channel; invite it with /invite"},
	"is_archived":                              {OutcomeBroken, "the channel is archived"},
	"restricted_action":                        {OutcomeBroken, "a Slack administrator forbids posting in this channel"},
	"restricted_action_read_only_channel":      {OutcomeBroken, "nobody but a few may post in this channel"},
	"restricted_action_non_threadable_channel": {OutcomeBroken, "this channel takes no threads"},
	"restricted_action_thread_only_channel":    {OutcomeBroken, "this channel takes replies alone"},
	"no_permission":                            {OutcomeBroken, "the app may not post in this channel"},
	"missing_scope":                            {OutcomeBroken, "the app lacks the scope chat:write; install it again"},
	"ekm_access_denied":                        {OutcomeBroken, "the organisation's administrators have suspended posting"},
	"team_access_not_granted":                  {OutcomeBroken, "the app no longer has access to this workspace"},
	"message_limit_exceeded":                   {OutcomeRetry, "the Slack workspace has reached its limit of messages"},
	"team_added_to_org":                        {OutcomeRetry, "the Slack workspace is being moved to an organisation"},
	"accesslimited":                            {OutcomeRetry, "Slack limits access for the moment"},
}

// PostOutcome says what is to be done after a try of [Bot.Post] that ended in err.
func PostOutcome(err error) Result {
	if err == nil {
		return Result{Outcome: OutcomeDelivered, Status: 200, Code: "ok", Detail: "delivered"}
	}
	var e *APIError
	if !errors.As(err, &e) {
		code := "network"
		if errors.Is(err, context.Canceled) {
			code = "canceled"
		}
		return Result{Outcome: OutcomeRetry, Code: code, Detail: "Slack was not reached"}
	}
	r := Result{Outcome: OutcomeRejected, Status: 200, Code: e.Code, Detail: "Slack does not accept the message"}
	v, known := postVerdicts[e.Code]
	switch {
	case e.RetryAfter > 0:
		r.Outcome, r.Detail, r.RetryAfter = OutcomeRetry, "Slack is not available, or asks to wait", e.RetryAfter
	case TokenLost(err):
		r.Outcome, r.Detail = OutcomeBroken, "the app's token for this workspace no longer works; install it again"
	case known:
		r.Outcome, r.Detail = v.outcome, v.detail
	}
	return r
}
