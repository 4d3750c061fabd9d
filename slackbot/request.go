package slackbot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

// Blocks of the form for a new request; their fields have the same names.
const (
	blockDuration = "duration"
	blockReason   = "reason"
	blockTicket   = "ticket"
	blockStart    = "start"
	blockRole     = "role/" // and the resource's ID
	blockWho      = "who"
)

// durations are offered; the gateway has the last word on what is allowed.
func durations() []time.Duration {
	return []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}
}

// form is what stands in the form for a new request.
type form struct {
	resources []resource
	duration  time.Duration
	reason    string
	ticket    string
}

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

const resourcesQuery = `query Resources($search: String) {
  resources(search: $search, first: 100) { nodes { id name roles account { name } gateway { name } } }
}`

// resources finds what can be asked for, at most 100.
func (g *gateway) resources(ctx context.Context, search string) ([]resource, error) {
	var out struct{ Resources struct{ Nodes []resource } }
	vars := map[string]any{}
	if search = strings.TrimSpace(search); search != "" {
		vars["search"] = search
	}
	err := g.Do(ctx, resourcesQuery, vars, &out)
	return out.Resources.Nodes, err
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
	return b.openRequest(ctx, c.space, c.TriggerID, c.who, c.args)
}

// openRequest opens the form at once, as the trigger is good for three seconds, and
// then fills in what was typed.
func (b *Bot) openRequest(ctx context.Context, space workspace, trigger string, who *person, words string) *answer {
	v, err := space.OpenModal(ctx, trigger, requestForm(form{duration: time.Hour}, ""))
	if err != nil {
		b.log.Warn("can't open a form", "error", err)
		return say("Slack did not open the form in time. Please try again.")
	}
	if words == "" {
		return nil
	}
	f := b.parse(ctx, who, words)
	if _, err := space.UpdateModal(ctx, v, requestForm(f, "")); err != nil {
		b.log.Debug("the form was changed meanwhile", "error", err)
	}
	return nil
}

// parse reads what was typed behind /procyon request. What it does not understand
// becomes part of the reason, so that nothing typed is lost.
func (b *Bot) parse(ctx context.Context, who *person, words string) form {
	f := form{duration: time.Hour}
	var reason []string
	for i, w := range strings.Fields(words) {
		if d, err := time.ParseDuration(strings.ToLower(w)); err == nil && d >= time.Minute {
			f.duration = d
			continue
		}
		if i == 0 {
			if found, err := b.gateway.as(who.ID).resources(ctx, w); err == nil {
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

// requestForm draws the form; who says who will be asked.
func requestForm(f form, who string) slack.ModalViewRequest {
	menu := &slack.MultiSelectBlockElement{
		Type: slack.MultiOptTypeExternal, ActionID: actionResources, Placeholder: plainText("Type a part of a name"), MinQueryLength: new(0),
	}
	for _, r := range f.resources {
		menu.InitialOptions = append(menu.InitialOptions, resourceOption(r))
	}
	what := slack.NewInputBlock(actionResources, plainText("What do you need?"), nil, menu)
	what.DispatchAction = true
	blocks := []slack.Block{what}
	for _, r := range f.resources {
		if len(r.Roles) > 0 {
			blocks = append(blocks, roleBlock(r))
		}
	}
	long := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Choose"), blockDuration)
	for _, d := range withDuration(f.duration) {
		o := slack.NewOptionBlockObject(client.Duration(d).String(), plainText(slackapi.Duration(d)), nil)
		long.Options = append(long.Options, o)
		if d == f.duration {
			long.InitialOption = o
		}
	}
	reason := slack.NewPlainTextInputBlockElement(plainText("What is it for?"), blockReason)
	reason.Multiline, reason.MaxLength, reason.InitialValue = true, maxComment, f.reason
	ticket := slack.NewPlainTextInputBlockElement(plainText("INC-42"), blockTicket)
	ticket.MaxLength, ticket.InitialValue = maxName, f.ticket
	start := slack.NewDateTimePickerBlockElement(blockStart)
	blocks = append(blocks,
		slack.NewInputBlock(blockDuration, plainText("For how long?"), nil, long),
		slack.NewInputBlock(blockReason, plainText("Why?"), nil, reason),
		optional(slack.NewInputBlock(blockTicket, plainText("Ticket"), nil, ticket)),
		optional(slack.NewInputBlock(blockStart, plainText("Start"), plainText("Leave it empty to begin as soon as it is approved."), start)),
	)
	if who != "" {
		blocks = append(blocks, slack.NewContextBlock(blockWho, plainText(slackapi.Plain(who, slackapi.MaxTextObject))))
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formRequest, Title: plainText("Ask for access"), Submit: plainText("Ask"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

func optional(b *slack.InputBlock) *slack.InputBlock {
	b.Optional = true
	return b
}

// withDuration is durations with one more, if it is another.
func withDuration(d time.Duration) []time.Duration {
	list := durations()
	for i, have := range list {
		if have == d {
			return list
		}
		if have > d {
			return append(list[:i:i], append([]time.Duration{d}, list[i:]...)...)
		}
	}
	return append(list, d)
}

func roleBlock(r resource) slack.Block {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Choose a role"), blockRole)
	for i, role := range r.Roles {
		if i == slackapi.MaxOptions {
			break
		}
		menu.Options = append(menu.Options, slack.NewOptionBlockObject(role, plainText(slackapi.PlainLine(role, slackapi.MaxOptionText)), nil))
	}
	if len(r.Roles) == 1 {
		menu.InitialOption = menu.Options[0]
	}
	return slack.NewInputBlock(blockRole+r.ID, plainText(slackapi.PlainLine("Role on "+r.Name, 150)), nil, menu)
}

func resourceOption(r resource) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(r.ID, plainText(slackapi.PlainLine(r.label(), slackapi.MaxOptionText)), nil)
}

// suggestResources answers the type-ahead over the catalog.
func (b *Bot) suggestResources(ctx context.Context, c click) any {
	found, err := b.gateway.as(c.who.ID).resources(ctx, c.Value)
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

// chosen lists the IDs of the resources in the form.
func (c *click) chosen() []string {
	if c.View.State == nil {
		return nil
	}
	var out []string
	for _, o := range c.View.State.Values[actionResources][actionResources].SelectedOptions {
		out = append(out, o.Value)
	}
	return out
}

// items are what the form asks for, as far as it is filled in.
func (c *click) items() []map[string]any {
	var out []map[string]any
	for _, id := range c.chosen() {
		item := map[string]any{"resourceId": id}
		if role := c.View.State.Values[blockRole+id][blockRole].SelectedOption.Value; role != "" {
			item["role"] = role
		}
		out = append(out, item)
	}
	return out
}

// resourcesChosen draws the form anew with the roles of what was chosen, and says
// who will be asked. What else is in the form stays: Slack keeps the state of
// blocks whose IDs stay.
func (b *Bot) resourcesChosen(ctx context.Context, c click) *answer {
	g := b.gateway.as(c.who.ID)
	f := form{duration: time.Hour}
	for _, id := range c.chosen() {
		r, err := g.resource(ctx, id)
		if err != nil {
			return b.trouble("resource", err)
		}
		f.resources = append(f.resources, r)
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
  notificationPreview(items: $items) { routes { integrationName } unrouted }
}`

// whoHears says which channels would hear of a request. A role changes nothing
// about that, so the first stands for any.
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
			Routes   []struct{ IntegrationName string }
			Unrouted []string
		}
	}
	if err := g.Do(ctx, previewQuery, map[string]any{"items": items}, &out); err != nil {
		return "", err
	}
	var names []string
	for _, r := range out.NotificationPreview.Routes {
		names = append(names, r.IntegrationName)
	}
	p := out.NotificationPreview
	switch {
	case len(names) == 0:
		return "No channel hears of this; the approvers are asked directly.", nil
	case len(p.Unrouted) > 0:
		return fmt.Sprintf("Who hears of it: %s. No channel hears of %s.", strings.Join(names, ", "), strings.Join(p.Unrouted, ", ")), nil
	default:
		return "Who hears of it: " + strings.Join(names, ", ") + ".", nil
	}
}

const createMutation = `mutation Create($input: CreateAccessRequestInput!) {
  createAccessRequest(input: $input) { accessRequest { id } userErrors { code field message } }
}`

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
	var out struct {
		CreateAccessRequest struct{ UserErrors client.UserErrors }
	}
	err := b.gateway.as(c.who.ID).Do(ctx, createMutation, map[string]any{"input": input}, &out)
	if err != nil {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{blockReason: formError(b.trouble("ask", err))})
	}
	if len(out.CreateAccessRequest.UserErrors) > 0 {
		return slack.NewErrorsViewSubmissionResponse(c.fieldErrors(out.CreateAccessRequest.UserErrors))
	}
	return nil
}

// fieldErrors puts each error under the field that it is about.
func (c *click) fieldErrors(list client.UserErrors) map[string]string {
	out := map[string]string{}
	for _, e := range list {
		block := blockReason
		switch path := strings.TrimPrefix(strings.Join(e.Field, "."), "input."); {
		case path == "duration":
			block = blockDuration
		case path == "ticket":
			block = blockTicket
		case path == "startsAt":
			block = blockStart
		case strings.HasPrefix(path, "items"):
			block = actionResources
			var n int
			if _, err := fmt.Sscanf(path, "items.%d.role", &n); err == nil && n < len(c.chosen()) {
				if id := blockRole + c.chosen()[n]; c.has(id) {
					block = id
				}
			}
		}
		out[block] = e.Message
	}
	return out
}

// has tells whether the form has a block.
func (c *click) has(block string) bool {
	_, ok := c.View.State.Values[block]
	return ok
}
