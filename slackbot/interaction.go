package slackbot

import (
	"context"
	"errors"
	"strings"

	"github.com/slack-go/slack"
)

// Actions: what buttons and menus are called. Their values hold IDs, and what version
// of a request they show.
const (
	actionLink       = "link"         // leads to the page where one links; needs no answer
	actionConsole    = "open_console" // leads to the console; needs no answer
	actionApprove    = "approve"      // of a request
	actionApproveFor = "approve_for"  // of a request, for a shorter time
	actionChoose     = "choose"       // opens the form that asks what of a request to approve
	actionDeny       = "deny"         // opens the form that asks why
	actionAsk        = "ask"          // opens the form for a new request, with the words in the value
	actionAskFor     = "ask_for"      // opens it for the resource and the words in the value; "/" and a number behind it
	actionAgain      = "again"        // opens it with what an earlier request asked for
	actionResources  = "resources"    // what is asked for, in that form
)

// Forms, by callback_id.
const (
	formDeny    = "deny"
	formChoose  = "choose"
	formRequest = "request"
	// formRequestAgain is formRequest after it was told that it asks for the same again.
	formRequestAgain = "request_again"
)

// click is an interaction, and who made it where.
type click struct {
	interaction
	admitted // and linked, where a row of a table runs
}

// interaction answers a click, a form or a type-ahead within AnswerIn. nil closes
// a form, and is right for clicks, whose answers go another way.
func (b *Bot) interaction(ctx context.Context, in interaction) any {
	if in.Type == slack.InteractionTypeViewClosed {
		return nil
	}
	if needsNoAnswer(in) {
		b.offerPressed(ctx, in)
		return nil
	}
	within := fresh
	if in.Type == slack.InteractionTypeBlockSuggestion {
		within = ofLate
	}
	a, err := b.admit(ctx, ofInteraction(in), within)
	c := click{interaction: in, admitted: a}
	if err != nil {
		return b.reply(ctx, c, b.turnedAway("interaction", err))
	}
	if c.who == nil {
		return b.reply(ctx, c, b.linkFirst(ctx, call{SlashCommand: slack.SlashCommand{UserID: in.User.ID}, admitted: a}))
	}
	switch in.Type {
	case slack.InteractionTypeBlockActions:
		for _, a := range in.Actions {
			if answer := b.act(ctx, c, a); answer != nil {
				return b.reply(ctx, c, answer)
			}
			b.refreshList(ctx, c, a)
		}
		return nil
	case slack.InteractionTypeViewSubmission:
		return b.submit(ctx, c)
	case slack.InteractionTypeBlockSuggestion:
		return b.suggest(ctx, c)
	default:
		b.log.Debug("an interaction that nobody expects", "type", in.Type)
		return nil
	}
}

// needsNoAnswer tells the clicks that only lead to a page.
func needsNoAnswer(in interaction) bool {
	for _, a := range in.Actions {
		if a.ActionID != actionLink && a.ActionID != actionConsole {
			return false
		}
	}
	return in.Type == slack.InteractionTypeBlockActions
}

// act does what a button or menu is for. What it returns is said to who clicked.
func (b *Bot) act(ctx context.Context, c click, a *slack.BlockAction) *answer {
	name, _, _ := strings.Cut(a.ActionID, "/")
	switch name {
	case actionApprove:
		return b.approve(ctx, c, a, a.Value)
	case actionApproveFor:
		return b.approve(ctx, c, a, a.SelectedOption.Value)
	case actionChoose:
		return b.choose(ctx, c, a.Value)
	case actionDeny:
		return b.askWhy(ctx, c, a.Value)
	case actionAsk:
		return b.openRequest(ctx, c.admitted, c.TriggerID, a.Value)
	case actionAskFor:
		return b.openChosen(ctx, c, a.Value)
	case actionAgain:
		return b.askAgain(ctx, c, a.Value)
	case actionCancel:
		return b.cancel(ctx, c, a.Value)
	case actionClose:
		return b.closeAccess(ctx, c, a.Value)
	case actionExtend:
		return b.askExtend(ctx, c, a.Value)
	case actionResources, strings.TrimSuffix(blockRole, "/"):
		return b.resourcesChosen(ctx, c)
	}
	return nil
}

// submit takes a form in. Its answer closes it, or shows what was wrong in it.
func (b *Bot) submit(ctx context.Context, c click) any {
	switch c.View.CallbackID {
	case formDeny:
		return b.deny(ctx, c)
	case formChoose:
		return b.approveChosen(ctx, c)
	case formExtend:
		return b.extend(ctx, c)
	case formRequest, formRequestAgain:
		return b.ask(ctx, c)
	}
	return nil
}

// suggest answers a type-ahead.
func (b *Bot) suggest(ctx context.Context, c click) any {
	if c.ActionID == actionResources {
		return b.suggestResources(ctx, c)
	}
	return noOptions()
}

// reply says something to who clicked: beside the message that they clicked in or,
// in a form, in the form. It returns what the interaction is answered with.
func (b *Bot) reply(ctx context.Context, c click, a *answer) any {
	switch {
	case c.Type == slack.InteractionTypeBlockSuggestion:
		return noOptions()
	case c.Type == slack.InteractionTypeViewSubmission:
		return slack.NewUpdateViewSubmissionResponse(notice("Procyon", a))
	case c.ResponseURL != "":
		if err := b.opt.API.Respond(ctx, c.ResponseURL, a); err != nil && !errors.Is(err, context.Canceled) {
			b.log.Warn("can't answer a click", "error", err)
		}
	case c.space.Bot != nil && c.TriggerID != "":
		show := c.space.PushModal
		if c.View.Type == slack.VTHomeTab { // there is no modal yet to push it onto
			show = c.space.OpenModal
		}
		if _, err := show(ctx, c.TriggerID, *notice("Procyon", a)); err != nil {
			b.log.Warn("can't answer a click", "error", err)
		}
	}
	return nil
}

// notice is a form that only says something.
func notice(title string, a *answer) *slack.ModalViewRequest {
	return &slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainText(title), Close: plainText(goBack), Blocks: slack.Blocks{BlockSet: a.Blocks},
	}
}

// goBack closes a form and a question with nothing done: to cancel and to close are acts.
const goBack = "Go back"

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func noOptions() any { return map[string]any{"options": []any{}} }
