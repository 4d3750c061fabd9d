package slackapi

import (
	"encoding/json"
	"fmt"

	"github.com/slack-go/slack"
)

// Message is what is posted to a channel: Block Kit blocks, and a plain text
// with the whole content for notifications and screen readers, which read
// nothing else where it is present.
type Message struct {
	// Text is the top-level text, already escaped (see [Mrkdwn]).
	Text string
	// Blocks are shown in place of Text by clients that can.
	Blocks []slack.Block
	// Mark goes along as metadata, which any app of the workspace can read; the zero
	// value is none. A webhook's message has none.
	Mark Mark
	// Broadcast shows a line of a thread in its channel, too, so that it is noticed there.
	Broadcast bool
}

// MarshalJSON gives the body for an incoming webhook. Formatting of the
// top-level text, the linking of names, and previews of links are all off,
// because the text holds what people typed.
func (m Message) MarshalJSON() ([]byte, error) {
	body := struct {
		Text        string        `json:"text"`
		Blocks      []slack.Block `json:"blocks,omitempty"`
		Mrkdwn      bool          `json:"mrkdwn"`
		Parse       string        `json:"parse"`
		UnfurlLinks bool          `json:"unfurl_links"`
		UnfurlMedia bool          `json:"unfurl_media"`
	}{Text: m.Text, Blocks: m.Blocks, Parse: "none"}
	b, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("slackapi: encode message: %w", err)
	}
	return b, nil
}
