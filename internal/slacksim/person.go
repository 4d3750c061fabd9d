package slacksim

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Person plays somebody in a workspace: what they do, and what they see. Make one
// by [Server.As]. It is safe for concurrent use.
type Person struct {
	s          *Server
	team, name string
}

// As plays a person of the first workspace, by their handle or id. Where there is
// nobody of that name, everything that they do fails.
func (s *Server) As(name string) *Person { return &Person{s: s, name: name} }

// In plays the person of the same name in another workspace.
func (p *Person) In(teamID string) *Person { return &Person{s: p.s, team: teamID, name: p.name} }

// user finds the person; s.mu is held.
func (p *Person) user() (*user, error) {
	if t := p.s.team(p.team); t != nil {
		if u := t.person(p.name); u != nil && !u.gone {
			return u, nil
		}
	}
	return nil, fmt.Errorf("slacksim: there is no %s in the workspace %q", p.name, p.team)
}

// in finds a channel of the person's: by name or id, or where it is "" the direct
// messages with the app. s.mu is held.
func (p *Person) in(channelName string) (*user, *channel, error) {
	u, err := p.user()
	if err != nil {
		return nil, nil, err
	}
	if channelName == "" {
		c, _ := p.s.directWith(u)
		return u, c, nil
	}
	c := u.team.channel(channelName)
	if c == nil || !c.member(u) {
		return nil, nil, fmt.Errorf("slacksim: %s is in no channel %q", p.name, channelName)
	}
	return u, c, nil
}

// ID is the person's user id, or "" where there is nobody of that name.
func (p *Person) ID() string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if u, err := p.user(); err == nil {
		return u.ID
	}
	return ""
}

// Command types a slash command, such as "/procyon request", in a channel ("": the
// direct messages with the app), and waits until the app has acknowledged it. The
// error is a *[Problem] where Slack shows one.
func (p *Person) Command(ctx context.Context, channelName, line string) error {
	s := p.s
	s.mu.Lock()
	u, c, err := p.in(channelName)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	command, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	in := s.botOf(u.team)
	if command != s.app.Command || in == nil || !has(in, "commands") {
		s.whisper(u, c, command+" is not a valid command.")
		s.mu.Unlock()
		return &Problem{Text: command + " is not a valid command."}
	}
	path, r := s.newResponse("commands", in, u, c, nil)
	form := s.commandForm(u, c, command, strings.TrimSpace(text), path)
	app := s.app
	s.mu.Unlock()

	payload := reply{}
	for name, v := range form {
		payload[name] = v[0]
	}
	a, err := s.send(ctx, parcel{what: "slash_commands", kind: command, url: app.CommandURL, form: form, payload: payload})
	if problem := s.problem(command, command+" failed", a, err); problem != nil {
		problem.Text = fmt.Sprintf("%s failed with the error %q", command, problem.Code)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.whisper(u, c, problem.Text)
		return problem
	}
	return s.answered(r, command, a)
}

func has(in *install, scope string) bool {
	for _, have := range in.scopes {
		if have == scope {
			return true
		}
	}
	return false
}

// commandForm is what Slack sends of a slash command; s.mu is held. It has nothing on
// the person's own workspace. Whether Slack lets people of another company type it at all
// is not established, so here they can, which asks more of the app.
func (s *Server) commandForm(u *user, c *channel, command, text, path string) url.Values {
	form := url.Values{
		"token": {verification}, "team_id": {u.team.id}, "team_domain": {u.team.domain}, "channel_id": {c.id}, "channel_name": {c.slackName()},
		"user_id": {u.ID}, "user_name": {u.Name}, "command": {command}, "text": {escaper.Replace(text)}, "api_app_id": {s.app.ID},
		"is_enterprise_install": {strconv.FormatBool(s.botOf(u.team).enterprise != "")}, "response_url": {s.base + path},
		"trigger_id": {s.newTrigger(u, nil)},
	}
	if u.team.enterprise != "" {
		form.Set("enterprise_id", u.team.enterprise)
		form.Set("enterprise_name", "Organisation "+u.team.enterprise)
	}
	return form
}

// escaper escapes what a person types, as Slack does.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// answered shows what the app said in its acknowledgement of a command.
func (s *Server) answered(r *response, command string, a ack) error {
	if a.empty() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.json {
		s.keep(Refusal{Method: command, Status: http.StatusOK, Body: "plain_text", Why: "the answer does not say that it is JSON, so Slack shows it as it is"})
		in := r.install.user
		s.add(r.channel, Message{Bot: in.botID, User: in.ID, Only: r.user.ID, Text: html.EscapeString(string(a.body))})
		return nil
	}
	if f := s.answerTo(r, "application/json", a.body); f != nil {
		s.keep(Refusal{Method: command, Status: http.StatusOK, Body: f.word, Why: f.Error()})
		p := &Problem{Code: f.word, Text: fmt.Sprintf("%s failed with the error %q", command, "dispatch_failed")}
		s.whisper(r.user, r.channel, p.Text)
		return p
	}
	return nil
}

// Say posts a message of the person's own, and gives it.
func (p *Person) Say(channelName, text string) (Message, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	u, c, err := p.in(channelName)
	if err != nil {
		return Message{}, err
	}
	m := p.s.add(c, Message{User: u.ID, Text: escaper.Replace(text)})
	c.at(m.TS).handed = true // the test knows what it said
	return m, nil
}

// Messages gives what the person sees in a channel ("": the direct messages with
// the app), oldest first, ephemeral messages among them.
func (p *Person) Messages(channelName string) []Message {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	u, c, err := p.in(channelName)
	if err != nil {
		return nil
	}
	return p.s.seen(c, u.ID)
}

// DMs gives the app's direct messages to the person, oldest first, without
// ephemeral ones.
func (p *Person) DMs() []Message {
	var out []Message
	for _, m := range p.Messages("") {
		if m.Only == "" {
			out = append(out, m)
		}
	}
	return out
}

// Ephemerals gives what only this person saw, in all channels, channel by channel.
func (p *Person) Ephemerals() []Message {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	var out []Message
	for _, m := range p.whispers() {
		out = append(out, *m)
	}
	return out
}

// whispers are the ephemeral messages; s.mu is held.
func (p *Person) whispers() []*Message {
	u, err := p.user()
	if err != nil {
		return nil
	}
	var out []*Message
	for _, c := range u.team.channels {
		out = append(out, all(c, u.ID)...)
	}
	return out
}

// ExpectEphemeral waits for the next message that only this person sees, as
// [Server.Expect] does for those that all see.
func (p *Person) ExpectEphemeral(ctx context.Context) (Message, error) {
	return p.s.next(ctx, "no ephemeral message for "+p.name, p.whispers)
}

// ExpectDM waits for the next direct message of the app's, as [Server.Expect] does.
func (p *Person) ExpectDM(ctx context.Context) (Message, error) {
	return p.s.next(ctx, "no direct message for "+p.name, func() []*Message {
		_, c, err := p.in("")
		if err != nil {
			return nil
		}
		return all(c, "")
	})
}

// AwaitMessage waits until the person sees a message that is as it should be, in a
// channel ("": the direct messages with the app), ephemeral ones among them.
func (p *Person) AwaitMessage(ctx context.Context, channelName string, as func(Message) bool) (Message, error) {
	var found Message
	err := p.s.await(ctx, fmt.Sprintf("%s sees no such message in %q", p.name, channelName), func() bool {
		u, c, err := p.in(channelName)
		if err != nil {
			return false
		}
		for _, m := range p.s.seen(c, u.ID) {
			if as(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found, err
}
