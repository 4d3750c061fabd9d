package slacksim

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody is the largest post that is read. Slack's own limit is not published;
// a message within the other limits is far smaller.
const maxBody = 1 << 20

// answer is what a post is answered with, and why.
type answer struct {
	status     int
	body       string
	why        string
	retryAfter time.Duration
	location   string
	hangUp     bool
	ordered    bool
}

func (s *Server) serveWebhook(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if !s.wait(r) {
		return
	}
	var a answer
	switch {
	case r.Method != http.MethodPost:
		a = answer{status: http.StatusMethodNotAllowed, body: "method_not_allowed", why: "a webhook is posted to"}
	case err != nil:
		a = answer{status: http.StatusBadRequest, body: "invalid_payload", why: "the body could not be read or is over 1 MiB"}
	default:
		a = s.post(r.URL.Path, r.Header.Get("Content-Type"), raw)
	}
	if a.hangUp {
		panic(http.ErrAbortHandler) // the http package's way to cut the connection
	}
	if a.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((a.retryAfter+time.Second-1)/time.Second)))
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8") // as Slack has it, though it is plain text
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// wait delays as ordered, and tells whether the sender is still there.
func (s *Server) wait(r *http.Request) bool {
	s.mu.Lock()
	d := s.latency
	s.mu.Unlock()
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.done:
		return true
	case <-r.Context().Done():
		return false
	}
}

// post judges one post and keeps the message where it is accepted.
func (s *Server) post(path, contentType string, raw []byte) answer {
	text, blocks, fault := readPayload(contentType, raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooks[path]
	if h == nil {
		a := s.unknown(path)
		s.refuse("", a)
		return a
	}
	if len(h.faults) > 0 {
		f := h.faults[0]
		h.faults = h.faults[1:]
		if f.Store && fault == nil {
			s.store(h, text, blocks)
		}
		a := answer{status: f.Status, body: f.Body, retryAfter: f.RetryAfter, hangUp: f.Status == 0, why: "ordered by a test", ordered: true}
		s.refuse(h.channel.name, a)
		return a
	}
	if a := s.barred(h); a != nil {
		s.refuse(h.channel.name, *a)
		return *a
	}
	if fault != nil {
		a := answer{status: http.StatusBadRequest, body: fault.word, why: fault.Error()}
		s.refuse(h.channel.name, a)
		return a
	}
	s.store(h, text, blocks)
	return answer{status: http.StatusOK, body: "ok"}
}

// unknown answers for a path that is no webhook, as Slack does: a wrong secret,
// an unknown bot, an incomplete URL, and a redirect for what was made up.
func (s *Server) unknown(path string) answer {
	parts := strings.Split(strings.TrimPrefix(path, "/services/"), "/")
	if len(parts) == 0 || s.teams[parts[0]] == nil {
		return answer{status: http.StatusFound, location: s.base + "/", why: "no such workspace: the URL is made up"}
	}
	if len(parts) < 3 || parts[2] == "" {
		return answer{status: http.StatusNotFound, body: "no_service_id", why: "the URL is incomplete"}
	}
	for _, h := range s.hooks {
		if h.bot == parts[1] {
			return answer{status: http.StatusForbidden, body: "invalid_token", why: "the URL's secret is wrong"}
		}
	}
	return answer{status: http.StatusNotFound, body: "no_service", why: "no such webhook in this workspace"}
}

// barred answers where the webhook can't post for now, whatever the message.
func (s *Server) barred(h *webhook) *answer {
	switch state := h.channel.state; {
	case s.disabled:
		return &answer{status: http.StatusForbidden, body: "team_disabled", why: "the workspace is disabled"}
	case h.revoked:
		return &answer{status: http.StatusNotFound, body: "no_service", why: "the webhook was revoked"}
	case state == "archived":
		return &answer{status: http.StatusGone, body: "channel_is_archived", why: "the channel is archived"}
	case state == "deleted":
		return &answer{status: http.StatusNotFound, body: "channel_not_found", why: "the channel was deleted"}
	}
	if !s.opts.RateLimit {
		return nil
	}
	now := s.opts.Now()
	if wait := h.nextAt.Sub(now); wait > 0 {
		return &answer{status: http.StatusTooManyRequests, body: "rate_limited", retryAfter: wait, why: "more than one message a second"}
	}
	h.nextAt = now.Add(time.Second)
	return nil
}

// readPayload takes a message out of a body: JSON, or a form with the JSON in
// its field "payload".
func readPayload(contentType string, raw []byte) (text string, blocks json.RawMessage, _ *fault) {
	media, _, err := mime.ParseMediaType(contentType)
	if err == nil && media == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return "", nil, &fault{"invalid_payload", "body", "is not a form"}
		}
		raw = []byte(form.Get("payload"))
	}
	return validate(raw)
}
