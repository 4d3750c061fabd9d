package slacksim

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// emit sends events to the app, one after the other, each again where it was not
// taken, and does not wait for that. s.mu is free.
func (s *Server) emit(in *install, events ...reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return
	default:
	}
	var wanted []reply
	for _, e := range events {
		if kind, _ := e["type"].(string); len(s.app.Events) == 0 || slices.Contains(s.app.Events, kind) {
			wanted = append(wanted, s.wrap(in, e))
		}
	}
	if len(wanted) == 0 || (s.app.EventURL == "" && !s.app.SocketMode) {
		return // an app without events is none that fails
	}
	s.underWay += len(wanted)
	s.events.Go(func() {
		for _, e := range wanted {
			s.bring(s.alive, e)
			s.mu.Lock()
			s.underWay--
			s.announce()
			s.mu.Unlock()
		}
	})
}

// wrap puts an event into Slack's envelope; s.mu is held.
func (s *Server) wrap(in *install, event reply) reply {
	t := in.user.team
	id, org := t.id, reply{"enterprise_id": nil, "team_id": t.id, "user_id": in.user.ID, "is_bot": true, "is_enterprise_install": in.enterprise != ""}
	if t.enterprise != "" {
		org["enterprise_id"] = t.enterprise
	}
	out := reply{
		"token": verification, "team_id": id, "context_team_id": id, "context_enterprise_id": org["enterprise_id"], "api_app_id": s.app.ID,
		"event": event, "type": "event_callback", "event_id": "Ev" + rand.Text()[:10], "event_time": s.opts.Now().Unix(),
		"authorizations": []any{org}, "is_ext_shared_channel": false, "event_context": "4-" + rand.Text(),
	}
	if t.enterprise != "" {
		out["enterprise_id"] = t.enterprise
	}
	return out
}

// verification is the token that Slack sends along and that nobody should use any
// more.
const verification = "simulated-verification-token"

// bring sends one event until it is taken or given up.
func (s *Server) bring(ctx context.Context, e reply) {
	body := encode(e)
	event, _ := e["event"].(reply)
	kind, _ := event["type"].(string)
	reason := ""
	for try := 0; ; try++ {
		header := http.Header{}
		if try > 0 {
			header.Set("X-Slack-Retry-Num", strconv.Itoa(try))
			header.Set("X-Slack-Retry-Reason", reason)
		}
		a, err := s.send(ctx, parcel{what: "events_api", kind: kind, url: s.App().EventURL, payload: json.RawMessage(body), json: body, header: header})
		if err == nil && a.good() || ctx.Err() != nil {
			return
		}
		var why string
		switch {
		case errors.Is(err, errTimeout):
			reason, why = "http_timeout", err.Error()
		case err != nil:
			reason, why = "connection_failed", err.Error()
		default:
			reason, why = "http_error", fmt.Sprintf("the app answered %d", a.status)
		}
		s.mu.Lock()
		s.keep(Refusal{Method: "event " + kind, Status: a.status, Body: reason, Why: fmt.Sprintf("%s, at try %d", why, try+1)})
		s.mu.Unlock()
		if a.noRetry || try >= len(s.opts.Retries) || !s.pause(ctx, s.opts.Retries[try]) {
			return
		}
	}
}

// pause waits, and tells whether there is time to go on.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Settle waits until every event was taken by the app or given up.
func (s *Server) Settle(ctx context.Context) error {
	return s.await(ctx, "events are under way", func() bool { return s.underWay == 0 })
}

// VerifyEvents asks the app's URL for events whether it is the app's, as Slack does
// when the URL is entered.
func (s *Server) VerifyEvents(ctx context.Context) error {
	challenge := rand.Text()
	body := encode(reply{"token": verification, "challenge": challenge, "type": "url_verification"})
	a, err := s.send(ctx, parcel{what: "events_api", url: s.App().EventURL, json: body, payload: json.RawMessage(body)})
	if p := s.problem("url_verification", "Your URL didn't respond.", a, err); p != nil {
		return p
	}
	var said struct{ Challenge string }
	_ = json.Unmarshal(a.body, &said) // plain text is right, too
	if said.Challenge != challenge && string(bytes.TrimSpace(a.body)) != challenge {
		return s.misanswer("url_verification", "the answer is not the challenge but %q", a.body)
	}
	return nil
}

// tellRevoked tells the app that its token was revoked.
func (s *Server) tellRevoked(in *install) { s.emit(in, revoked(in)) }

func revoked(in *install) reply {
	return reply{"type": "tokens_revoked", "tokens": reply{"oauth": []string{}, "bot": []string{in.user.ID}}, "event_ts": "1"}
}

// tellUninstalled tells the app that it was removed. Slack's two events come in
// either order.
func (s *Server) tellUninstalled(in *install, revokedFirst bool) {
	events := []reply{{"type": "app_uninstalled", "event_ts": "1"}, revoked(in)}
	if revokedFirst {
		slices.Reverse(events)
	}
	s.emit(in, events...)
}

// Uninstall removes the app from a workspace ("" is the first) or an organisation
// (E…), as an administrator does in Slack, and tells the app by two events:
// tokens_revoked first, or app_uninstalled first.
func (s *Server) Uninstall(id string, revokedFirst bool) error {
	s.mu.Lock()
	in := s.orgs[id]
	if t := s.team(id); in == nil && t != nil {
		in = t.install
	}
	if in != nil {
		s.remove(in)
	}
	s.mu.Unlock()
	if in == nil {
		return errNotInstalled
	}
	s.tellUninstalled(in, revokedFirst)
	return nil
}

// RevokeTokens ends the app's tokens of a workspace ("" is the first) or an
// organisation, and tells the app by tokens_revoked.
func (s *Server) RevokeTokens(id string) error {
	s.mu.Lock()
	in := s.orgs[id]
	if t := s.team(id); in == nil && t != nil {
		in = t.install
	}
	if in != nil {
		for _, t := range s.tokens {
			if t.install == in {
				t.dead = "token_revoked"
			}
		}
	}
	s.mu.Unlock()
	if in == nil {
		return errNotInstalled
	}
	s.tellRevoked(in)
	return nil
}

// tellChannel tells the app of a change of a channel, where it subscribed to that: kind is
// what Slack calls it of a public channel, such as channel_archive. An app hears of a
// private channel only while it is in it.
func (s *Server) tellChannel(ch *channel, kind string, more reply) {
	s.mu.Lock()
	in := s.botOf(ch.team)
	if in == nil || !in.covers(ch.team) || ch.kind == direct {
		s.mu.Unlock()
		return
	}
	leaves := kind == "channel_left"
	hears := ch.kind == public || ch.members[in.user.ID] || leaves
	scope := "channels:read"
	if ch.kind == private {
		scope = "groups:read"
		if rest, ok := strings.CutPrefix(kind, "channel_"); ok {
			kind = "group_" + rest
		}
	}
	hears = hears && slices.Contains(in.scopes, scope) && slices.Contains(s.app.Events, kind)
	event := reply{"type": kind, "channel": ch.id, "event_ts": "1"}
	s.mu.Unlock()
	for name, v := range more {
		event[name] = v
	}
	if hears {
		s.emit(in, event)
	}
}

// tellMetadata tells the app of a message's metadata once the call is over: where the app is
// in the channel, has the scope for it, and subscribed to the event. It hears of its own
// messages, too. Of the text it is told nothing. s.mu is held.
// Source: https://docs.slack.dev/reference/events/message_metadata_posted
func (c *call) tellMetadata(ch *channel, m Message) {
	in := c.token.install
	if m.Metadata == nil || !ch.members[in.user.ID] || !c.has("metadata.message:read") {
		return
	}
	event := reply{
		"type": "message_metadata_posted", "app_id": c.app.ID, "bot_id": m.Bot, "user_id": m.User, "team_id": ch.team.id,
		"channel_id": ch.id, "metadata": m.Metadata, "message_ts": m.TS, "event_ts": m.TS,
	}
	c.after = append(c.after, func() { c.emit(in, event) })
}
