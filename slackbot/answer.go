package slackbot

import (
	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
)

// answer is what a slash command is answered with, or a response_url is sent:
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
type answer struct {
	ResponseType    string        `json:"response_type,omitempty"`
	Text            string        `json:"text"`
	Blocks          []slack.Block `json:"blocks,omitempty"`
	ReplaceOriginal bool          `json:"replace_original"`
	Mrkdwn          bool          `json:"mrkdwn"`
}

// say answers one person alone, in words that are shown as they are.
func say(text string, blocks ...slack.Block) *answer {
	if len(blocks) == 0 {
		blocks = []slack.Block{sentence(text)}
	}
	return &answer{ResponseType: slack.ResponseTypeEphemeral, Text: slackapi.Mrkdwn(text, slackapi.MaxTopText), Blocks: blocks}
}

// sentence is a block of plain words.
func sentence(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, slackapi.Plain(text, slackapi.MaxSectionText), false, false), nil, nil)
}

// button makes a button; style is "", "primary" or "danger". The label is read to
// those who can't see what the button stands beside.
func button(action, value, text, label, style string) *slack.ButtonBlockElement {
	e := slack.NewButtonBlockElement(action, value, slack.NewTextBlockObject(slack.PlainTextType, slackapi.PlainLine(text, slackapi.MaxButtonText), false, false))
	e.AccessibilityLabel = slackapi.PlainLine(label, slackapi.MaxAccessibilityLabel)
	e.Style = slack.Style(style)
	return e
}
