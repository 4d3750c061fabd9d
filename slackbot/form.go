package slackbot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/duration"
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

// form is what stands in the form for a new request.
type form struct {
	limits    *limits
	notes     []string // what to say above it
	resources []resource
	roles     map[string]string // by the resource's ID
	duration  time.Duration     // 0, or more than is allowed: the usual
	start     int64             // seconds since 1970; 0: as soon as it is approved
	reason    string
	ticket    string

	// What is said of it by explain.
	who            string // who will be asked, and which channels hear of it
	refused        string // why some of it is given to nobody
	ticketNeeded   bool
	ticketExamples []string // tickets that would do
}

// filled is what stands in the form now, but for the resources' names and roles.
func (c *click) filled() form {
	f := form{roles: map[string]string{}}
	values := c.View.State.Values
	if d, err := client.ParseDuration(values[blockDuration][blockDuration].SelectedOption.Value); err == nil && d > 0 {
		f.duration = time.Duration(d)
	}
	f.reason, f.ticket, f.start = values[blockReason][blockReason].Value, values[blockTicket][blockTicket].Value, values[blockStart][blockStart].SelectedDateTime
	for _, id := range c.chosen() {
		f.roles[id] = values[blockRole+id][blockRole].SelectedOption.Value
	}
	return f
}

// fill looks up the resources of the form, and drops those that are not there any more.
func (g *server) fill(ctx context.Context, f *form, ids []string) error {
	for _, id := range ids {
		r, err := g.resource(ctx, id)
		if notThere(err) {
			continue
		}
		if err != nil {
			return err
		}
		f.resources = append(f.resources, r)
	}
	return nil
}

// chosen lists the IDs of the resources in the form.
func (c *click) chosen() []string {
	var out []string
	for _, o := range c.View.State.Values[actionResources][actionResources].SelectedOptions {
		out = append(out, o.Value)
	}
	return out
}

// wantedItems names what the form asks for, always in the same way.
func (c *click) wantedItems() string {
	h := sha256.New()
	for _, i := range c.items() {
		fmt.Fprintf(h, "%q %q\n", i.ResourceID, i.Role)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// items are what the form asks for, as far as it is filled in.
func (c *click) items() []AccessRequestItemInput {
	var out []AccessRequestItemInput
	for _, id := range c.chosen() {
		out = append(out, AccessRequestItemInput{ResourceID: id, Role: c.View.State.Values[blockRole+id][blockRole].SelectedOption.Value})
	}
	return out
}

// requestForm draws the form.
func requestForm(f form) slack.ModalViewRequest {
	if f.duration <= 0 || f.duration > f.limits.longest() {
		f.duration = f.limits.usually()
	}
	menu := &slack.MultiSelectBlockElement{
		Type: slack.MultiOptTypeExternal, ActionID: actionResources, Placeholder: plainText("Type a part of a name"), MinQueryLength: new(0),
		MaxSelectedItems: &f.limits.MaxItems,
	}
	for _, r := range f.resources {
		menu.InitialOptions = append(menu.InitialOptions, resourceOption(r))
	}
	what := slack.NewInputBlock(actionResources, plainText("What do you need?"), nil, menu)
	what.DispatchAction = true
	var blocks []slack.Block
	if len(f.notes) > 0 {
		blocks = append(blocks, sentence(strings.Join(f.notes, "\n")))
	}
	blocks = append(blocks, what)
	if f.refused != "" {
		blocks = append(blocks, sentence("⛔ "+f.refused))
	}
	for _, r := range f.resources {
		if len(r.Roles) > 0 {
			blocks = append(blocks, roleBlock(r, f.roles[r.ID]))
		}
	}
	start := slack.NewDateTimePickerBlockElement(blockStart)
	start.InitialDateTime = f.start
	blocks = append(blocks,
		slack.NewInputBlock(blockDuration, plainText("For how long?"), plainText("At most "+duration.Words(f.limits.longest())+"."), durationMenu(durations(f.limits.longest(), f.duration, f.limits.longest()), f.duration)),
		f.limits.reasonBlock(blockReason, "Why?", "What is it for?", f.reason),
		f.ticketBlock(),
		optional(slack.NewInputBlock(blockStart, plainText("Start"), plainText("Leave it empty to begin as soon as it is approved."), start)),
	)
	if f.who != "" {
		blocks = append(blocks, slack.NewContextBlock(blockWho, plainText(slackapi.Plain(f.who, slackapi.MaxTextObject))))
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formRequest, Title: plainText("Ask for access"), Submit: plainText("Ask"), Close: plainText(goBack),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// ticketBlock is the field for the ticket, which may be needed.
func (f *form) ticketBlock() slack.Block {
	ticket := slack.NewPlainTextInputBlockElement(plainText("INC-42"), blockTicket)
	ticket.MaxLength, ticket.InitialValue = f.limits.MaxTicketLength, f.ticket
	var hint *slack.TextBlockObject
	if len(f.ticketExamples) > 0 {
		hint = plainText(slackapi.PlainLine("Such as "+slackapi.Some(f.ticketExamples)+".", maxFormHint))
	}
	block := slack.NewInputBlock(blockTicket, plainText("Ticket"), hint, ticket)
	block.Optional = !f.ticketNeeded
	return block
}

// maxFormHint is how long a hint below a field is.
const maxFormHint = 500

func optional(b *slack.InputBlock) *slack.InputBlock {
	b.Optional = true
	return b
}

func roleBlock(r resource, chosen string) slack.Block {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Choose a role"), blockRole)
	for i, role := range r.Roles {
		if i == slackapi.MaxOptions {
			break
		}
		o := slack.NewOptionBlockObject(role, plainText(slackapi.PlainLine(role, slackapi.MaxOptionText)), nil)
		menu.Options = append(menu.Options, o)
		if role == chosen || len(r.Roles) == 1 {
			menu.InitialOption = o
		}
	}
	block := slack.NewInputBlock(blockRole+r.ID, plainText(slackapi.PlainLine("Role on "+r.Name, 150)), nil, menu)
	block.DispatchAction = len(r.Roles) > 1 // policies may tell roles apart
	return block
}

func resourceOption(r resource) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(r.ID, plainText(slackapi.PlainLine(r.label(), slackapi.MaxOptionText)), nil)
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
