package slacksim

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// content is what a message says.
type content struct {
	text     string
	blocks   json.RawMessage
	metadata json.RawMessage
}

// content reads and judges a message's words.
func (c *call) content() (content, *apiError) {
	out := content{text: cutText(c.args["text"])}
	list, e := c.blocks()
	if e != nil {
		return out, e
	}
	if !utf8.ValidString(out.text) {
		return out, no("invalid_arguments", "the text is not UTF-8")
	}
	if strings.TrimSpace(out.text) == "" && len(list) == 0 && c.args["attachments"] == "" {
		return out, no("no_text", "there is no text, and there are no blocks")
	}
	if len(list) > 0 {
		c.took("message", reply{"text": out.text, "blocks": list})
		c.fillIDs(list)
		out.blocks = encode(list)
	}
	if v := c.args["metadata"]; v != "" {
		m, ok := decodeValue([]byte(v)).(map[string]any)
		kind, isText := m["event_type"].(string)
		if _, isObject := m["event_payload"].(map[string]any); !ok || !isText || !isObject {
			return out, no("invalid_metadata_format", "metadata needs an event_type and an event_payload")
		}
		if !eventTypes.MatchString(kind) { // Slack warns, and leaves it out
			return out, no("invalid_metadata_schema", "the event_type %q has other signs than letters, digits, _ and -", kind)
		}
		out.metadata = json.RawMessage(v)
	}
	return out, nil
}

// eventTypes look like the event_type of metadata.
var eventTypes = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// took tells who wants to know what Slack took.
func (s *Server) took(kind string, content any) {
	if s.opts.Taken != nil {
		s.opts.Taken(kind, encode(content))
	}
}

// blocks reads and judges the argument "blocks".
func (c *call) blocks() ([]any, *apiError) {
	v := c.args["blocks"]
	if v == "" {
		return nil, nil
	}
	list, ok := decodeValue([]byte(v)).([]any)
	if !ok {
		return nil, no("invalid_blocks_format", "blocks is not a JSON list")
	}
	if f := checkBlocks(list, onMessage); f != nil {
		e := no(f.word, "%v", f)
		e.messages = []string{"[ERROR] " + f.what + " [json-pointer:" + pointer(f.where) + "]"}
		return nil, e
	}
	return list, nil
}

// decodeValue reads one JSON value, numbers as they were written, or gives nil.
func decodeValue(raw []byte) any {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil || dec.More() {
		return nil
	}
	return v
}

// pointer writes a place such as blocks[2].text as a JSON pointer.
func pointer(where string) string {
	return "/" + strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(where)
}

// fillIDs gives blocks and their elements the ids that the app left out, as Slack
// does; s.mu is held.
func (s *Server) fillIDs(list []any) {
	fill := func(o map[string]any, name string) {
		if id, _ := o[name].(string); id == "" {
			s.seq++
			o[name] = "sim" + strconv.Itoa(s.seq)
		}
	}
	for _, b := range list {
		block, _ := b.(map[string]any)
		if block == nil {
			continue
		}
		fill(block, "block_id")
		for _, el := range elementsOf(block) {
			if el["type"] != "image" && el["type"] != "plain_text" && el["type"] != "mrkdwn" {
				fill(el, "action_id")
			}
		}
	}
}

// target finds the channel to post to: by id, by name, or a person's.
func (c *call) target() (*channel, *apiError) {
	name := c.args["channel"]
	if u := c.users[name]; u != nil && !u.bot {
		if _, e := c.someone(name); e != nil {
			return nil, no("channel_not_found", "%s", e.why)
		}
		ch, _ := c.directWith(u)
		return ch, nil
	}
	ch, e := c.conversation(name, true)
	switch {
	case e != nil:
		return nil, e
	case ch.state == "archived":
		return nil, no("is_archived", "the channel is archived")
	case !ch.members[c.token.install.user.ID] && (ch.kind != public || !c.has("chat:write.public")):
		return nil, no("not_in_channel", "the app is not in the channel, and lacks chat:write.public")
	}
	return ch, nil
}

// thread checks that thread_ts names a message, and gives the one that the thread
// hangs on.
func (c *call) thread(ch *channel) (string, *apiError) {
	ts := c.args["thread_ts"]
	if ts == "" {
		return "", nil
	}
	m := ch.at(ts)
	switch {
	case m == nil:
		return "", no("thread_not_found", "there is no message %s to reply to", ts)
	case m.Only != "":
		return "", no("cannot_reply_to_message", "an ephemeral message has no thread")
	case m.Thread != "":
		return m.Thread, nil
	}
	return ts, nil
}

func (c *call) postMessage() (reply, *apiError) {
	ch, e := c.target()
	if e != nil {
		return nil, e
	}
	words, e := c.content()
	if e != nil {
		return nil, e
	}
	thread, e := c.thread(ch)
	if e != nil {
		return nil, e
	}
	if e := c.limit("chat.postMessage "+ch.id, 1, time.Second); e != nil {
		return nil, e
	}
	in := c.token.install
	m := c.add(ch, Message{
		Bot: in.user.botID, User: in.user.ID, Thread: thread, Text: words.text, Blocks: words.blocks, Metadata: words.metadata,
		Broadcast: thread != "" && c.args["reply_broadcast"] == "true",
	})
	c.tellMetadata(ch, m)
	return reply{"channel": ch.id, "ts": m.TS, "message": c.messageJSON(m, in)}, nil
}

func (c *call) postEphemeral() (reply, *apiError) {
	ch, e := c.target()
	if e != nil {
		return nil, e
	}
	words, e := c.content()
	if e != nil {
		return nil, e
	}
	thread, e := c.thread(ch)
	if e != nil {
		return nil, e
	}
	u, e := c.someone(c.args["user"])
	if e != nil || !ch.members[u.ID] {
		return nil, no("user_not_in_channel", "%q is not in the channel", c.args["user"])
	}
	in := c.token.install
	m := c.add(ch, Message{Bot: in.user.botID, User: in.user.ID, Only: u.ID, Thread: thread, Text: words.text, Blocks: words.blocks})
	return reply{"message_ts": m.TS}, nil
}

// own finds the message of the app's that a call would change; cant is Slack's
// word for those that it can't.
func (c *call) own(cant string) (*channel, *Message, *apiError) {
	ch, e := c.conversation(c.args["channel"], false)
	if e != nil {
		return nil, nil, e
	}
	m := ch.at(c.args["ts"])
	switch {
	case m == nil || m.Only != "":
		return nil, nil, no("message_not_found", "there is no message %s; ephemeral ones can't be changed so", c.args["ts"])
	case m.User != c.token.install.user.ID:
		return nil, nil, no(cant, "the message is not the app's")
	case ch.state == "archived":
		return nil, nil, no("is_archived", "the channel is archived")
	}
	return ch, m, nil
}

// maxUpdate is how long the text of chat.update may be.
const maxUpdate = 4000

func (c *call) update() (reply, *apiError) {
	ch, m, e := c.own("cant_update_message")
	if e != nil {
		return nil, e
	}
	if length(c.args["text"]) > maxUpdate {
		return nil, no("msg_too_long", "the text is over %d characters long", maxUpdate)
	}
	words, e := c.content()
	if e != nil {
		return nil, e
	}
	// Without blocks, a text takes the place of the blocks that there were.
	m.Text, m.Blocks = words.text, words.blocks
	if words.metadata != nil {
		m.Metadata = words.metadata
	}
	m.Edits++
	c.announce()
	return reply{"channel": ch.id, "ts": m.TS, "text": m.Text, "message": c.messageJSON(*m, c.token.install)}, nil
}

func (c *call) deleteMessage() (reply, *apiError) {
	ch, m, e := c.own("cant_delete_message")
	if e != nil {
		return nil, e
	}
	ts := m.TS
	ch.drop(ts)
	c.announce()
	return reply{"channel": ch.id, "ts": ts}, nil
}

func (c *call) getPermalink() (reply, *apiError) {
	ch, e := c.conversation(c.args["channel"], false)
	if e != nil {
		return nil, e
	}
	if m := ch.at(c.args["message_ts"]); m == nil || m.Only != "" {
		return nil, no("message_not_found", "there is no message %q", c.args["message_ts"])
	}
	return reply{"channel": ch.id, "permalink": c.base + "/archives/" + ch.id + "/p" + strings.Replace(c.args["message_ts"], ".", "", 1)}, nil
}

// messageJSON is a message as Slack tells of it to the app.
func (s *Server) messageJSON(m Message, in *install) reply {
	out := reply{"type": "message", "ts": m.TS, "text": m.Text, "user": m.User, "bot_id": m.Bot, "app_id": s.app.ID}
	if in != nil {
		out["team"] = in.user.team.id
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if m.Thread != "" {
		out["thread_ts"] = m.Thread
	}
	if m.Edits > 0 {
		out["edited"] = reply{"user": m.User, "ts": m.TS}
	}
	if m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	return out
}
