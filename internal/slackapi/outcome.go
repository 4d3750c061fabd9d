package slackapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Outcome says what is to be done after an attempt to post.
type Outcome string

// The outcomes of [Webhook.Post].
const (
	// OutcomeDelivered: Slack has the message.
	OutcomeDelivered Outcome = "DELIVERED"
	// OutcomeRetry: try again later, not before RetryAfter has passed. Slack may or may
	// not have the message.
	OutcomeRetry Outcome = "RETRY"
	// OutcomeBroken: the webhook works for no message until somebody repairs it.
	OutcomeBroken Outcome = "BROKEN"
	// OutcomeRejected: this message will never be accepted; others may be.
	OutcomeRejected Outcome = "REJECTED"
)

// Result is what became of one attempt to post.
type Result struct {
	Outcome Outcome
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Code is a short word to group by: Slack's own, such as "no_service", or one
	// of ours: "ok", "timeout", "canceled", "network", "tls", "address_refused",
	// "url_not_allowed", "invalid_message", "redirect", "unexpected_answer",
	// "http_503".
	Code string
	// Detail says in a sentence what happened. It never holds the webhook's URL.
	Detail string
	// RetryAfter is how long Slack asks to wait, from 0 (it did not say) to
	// [MaxRetryAfter].
	RetryAfter time.Duration
}

// MaxRetryAfter bounds how long an answer can make us wait.
const MaxRetryAfter = time.Hour

// verdicts is what each word that Slack answers means. The word decides, not
// the status, because Slack uses several statuses for one word.
var verdicts = map[string]struct {
	outcome Outcome
	detail  string
}{
	"no_service":                        {OutcomeBroken, "Slack no longer knows this webhook: it was removed or disabled"},
	"no_service_id":                     {OutcomeBroken, "Slack does not know this webhook: the URL is incomplete"},
	"no_active_hooks":                   {OutcomeBroken, "the webhook is disabled in Slack"},
	"no_team":                           {OutcomeBroken, "Slack does not know the workspace of this webhook"},
	"team_disabled":                     {OutcomeBroken, "the Slack workspace of this webhook is disabled"},
	"invalid_token":                     {OutcomeBroken, "the secret in the webhook's URL is wrong"},
	"invalid_auth":                      {OutcomeBroken, "the webhook's authorisation is gone"},
	"token_revoked":                     {OutcomeBroken, "the webhook's authorisation was revoked"},
	"account_inactive":                  {OutcomeBroken, "the account behind the webhook is inactive"},
	"channel_not_found":                 {OutcomeBroken, "the webhook's channel no longer exists"},
	"channel_is_archived":               {OutcomeBroken, "the webhook's channel is archived"},
	"action_prohibited":                 {OutcomeBroken, "a Slack administrator forbids posting by this webhook"},
	"posting_to_general_channel_denied": {OutcomeBroken, "this webhook may not post to the workspace's general channel"},

	"invalid_payload":         {OutcomeRejected, "Slack can't read the message"},
	"invalid_blocks":          {OutcomeRejected, "Slack does not accept the message's blocks"},
	"invalid_blocks_format":   {OutcomeRejected, "Slack does not accept the message's blocks"},
	"invalid_attachments":     {OutcomeRejected, "Slack does not accept the message's attachments"},
	"too_many_attachments":    {OutcomeRejected, "the message has too many attachments"},
	"no_text":                 {OutcomeRejected, "the message has no text"},
	"msg_too_long":            {OutcomeRejected, "the message is too long"},
	"msg_blocks_too_long":     {OutcomeRejected, "the message's blocks are too long"},
	"user_not_found":          {OutcomeRejected, "the message mentions somebody whom Slack does not know"},
	"rollup_error":            {OutcomeRetry, "Slack had an internal error"},
	"rate_limited":            {OutcomeRetry, "too many messages to this webhook"},
	"ratelimited":             {OutcomeRetry, "too many messages to this webhook"},
	"service_unavailable":     {OutcomeRetry, "Slack is not available"},
	"internal_error":          {OutcomeRetry, "Slack had an internal error"},
	"fatal_error":             {OutcomeRetry, "Slack had an internal error"},
	"team_added_to_org":       {OutcomeRetry, "the Slack workspace is being moved to an organisation"},
	"message_limit_exceeded":  {OutcomeRetry, "the Slack workspace has reached its limit of messages"},
	"accesslimited":           {OutcomeRetry, "Slack limits access for the moment"},
	"request_timeout":         {OutcomeRetry, "Slack did not receive the whole message in time"},
	"team_access_not_granted": {OutcomeBroken, "the app no longer has access to the Slack workspace"},
}

// classify judges an answer: 429 and 5xx are always tried again, then the word
// in the body decides, and last the status.
func classify(status int, header http.Header, body string, now time.Time) Result {
	r := Result{Status: status}
	if status == http.StatusOK && body == "ok" {
		r.Outcome, r.Code, r.Detail = OutcomeDelivered, "ok", "delivered"
		return r
	}
	word := firstWord(body)
	v, known := verdicts[word]
	switch {
	case status == http.StatusTooManyRequests:
		r.Outcome, r.Code, r.Detail = OutcomeRetry, "rate_limited", "too many messages to this webhook"
	case known:
		r.Outcome, r.Code, r.Detail = v.outcome, word, v.detail
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		r.Outcome, r.Code, r.Detail = OutcomeRetry, httpCode(status), "Slack is not available"
	case status >= 300 && status < 400:
		r.Outcome, r.Code, r.Detail = OutcomeBroken, "redirect", "Slack does not know this webhook: the URL is wrong"
	case status == http.StatusOK:
		r.Outcome, r.Code = OutcomeRetry, "unexpected_answer"
		r.Detail = "the answer was not Slack's: something else is listening at this address"
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone:
		r.Outcome, r.Code, r.Detail = OutcomeBroken, httpCode(status), "Slack does not accept this webhook"
	case status >= 400:
		r.Outcome, r.Code, r.Detail = OutcomeRejected, httpCode(status), "Slack does not accept this message"
	default:
		r.Outcome, r.Code, r.Detail = OutcomeRetry, "unexpected_answer", "the answer was not Slack's"
	}
	if r.Outcome == OutcomeRetry {
		r.RetryAfter = retryAfter(header.Get("Retry-After"), now)
	}
	return r
}

func httpCode(status int) string { return "http_" + strconv.Itoa(status) }

// firstWord is the code at the start of a body such as "no_service" or
// "invalid_blocks: …", or "" where there is none.
func firstWord(body string) string {
	body = strings.TrimSpace(body)
	end := strings.IndexFunc(body, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' })
	if end < 0 {
		return body
	}
	if strings.ContainsRune(": \r\n,", rune(body[end])) {
		return body[:end]
	}
	return ""
}

// retryAfter reads the header's two forms, seconds and a date, and answers 0
// for anything else.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if sec, err := strconv.ParseUint(value, 10, 64); err == nil {
		if sec > uint64(MaxRetryAfter/time.Second) {
			return MaxRetryAfter
		}
		return time.Duration(sec) * time.Second
	}
	if allDigits(value) { // too large for a number
		return MaxRetryAfter
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), MaxRetryAfter)
	}
	return 0
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
