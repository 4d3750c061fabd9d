package slackbot

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

// message is what the bot remembers of one message, or of a Home tab: what it should
// show, and what it last showed. Its content is not kept: it is drawn each time.
type message struct {
	Request string          `json:"request"`
	By      string          `json:"by,omitempty"` // the requester's ID; absent of a Home tab
	Kind    messageKind     `json:"kind"`
	SlackID string          `json:"slackId"`         // the workspace
	To      string          `json:"to"`              // the Slack user of a direct message; the integration of a channel's
	At      slackapi.Posted `json:"at"`              // where it is; zero before it was posted
	Want    string          `json:"want"`            // the cursor of the event that it should show
	Shown   string          `json:"shown"`           // that which it shows
	Lists   []string        `json:"lists,omitempty"` // of a Home tab: the requests that it may show

	key     string
	version int
}

type messageKind string

// The kinds of messages.
const (
	// kindApprover asks somebody to decide, and later says who did.
	kindApprover messageKind = "approver"
	// kindRequester keeps the requester up to date.
	kindRequester messageKind = "requester"
	// kindChannel stands in a channel for those who may decide, and later says who
	// did. It is posted as a notification that is owed, not by the reconciler, which
	// only keeps it up to date.
	kindChannel messageKind = "channel"
	// kindHome is somebody's Home tab, once they have opened it.
	kindHome messageKind = "home"
	// kindNote tells the requester once of something that a changed message would
	// not make them notice, and reminds who can decide. The key names what.
	kindNote messageKind = "note"
)

const messagePrefix = "msg/"

func messagesOf(requestID string) string { return messagePrefix + requestID + "/" }

// message reads one; nil where there is none.
func (g *server) message(ctx context.Context, key string) (*message, error) {
	r, ok, err := g.record(ctx, key)
	if err != nil || !ok {
		return nil, err
	}
	m := &message{key: key, version: r.Version}
	if err := json.Unmarshal([]byte(r.Value), m); err != nil {
		return nil, fmt.Errorf("record %s: %w", key, err)
	}
	return m, nil
}

func (m *message) stale() bool { return m.Shown != m.Want }

func (m *message) change() (change, error) {
	value, err := json.Marshal(m)
	if err != nil {
		return change{}, fmt.Errorf("encode %s: %w", m.key, err)
	}
	c := change{Key: m.key, Version: m.version + 1, Value: new(string(value)), Due: m.stale()}
	if m.Kind == kindNote || m.Kind == kindChannel && m.At.TS == "" {
		c.KeepFor = client.Duration(notesLast)
	}
	return c, nil
}

// notesLast is how long it is remembered that a note was told, and that a channel was to get a
// message: who posts that has given up long before, or begins anew. Nothing else would forget
// either.
const notesLast = 30 * 24 * time.Hour

// messages lists the messages whose keys begin with a prefix.
func (g *server) messages(ctx context.Context, prefix string) ([]*message, error) {
	return messagesOfAll(g.records(ctx, prefix))
}

// dueMessages is messages for those alone that should show something else than they do.
func (g *server) dueMessages(ctx context.Context, prefix string) ([]*message, error) {
	return messagesOfAll(g.due(ctx, prefix))
}

func messagesOfAll(records iter.Seq2[[]record, error]) ([]*message, error) {
	var out []*message
	for list, err := range records {
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			m := &message{key: r.Key, version: r.Version}
			if err := json.Unmarshal([]byte(r.Value), m); err != nil {
				return nil, fmt.Errorf("record %s: %w", r.Key, err)
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// seat is a Slack user in a workspace.
type seat struct{ slackID, user string }

// wanted are the messages that a request should have after an event: one to each
// person who may decide it, one to the requester, and notes. Those that are there
// already stay, whoever they are to, and change with the request.
func (b *Bot) wanted(r *request, eventType, cursor string) map[string]*message {
	out := map[string]*message{}
	add := func(kind messageKind, suffix string, seats []seat) {
		for _, s := range seats {
			key := messagesOf(r.ID) + string(kind) + suffix + "/" + s.slackID + "/" + s.user
			out[key] = &message{Request: r.ID, By: r.Requester.UserID, Kind: kind, SlackID: s.slackID, To: s.user, Want: cursor, key: key}
		}
	}
	for _, u := range r.Reviewers {
		if b.opt.QuietApprovers {
			break
		}
		add(kindApprover, "", u.seats())
	}
	if eventType == eventReminded && !b.opt.QuietApprovers {
		for _, u := range r.Reviewers {
			add(kindNote, ":"+eventType+"@"+cursor, u.seats())
		}
	}
	requester := r.RequesterUser.seats()
	add(kindRequester, "", requester)
	if noted(eventType) || eventType == "CANCELED" && r.Outcome != "" { // not by the requester
		add(kindNote, ":"+eventType+"@"+cursor, requester)
	}
	return out
}

// noted tells the events that the requester gets a note of.
func noted(eventType string) bool {
	switch eventType {
	case "APPROVED", "DENIED", "TIMED_OUT", "EXPIRED", "REVOKED", "EXTENDED", "EXTENSION_DENIED", "FAILED", eventExpiring:
		return true
	}
	return false
}

const (
	// eventExpiring is no event of the server's: an access ends soon.
	eventExpiring = "EXPIRING"
	// eventReminded is that of which those who can decide get a note, not the requester.
	eventReminded = string(RequestEventTypeReminded)
)

// noteOf is the event that a note tells of.
func (m *message) noteOf() string {
	name := strings.TrimPrefix(m.key, messagesOf(m.Request)+string(kindNote)+":")
	event, _, _ := strings.Cut(name, "@")
	return event
}

// plan brings the records of a request's messages to what an event wants. It is
// harmless to repeat.
func (b *Bot) plan(ctx context.Context, r *request, eventType, cursor string) ([]*message, error) {
	have, err := b.server.messages(ctx, messagesOf(r.ID))
	if err != nil {
		return nil, err
	}
	want := b.wanted(r, eventType, cursor)
	var out []*message
	for _, m := range have {
		delete(want, m.key)
		if m.Kind == kindNote || m.Want == cursor {
			continue // a note is told once
		}
		m.Want, m.By = cursor, r.Requester.UserID
		out = append(out, m)
	}
	for _, m := range want {
		if m.Kind == kindApprover && r.over() {
			continue // nobody is asked any more
		}
		out = append(out, m)
	}
	return out, b.server.keep(ctx, out)
}

// keep stores messages, up to 100 at a time.
func (g *server) keep(ctx context.Context, list []*message) error {
	var changes []change
	for i, m := range list {
		c, err := m.change()
		if err != nil {
			return err
		}
		changes = append(changes, c)
		if len(changes) == 100 || i == len(list)-1 {
			if err := g.put(ctx, changes...); err != nil {
				return err
			}
			changes = nil
		}
	}
	for _, m := range list {
		m.version++
	}
	return nil
}

// request is an access request, as far as messages show it; in lists, as far as those do.
type request struct {
	detailed
	RequesterUser user
	limits        *limits // what is allowed by now; nil where that is not known
}

// request is what a list shows of a request.
func (l listed) request(allowed *limits) *request {
	return &request{detailed: detailed{listed: l}, limits: allowed}
}

// longest is the longest time that may be approved by now, by the limits and the policies.
func (r *request) longest() time.Duration {
	if r.limits == nil {
		return capped(r.Tracks, usual().longest())
	}
	return capped(r.Tracks, r.limits.longest())
}

// person is the actor as a card names them; Procyon itself is nobody.
func (a *actor) person() slackapi.Person {
	if a == nil || a.Kind == ActorKindSystem && a.Email == "" && a.Name == "Procyon" {
		return slackapi.Person{}
	}
	return slackapi.Person{Name: a.Name, Email: a.Email}
}

// routeTo is the route to an integration; nil where the request is none of its
// business any more. One that is switched off or broken hears of nothing, but what it
// shows stays.
func (r *request) routeTo(integrationID string) *route {
	for _, routes := range [][]route{r.Routes, r.Silent} {
		for i := range routes {
			if routes[i].IntegrationID == integrationID {
				return &routes[i]
			}
		}
	}
	return nil
}

// seats are the Slack users of a person in the workspaces that can be used.
func (u *user) seats() []seat {
	var out []seat
	for _, l := range u.SlackLinks {
		if !l.Workspace.Removed && !l.Workspace.Waiting {
			out = append(out, seat{l.Workspace.SlackID, l.SlackUserID})
		}
	}
	return out
}

// over tells whether nothing more can happen to a request.
func (r *request) over() bool {
	switch r.Status {
	case AccessRequestStatusPending, AccessRequestStatusApproved, AccessRequestStatusActive:
		return false
	}
	return true
}

// request reads a request with all that its messages show; nil where it is not there.
func (g *server) request(ctx context.Context, id string) (*request, error) {
	out, err := readRequest(ctx, g, id)
	if err != nil || out.AccessRequest == nil {
		return nil, err
	}
	r := &request{detailed: *out.AccessRequest, limits: out.Limits}
	err = client.EachPage(func(after string) (client.PageInfo, error) {
		out, err := readLinksOf(ctx, g, r.Requester.UserID, aPage, after)
		if err != nil {
			return client.PageInfo{}, err
		}
		l := out.SlackLinks
		r.RequesterUser.SlackLinks = append(r.RequesterUser.SlackLinks, l.Nodes...)
		return l.PageInfo, nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}
