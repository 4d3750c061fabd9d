package slacksim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Click presses a button, by its text, action_id or accessibility label, and waits
// until the app has acknowledged it. Where there is a question to confirm, it is
// confirmed. The error is a *[Problem] where Slack shows one.
func (f *Form) Click(ctx context.Context, name string) error {
	return f.use(ctx, name, func(_ place, el found) (map[string]any, error) {
		if el.kind() != "button" {
			return nil, fmt.Errorf("slacksim: %q is a %s, not a button", name, el.kind())
		}
		return nil, nil
	})
}

// Click presses a button of a message.
func (p *Person) Click(ctx context.Context, m Message, name string) error {
	return p.On(m).Click(ctx, name)
}

// ClickSeen presses a button, or chooses from a menu outside of a form, in a message as
// the person has it before them, whatever the app has made of it meanwhile: what Slack
// sends is what was shown. The control is named by its action_id and its value, or its
// option's. The error is a *[Problem] where Slack shows one.
func (p *Person) ClickSeen(ctx context.Context, m Message, actionID, value string) error {
	s := p.s
	s.mu.Lock()
	sent, err := func() (*parcel, error) {
		at, err := p.On(m).place()
		if err != nil {
			return nil, err
		}
		at.blocks, _ = decodeValue(m.Blocks).([]any)
		for _, el := range elements(at.blocks) {
			if el.actionID() != actionID {
				continue
			}
			if str1(el.element, "value") == value {
				return s.action(at, el, nil)
			}
			for _, o := range optionsOf(el.element) {
				if str1(o, "value") == value {
					return s.action(at, el, map[string]any{"type": el.kind(), "selected_option": o})
				}
			}
		}
		return nil, fmt.Errorf("slacksim: the message shows no %s with the value %q", actionID, value)
	}()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	a, err := s.send(ctx, *sent)
	if problem := s.problem("block_actions "+actionID, "This app responded with an error.", a, err); problem != nil {
		return problem
	}
	return nil
}

// Fill types into a field or chooses in it: a text, an option's text or value, a
// date (2026-11-23), a time (23:59), a moment (RFC 3339 or seconds since 1970), a
// person's handle, a channel's name. Fields for several take several values, and
// none empties a field. Of an external select only what the last [Form.Suggest]
// offered can be chosen. Outside of a form that is sent as a whole, the app is told
// at once.
func (f *Form) Fill(ctx context.Context, name string, to ...string) error {
	return f.use(ctx, name, func(at place, el found) (map[string]any, error) {
		return f.p.s.state(at, el, to)
	})
}

// use changes the state of a control and tells the app where it has to be told.
func (f *Form) use(ctx context.Context, name string, how func(place, found) (map[string]any, error)) error {
	s := f.p.s
	s.mu.Lock()
	p, err := func() (*parcel, error) {
		at, err := f.place()
		if err != nil {
			return nil, err
		}
		el, err := at.find(name)
		if err != nil {
			return nil, err
		}
		state, err := how(at, el)
		if err != nil {
			return nil, err
		}
		if state != nil && el.kind() != "overflow" {
			if *at.values == nil {
				*at.values = values{}
			}
			at.values.set(el.blockID(), el.actionID(), state)
			s.announce()
		}
		if el.input() {
			return nil, nil
		}
		return s.action(at, el, state)
	}()
	s.mu.Unlock()
	if err != nil || p == nil {
		return err
	}
	a, err := s.send(ctx, *p)
	if problem := s.problem("block_actions "+name, "This app responded with an error.", a, err); problem != nil {
		return problem
	}
	if !a.empty() {
		_ = s.misanswer("block_actions "+name, "Slack ignores a body in the answer to a click: %q", a.body)
	}
	return nil
}

// action makes what Slack sends of a click or a choice; s.mu is held.
func (s *Server) action(at place, el found, state map[string]any) (*parcel, error) {
	in := s.botOf(at.user.team)
	if in == nil {
		return nil, errNotInstalled
	}
	ts, _ := s.stamp()
	act := map[string]any{"action_id": el.actionID(), "block_id": el.blockID(), "type": el.kind(), "action_ts": ts}
	for _, name := range []string{"text", "value", "style", "placeholder"} {
		if v := el.element[name]; v != nil {
			act[name] = v
		}
	}
	for name, v := range state {
		act[name] = v
	}
	payload := s.payload("block_actions", at.user)
	payload["actions"] = []any{act}
	payload["trigger_id"] = s.newTrigger(at.user, modalOf(at.view))
	s.whence(payload, at)
	if at.message != nil {
		path, _ := s.newResponse("actions", in, at.user, at.channel, at.message)
		payload["response_url"] = s.base + path
		payload["state"] = reply{"values": states(at.blocks, *at.values)}
	}
	return s.interactive(s.app.InteractionURL, payload), nil
}

func modalOf(v *view) *view {
	if v != nil && v.kind() == "modal" {
		return v
	}
	return nil
}

// whence tells where something was done.
func (s *Server) whence(payload reply, at place) {
	if at.view != nil {
		payload["container"] = reply{"type": "view", "view_id": at.view.id}
		payload["view"] = s.viewJSON(at.view)
		return
	}
	m := at.message
	container := reply{"type": "message", "message_ts": m.TS, "channel_id": at.channel.id, "is_ephemeral": m.Only != ""}
	if m.Thread != "" {
		container["thread_ts"] = m.Thread
	}
	payload["container"] = container
	payload["channel"] = reply{"id": at.channel.id, "name": at.channel.slackName()}
	if m.Only == "" { // an ephemeral message is nowhere to be had again
		payload["message"] = s.messageJSON(*m, s.botOf(at.user.team))
	}
}

// payload begins what Slack sends of an interaction; s.mu is held. A click comes with the
// app's workspace as its team, and a form with the person's own, beside which its view
// names the app's: the two differ for people of another company.
func (s *Server) payload(kind string, u *user) reply {
	id, domain, org := u.team.id, u.team.domain, u.team.enterprise
	if u.Foreign != "" && strings.HasPrefix(kind, "view_") {
		id, domain, org = u.Foreign, "", s.belongsTo(u)
		if t := s.teams[u.Foreign]; t != nil {
			domain = t.domain
		}
	}
	out := reply{
		"type": kind, "token": verification, "api_app_id": s.app.ID,
		"user": reply{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.homeTeam()},
		"team": reply{"id": id, "domain": domain}, "enterprise": nil, "is_enterprise_install": false,
	}
	if org != "" {
		out["enterprise"] = reply{"id": org, "name": "Organisation " + org}
		out["team"] = reply{"id": id, "domain": domain, "enterprise_id": org, "enterprise_name": "Organisation " + org}
	}
	if in := s.botOf(u.team); in != nil && in.enterprise != "" {
		out["is_enterprise_install"] = true
	}
	return out
}

// interactive packs an interaction. It is encoded at once, so that it tells how
// things were.
func (s *Server) interactive(to string, payload reply) *parcel {
	raw := encode(payload)
	kind, _ := payload["type"].(string)
	return &parcel{what: "interactive", kind: kind, url: to, form: url.Values{"payload": {string(raw)}}, payload: json.RawMessage(raw)}
}

// state makes what a field holds of what a person entered; s.mu is held.
func (s *Server) state(at place, el found, to []string) (map[string]any, error) {
	key, _ := field(el.kind())
	if el.kind() == "overflow" {
		key = "selected_option"
	}
	if key == "" {
		return nil, fmt.Errorf("slacksim: a %s can't be filled in", el.kind())
	}
	out := map[string]any{"type": el.kind()}
	list := []any{}
	for _, text := range to {
		v, err := s.entry(at, el, key, text)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	most := number(el.element["max_selected_items"], 1<<20)
	switch {
	case many(key) && len(list) > most:
		return nil, fmt.Errorf("slacksim: at most %d can be chosen in %s", most, el.actionID())
	case many(key):
		out[key] = list
	case len(list) > 1:
		return nil, fmt.Errorf("slacksim: %s takes one value, not %d", el.actionID(), len(list))
	case len(list) == 1 && list[0] != "":
		out[key] = list[0]
	default:
		out[key] = nil
	}
	return out, nil
}

// entry makes one value of a field.
func (s *Server) entry(at place, el found, key, text string) (any, error) {
	switch key {
	case "selected_option", "selected_options":
		options := optionsOf(el.element)
		if strings.Contains(el.kind(), "external") {
			options = at.offered()[el.blockID()+" "+el.actionID()]
			now := states(at.blocks, *at.values).get(el.blockID(), el.actionID())
			options = append(options[:len(options):len(options)], optionsOf(map[string]any{"options": now[key]})...)
		}
		for _, o := range options {
			if o["value"] == text || textOf(o["text"]) == text {
				return o, nil
			}
		}
		return nil, fmt.Errorf("slacksim: %s offers no %q", el.actionID(), text)
	case "selected_user", "selected_users":
		if u := at.user.team.person(text); u != nil {
			return u.ID, nil
		}
		return nil, fmt.Errorf("slacksim: there is no person %q", text)
	case "selected_channel", "selected_conversation":
		if c := at.user.team.channel(text); c != nil && c.member(at.user) {
			return c.id, nil
		}
		return nil, fmt.Errorf("slacksim: there is no channel %q", text)
	case "selected_date_time":
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return json.Number(strconv.FormatInt(t.Unix(), 10)), nil
		}
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return nil, fmt.Errorf("slacksim: %q is no moment", text)
		}
		return json.Number(text), nil
	}
	c := &checker{}
	switch {
	case key == "selected_date" && text != "":
		isDate(c, "the date", text)
	case key == "selected_time" && text != "":
		isTime(c, "the time", text)
	}
	if c.fault != nil {
		return nil, fmt.Errorf("slacksim: %w", c.fault)
	}
	return text, nil
}

// offered are the options of the last type-ahead.
func (at place) offered() map[string][]map[string]any {
	if at.view != nil {
		return at.view.offered
	}
	return at.message.offered
}
