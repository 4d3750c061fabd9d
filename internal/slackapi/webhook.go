package slackapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// DefaultWebhookTimeout bounds one attempt to post, from look-up to the last
	// byte of the answer.
	DefaultWebhookTimeout = 10 * time.Second
	// maxAnswer is how much of an answer is read; Slack's are a word.
	maxAnswer = 4 << 10
)

// Webhook posts messages to Slack's incoming webhooks. It follows no redirect,
// uses no proxy from the environment, and connects only where its policy allows.
// It does not retry and keeps no state beyond idle connections, so it is safe
// for concurrent use. Make one with [NewWebhook].
type Webhook struct {
	policy  HostPolicy
	client  *http.Client
	timeout time.Duration
	now     func() time.Time
}

// WebhookOptions are the settings of [NewWebhook] that tests and unusual
// deployments change; the zero value is right for production.
type WebhookOptions struct {
	// Timeout bounds one attempt; 0 means [DefaultWebhookTimeout].
	Timeout time.Duration
	// Now is the clock that a Retry-After date is compared with; nil is time.Now.
	Now func() time.Time
	// Resolver looks up names; nil is the system's.
	Resolver *net.Resolver
	// TLS replaces the settings of TLS, for a test's own authority; nil is the
	// system's authorities.
	TLS *tls.Config
}

// NewWebhook makes a Webhook that posts to the hosts of policy.
func NewWebhook(policy HostPolicy, o WebhookOptions) *Webhook {
	if o.Timeout <= 0 {
		o.Timeout = DefaultWebhookTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := dialer{policy: policy, timeout: o.Timeout, resolver: o.Resolver}
	transport := &http.Transport{
		Proxy:                  nil, // a proxy would look up the name itself, past the guard
		DialContext:            d.DialContext,
		TLSClientConfig:        o.TLS,
		TLSHandshakeTimeout:    o.Timeout,
		ResponseHeaderTimeout:  o.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    32, // all webhooks share one host
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true,
	}
	return &Webhook{
		policy:  policy,
		timeout: o.Timeout,
		now:     o.Now,
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Close drops idle connections. Posts under way are not disturbed.
func (w *Webhook) Close() { w.client.CloseIdleConnections() }

// Post sends msg to the webhook at rawURL, once, and says what became of it. It
// takes at most the time-out. When ctx ends first the outcome is Retry with the
// code "canceled", and Slack may have the message.
func (w *Webhook) Post(ctx context.Context, rawURL string, msg Message) Result {
	if err := Check(msg); err != nil {
		return Result{Outcome: OutcomeRejected, Code: "invalid_message", Detail: scrub(err.Error(), rawURL)}
	}
	body, err := json.Marshal(msg)
	if err != nil {
		return Result{Outcome: OutcomeRejected, Code: "invalid_message", Detail: "the message can't be encoded as JSON"}
	}
	return w.PostJSON(ctx, rawURL, body)
}

// PostJSON is [Webhook.Post] for a body that is JSON already, such as one that
// was stored; it is not checked against Slack's limits.
func (w *Webhook) PostJSON(ctx context.Context, rawURL string, body []byte) Result {
	u, err := w.policy.parse(rawURL)
	if err != nil {
		// What this process is told to allow says nothing of the webhook: another one, or
		// this one once it is told otherwise, may post there.
		return Result{Outcome: OutcomeRetry, Code: "url_not_allowed", Detail: "this notifier's own settings (PROCYON_WEBHOOK_HOSTS) refuse it: " + err.Error()}
	}
	attempt, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(attempt, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return Result{Outcome: OutcomeBroken, Code: "url_not_allowed", Detail: "the webhook URL can't be used in a request"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "procyon")
	resp, err := w.client.Do(req)
	if err != nil {
		return failure(ctx, err, rawURL)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return failure(ctx, err, rawURL)
	}
	if len(answer) > maxAnswer {
		answer = answer[:maxAnswer]
	}
	return classify(resp.StatusCode, resp.Header, string(answer), w.now())
}

// failure describes an attempt that got no answer. The error of the http
// package holds the URL; only what lies inside it is told.
func failure(ctx context.Context, err error, rawURL string) Result {
	r := Result{Outcome: OutcomeRetry}
	var (
		outer   *url.Error
		timeout interface{ Timeout() bool }
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
	)
	isTimeout := errors.As(err, &timeout) && timeout.Timeout()
	if errors.As(err, &outer) {
		err = outer.Err
	}
	switch {
	case ctx.Err() != nil:
		r.Code, r.Detail = "canceled", "the attempt was interrupted"
	case errors.Is(err, errAddress):
		r.Code, r.Detail = "address_refused", errAddress.Error()
	case isTimeout, errors.Is(err, context.DeadlineExceeded):
		r.Code, r.Detail = "timeout", "Slack did not answer in time"
	case errors.As(err, &cert), errors.As(err, &record):
		r.Code, r.Detail = "tls", scrub("no trusted connection: "+err.Error(), rawURL)
	default:
		r.Code, r.Detail = "network", scrub(err.Error(), rawURL)
	}
	return r
}
