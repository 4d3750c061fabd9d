package slackapi

import (
	"fmt"

	"github.com/slack-go/slack"
)

// Slack's limits. Lengths are in characters, counted by [Size]. Slack refuses
// a whole message when one of them is passed, and no library checks them.
const (
	MaxBlocks             = 50   // blocks in a message
	MaxHeader             = 150  // text of a header block
	MaxSectionText        = 3000 // text of a section block
	MaxTextObject         = 3000 // any other text object
	MaxFields             = 10   // fields of a section
	MaxFieldText          = 2000 // text of one field
	MaxContextElements    = 10
	MaxActionElements     = 25
	MaxButtonText         = 75
	MaxButtonValue        = 2000
	MaxURL                = 3000
	MaxAccessibilityLabel = 75
	MaxActionID           = 255
	MaxBlockID            = 255
	MaxTopText            = 4000 // recommended; Slack cuts at 40000
	MaxOptions            = 100
	MaxOptionText         = 75
	MaxOptionValue        = 150
	MaxPlaceholder        = 150
	MaxConfirmTitle       = 100
	MaxConfirmText        = 300
	MaxConfirmButton      = 30
)

// LimitError tells which part of a message Slack would refuse, and why.
type LimitError struct {
	Where string // such as "blocks[2].fields[0].text"
	What  string // such as "is 3001 characters long, at most 3000 are allowed"
}

func (e *LimitError) Error() string { return "slackapi: " + e.Where + " " + e.What }

// Check tells whether Slack would accept the message, as far as its published
// limits go. It returns nil or a *[LimitError] for the first fault. A kind of
// block or element that it has no rule for is a fault too, so that a new one
// can't be sent unchecked.
func Check(m Message) error {
	if m.Text == "" {
		return &LimitError{"text", "is empty: a screen reader would have nothing to read"}
	}
	if err := length("text", m.Text, MaxTopText); err != nil {
		return err
	}
	if len(m.Blocks) > MaxBlocks {
		return &LimitError{"blocks", fmt.Sprintf("are %d, at most %d are allowed", len(m.Blocks), MaxBlocks)}
	}
	ids := map[string]bool{}
	for i, b := range m.Blocks {
		where := fmt.Sprintf("blocks[%d]", i)
		if b == nil {
			return &LimitError{where, "is nil"}
		}
		if id := b.ID(); id != "" {
			if ids[id] {
				return &LimitError{where + ".block_id", "is used twice"}
			}
			ids[id] = true
			if err := length(where+".block_id", id, MaxBlockID); err != nil {
				return err
			}
		}
		if err := checkBlock(where, b); err != nil {
			return err
		}
	}
	return nil
}

func checkBlock(where string, b slack.Block) error {
	switch b := b.(type) {
	case *slack.DividerBlock:
		return nil
	case *slack.HeaderBlock:
		if b.Text != nil && b.Text.Type != slack.PlainTextType {
			return &LimitError{where + ".text", "must be plain_text"}
		}
		return checkText(where+".text", b.Text, MaxHeader)
	case *slack.SectionBlock:
		return checkSection(where, b)
	case *slack.ContextBlock:
		return checkContext(where, b)
	case *slack.ActionBlock:
		return checkActions(where, b)
	}
	return &LimitError{where, fmt.Sprintf("is of type %q, for which no limits are known here", b.BlockType())}
}

func checkSection(where string, b *slack.SectionBlock) error {
	if b.Accessory != nil {
		return &LimitError{where + ".accessory", "has no known limits here"}
	}
	if b.Text == nil && len(b.Fields) == 0 {
		return &LimitError{where, "has neither text nor fields"}
	}
	if b.Text != nil {
		if err := checkText(where+".text", b.Text, MaxSectionText); err != nil {
			return err
		}
	}
	if len(b.Fields) > MaxFields {
		return &LimitError{where + ".fields", fmt.Sprintf("are %d, at most %d are allowed", len(b.Fields), MaxFields)}
	}
	for i, f := range b.Fields {
		if err := checkText(fmt.Sprintf("%s.fields[%d]", where, i), f, MaxFieldText); err != nil {
			return err
		}
	}
	return nil
}

func checkContext(where string, b *slack.ContextBlock) error {
	elements := b.ContextElements.Elements
	if len(elements) == 0 || len(elements) > MaxContextElements {
		return &LimitError{where + ".elements", fmt.Sprintf("are %d, from 1 to %d are allowed", len(elements), MaxContextElements)}
	}
	for i, e := range elements {
		at := fmt.Sprintf("%s.elements[%d]", where, i)
		text, ok := e.(*slack.TextBlockObject)
		if !ok {
			return &LimitError{at, "is not a text, and has no known limits here"}
		}
		if err := checkText(at, text, MaxTextObject); err != nil {
			return err
		}
	}
	return nil
}

func checkActions(where string, b *slack.ActionBlock) error {
	if b.Elements == nil || len(b.Elements.ElementSet) == 0 || len(b.Elements.ElementSet) > MaxActionElements {
		return &LimitError{where + ".elements", fmt.Sprintf("must be from 1 to %d", MaxActionElements)}
	}
	for i, e := range b.Elements.ElementSet {
		at := fmt.Sprintf("%s.elements[%d]", where, i)
		var err error
		switch e := e.(type) {
		case *slack.ButtonBlockElement:
			err = checkButton(at, e)
		case *slack.SelectBlockElement:
			err = checkSelect(at, e)
		default:
			err = &LimitError{at, fmt.Sprintf("is of type %q, for which no limits are known here", e.ElementType())}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkButton(where string, b *slack.ButtonBlockElement) error {
	if b.Text != nil && b.Text.Type != slack.PlainTextType {
		return &LimitError{where + ".text", "must be plain_text"}
	}
	if err := checkConfirm(where+".confirm", b.Confirm); err != nil {
		return err
	}
	if err := checkText(where+".text", b.Text, MaxButtonText); err != nil {
		return err
	}
	for _, l := range []struct {
		name, value string
		limit       int
	}{
		{"action_id", b.ActionID, MaxActionID},
		{"value", b.Value, MaxButtonValue},
		{"url", b.URL, MaxURL},
		{"accessibility_label", b.AccessibilityLabel, MaxAccessibilityLabel},
	} {
		if err := length(where+"."+l.name, l.value, l.limit); err != nil {
			return err
		}
	}
	return nil
}

// checkSelect checks a menu whose options are in the message.
func checkSelect(where string, s *slack.SelectBlockElement) error {
	if n := len(s.Options); n == 0 || n > MaxOptions || s.Type != slack.OptTypeStatic {
		return &LimitError{where + ".options", fmt.Sprintf("must be from 1 to %d", MaxOptions)}
	}
	if err := checkConfirm(where+".confirm", s.Confirm); err != nil {
		return err
	}
	if err := checkText(where+".placeholder", s.Placeholder, MaxPlaceholder); err != nil {
		return err
	}
	for i, o := range s.Options {
		at := fmt.Sprintf("%s.options[%d]", where, i)
		if err := checkText(at+".text", o.Text, MaxOptionText); err != nil {
			return err
		}
		if err := length(at+".value", o.Value, MaxOptionValue); err != nil {
			return err
		}
	}
	return length(where+".action_id", s.ActionID, MaxActionID)
}

// checkConfirm checks the question that is asked before an action.
func checkConfirm(where string, c *slack.ConfirmationBlockObject) error {
	if c == nil {
		return nil
	}
	for _, t := range []struct {
		name  string
		text  *slack.TextBlockObject
		limit int
	}{
		{"title", c.Title, MaxConfirmTitle}, {"text", c.Text, MaxConfirmText}, {"confirm", c.Confirm, MaxConfirmButton}, {"deny", c.Deny, MaxConfirmButton},
	} {
		if err := checkText(where+"."+t.name, t.text, t.limit); err != nil {
			return err
		}
	}
	return nil
}

func checkText(where string, t *slack.TextBlockObject, limit int) error {
	if t == nil || t.Text == "" {
		return &LimitError{where, "is empty"}
	}
	switch {
	case t.Type != slack.PlainTextType && t.Type != slack.MarkdownType:
		return &LimitError{where + ".type", fmt.Sprintf("is %q, must be plain_text or mrkdwn", t.Type)}
	case t.Type == slack.MarkdownType && t.Emoji != nil:
		return &LimitError{where + ".emoji", "is for plain_text only"}
	case t.Type == slack.PlainTextType && t.Verbatim:
		return &LimitError{where + ".verbatim", "is for mrkdwn only"}
	}
	return length(where+".text", t.Text, limit)
}

func length(where, s string, limit int) error {
	if n := Size(s); n > limit {
		return &LimitError{where, fmt.Sprintf("is %d characters long, at most %d are allowed", n, limit)}
	}
	return nil
}
