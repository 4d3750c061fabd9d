package slacksim

import (
	"net/url"
	"time"
)

// Fault is one wrong answer, ordered by a test.
type Fault struct {
	// Code answers a call of the Web API with {"ok":false,"error":CODE} and the
	// status 200. For webhooks it means nothing.
	Code string
	// Hang holds a call of the Web API until the caller gives up.
	Hang       bool
	Status     int           // 0, and no Code: hang up without an answer
	Body       string        // the plain body
	RetryAfter time.Duration // sent as whole seconds where it is positive
	// Store does what was asked all the same: the sender can't know that it
	// arrived, as when a connection breaks after Slack took the message.
	Store bool
}

// Fail makes the next post to a webhook end in f. Several are used in the order
// in which they were ordered. webhookURL is a URL that AddWebhook gave; an
// unknown one is ignored.
func (s *Server) Fail(webhookURL string, f Fault) {
	s.withHook(webhookURL, func(h *webhook) { h.faults = append(h.faults, f) })
}

// FailNext is [Server.Fail] for an answer without storing the message.
func (s *Server) FailNext(webhookURL string, status int, body string, retryAfter time.Duration) {
	s.Fail(webhookURL, Fault{Status: status, Body: body, RetryAfter: retryAfter})
}

// FailCalls makes the next n calls of a method of the Web API, such as
// "chat.update", end in f. Several orders are used in turn. A Status of 429 without
// a Body answers as Slack's rate limit does.
func (s *Server) FailCalls(method string, n int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.faults[method] = append(s.faults[method], f)
	}
}

// SetLatency makes every answer of a webhook and of the Web API wait.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
}

// Revoke makes a webhook answer no_service, as when it was removed in Slack.
func (s *Server) Revoke(webhookURL string) {
	s.withHook(webhookURL, func(h *webhook) { h.revoked = true })
}

// Restore undoes [Server.Revoke].
func (s *Server) Restore(webhookURL string) {
	s.withHook(webhookURL, func(h *webhook) { h.revoked = false })
}

// Archive makes the webhooks of a channel answer channel_is_archived, and the Web API
// refuse posts there.
func (s *Server) Archive(channelName string) {
	s.tellChannel(s.setState(channelName, "archived"), "channel_archive", reply{"user": "USLACKBOT", "is_moved": 0})
}

// Delete makes the webhooks of a channel answer channel_not_found. What arrived
// before can still be read.
func (s *Server) Delete(channelName string) {
	s.tellChannel(s.setState(channelName, "deleted"), "channel_deleted", nil)
}

// DisableTeam makes every webhook answer team_disabled, or ends that.
func (s *Server) DisableTeam(disabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disabled = disabled
}

func (s *Server) setState(channelName, state string) *channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channelName)
	c.state = state
	s.announce()
	return c
}

func (s *Server) withHook(webhookURL string, do func(*webhook)) {
	u, err := url.Parse(webhookURL)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.hooks[u.Path]; h != nil {
		do(h)
	}
}
