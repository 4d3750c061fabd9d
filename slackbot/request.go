package slackbot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/duration"
	"procyon/internal/slackapi"
)

// label is how a resource is listed.
func (r resource) label() string {
	switch {
	case r.Account != nil:
		return r.Name + " – " + r.Account.Name
	case r.Gateway != nil:
		return r.Name + " – " + r.Gateway.Name
	}
	return r.Name
}

const (
	// maxFound is how many resources a menu shows, as Slack allows.
	maxFound = 100
	// maxSearched is how many pages are read for them: words that many names hold, and
	// few all of them, find few in each.
	maxSearched = 10
)

// resources finds what can be asked for, at most maxFound.
func (g *server) resources(ctx context.Context, search string) ([]resource, error) {
	var found []resource
	search, after := strings.TrimSpace(search), ""
	for range maxSearched {
		out, err := findResources(ctx, g, search, maxFound-len(found), after)
		if err != nil {
			return nil, err
		}
		found = append(found, out.Resources.Nodes...)
		p := out.Resources.PageInfo
		if !p.HasNextPage || p.EndCursor == "" || len(found) >= maxFound {
			break
		}
		after = p.EndCursor
	}
	return found, nil
}

func (g *server) resource(ctx context.Context, id string) (resource, error) {
	out, err := readResource(ctx, g, id)
	if err != nil {
		return resource{}, err
	}
	node, ok := out.Node.(*readResourceNodeResource)
	if !ok {
		return resource{}, client.UserErrors{{Code: "NOT_FOUND", Message: "This resource is not there any more."}}
	}
	return node.resource, nil
}

// askAgain opens the form with what a request asked for.
func (b *Bot) askAgain(ctx context.Context, c click, requestID string) *answer {
	return b.openForm(ctx, c.admitted, c.TriggerID, func(ctx context.Context) (form, *answer, error) {
		f, err := b.server.as(c.admitted).again(ctx, requestID)
		return f, nil, err
	})
}

// again is the form of a request that was made before.
func (g *server) again(ctx context.Context, requestID string) (form, error) {
	f := form{limits: usual(), roles: map[string]string{}}
	out, err := readAsked(ctx, g, requestID)
	if err != nil || out.AccessRequest == nil {
		f.notes = []string{"What was asked for could not be looked up, so fill in the form."}
		return f, err
	}
	r := out.AccessRequest
	f.duration, f.reason, f.ticket = time.Duration(r.RequestedDuration), r.Reason, r.Ticket
	if out.Limits != nil {
		f.limits = out.Limits
	}
	if longest := f.limits.longest(); f.duration > longest {
		f.duration = longest
		f.notes = append(f.notes, duration.Words(time.Duration(r.RequestedDuration))+" were asked for then; by now at most "+duration.Words(longest)+" is allowed.")
	}
	var ids []string
	for _, i := range r.Items {
		f.roles[i.ResourceID] = i.Role
		if !slices.Contains(ids, i.ResourceID) {
			ids = append(ids, i.ResourceID)
		}
	}
	err = g.fill(ctx, &f, ids)
	return f, err
}

// suggestResources answers the type-ahead over the catalog.
func (b *Bot) suggestResources(ctx context.Context, c click) any {
	found, err := b.server.as(c.admitted).resources(ctx, c.Value)
	if err != nil {
		b.log.Warn("can't look resources up", "error", err)
		return noOptions()
	}
	options := make([]*slack.OptionBlockObject, len(found))
	for i, r := range found {
		options[i] = resourceOption(r)
	}
	return map[string]any{"options": options}
}

// resourcesChosen draws the form anew with the roles of what was chosen, and says
// who will be asked, and what is required. What else is in the form stays.
func (b *Bot) resourcesChosen(ctx context.Context, c click) *answer {
	g := b.server.as(c.admitted)
	f := c.filled()
	f.limits = b.limits(ctx)
	if err := g.fill(ctx, &f, c.chosen()); err != nil {
		return b.trouble("resource", err)
	}
	if err := g.explain(ctx, &f); err != nil {
		return b.trouble("explain", err)
	}
	m := requestForm(f)
	if _, err := c.space.UpdateModal(ctx, slackapi.View{ID: c.View.ID, Hash: c.View.Hash}, m); err != nil {
		b.log.Debug("the form was changed meanwhile", "error", err)
	}
	return nil
}

// ask takes the form in. The form's own ID makes sure that pressing twice, or
// Slack sending it again, asks once.
func (b *Bot) ask(ctx context.Context, c click) any {
	out, err := b.server.as(c.admitted).create(ctx, c)
	if err != nil {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{blockReason: formError(b.trouble("ask", err))})
	}
	if twin := out.CreateAccessRequest.DuplicateOf; twin != nil {
		return b.askedAlready(ctx, c, twin.request(nil))
	}
	if len(out.CreateAccessRequest.UserErrors) > 0 {
		return slack.NewErrorsViewSubmissionResponse(c.fieldErrors(out.CreateAccessRequest.UserErrors))
	}
	return nil
}

// create asks for what is in the form.
func (g *server) create(ctx context.Context, c click) (*createRequestResponse, error) {
	values := c.View.State.Values
	length, err := client.ParseDuration(values[blockDuration][blockDuration].SelectedOption.Value)
	if err != nil {
		return nil, err
	}
	input := CreateAccessRequestInput{
		Items: c.items(), Duration: length, Reason: c.text(blockReason, blockReason), Ticket: c.text(blockTicket, blockTicket),
		IdempotencyKey: "slack/" + c.space.SlackID + "/" + c.View.ID,
		// Of what they were told about, and nothing else.
		AllowDuplicate: c.View.CallbackID == formRequestAgain && c.View.PrivateMetadata == c.wantedItems(),
	}
	if at := values[blockStart][blockStart].SelectedDateTime; at > 0 {
		input.StartsAt = new(time.Unix(at, 0).UTC())
	}
	return createRequest(ctx, g, input)
}

// askedAlready draws the form anew with the open request that asks for the same; to send
// it once more asks all the same.
func (b *Bot) askedAlready(ctx context.Context, c click, twin *request) any {
	g := b.server.as(c.admitted)
	f := c.filled()
	f.limits = b.limits(ctx)
	if err := g.fill(ctx, &f, c.chosen()); err != nil {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{blockReason: formError(b.trouble("resource", err))})
	}
	if err := g.explain(ctx, &f); err != nil {
		b.log.Warn("can't say who would be asked", "error", err)
	}
	m := requestForm(f)
	m.CallbackID, m.PrivateMetadata, m.Submit = formRequestAgain, c.wantedItems(), plainText("Ask once more")
	m.Blocks.BlockSet = append([]slack.Block{
		sentence("You have asked for this already. " + twin.line(b.now()) + "."),
		slack.NewActionBlock("", console(twin)),
	}, m.Blocks.BlockSet...)
	return slack.NewUpdateViewSubmissionResponse(&m)
}
