package slackbot

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
)

// maxBody bounds what Slack sends: forms with a modal's whole state are far smaller.
const maxBody = 1 << 20

// routes are the bot's endpoints.
func (b *Bot) routes() map[string]http.Handler {
	return map[string]http.Handler{
		"POST /slack/command":     b.signed(b.serveCommand),
		"POST /slack/interaction": b.signed(b.serveInteraction),
		"POST /slack/event":       b.signed(b.serveEvent),
		"GET /slack/install":      http.HandlerFunc(b.serveInstall),
		"GET /slack/oauth":        http.HandlerFunc(b.serveOAuth),
	}
}

// signed verifies a request on its raw body before anything else looks at it, and
// bounds the time of the answer.
func (b *Bot) signed(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "the request can't be read", http.StatusBadRequest)
			return
		}
		timestamp, signature := r.Header.Get("X-Slack-Request-Timestamp"), r.Header.Get("X-Slack-Signature")
		if err := slackapi.Verify(b.opt.SigningSecret, timestamp, body, signature, b.now()); err != nil {
			b.refusals.log(b.log, err, b.now())
			http.Error(w, "not signed by Slack", http.StatusUnauthorized)
			return
		}
		b.opt.Signed(r.Context())
		ctx, cancel := context.WithTimeout(r.Context(), b.opt.AnswerIn)
		defer cancel()
		next(w, r.WithContext(ctx), body)
	})
}

func (b *Bot) serveCommand(w http.ResponseWriter, r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	c, err := slack.SlashCommandParse(r)
	if err != nil {
		http.Error(w, "the form can't be read", http.StatusBadRequest)
		return
	}
	if a := b.command(r.Context(), c); a != nil {
		answerJSON(w, a)
		return
	}
	answerJSON(w, nil)
}

func (b *Bot) serveInteraction(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	var in interaction
	if err == nil {
		err = json.Unmarshal([]byte(form.Get("payload")), &in)
	}
	if err != nil {
		http.Error(w, "the payload can't be read", http.StatusBadRequest)
		return
	}
	answerJSON(w, b.interaction(r.Context(), in))
}

func (b *Bot) serveEvent(w http.ResponseWriter, r *http.Request, body []byte) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "the event can't be read", http.StatusBadRequest)
		return
	}
	if e.Type == "url_verification" {
		answerJSON(w, map[string]string{"challenge": e.Challenge})
		return
	}
	if err := b.event(r.Context(), e); err != nil {
		b.log.Warn("an event of Slack's failed; Slack sends it again", "type", e.Event.Type, "error", err)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// envelope is an event of Slack's: https://docs.slack.dev/apis/events-api
type envelope struct {
	Type         string `json:"type"`
	Challenge    string `json:"challenge"`
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"`
	EventID      string `json:"event_id"`
	Event        struct {
		Type string    `json:"type"`
		User eventUser `json:"user"`
		Tab  string    `json:"tab"`
		// What message_metadata_posted tells of a message.
		UserID    string          `json:"user_id"`
		ChannelID string          `json:"channel_id"`
		MessageTS string          `json:"message_ts"`
		Metadata  json.RawMessage `json:"metadata"`
		Tokens    struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
	} `json:"event"`
	Authorizations []struct {
		EnterpriseID        string `json:"enterprise_id"`
		TeamID              string `json:"team_id"`
		IsEnterpriseInstall bool   `json:"is_enterprise_install"`
	} `json:"authorizations"`
}

// eventUser is whom an event is about: an ID, or somebody as users.info tells of them.
type eventUser struct {
	ID string
	// Leaves: they have left, or are no full member any more.
	Leaves bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (u *eventUser) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return json.Unmarshal(data, &u.ID)
	}
	var v struct {
		ID              string `json:"id"`
		Deleted         bool   `json:"deleted"`
		Restricted      bool   `json:"is_restricted"`
		UltraRestricted bool   `json:"is_ultra_restricted"`
	}
	err := json.Unmarshal(data, &v)
	u.ID, u.Leaves = v.ID, v.Deleted || v.Restricted || v.UltraRestricted
	return err
}

// answerJSON writes an answer; nil is the empty one, which closes a modal.
func answerJSON(w http.ResponseWriter, v any) {
	if v == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer can't be encoded", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(data)
}
