package slacksim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"procyon/internal/slackapi"
)

// parcel is something that Slack sends to the app.
type parcel struct {
	what    string // of Socket Mode: slash_commands, interactive or events_api
	kind    string // the command, or the type of the interaction or event
	url     string
	payload any         // what Socket Mode carries
	form    url.Values  // what HTTP carries, or
	json    []byte      // this
	header  http.Header // besides Slack's own
}

// ack is the app's answer.
type ack struct {
	status  int
	json    bool // the body says that it is JSON
	body    []byte
	noRetry bool
}

// Problem is what Slack shows to a person when the app did not do its part.
type Problem struct {
	// Code is Slack's word, such as "operation_timeout" or "dispatch_failed", or ""
	// where it has none.
	Code string
	// Text is the sentence.
	Text string
}

func (p *Problem) Error() string {
	if p.Code == "" {
		return "Slack shows: " + p.Text
	}
	return "Slack shows: " + p.Text + " (" + p.Code + ")"
}

// maxAck is how much of the app's answer is read.
const maxAck = 1 << 20

// appClient makes the client that sends to the app. It follows no redirect, and
// uses no proxy: the app is on this machine.
func appClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: 30 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

var (
	errNoURL   = errors.New("the app's settings have no URL for this")
	errTimeout = errors.New("the app did not answer in time")
)

// send brings a parcel to the app and waits for its answer. s.mu is free.
func (s *Server) send(ctx context.Context, p parcel) (ack, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.opts.AckTimeout, errTimeout)
	defer cancel()
	s.mu.Lock()
	app := s.app
	if s.sent = append(s.sent, p); len(s.sent) > maxSent {
		s.sent = append([]parcel(nil), s.sent[1:]...)
	}
	s.mu.Unlock()
	var a ack
	var err error
	switch {
	case app.SocketMode:
		a, err = s.sendSocket(ctx, p)
	case p.url == "":
		err = errNoURL
	default:
		a, err = s.post1(ctx, p, app.SigningSecret)
	}
	if err != nil && ctx.Err() != nil && errors.Is(context.Cause(ctx), errTimeout) {
		err = errTimeout
	}
	return a, err
}

// maxSent is how much of what was sent can be sent again.
const maxSent = 100

// Again sends the latest thing of a kind to the app once more, as it was but newly
// signed, as when Slack or the network repeats itself, and gives the app's answer.
// The kind is a command such as "/procyon", or the type of an interaction or event,
// such as "block_actions", "view_submission" or "app_home_opened".
func (s *Server) Again(ctx context.Context, kind string) (status int, body []byte, err error) {
	s.mu.Lock()
	var latest parcel
	for _, p := range s.sent {
		if p.kind == kind {
			latest = p
		}
	}
	s.mu.Unlock()
	if latest.kind == "" {
		return 0, nil, fmt.Errorf("slacksim: no %q was sent", kind)
	}
	a, err := s.send(ctx, latest)
	return a.status, a.body, err
}

// post1 posts a parcel, signed.
func (s *Server) post1(ctx context.Context, p parcel, secret string) (ack, error) {
	body, contentType := p.json, "application/json"
	if p.form != nil {
		body, contentType = []byte(p.form.Encode()), "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return ack{}, err
	}
	at := strconv.FormatInt(s.opts.Now().Unix(), 10)
	for name, v := range p.header {
		req.Header[name] = v
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header.Set("X-Slack-Request-Timestamp", at)
	req.Header.Set("X-Slack-Signature", slackapi.Sign(secret, at, body))
	resp, err := s.client.Do(req)
	if err != nil {
		return ack{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	answered, err := io.ReadAll(io.LimitReader(resp.Body, maxAck))
	if err != nil {
		return ack{}, err
	}
	return ack{
		status: resp.StatusCode, body: answered, noRetry: resp.Header.Get("X-Slack-No-Retry") == "1",
		json: strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json"),
	}, nil
}

// good tells whether the answer is one of success.
func (a ack) good() bool { return a.status >= 200 && a.status < 300 }

// empty tells whether the answer's body says nothing.
func (a ack) empty() bool { return len(bytes.TrimSpace(a.body)) == 0 }

// problem makes of a failed sending what the person sees, and keeps it as a
// refusal; nil where all is well. text is what Slack says.
func (s *Server) problem(what, text string, a ack, err error) *Problem {
	p := &Problem{Text: text}
	var why string
	switch {
	case errors.Is(err, errTimeout):
		p.Code, why = "operation_timeout", err.Error()
	case err != nil:
		p.Code, why = "dispatch_failed", err.Error()
	case a.status != http.StatusOK:
		p.Code, why = "dispatch_failed", fmt.Sprintf("the app answered %d", a.status)
	default:
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(Refusal{Method: what, Status: a.status, Body: p.Code, Why: why})
	return p
}

// misanswer keeps that the app answered what Slack does not take.
func (s *Server) misanswer(what, format string, a ...any) *Problem {
	p := &Problem{Text: "We had some trouble connecting. Try again?"}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(Refusal{Method: what, Status: http.StatusOK, Body: "invalid_response", Why: fmt.Sprintf(format, a...)})
	return p
}
