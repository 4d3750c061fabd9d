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
	// Delivered: Slack has the message.
	Delivered Outcome = "DELIVERED"
	// Retry: try again later, not before RetryAfter has passed. Slack may or may
	// not have the message.
	Retry Outcome = "RETRY"
	// Broken: the webhook works for no message until somebody repairs it.
	Broken Outcome = "BROKEN"
	// Rejected: this message will never be accepted; others may be.
	Rejected Outcome = "REJECTED"
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
	"no_service":                        {Broken, "Slack no longer knows this webhook: it was removed or disabled"},
	"no_service_id":                     {Broken, "Slack does not know this webhook: the URL is incomplete"},
	"no_active_hooks":                   {Broken, "the webhook is disabled in Slack"},
	"no_team":                           {Broken, "Slack does not know the workspace of this webhook"},
	"team_disabled":                     {Broken, "the Slack workspace of this webhook is disabled"},
	"invalid_token":                     {Broken, "the secret in the webhook's URL is wrong"},
	"invalid_auth":                      {Broken, "the webhook's authorisation is gone"},
	"token_revoked":                     {Broken, "the webhook's authorisation was revoked"},
	"account_inactive":                  {Broken, "the account behind the webhook is inactive"},
	"channel_not_found":                 {Broken, "the webhook's channel no longer exists"},
	"channel_is_archived":               {Broken, "the webhook's channel is archived"},
	"action_prohibited":                 {Broken, "a Slack administrator forbids posting by this webhook"},
	"posting_to_general_channel_denied": {Broken, "this webhook may not post to the workspace's general channel"},

	"invalid_payload":         {Rejected, "Slack can't read the message"},
	"invalid_blocks":          {Rejected, "Slack does not accept the message's blocks"},
	"invalid_blocks_format":   {Rejected, "Slack does not accept the message's blocks"},
	"invalid_attachments":     {Rejected, "Slack does not accept the message's attachments"},
	"too_many_attachments":    {Rejected, "the message has too many attachments"},
	"no_text":                 {Rejected, "the message has no text"},
	"msg_too_long":            {Rejected, "the message is too long"},
	"msg_blocks_too_long":     {Rejected, "the message's blocks are too long"},
	"user_not_found":          {Rejected, "the message mentions somebody whom Slack does not know"},
	"rollup_error":            {Retry, "Slack had an internal error"},
	"rate_limited":            {Retry, "too many messages to this webhook"},
	"ratelimited":             {Retry, "too many messages to this webhook"},
	"service_unavailable":     {Retry, "Slack is not available"},
	"internal_error":          {Retry, "Slack had an internal error"},
	"fatal_error":             {Retry, "Slack had an internal error"},
	"team_added_to_org":       {Retry, "the Slack workspace is being moved to an organisation"},
	"message_limit_exceeded":  {Retry, "the Slack workspace has reached its limit of messages"},
	"accesslimited":           {Retry, "Slack limits access for the moment"},
	"request_timeout":         {Retry, "Slack did not receive the whole message in time"},
	"team_access_not_granted": {Broken, "the app no longer has access to the Slack workspace"},
}

// classify judges an answer: 429 and 5xx are always tried again, then the word
// in the body decides, and last the status.
func classify(status int, header http.Header, body string, now time.Time) Result {
	r := Result{Status: status}
	if status == http.StatusOK && body == "ok" {
		r.Outcome, r.Code, r.Detail = Delivered, "ok", "delivered"
		return r
	}
	word := firstWord(body)
	v, known := verdicts[word]
	switch {
	case status == http.StatusTooManyRequests:
		r.Outcome, r.Code, r.Detail = Retry, "rate_limited", "too many messages to this webhook"
	case known:
		r.Outcome, r.Code, r.Detail = v.outcome, word, v.detail
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		r.Outcome, r.Code, r.Detail = Retry, httpCode(status), "Slack is not available"
	case status >= 300 && status < 400:
		r.Outcome, r.Code, r.Detail = Broken, "redirect", "Slack does not know this webhook: the URL is wrong"
	case status == http.StatusOK:
		r.Outcome, r.Code = Retry, "unexpected_answer"
		r.Detail = "the answer was not Slack's: something else is listening at this address"
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone:
		r.Outcome, r.Code, r.Detail = Broken, httpCode(status), "Slack does not accept this webhook"
	case status >= 400:
		r.Outcome, r.Code, r.Detail = Rejected, httpCode(status), "Slack does not accept this message"
	default:
		r.Outcome, r.Code, r.Detail = Retry, "unexpected_answer", "the answer was not Slack's"
	}
	if r.Outcome == Retry {
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
