package slackbot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

const reviewMutation = `mutation Review($input: ReviewAccessRequestInput!) {
  reviewAccessRequest(input: $input) { accessRequest { id } userErrors { code field message } }
}`

// review decides a request as a person. To repeat it is harmless: a request is
// decided once, and the second try is told who did.
func (g *gateway) review(ctx context.Context, requestID, decision, comment, duration string) error {
	var out struct {
		ReviewAccessRequest struct{ UserErrors client.UserErrors }
	}
	input := map[string]any{"requestId": requestID, "decision": decision}
	if comment != "" {
		input["comment"] = comment
	}
	if duration != "" {
		input["duration"] = duration
	}
	if err := g.Do(ctx, reviewMutation, map[string]any{"input": input}, &out); err != nil {
		return err
	}
	return out.ReviewAccessRequest.UserErrors.Err()
}

// approve approves. All messages about the request change when its event arrives.
func (b *Bot) approve(ctx context.Context, c click, requestID, duration string) *answer {
	if err := b.gateway.as(c.who.ID).review(ctx, requestID, "APPROVE", "", duration); err != nil {
		return b.trouble("approve", err)
	}
	return nil
}

// approveFor approves for the time in the value, "req_…|PT1H".
func (b *Bot) approveFor(ctx context.Context, c click, value string) *answer {
	requestID, duration, ok := strings.Cut(value, "|")
	if !ok {
		return nil
	}
	return b.approve(ctx, c, requestID, duration)
}

const blockWhy = "why"

// askWhy opens the form of a denial.
func (b *Bot) askWhy(ctx context.Context, c click, requestID string) *answer {
	why := slack.NewPlainTextInputBlockElement(plainText("What should the requester know?"), blockWhy)
	why.Multiline, why.MaxLength = true, maxComment
	_, err := c.space.OpenModal(ctx, c.TriggerID, slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formDeny, PrivateMetadata: requestID,
		Title: plainText("Deny access"), Submit: plainText("Deny"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock(blockWhy, plainText("Why"), nil, why)}},
	})
	if err != nil {
		b.log.Warn("can't open a form", "error", err)
		return say("Slack did not open the form in time. Please press the button again.")
	}
	return nil
}

// maxComment is how long a comment may be, in characters.
const maxComment = 1000

// deny denies, with the reason in the form.
func (b *Bot) deny(ctx context.Context, c click) any {
	err := b.gateway.as(c.who.ID).review(ctx, c.View.PrivateMetadata, "DENY", c.text(blockWhy, blockWhy), "")
	if err == nil {
		return nil
	}
	return slack.NewErrorsViewSubmissionResponse(map[string]string{blockWhy: formError(b.trouble("deny", err))})
}

// formError is an answer as a form shows it under a field.
func formError(a *answer) string {
	if s, ok := a.Blocks[0].(*slack.SectionBlock); ok {
		return s.Text.Text
	}
	return a.Text
}

// text is what was typed into a field of a form.
func (c *click) text(block, action string) string {
	if c.View.State == nil {
		return ""
	}
	return strings.TrimSpace(c.View.State.Values[block][action].Value)
}

// decisionButtons are for those who may decide. The durations that an approver can
// shorten to stand in a menu. Where approvals are taken in the console alone, there
// is only the button to deny; the one that leads to the console stands beside it.
func (r *request) decisionButtons() []slack.BlockElement {
	requester := r.Requester.Name
	deny := button(actionDeny, r.ID, "Deny…", "Deny the request of "+requester, "danger")
	if r.ApproveInConsole {
		return []slack.BlockElement{deny}
	}
	approve := button(actionApprove, r.ID, "Approve", "Approve the request of "+requester, "primary")
	approve.Confirm = confirm("Approve this request?", "The access begins at once, or when it was asked for.", "Approve")
	out := []slack.BlockElement{approve}
	if shorter := r.shorter(); len(shorter) > 0 {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Approve for…"), actionApproveFor)
		for _, o := range shorter {
			menu.Options = append(menu.Options, slack.NewOptionBlockObject(r.ID+"|"+o.value, plainText(o.text), nil))
		}
		menu.Confirm = confirm("Approve for a shorter time?", "The requester gets the access for the time that you chose.", "Approve")
		out = append(out, menu)
	}
	return append(out, deny)
}

func confirm(title, text, yes string) *slack.ConfirmationBlockObject {
	return slack.NewConfirmationBlockObject(plainText(title), plainText(slackapi.Plain(text, slackapi.MaxConfirmText)), plainText(yes), plainText("Cancel"))
}

// option is a choice in a menu.
type option struct{ value, text string }
