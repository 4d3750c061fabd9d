package slackbot

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/duration"
	"procyon/internal/slackapi"
	"procyon/phrase"
)

// seen is what a message, a list or a form showed to who decides in it: it travels in
// buttons and forms, and comes back from Slack as it was.
type seen struct {
	requestID string
	version   int
	subject   ReviewSubject
}

// seen is what is shown of a request now.
func (r *request) seen() seen {
	s := seen{r.ID, r.Version, ReviewSubjectRequest}
	if r.Extension != nil {
		s.subject = ReviewSubjectExtension
	}
	return s
}

func (s seen) String() string { return fmt.Sprintf("%s|%d|%s", s.requestID, s.version, s.subject) }

// parseSeen reads what String wrote, and what stands behind it. ok is false for the
// buttons of a release that did not say what it showed; of those, too, it returns the
// request.
func parseSeen(value string) (s seen, rest string, ok bool) {
	parts := strings.SplitN(value, "|", 4)
	s.requestID = parts[0]
	if len(parts) < 3 {
		return s, "", false
	}
	n, err := strconv.Atoi(parts[1])
	s.version, s.subject = n, ReviewSubject(parts[2])
	if len(parts) == 4 {
		rest = parts[3]
	}
	return s, rest, err == nil
}

// decision is what somebody decided on what they saw.
type decision struct {
	seen
	verdict           ReviewDecision
	comment, duration string
	shown             []string // the resources of what was shown as theirs; nil: all of one track
	without           []string // the resources of what is left out
	key               string   // of the click or the form: the same decides once
}

// review decides a request as a person. To repeat it is harmless: a request is
// decided once, and the second try is told who did.
func (g *server) review(ctx context.Context, d decision) error {
	input := ReviewAccessRequestInput{
		RequestID: d.requestID, ExpectedVersion: d.version, Subject: d.subject, Decision: d.verdict, Comment: d.comment, IdempotencyKey: d.key,
		ResourceIDs: d.shown, WithoutResourceIDs: d.without,
	}
	if d.duration != "" {
		length, err := client.ParseDuration(d.duration)
		if err != nil {
			return err
		}
		input.Duration = &length
	}
	out, err := reviewRequest(ctx, g, input)
	if err != nil {
		return err
	}
	return client.UserErrors(out.ReviewAccessRequest.UserErrors).Err()
}

// approve approves what the button, or the choice in the menu, showed. All messages
// about the request change when its event arrives.
func (b *Bot) approve(ctx context.Context, c click, a *slack.BlockAction, value string) *answer {
	saw, duration, ok := parseSeen(value)
	if !ok {
		return b.lookAgain(ctx, c, saw.requestID, "This message is out of date, so nothing was decided.")
	}
	err := b.server.as(c.admitted).review(ctx, decision{seen: saw, verdict: ReviewDecisionApprove, duration: duration, key: c.key(a)})
	return b.undecided(ctx, c, saw, err)
}

// undecided says why a decision was not taken; nil where it was. Where what was decided
// on has changed, it shows what is asked for now.
func (b *Bot) undecided(ctx context.Context, c click, saw seen, err error) *answer {
	if err == nil {
		return nil
	}
	if said, ok := refusalOf(err); ok && said.code == "CONFLICT" {
		return b.lookAgain(ctx, c, saw.requestID, said.words)
	}
	return b.trouble("decide", err)
}

// lookAgain shows a request as it is now to who decided on something else, with
// buttons where it still waits for them.
func (b *Bot) lookAgain(ctx context.Context, c click, requestID, why string) *answer {
	r, err := b.server.as(c.admitted).reviewable(ctx, requestID)
	if err != nil {
		b.log.Warn("can't show a request anew", "error", err)
	}
	if err != nil || r == nil {
		return say(why)
	}
	return say(why, append([]slack.Block{sentence(why)}, b.waitingBlocks([]*request{r}, false)...)...)
}

// key is the idempotency key of a click; "" where Slack says not which it is.
func (c *click) key(a *slack.BlockAction) string {
	if a.ActionTs == "" {
		return ""
	}
	return "slack/" + c.space.SlackID + "/" + a.ActionTs
}

const blockWhy = "why"

// askWhy opens the form of a denial, which repeats what it is about.
func (b *Bot) askWhy(ctx context.Context, c click, value string) *answer {
	saw, _, ok := parseSeen(value)
	if !ok {
		return b.lookAgain(ctx, c, saw.requestID, "This message is out of date.")
	}
	why := usual().reasonBlock(blockWhy, "Why", "What should the requester know?", "")
	form := func(about string) slack.ModalViewRequest {
		return slack.ModalViewRequest{
			Type: slack.VTModal, CallbackID: formDeny, PrivateMetadata: saw.String(),
			Title: plainText("Deny access"), Submit: plainText("Deny"), Close: plainText(goBack),
			Blocks: slack.Blocks{BlockSet: []slack.Block{sentence(about), why}},
		}
	}
	v, err := c.space.OpenModal(ctx, c.TriggerID, form("Looking up what is asked for…"))
	if err != nil {
		b.log.Warn("can't open a form", "error", err)
		return say("Slack did not open the form in time. Please press the button again.")
	}
	r, err := b.server.as(c.admitted).reviewable(ctx, saw.requestID)
	about := "This does not wait for your decision any more."
	switch {
	case err != nil:
		b.log.Warn("can't say what a denial is about", "error", err)
		about = "What is asked for can't be shown now. If it changed since you pressed the button, nothing is decided."
	case r != nil && r.seen() == saw:
		about = r.wish()
		if len(r.Tracks) > 1 {
			about += "\nTo deny it denies all of it, also what others decide."
		}
		if r.limits != nil {
			why = r.limits.reasonBlock(blockWhy, "Why", "What should the requester know?", "")
		}
	case r != nil:
		about = "This has changed since you pressed the button; close this form and look again. Now: " + r.wish()
	}
	if _, err := c.space.UpdateModal(ctx, v, form(about)); err != nil {
		b.log.Debug("the form was changed meanwhile", "error", err)
	}
	return nil
}

// deny denies, with the reason in the form.
func (b *Bot) deny(ctx context.Context, c click) any {
	saw, _, _ := parseSeen(c.View.PrivateMetadata)
	err := b.server.as(c.admitted).review(ctx, decision{
		seen: saw, verdict: ReviewDecisionDeny, comment: c.text(blockWhy, blockWhy), key: "slack/" + c.space.SlackID + "/" + c.View.ID,
	})
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
	return strings.TrimSpace(c.View.State.Values[block][action].Value)
}

// decisionButtons are for those who may decide, and see all of what is asked for. Each
// asks once more, in words that name the person, the items and the time: the last thing
// that somebody reads before they decide. Where these don't fit there are no buttons,
// and the request is decided in the console.
//
// The durations that an approver can shorten to stand in a menu, and they alone where more
// was asked for than is allowed by now. Where approvals are
// taken in the console alone, there is only the button to deny; the one that leads to
// the console stands beside it.
//
// Where it has to be chosen first what is approved, a button opens the form for that; hides
// tells whether what shows the buttons does not show all items.
func (r *request) decisionButtons(hides bool) []slack.BlockElement {
	wish, requester, value := r.shortWish(), r.Requester.Name, r.seen().String()
	fits := slackapi.Fits(wish, slackapi.MaxConfirmText)
	if !fits && !r.governed() {
		return nil
	}
	deny := button(actionDeny, value, "Deny…", "Deny the request of "+requester, "danger")
	switch {
	case r.consoleAlone():
		return []slack.BlockElement{deny}
	case !fits || r.chooses(hides):
		return []slack.BlockElement{button(actionChoose, value, "Approve…", "Choose what to approve of the request of "+requester, "primary"), deny}
	}
	var out []slack.BlockElement
	if r.allowed() {
		approve := button(actionApprove, value, "Approve", "Approve the request of "+requester, "primary")
		approve.Confirm = confirm("Approve this?", wish, "Approve")
		out = append(out, approve)
	}
	shorter := r.shorter()
	wish += " You chose a shorter time."
	if len(shorter) > 0 && slackapi.Fits(wish, slackapi.MaxConfirmText) {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Approve for…"), actionApproveFor)
		for _, o := range shorter {
			menu.Options = append(menu.Options, slack.NewOptionBlockObject(value+"|"+o.value, plainText(o.text), nil))
		}
		menu.Confirm = confirm("Approve for a shorter time?", wish, "Approve")
		out = append(out, menu)
	}
	if r.governed() && r.Extension == nil && len(r.Items) > 1 {
		out = append(out, button(actionChoose, value, "Approve some…", "Choose what to approve of the request of "+requester, ""))
	}
	return append(out, deny)
}

// consoleAlone tells whether all approvals are taken in the console alone.
func (r *request) consoleAlone() bool {
	console := 0
	for _, t := range r.Tracks {
		if t.ApproveInConsole {
			console++
		}
	}
	return r.ApproveInConsole && (console == 0 || console == len(r.Tracks)) // by a setting, or by each policy
}

// shortWish says what an approval would give, in a sentence.
func (r *request) shortWish() string { return r.wishFor(r.what()) }

// wishFor is shortWish with other words for the items.
func (r *request) wishFor(what string) string {
	who := phrase.Person(r.Requester.Email, r.Requester.Name)
	if x := r.Extension; x != nil {
		return fmt.Sprintf("%s keeps %s for %s more, until %s.", who, what, duration.RoughWords(time.Duration(x.Duration)), phrase.Moment(x.ExpiresAt))
	}
	start := "from the approval"
	if r.StartsAt != nil {
		start = "from " + phrase.Moment(*r.StartsAt) + ", or from the approval if that is later"
	}
	return fmt.Sprintf("%s gets %s, for %s, %s.", who, what, duration.RoughWords(time.Duration(r.RequestedDuration)), start)
}

// wish is shortWish with the reason, which can't look like anything else.
func (r *request) wish() string { return r.shortWish() + " " + r.why() }

func (r *request) why() string {
	reason := r.Reason
	if r.Extension != nil {
		reason = r.Extension.Reason
	}
	return "Reason: " + phrase.Quoted(reason)
}

func confirm(title, text, yes string) *slack.ConfirmationBlockObject {
	return slack.NewConfirmationBlockObject(plainText(title), plainText(slackapi.Plain(text, slackapi.MaxConfirmText)), plainText(yes), plainText(goBack))
}

// option is a choice in a menu.
type option struct{ value, text string }
