package slackbot

import (
	"context"
	"fmt"
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

const listed = `fragment Listed on AccessRequest {
  id status version reason url requestedDuration grantedDuration startsAt decideBy outcome
  requester { id name email }
  items { resourceName resourceNameWas role accountName gatewayName unavailable }
  grant { startsAt expiresAt }
  extension { duration reason expiresAt }
  approveInConsole
}`

const listQuery = `query List($filter: AccessRequestFilter!, $order: AccessRequestOrder!, $first: Int!) {
  accessRequests(filter: $filter, orderBy: $order, first: $first) {
    nodes { ...Listed }
    pageInfo { hasNextPage }
  }
}
` + listed

const reviewableQuery = `query Reviewable($id: ID!) {
  accessRequest(id: $id) { ...Listed viewerCanReview }
}
` + listed

// reviewable reads a request that waits for the person's decision; nil where it does not.
func (g *gateway) reviewable(ctx context.Context, id string) (*request, error) {
	var out struct {
		AccessRequest *struct {
			request
			ViewerCanReview bool
		}
	}
	if err := g.Do(ctx, reviewableQuery, map[string]any{"id": id}, &out); err != nil || out.AccessRequest == nil || !out.AccessRequest.ViewerCanReview {
		return nil, err
	}
	return &out.AccessRequest.request, nil
}

// Orders of lists.
var (
	newestFirst   = map[string]any{"field": "CREATED_AT", "direction": "DESC"}
	deadlineFirst = map[string]any{"field": "DECIDE_BY", "direction": "ASC"}
)

// list returns requests, and whether there are more.
func (g *gateway) list(ctx context.Context, filter, order map[string]any, most int) ([]*request, bool, error) {
	var out struct {
		AccessRequests struct {
			Nodes    []*request
			PageInfo struct{ HasNextPage bool }
		}
	}
	err := g.Do(ctx, listQuery, map[string]any{"filter": filter, "order": order, "first": most}, &out)
	return out.AccessRequests.Nodes, out.AccessRequests.PageInfo.HasNextPage, err
}

// mine are a person's requests that are not over.
func (g *gateway) mine(ctx context.Context, who *person) ([]*request, bool, error) {
	return g.list(ctx, map[string]any{"requesterId": who.ID, "status": []string{"PENDING", "APPROVED", "ACTIVE"}}, newestFirst, shown)
}

// waiting are the requests that wait for a person's decision, those that time out next
// coming first.
func (g *gateway) waiting(ctx context.Context) ([]*request, bool, error) {
	return g.list(ctx, map[string]any{"reviewableByMe": true}, deadlineFirst, shown)
}

// requests answers /procyon requests.
func (b *Bot) requests(ctx context.Context, c call) *answer {
	list, more, err := b.gateway.as(c.admitted).mine(ctx, c.who)
	if err != nil {
		return b.trouble("requests", err)
	}
	past, _, err := b.gateway.as(c.admitted).list(ctx, map[string]any{"requesterId": c.who.ID, "status": overStatuses()}, newestFirst, 3)
	if err != nil {
		return b.trouble("requests", err)
	}
	return b.requestsAnswer(list, more, past)
}

// overStatuses are those of requests to which nothing more can happen.
func overStatuses() []string {
	return []string{"DENIED", "CANCELED", "TIMED_OUT", "EXPIRED", "CLOSED", "REVOKED", "FAILED"}
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
	list, more, err := b.gateway.as(c.admitted).waiting(ctx)
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
		blocks = append(blocks, sentence(r.line(b.now())))
		var buttons []slack.BlockElement
		switch r.Status {
		case "ACTIVE":
			buttons = append(buttons, button(actionClose, r.ID, "Give it up", "Give it up: the access to "+r.what(), "danger"))
			if r.Extension == nil {
				buttons = append(buttons, button(actionExtend, r.ID, "Extend…", "Extend the access to "+r.what(), ""))
			}
		default:
			buttons = append(buttons, button(actionCancel, r.ID, "Cancel", "Cancel the request for "+r.what(), "danger"))
		}
		blocks = append(blocks, slack.NewActionBlock("", append(buttons, console(r))...))
	}
	return b.andMore(blocks, more)
}

func (b *Bot) waitingBlocks(list []*request, more bool) []slack.Block {
	var blocks []slack.Block
	for _, r := range list {
		blocks = append(blocks, sentence(r.wish()+"\n"+r.late()), slack.NewActionBlock("", append(r.decisionButtons(), console(r))...))
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
func (r *request) what() string {
	var out []string
	for _, i := range r.Items {
		name := i.ResourceName
		if i.Role != "" {
			name += " as " + i.Role
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// line says where a request stands, in a line.
func (r *request) line(now time.Time) string {
	d := duration.RoughWords(time.Duration(r.RequestedDuration))
	if r.GrantedDuration > 0 && r.GrantedDuration != r.RequestedDuration {
		d = duration.RoughWords(time.Duration(r.GrantedDuration)) + " (asked for " + d + ")"
	}
	switch {
	case r.Status == "PENDING":
		return r.what() + ", for " + d + ": waits for a decision"
	case r.Status == "ACTIVE" && r.Grant != nil && r.Extension != nil:
		return r.what() + ": wants to go on for " + duration.RoughWords(time.Duration(r.Extension.Duration))
	case r.Status == "ACTIVE" && r.Grant != nil:
		left := max(time.Minute, r.Grant.ExpiresAt.Sub(now).Round(time.Minute))
		return r.what() + ": in force, " + duration.RoughWords(left) + " left"
	case r.Status == "APPROVED" && r.Grant != nil:
		return r.what() + ", for " + d + ": approved, begins " + r.Grant.StartsAt.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	text := r.what() + ": " + strings.ToLower(strings.ReplaceAll(r.Status, "_", " "))
	if r.Status == "CANCELED" && r.Outcome != "" {
		text += ". " + r.Outcome
	}
	return text
}

// end cancels or closes one's own request; what it was clicked in shows that.
func (b *Bot) end(ctx context.Context, c click, mutation, requestID string) *answer {
	query := fmt.Sprintf("mutation End($input: %sInput!) { result: %s(input: $input) { userErrors { code field message } } }", strings.ToUpper(mutation[:1])+mutation[1:], mutation)
	var out struct {
		Result struct{ UserErrors client.UserErrors }
	}
	if err := b.gateway.as(c.admitted).Do(ctx, query, map[string]any{"input": map[string]any{"requestId": requestID}}, &out); err != nil {
		return b.trouble(mutation, err)
	}
	if err := out.Result.UserErrors.Err(); err != nil {
		return b.trouble(mutation, err)
	}
	return nil
}

// askExtend opens the form for an extension.
func (b *Bot) askExtend(ctx context.Context, c click, requestID string) *answer {
	long := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Choose"), blockDuration)
	for _, d := range durations() {
		long.Options = append(long.Options, slack.NewOptionBlockObject(client.Duration(d).String(), plainText(duration.RoughWords(d)), nil))
	}
	why := slack.NewPlainTextInputBlockElement(plainText("What is left to do?"), blockReason)
	why.Multiline, why.MaxLength = true, maxComment
	_, err := c.space.OpenModal(ctx, c.TriggerID, slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formExtend, PrivateMetadata: requestID,
		Title: plainText("Extend your access"), Submit: plainText("Ask"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock(blockDuration, plainText("How much longer?"), nil, long), slack.NewInputBlock(blockReason, plainText("Why?"), nil, why),
		}},
	})
	if err != nil {
		b.log.Warn("can't open a form", "error", err)
		return say("Slack did not open the form in time. Please press the button again.")
	}
	return nil
}

const extendMutation = `mutation Extend($input: ExtendAccessRequestInput!) {
  extendAccessRequest(input: $input) { userErrors { code field message } }
}`

// extend takes that form in.
func (b *Bot) extend(ctx context.Context, c click) any {
	input := map[string]any{
		"requestId": c.View.PrivateMetadata, "reason": c.text(blockReason, blockReason),
		"duration": c.View.State.Values[blockDuration][blockDuration].SelectedOption.Value,
	}
	var out struct {
		ExtendAccessRequest struct{ UserErrors client.UserErrors }
	}
	err := b.gateway.as(c.admitted).Do(ctx, extendMutation, map[string]any{"input": input}, &out)
	if err == nil {
		err = out.ExtendAccessRequest.UserErrors.Err()
	}
	if err != nil {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{blockDuration: formError(b.trouble("extend", err))})
	}
	return nil
}
