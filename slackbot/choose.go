package slackbot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/duration"
	"procyon/internal/slackapi"
)

const (
	blockItems = "items" // what to approve; "/" and a number behind it
	blockFor   = "for"   // for how long
	asAsked    = "asked" // the value of that choice there
	// maxChecks is how many boxes Slack shows in one block.
	maxChecks = 10
	// listSize is how many characters of a list of items stand in one block.
	listSize = slackapi.MaxSectionText - 200
)

// choose opens the form in which somebody chooses what of a request they approve. It shows
// all that they decide, whatever the message showed in which they pressed the button.
func (b *Bot) choose(ctx context.Context, c click, value string) *answer {
	saw, _, _ := parseSeen(value)
	v, err := c.space.OpenModal(ctx, c.TriggerID, *notice("Approve access", say("Looking up what is asked for…")))
	if err != nil {
		b.log.Warn("can't open a form", "error", err)
		return say("Slack did not open the form in time. Please press the button again.")
	}
	if _, err := c.space.UpdateModal(ctx, v, b.choices(ctx, c, saw)); err != nil {
		b.log.Debug("the form was changed meanwhile", "error", err)
	}
	return nil
}

// choices is the form as it is to be now, or says why there is nothing to choose.
func (b *Bot) choices(ctx context.Context, c click, saw seen) slack.ModalViewRequest {
	out, err := readReviewable(ctx, b.server.as(c.admitted), saw.requestID)
	if err != nil {
		return *notice("Approve access", b.trouble("choose", err))
	}
	if out.AccessRequest == nil {
		return *notice("Approve access", say("You are no approver of this request."))
	}
	r := out.AccessRequest.request(out.Limits)
	if !out.AccessRequest.ViewerCanReview {
		return *notice("Approve access", r.notYours(c.who))
	}
	var note string
	if r.seen() != saw {
		note = "This has changed since the message that you saw. It is shown as it is now."
	}
	return r.chooseForm(note)
}

// notYours says why nothing of a request waits for somebody.
func (r *request) notYours(who *person) *answer {
	if who != nil && who.ID == r.Requester.UserID {
		return say("You can't review your own request; somebody else has to.")
	}
	text := "Nothing of this waits for your decision now."
	if list := r.trackText(forAnybody); list != "" && r.waits() {
		text += "\n" + list
	}
	return say(text, sentence(text), slack.NewActionBlock("", console(r)))
}

// inConsole are those of some items that are approved in the console alone.
func (r *request) inConsole(items []RequestItem) []RequestItem {
	if r.consoleAlone() {
		return items
	}
	var out []RequestItem
	for _, t := range r.Tracks {
		if t.ApproveInConsole {
			out = append(out, t.of(items)...)
		}
	}
	return out
}

// chooseForm draws the form for somebody who may decide some of a request.
func (r *request) chooseForm(note string) slack.ModalViewRequest {
	mine := r.decidable()
	var blocks []slack.Block
	if note != "" {
		blocks = append(blocks, sentence(note))
	}
	blocks = append(blocks, sentence(r.wishFor("what you approve here")+" "+r.why()))
	form := slack.ModalViewRequest{Type: slack.VTModal, CallbackID: formChoose, Title: plainText("Approve access"), Close: plainText(goBack)}
	if locked := r.inConsole(mine); len(locked) > 0 {
		blocks = append(blocks, listBlocks("Approvals of these are taken in the console alone:", locked)...)
		form.Blocks.BlockSet = append(blocks, slack.NewActionBlock("", console(r)))
		return form
	}
	form.Submit = plainText("Approve")
	var shown []string
	for _, i := range mine {
		shown = append(shown, i.ResourceID)
	}
	form.PrivateMetadata = r.seen().String() + "|" + strings.Join(shown, ",")
	checks, cut := r.checkBlocks(mine)
	if len(checks) == 0 || cut {
		blocks = append(blocks, listBlocks("You decide:", mine)...)
	}
	blocks = append(blocks, checks...)
	if menu := r.lengthMenu(); menu != nil {
		blocks = append(blocks, optional(slack.NewInputBlock(blockFor, plainText("For how long?"), plainText("The shortest that an approver allows counts."), menu)))
	}
	if others := slices.DeleteFunc(slices.Clone(r.Items), func(i RequestItem) bool { return slices.Contains(shown, i.ResourceID) }); len(others) > 0 {
		blocks = append(blocks, listBlocks("Not yours to decide now:", others)...)
	}
	if who := r.trackText(forApprovers); who != "" {
		blocks = append(blocks, sentence(who))
	}
	form.Blocks.BlockSet = blocks
	return form
}

// checkBlocks are boxes to check for items; none where there is nothing to
// choose from. cut tells whether some item's name did not fit.
func (r *request) checkBlocks(items []RequestItem) (blocks []slack.Block, cut bool) {
	if len(items) < 2 || r.Extension != nil {
		return nil, false
	}
	label := "What you approve"
	for chunk := range slices.Chunk(items, maxChecks) {
		var options []*slack.OptionBlockObject
		for _, i := range chunk {
			cut = cut || !slackapi.Fits(i.words(), slackapi.MaxOptionText)
			options = append(options, slack.NewOptionBlockObject(i.ResourceID, plainText(slackapi.PlainLine(i.words(), slackapi.MaxOptionText)), nil))
		}
		boxes := slack.NewCheckboxGroupsBlockElement(blockItems, options...)
		boxes.InitialOptions = options
		block := slack.NewInputBlock(fmt.Sprint(blockItems, "/", len(blocks)), plainText(label), plainText("What you leave out is not asked for any more."), boxes)
		blocks, label = append(blocks, optional(block)), "And"
	}
	return blocks, cut
}

// lengthMenu offers how long the access may be: as asked for, or shorter; nil where there is
// nothing to choose.
func (r *request) lengthMenu() *slack.SelectBlockElement {
	shorter := r.shorter()
	if len(shorter) == 0 {
		return nil
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Choose"), blockFor)
	for _, o := range shorter {
		menu.Options = append(menu.Options, slack.NewOptionBlockObject(o.value, plainText(o.text), nil))
	}
	if r.allowed() {
		menu.InitialOption = slack.NewOptionBlockObject(asAsked, plainText(duration.Words(time.Duration(r.RequestedDuration))+", as asked"), nil)
		menu.Options = append(menu.Options, menu.InitialOption)
	} else {
		menu.InitialOption = menu.Options[len(menu.Options)-1]
	}
	return menu
}

// words name an item.
func (i *RequestItem) words() string {
	if i.Role != "" {
		return i.ResourceName + " as " + i.Role
	}
	return i.ResourceName
}

// listBlocks list items in full, in as many blocks as that needs.
func listBlocks(head string, items []RequestItem) []slack.Block {
	var blocks []slack.Block
	text := head
	for _, i := range items {
		line := "\n• " + i.words()
		if slackapi.Size(text)+slackapi.Size(line) > listSize {
			blocks, text = append(blocks, sentence(text)), "…"
		}
		text += line
	}
	return append(blocks, sentence(text))
}

// approveChosen approves what is checked in the form, and leaves out what is not. What came to
// wait for whoever decides since the form was shown is not decided by it, and goes on waiting.
func (b *Bot) approveChosen(ctx context.Context, c click) any {
	saw, list, _ := parseSeen(c.View.PrivateMetadata)
	shown := strings.Split(list, ",")
	d := decision{seen: saw, verdict: ReviewDecisionApprove, shown: shown, without: c.unchecked(shown), key: "slack/" + c.space.SlackID + "/" + c.View.ID}
	if length := c.View.State.Values[blockFor][blockFor].SelectedOption.Value; length != asAsked {
		d.duration = length
	}
	if err := b.server.as(c.admitted).review(ctx, d); err != nil {
		said := b.undecided(ctx, c, saw, err)
		return slack.NewUpdateViewSubmissionResponse(notice("Nothing was decided", said))
	}
	return nil
}

// unchecked are those of some resources that the form has a box for that is not checked.
func (c *click) unchecked(shown []string) []string {
	checked, boxes := map[string]bool{}, false
	for id, actions := range c.View.State.Values {
		if strings.HasPrefix(id, blockItems+"/") {
			boxes = true
			for _, o := range actions[blockItems].SelectedOptions {
				checked[o.Value] = true
			}
		}
	}
	if !boxes {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(shown), func(id string) bool { return checked[id] })
}
