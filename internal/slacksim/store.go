package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Message is a message in a channel.
type Message struct {
	Seq       int             `json:"seq"`       // 1, 2, 3, … through all channels
	Channel   string          `json:"channel"`   // the name, or "directmessage"
	ChannelID string          `json:"channelId"` // such as C0…, D0…
	TS        string          `json:"ts"`        // its name within the channel
	Thread    string          `json:"thread,omitempty"`
	Bot       string          `json:"bot,omitempty"`  // the id of the app's or webhook's bot, which is no secret
	User      string          `json:"user,omitempty"` // who wrote it: a person or the app's bot
	At        time.Time       `json:"at"`
	Text      string          `json:"text"`             // the top-level text as it was sent
	Blocks    json.RawMessage `json:"blocks,omitempty"` // as they were sent; those of the Web API with the ids that Slack fills in
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	// Only is the id of the one person who sees an ephemeral message.
	Only string `json:"only,omitempty"`
	// Broadcast says that it is shown in the channel, too, though it is of a thread.
	Broadcast bool `json:"broadcast,omitempty"`
	// Edits is how often it was changed.
	Edits int `json:"edits,omitempty"`

	handed bool // Expect gave it out
	// state is what people chose in its menus, which goes with each click.
	state values
	// offered are the options that the app gave to the last type-ahead, by place.
	offered map[string][]map[string]any
}

// Refusal is a call that was answered with an error of Slack's, or something that
// the app did on which Slack would show an error to a person, and why. Slack itself
// tells the word only.
type Refusal struct {
	At      time.Time `json:"at"`
	Channel string    `json:"channel,omitempty"` // empty: no such webhook, or not of a channel
	Method  string    `json:"method,omitempty"`  // of the Web API, or what was sent to the app
	Status  int       `json:"status"`
	Body    string    `json:"body"`
	Why     string    `json:"why"`
	// Ordered: a test ordered it by Fail or FailCalls.
	Ordered bool `json:"ordered,omitempty"`
}

// maxRefusals is how many are kept; older ones go.
const maxRefusals = 200

// ErrClosed is what waiting answers after Close.
var ErrClosed = errors.New("slacksim: closed")

// stamp gives the ts of a message that is made now, later than all before.
func (s *Server) stamp() (ts string, at time.Time) {
	at = s.opts.Now().UTC()
	s.lastTS = max(s.lastTS+1, at.UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6), at
}

// add keeps a message in a channel and gives it its names; s.mu is held.
func (s *Server) add(c *channel, m Message) Message {
	s.seq++
	m.Seq, m.Channel, m.ChannelID = s.seq, c.slackName(), c.id
	m.TS, m.At = s.stamp()
	c.messages = append(c.messages, m)
	if over := len(c.messages) - s.opts.MaxMessages; over > 0 {
		c.messages = append([]Message(nil), c.messages[over:]...)
	}
	s.announce()
	return m
}

// store keeps what a webhook posted; s.mu is held.
func (s *Server) store(h *webhook, text string, blocks json.RawMessage) {
	s.add(h.channel, Message{Bot: h.bot, Text: text, Blocks: blocks})
}

// at finds a message by its ts, or gives nil; s.mu is held, and must be while the
// message is used.
func (c *channel) at(ts string) *Message {
	for i := range c.messages {
		if c.messages[i].TS == ts {
			return &c.messages[i]
		}
	}
	return nil
}

// drop removes a message.
func (c *channel) drop(ts string) {
	for i := range c.messages {
		if c.messages[i].TS == ts {
			c.messages = append(c.messages[:i:i], c.messages[i+1:]...)
			return
		}
	}
}

// refuse keeps a refusal of a webhook; s.mu is held.
func (s *Server) refuse(channelName string, a answer) {
	s.keep(Refusal{Channel: channelName, Status: a.status, Body: a.body, Why: a.why, Ordered: a.ordered})
}

// keep keeps a refusal; s.mu is held.
func (s *Server) keep(r Refusal) {
	r.At = s.opts.Now().UTC()
	s.refused = append(s.refused, r)
	if over := len(s.refused) - maxRefusals; over > 0 {
		s.refused = append([]Refusal(nil), s.refused[over:]...)
	}
	s.announce()
}

// Messages gives what a channel holds for all to see, oldest first: messages and
// replies in threads. The channel is named by its name in the first workspace, or
// by its id.
func (s *Server) Messages(channelName string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen(s.find(channelName), "")
}

// seen gives what a person sees of a channel; s.mu is held.
func (s *Server) seen(c *channel, userID string) []Message {
	if c == nil {
		return nil
	}
	var out []Message
	for _, m := range c.messages {
		if m.Only == "" || m.Only == userID {
			out = append(out, m)
		}
	}
	return out
}

// Refused gives the latest refusals, oldest first.
func (s *Server) Refused() []Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Refusal(nil), s.refused...)
}

// Channels gives the names of the first workspace's channels in the order in which
// they were added, without direct messages.
func (s *Server) Channels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, c := range s.teamOrder[0].channels {
		if c.kind != direct {
			names = append(names, c.name)
		}
	}
	return names
}

// wait runs try, and again after each change, until it answers true. It returns an
// error when ctx ends, naming what was refused meanwhile, or after Close. try runs
// with s.mu held.
func (s *Server) await(ctx context.Context, what string, try func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := try(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-s.done:
			return ErrClosed
		case <-ctx.Done():
			return fmt.Errorf("slacksim: %s: %w (refused: %+v)", what, context.Cause(ctx), s.Refused())
		}
	}
}

// Expect waits for the next message of a channel that it has not handed out yet
// and gives it. Each message is handed out once, in order. It returns an error
// when ctx ends, naming what was refused meanwhile, or after [Server.Close].
func (s *Server) Expect(ctx context.Context, channelName string) (Message, error) {
	return s.next(ctx, "no message in "+strconv.Quote(channelName), func() []*Message { return all(s.find(channelName), "") })
}

// all gives a channel's messages that everybody sees, or those that only one
// person does, to be changed; s.mu is held.
func all(c *channel, only string) []*Message {
	var out []*Message
	for i := range messagesOf(c) {
		if m := &c.messages[i]; m.Only == only {
			out = append(out, m)
		}
	}
	return out
}

func messagesOf(c *channel) []Message {
	if c == nil {
		return nil
	}
	return c.messages
}

// next hands out the first of the messages that was not handed out before.
func (s *Server) next(ctx context.Context, what string, among func() []*Message) (Message, error) {
	var found Message
	err := s.await(ctx, what, func() bool {
		for _, m := range among() {
			if !m.handed {
				m.handed, found = true, *m
				return true
			}
		}
		return false
	})
	return found, err
}

// Await waits until a message of a channel is as it should be, as after an update,
// and gives it. Nothing is handed out.
func (s *Server) Await(ctx context.Context, channelName string, as func(Message) bool) (Message, error) {
	var found Message
	err := s.await(ctx, "no such message in "+strconv.Quote(channelName), func() bool {
		for _, m := range s.seen(s.find(channelName), "") {
			if as(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found, err
}

// Unexpected gives the messages of all channels that Expect has not handed out:
// a test that expects everything ends by finding none.
func (s *Server) Unexpected() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, t := range s.teamOrder {
		for _, c := range t.channels {
			for _, m := range c.messages {
				if !m.handed {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// Changed gives a channel that is closed at the next change of anything here.
// Take it before reading, so that no change is missed.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}
