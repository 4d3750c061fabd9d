package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Message is a message that arrived in a channel.
type Message struct {
	Seq     int             `json:"seq"` // 1, 2, 3, … through all channels
	Channel string          `json:"channel"`
	Bot     string          `json:"bot"` // the id of the webhook's bot, which is no secret
	At      time.Time       `json:"at"`
	Text    string          `json:"text"`             // the top-level text as it was sent
	Blocks  json.RawMessage `json:"blocks,omitempty"` // as they were sent
}

// Refusal is a post that was answered with an error of Slack's, and why. Slack
// itself tells the word only.
type Refusal struct {
	At      time.Time `json:"at"`
	Channel string    `json:"channel,omitempty"` // empty: no such webhook
	Status  int       `json:"status"`
	Body    string    `json:"body"`
	Why     string    `json:"why"`
}

// maxRefusals is how many are kept; older ones go.
const maxRefusals = 200

// ErrClosed is what Expect answers after Close.
var ErrClosed = errors.New("slacksim: closed")

// store keeps a message; s.mu is held.
func (s *Server) store(h *webhook, text string, blocks json.RawMessage) {
	s.seq++
	c := s.channel(h.channel)
	c.messages = append(c.messages, Message{
		Seq: s.seq, Channel: h.channel, Bot: h.bot, At: s.opts.Now().UTC(), Text: text, Blocks: blocks,
	})
	if over := len(c.messages) - s.opts.MaxMessages; over > 0 {
		c.messages = append([]Message(nil), c.messages[over:]...)
	}
	s.announce()
}

// refuse keeps a refusal; s.mu is held.
func (s *Server) refuse(channelName string, a answer) {
	s.refused = append(s.refused, Refusal{At: s.opts.Now().UTC(), Channel: channelName, Status: a.status, Body: a.body, Why: a.why})
	if over := len(s.refused) - maxRefusals; over > 0 {
		s.refused = append([]Refusal(nil), s.refused[over:]...)
	}
	s.announce()
}

// Messages gives what a channel holds, oldest first.
func (s *Server) Messages(channelName string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelName]
	if c == nil {
		return nil
	}
	return append([]Message(nil), c.messages...)
}

// Refused gives the latest refusals, oldest first.
func (s *Server) Refused() []Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Refusal(nil), s.refused...)
}

// Channels gives the channels' names in the order in which they were added.
func (s *Server) Channels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.order...)
}

// Expect waits for the next message of a channel that it has not handed out yet
// and gives it. Each message is handed out once, in order. It returns an error
// when ctx ends, naming what was refused meanwhile, or after [Server.Close].
func (s *Server) Expect(ctx context.Context, channelName string) (Message, error) {
	for {
		m, ok, changed := s.next(channelName)
		if ok {
			return m, nil
		}
		select {
		case <-changed:
		case <-s.done:
			return Message{}, ErrClosed
		case <-ctx.Done():
			return Message{}, fmt.Errorf("slacksim: no message in %q: %w (refused: %+v)", channelName, context.Cause(ctx), s.Refused())
		}
	}
}

func (s *Server) next(channelName string) (Message, bool, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channelName]; c != nil {
		for _, m := range c.messages {
			if m.Seq > c.expected {
				c.expected = m.Seq
				return m, true, nil
			}
		}
	}
	return Message{}, false, s.changed
}

// Unexpected gives the messages of all channels that Expect has not handed out:
// a test that expects everything ends by finding none.
func (s *Server) Unexpected() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, name := range s.order {
		c := s.channels[name]
		for _, m := range c.messages {
			if m.Seq > c.expected {
				out = append(out, m)
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
