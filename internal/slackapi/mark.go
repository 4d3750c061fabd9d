package slackapi

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/slack-go/slack"
)

const (
	// MarkType is the metadata's type of messages that have a [Mark].
	MarkType = "procyon_message"
	// MarkScope is the scope with which Slack tells an app of such messages, where the app is
	// in the channel: of their metadata and place, never of their text.
	// Source: https://docs.slack.dev/reference/scopes/metadata.message.read
	MarkScope = "metadata.message:read"
	// MarkEvent is the event by which it does.
	// Source: https://docs.slack.dev/reference/events/message_metadata_posted
	MarkEvent = "message_metadata_posted"
)

// Mark tells messages of one app from each other, whoever posts them, also where Slack's
// answer to a post was lost.
type Mark struct {
	Key   string `json:"key"`
	Round int    `json:"round"`
}

// option puts a mark into a message's metadata.
func (m Mark) option() slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: MarkType, EventPayload: map[string]any{"key": m.Key, "round": m.Round}})
}

// MarkOf reads the mark of a message's metadata; false where it has none.
func MarkOf(metadata json.RawMessage) (Mark, bool) {
	var v struct {
		Type    string `json:"event_type"`
		Payload Mark   `json:"event_payload"`
	}
	if json.Unmarshal(metadata, &v) != nil || v.Type != MarkType {
		return Mark{}, false
	}
	return v.Payload, v.Payload.Key != ""
}

// Unanswered tells whether Slack may have done what a call that failed asked for: its answer
// was lost, or says nothing of that.
func Unanswered(err error) bool {
	if err == nil {
		return false
	}
	var e *APIError
	if !errors.As(err, &e) {
		return true
	}
	switch e.Code {
	case "network", "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return true
	}
	return strings.HasPrefix(e.Code, "http_5")
}
