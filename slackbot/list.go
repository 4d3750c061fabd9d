package slackbot

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/duration"
	"procyon/phrase"
)

const (
	actionCancel = "cancel" // one's own request
	actionClose  = "close"  // one's own access
	actionExtend = "extend" // opens the form that asks for how long
	formExtend   = "extend"

	// shown is how many requests a list shows.
	shown = 10
)

// reviewable reads a request that waits for the person's decision; nil where it does not.
func (g *server) reviewable(ctx context.Context, id string) (*request, error) {
	out, err := readReviewable(ctx, g, id)
	if err != nil || out.AccessRequest == nil || !out.AccessRequest.ViewerCanReview {
		return nil, err
	}
	return out.AccessRequest.request(out.Limits), nil
}

// Orders of lists.
var (
	newestFirst   = AccessRequestOrder{Field: AccessRequestOrderFieldCreatedAt, Direction: OrderDirectionDesc}
	deadlineFirst = AccessRequestOrder{Field: AccessRequestOrderFieldDecideBy, Direction: OrderDirectionAsc}
)

// list returns requests, and whether there are more.
func (g *server) list(ctx context.Context, filter AccessRequestFilter, order AccessRequestOrder, most int) ([]*request, bool, error) {
	out, err := listRequests(ctx, g, filter, order, most)
	var list []*request
	for _, l := range out.AccessRequests.Nodes {
		list = append(list, l.request(out.Limits))
	}
	return list, out.AccessRequests.PageInfo.HasNextPage, err
}

// mine are a person's requests that are not over.
func (g *server) mine(ctx context.Context, who *person) ([]*request, bool, error) {
	return g.list(ctx, AccessRequestFilter{RequesterID: who.ID, Status: openStatuses()}, newestFirst, shown)
}

// waiting are the requests that wait for a person's decision, those that time out next
// coming first.
func (g *server) waiting(ctx context.Context) ([]*request, bool, error) {
	return g.list(ctx, AccessRequestFilter{ReviewableByMe: true}, deadlineFirst, shown)
}

// requests answers /procyon requests.
func (b *Bot) requests(ctx context.Context, c call) *answer {
	list, more, err := b.server.as(c.admitted).mine(ctx, c.who)
	if err != nil {
		return b.trouble("requests", err)
	}
	past, _, err := b.server.as(c.admitted).list(ctx, AccessRequestFilter{RequesterID: c.who.ID, Status: overStatuses()}, newestFirst, 3)
	if err != nil {
		return b.trouble("requests", err)
	}
	return b.requestsAnswer(list, more, past)
}

// openStatuses are those of requests to which something can happen yet.
func openStatuses() []AccessRequestStatus {
	return []AccessRequestStatus{AccessRequestStatusPending, AccessRequestStatusApproved, AccessRequestStatusActive}
}

// overStatuses are those of requests to which nothing more can happen.
func overStatuses() []AccessRequestStatus {
	return []AccessRequestStatus{
		AccessRequestStatusDenied, AccessRequestStatusCanceled, AccessRequestStatusTimedOut, AccessRequestStatusExpired,
		AccessRequestStatusClosed, AccessRequestStatusRevoked, AccessRequestStatusFailed,
	}
}

func (b *Bot) requestsAnswer(list []*request, more bool, past []*request) *answer {
	title := "Your requests"
	blocks := b.mineBlocks(list, more)
	if len(list) == 0 {
		title = "You have no open requests."
		blocks = append(blocks, sentence(title), slack.NewActionBlock("", button(actionAsk, "", "Ask for access", "Ask for access", "primary")))
	}
	if len(past) > 0 {
		blocks = append(blocks, slack.NewDividerBlock())
	}
	for _, r := range past {
		again := button(actionAgain, r.ID, "Ask again", "Ask again for "+r.what(), "")
		blocks = append(blocks, sentence(r.line(b.now())), slack.NewActionBlock("", again, console(r)))
	}
	return say(title, blocks...)
}

// refreshList draws a list anew in which somebody clicked: nobody else sees it, so no
// event of the request does.
func (b *Bot) refreshList(ctx context.Context, c click, a *slack.BlockAction) {
	if !c.Container.IsEphemeral || c.ResponseURL == "" {
		return
	}
	in := call{admitted: c.admitted}
	var list *answer
	switch a.ActionID {
	case actionApprove, actionApproveFor:
		list = b.approvals(ctx, in)
	case actionCancel, actionClose:
		list = b.requests(ctx, in)
	default:
		return
	}
	list.ReplaceOriginal = true
	b.reply(ctx, c, list)
}

// approvals answers /procyon approvals.
func (b *Bot) approvals(ctx context.Context, c call) *answer {
	list, more, err := b.server.as(c.admitted).waiting(ctx)
	if err != nil {
		return b.trouble("approvals", err)
	}
	if len(list) == 0 {
		return say("Nothing waits for your decision.")
	}
	return say("These wait for your decision", b.waitingBlocks(list, more)...)
}

func (b *Bot) mineBlocks(list []*request, more bool) []slack.Block {
	var blocks []slack.Block
	for _, r := range list {
		line := r.line(b.now())
		if who := r.missing(forAnybody); who != "" {
			line += "\n" + who
		}
		blocks = append(blocks, sentence(line))
		var buttons []slack.BlockElement
		switch r.Status {
		case AccessRequestStatusActive:
			buttons = append(buttons, button(actionClose, r.ID, "Close", "Close the access to "+r.what(), "danger"))
			if r.Extension == nil && time.Duration(r.GrantedDuration)+time.Minute <= r.longest() {
				buttons = append(buttons, button(actionExtend, r.ID, "Extend…", "Extend the access to "+r.what(), ""))
			}
		default:
			buttons = append(buttons, button(actionCancel, r.ID, "Cancel request", "Cancel the request for "+r.what(), "danger"))
		}
		blocks = append(blocks, slack.NewActionBlock("", append(buttons, console(r))...))
	}
	return b.andMore(blocks, more)
}

func (b *Bot) waitingBlocks(list []*request, more bool) []slack.Block {
	var blocks []slack.Block
	for _, r := range list {
		text := r.wish() + "\n" + r.late()
		if mine := r.decidable(); r.governed() && len(mine) < len(r.Items) {
			text += "\nYou decide: " + namesOf(mine) + "."
		}
		blocks = append(blocks, sentence(text))
		if who := r.trackText(forApprovers); who != "" {
			blocks = append(blocks, sentence(who))
		}
		blocks = append(blocks, slack.NewActionBlock("", append(r.decisionButtons(false), console(r))...))
	}
	return b.andMore(blocks, more)
}

// late says when it is too late to decide, and what else to know before.
func (r *request) late() string {
	at := r.DecideBy
	if r.Extension != nil && r.Grant != nil {
		at = r.Grant.ExpiresAt
	}
	text := "Times out at " + phrase.Moment(at) + "."
	for _, i := range r.Items {
		if i.ResourceNameWas != "" {
			text += " " + i.ResourceName + " was called " + i.ResourceNameWas + "."
		}
		if i.Unavailable != "" {
			text += " " + i.Unavailable
		}
	}
	return text
}

func (b *Bot) andMore(blocks []slack.Block, more bool) []slack.Block {
	if !more {
		return blocks
	}
	return append(blocks, sentence("There are more in the console: "+b.opt.PublicURL.JoinPath("requests").String()))
}

// console is the button that leads to a request's page.
func console(r *request) slack.BlockElement {
	e := button(actionConsole, "", "Open", "Open the request for "+r.what()+" in Procyon", "")
	e.URL = r.URL
	return e
}

// what names what a request is for.
func (r *request) what() string { return namesOf(r.Items) }

func namesOf(items []RequestItem) string {
	var out []string
	for _, i := range items {
		out = append(out, i.words())
	}
	return strings.Join(out, ", ")
}

// line says where a request stands, in a line.
func (r *request) line(now time.Time) string {
	d := duration.Granted(time.Duration(r.RequestedDuration), time.Duration(r.GrantedDuration))
	differ := ""
	if r.GrantedDuration > 0 && r.GrantedDuration != r.RequestedDuration {
		differ = " (" + d + ")"
	}
	switch {
	case r.Status == AccessRequestStatusPending:
		return r.what() + ", for " + d + ": waits for a decision"
	case r.Status == AccessRequestStatusActive && r.Grant != nil && r.Extension != nil:
		return r.what() + ": an extension by " + duration.RoughWords(time.Duration(r.Extension.Duration)) + " waits for a decision" + differ
	case r.Status == AccessRequestStatusActive && r.Grant != nil:
		left := max(time.Minute, r.Grant.ExpiresAt.Sub(now).Round(time.Minute))
		return r.what() + ": in force, " + duration.RoughWords(left) + " left" + differ
	case r.Status == AccessRequestStatusApproved && r.Grant != nil:
		return r.what() + ", " + orFor(d, differ) + ": approved, begins " + r.Grant.StartsAt.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	text := r.what() + ": " + strings.ToLower(strings.ReplaceAll(string(r.Status), "_", " ")) + differ
	if r.Status == AccessRequestStatusCanceled && r.Outcome != "" {
		text += ". " + r.Outcome
	}
	return text
}

// orFor is "for" and a length, where it does not say two.
func orFor(d, differ string) string {
	if differ != "" {
		return d
	}
	return "for " + d
}

// cancel cancels one's own request; what it was clicked in shows that.
func (b *Bot) cancel(ctx context.Context, c click, requestID string) *answer {
	out, err := cancelRequest(ctx, b.server.as(c.admitted), CancelAccessRequestInput{RequestID: requestID})
	return b.ended("cancelAccessRequest", out.CancelAccessRequest.UserErrors, err)
}

// closeAccess closes one's own access; what it was clicked in shows that.
func (b *Bot) closeAccess(ctx context.Context, c click, requestID string) *answer {
	out, err := closeRequest(ctx, b.server.as(c.admitted), CloseAccessRequestInput{RequestID: requestID})
	return b.ended("closeAccessRequest", out.CloseAccessRequest.UserErrors, err)
}

// ended says why a request was not ended; nil where it was.
func (b *Bot) ended(mutation string, errs client.UserErrors, err error) *answer {
	if err == nil {
		err = errs.Err()
	}
	if err != nil {
		return b.trouble(mutation, err)
	}
	return nil
}

// askExtend opens the form for an extension, which offers what is left of the longest
// access that is allowed.
func (b *Bot) askExtend(ctx context.Context, c click, requestID string) *answer {
	l, held := b.held(ctx, c, requestID)
	left := l.longest() - held
	if left < l.shortest() {
		return say("This access can't be extended: it lasts " + duration.Words(held) + ", and at most " + duration.Words(l.longest()) + " is allowed.")
	}
	hint := plainText("At most " + duration.Words(left) + ".")
	_, err := c.space.OpenModal(ctx, c.TriggerID, slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formExtend, PrivateMetadata: requestID,
		Title: plainText("Extend your access"), Submit: plainText("Ask"), Close: plainText(goBack),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock(blockDuration, plainText("How much longer?"), hint, durationMenu(durations(left, left), 0)),
			l.reasonBlock(blockReason, "Why?", "What is left to do?", ""),
		}},
	})
	if err != nil {
		b.log.Warn("can't open a form", "error", err)
		return say("Slack did not open the form in time. Please press the button again.")
	}
	return nil
}

// held is how long an access lasts as granted, and what is allowed. It leaves time to open
// a form: where the server is slow, the usual is offered.
func (b *Bot) held(ctx context.Context, c click, requestID string) (*limits, time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, b.lookUpSoon())
	defer cancel()
	out, err := readAsked(ctx, b.server.as(c.admitted), requestID)
	if err != nil || out.AccessRequest == nil || out.Limits == nil {
		b.log.Warn("can't read how long an access lasts", "error", err)
		return usual(), 0
	}
	return out.Limits.within(capped(out.AccessRequest.Tracks, out.Limits.longest()), 0), time.Duration(out.AccessRequest.GrantedDuration)
}

// extend takes that form in.
func (b *Bot) extend(ctx context.Context, c click) any {
	err := b.server.as(c.admitted).extend(ctx, c)
	if err != nil {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{blockDuration: formError(b.trouble("extend", err))})
	}
	return nil
}

func (g *server) extend(ctx context.Context, c click) error {
	length, err := client.ParseDuration(c.View.State.Values[blockDuration][blockDuration].SelectedOption.Value)
	if err != nil {
		return err
	}
	out, err := extendRequest(ctx, g, ExtendAccessRequestInput{
		RequestID: c.View.PrivateMetadata, Duration: length, Reason: c.text(blockReason, blockReason),
	})
	if err != nil {
		return err
	}
	return client.UserErrors(out.ExtendAccessRequest.UserErrors).Err()
}
