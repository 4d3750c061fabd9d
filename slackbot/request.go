package slackbot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

// resource is something that can be asked for.
type resource struct {
	ID, Name string
	Roles    []string
	Account  *struct{ Name string }
	Gateway  *struct{ Name string }
}

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

const resourcesQuery = `query Resources($search: String, $first: Int!, $after: String) {
  resources(search: $search, first: $first, after: $after) {
    nodes { id name roles account { name } gateway { name } }
    pageInfo { hasNextPage endCursor }
  }
}`

const (
	// maxFound is how many resources a menu shows, as Slack allows.
	maxFound = 100
	// maxSearched is how many pages are read for them: words that many names hold, and
	// few all of them, find few in each.
	maxSearched = 10
)

// resources finds what can be asked for, at most maxFound.
func (g *gateway) resources(ctx context.Context, search string) ([]resource, error) {
	var found []resource
	vars := map[string]any{}
	if search = strings.TrimSpace(search); search != "" {
		vars["search"] = search
	}
	for range maxSearched {
		var out struct {
			Resources struct {
				Nodes    []resource
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
		vars["first"] = maxFound - len(found)
		if err := g.Do(ctx, resourcesQuery, vars, &out); err != nil {
			return nil, err
		}
		found = append(found, out.Resources.Nodes...)
		p := out.Resources.PageInfo
		if !p.HasNextPage || p.EndCursor == nil || len(found) >= maxFound {
			break
		}
		vars["after"] = *p.EndCursor
	}
	return found, nil
}

const resourceQuery = `query Resource($id: ID!) {
  node(id: $id) { ... on Resource { id name roles account { name } gateway { name } } }
}`

func (g *gateway) resource(ctx context.Context, id string) (resource, error) {
	var out struct{ Node *resource }
	if err := g.Do(ctx, resourceQuery, map[string]any{"id": id}, &out); err != nil {
		return resource{}, err
	}
	if out.Node == nil {
		return resource{}, client.UserErrors{{Code: "NOT_FOUND", Message: "This resource is not there any more."}}
	}
	return *out.Node, nil
}

// request opens the form. Words after the command fill it in: "prod-db 2h fixing
// INC-42" is a resource, a duration and a reason.
func (b *Bot) request(ctx context.Context, c call) *answer {
	return b.openRequest(ctx, c.admitted, c.TriggerID, c.args)
}

// openRequest opens the form, with what the words mean.
func (b *Bot) openRequest(ctx context.Context, a admitted, trigger, words string) *answer {
	return b.openForm(ctx, a, trigger, words != "", func(context.Context) (form, error) { return b.parse(ctx, a, words), nil })
}

// askAgain opens the form with what a request asked for.
func (b *Bot) askAgain(ctx context.Context, c click, requestID string) *answer {
	return b.openForm(ctx, c.admitted, c.TriggerID, true, func(ctx context.Context) (form, error) {
		return b.gateway.as(c.admitted).again(ctx, requestID)
	})
}

const againQuery = `query Again($id: ID!) {
  accessRequest(id: $id) { items { resourceId role } requestedDuration reason ticket }
}`

// again is the form of a request that was made before.
func (g *gateway) again(ctx context.Context, requestID string) (form, error) {
	var out struct {
		AccessRequest *struct {
			Items             []struct{ ResourceID, Role string }
			RequestedDuration client.Duration
			Reason, Ticket    string
		}
	}
	f := form{duration: time.Hour, roles: map[string]string{}}
	if err := g.Do(ctx, againQuery, map[string]any{"id": requestID}, &out); err != nil || out.AccessRequest == nil {
		return f, err
	}
	r := out.AccessRequest
	f.duration, f.reason, f.ticket = time.Duration(r.RequestedDuration), r.Reason, r.Ticket
	var ids []string
	for _, i := range r.Items {
		f.roles[i.ResourceID] = i.Role
		if !slices.Contains(ids, i.ResourceID) {
			ids = append(ids, i.ResourceID)
		}
	}
	err := g.fill(ctx, &f, ids)
	return f, err
}

// openForm opens the form at once, as the trigger is good for three seconds, and then
// fills it in, if there is anything to fill in.
func (b *Bot) openForm(ctx context.Context, a admitted, trigger string, more bool, filled func(context.Context) (form, error)) *answer {
	v, err := a.space.OpenModal(ctx, trigger, requestForm(form{duration: time.Hour}, ""))
	if err != nil {
		b.log.Warn("can't open a form", "error", err)
		return say("Slack did not open the form in time. Please try again.")
	}
	if !more {
		return nil
	}
	f, err := filled(ctx)
	if err != nil {
		b.log.Warn("can't fill a form in", "error", err)
		return nil // it is open, and can be filled in by hand
	}
	asked, err := b.gateway.as(a).whoHears(ctx, f.resources)
	if err != nil {
		b.log.Warn("can't say who would be asked", "error", err)
	}
	if _, err := a.space.UpdateModal(ctx, v, requestForm(f, asked)); err != nil {
		b.log.Debug("the form was changed meanwhile", "error", err)
	}
	return nil
}

// parse reads what was typed behind /procyon request. What it does not understand
// becomes part of the reason, so that nothing typed is lost.
func (b *Bot) parse(ctx context.Context, a admitted, words string) form {
	f := form{duration: time.Hour}
	var reason []string
	for i, w := range strings.Fields(words) {
		if d, err := time.ParseDuration(strings.ToLower(w)); err == nil && d >= time.Minute {
			f.duration = d
			continue
		}
		if i == 0 {
			if found, err := b.gateway.as(a).resources(ctx, w); err == nil {
				if r, ok := choose(found, w); ok {
					f.resources = append(f.resources, r)
					continue
				}
			}
		}
		if f.ticket == "" && ticketLike(w) {
			f.ticket = strings.Trim(w, ".,;:()")
		}
		reason = append(reason, w)
	}
	f.reason = strings.Join(reason, " ")
	return f
}

// choose takes the resource of that name, or the only one that was found.
func choose(found []resource, name string) (resource, bool) {
	for _, r := range found {
		if strings.EqualFold(r.Name, name) {
			return r, true
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return resource{}, false
}

// ticketLike tells words such as INC-42.
func ticketLike(w string) bool {
	letters, digits, ok := strings.Cut(strings.Trim(w, ".,;:()"), "-")
	return ok && letters != "" && digits != "" && strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && strings.Trim(digits, "0123456789") == ""
}

// suggestResources answers the type-ahead over the catalog.
func (b *Bot) suggestResources(ctx context.Context, c click) any {
	found, err := b.gateway.as(c.admitted).resources(ctx, c.Value)
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
// who will be asked. What else is in the form stays.
func (b *Bot) resourcesChosen(ctx context.Context, c click) *answer {
	g := b.gateway.as(c.admitted)
	f := c.filled()
	if err := g.fill(ctx, &f, c.chosen()); err != nil {
		return b.trouble("resource", err)
	}
	who, err := g.whoHears(ctx, f.resources)
	if err != nil {
		return b.trouble("preview", err)
	}
	m := requestForm(f, who)
	if _, err := c.space.UpdateModal(ctx, slackapi.View{ID: c.View.ID, Hash: c.View.Hash}, m); err != nil {
		b.log.Debug("the form was changed meanwhile", "error", err)
	}
	return nil
}

const previewQuery = `query Preview($items: [AccessRequestItemInput!]!) {
  notificationPreview(items: $items) { routes { integrationName } unrouted approvers }
}`

// whoHears says who would be asked, and which channels would hear of a request. A
// role changes nothing about that, so the first stands for any.
func (g *gateway) whoHears(ctx context.Context, resources []resource) (string, error) {
	if len(resources) == 0 {
		return "", nil
	}
	items := make([]map[string]any, len(resources))
	for i, r := range resources {
		items[i] = map[string]any{"resourceId": r.ID}
		if len(r.Roles) > 0 {
			items[i]["role"] = r.Roles[0]
		}
	}
	var out struct {
		NotificationPreview struct {
			Routes              []struct{ IntegrationName string }
			Unrouted, Approvers []string
		}
	}
	if err := g.Do(ctx, previewQuery, map[string]any{"items": items}, &out); err != nil {
		return "", err
	}
	p := out.NotificationPreview
	var names []string
	for _, r := range p.Routes {
		names = append(names, r.IntegrationName)
	}
	text := "Nobody can approve this yet: ask an administrator."
	if len(p.Approvers) > 0 {
		text = "Who is asked: " + some(p.Approvers) + "."
	}
	if len(names) > 0 {
		text += " Channels that hear of it: " + some(names) + "."
	}
	if len(p.Unrouted) > 0 {
		text += " No channel hears of " + some(p.Unrouted) + "."
	}
	return text, nil
}

// some names the first few of a list, and counts the rest.
func some(list []string) string {
	const few = 5
	if len(list) > few+1 {
		list = append(list[:few:few], fmt.Sprintf("and %d more", len(list)-few))
	}
	return strings.Join(list, ", ")
}

const createMutation = `mutation Create($input: CreateAccessRequestInput!) {
  createAccessRequest(input: $input) { accessRequest { id } duplicateOf { ...Listed } userErrors { code field message } }
}
` + listed

// ask takes the form in. The form's own ID makes sure that pressing twice, or
// Slack sending it again, asks once.
func (b *Bot) ask(ctx context.Context, c click) any {
	values := c.View.State.Values
	input := map[string]any{
		"items": c.items(), "duration": values[blockDuration][blockDuration].SelectedOption.Value, "reason": c.text(blockReason, blockReason),
		"idempotencyKey": "slack/" + c.space.SlackID + "/" + c.View.ID,
	}
	if t := c.text(blockTicket, blockTicket); t != "" {
		input["ticket"] = t
	}
	if at := values[blockStart][blockStart].SelectedDateTime; at > 0 {
		input["startsAt"] = time.Unix(at, 0).UTC()
	}
	if c.View.CallbackID == formRequestAgain && c.View.PrivateMetadata == c.wantedItems() {
		input["allowDuplicate"] = true // of what they were told about, and nothing else
	}
	var out struct {
		CreateAccessRequest struct {
			DuplicateOf *request
			UserErrors  client.UserErrors
		}
	}
	err := b.gateway.as(c.admitted).Do(ctx, createMutation, map[string]any{"input": input}, &out)
	if err != nil {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{blockReason: formError(b.trouble("ask", err))})
	}
	if twin := out.CreateAccessRequest.DuplicateOf; twin != nil {
		return b.askedAlready(ctx, c, twin)
	}
	if len(out.CreateAccessRequest.UserErrors) > 0 {
		return slack.NewErrorsViewSubmissionResponse(c.fieldErrors(out.CreateAccessRequest.UserErrors))
	}
	return nil
}

// askedAlready draws the form anew with the open request that asks for the same; to send
// it once more asks all the same.
func (b *Bot) askedAlready(ctx context.Context, c click, twin *request) any {
	g := b.gateway.as(c.admitted)
	f := c.filled()
	if err := g.fill(ctx, &f, c.chosen()); err != nil {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{blockReason: formError(b.trouble("resource", err))})
	}
	m := requestForm(f, "")
	m.CallbackID, m.PrivateMetadata, m.Submit = formRequestAgain, c.wantedItems(), plainText("Ask once more")
	m.Blocks.BlockSet = append([]slack.Block{
		sentence("You have asked for this already. " + twin.line(b.now()) + "."),
		slack.NewActionBlock("", console(twin)),
	}, m.Blocks.BlockSet...)
	return slack.NewUpdateViewSubmissionResponse(&m)
}
