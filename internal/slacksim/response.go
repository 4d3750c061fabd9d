package slacksim

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// response is a response_url: where the app can answer to what a person did, five
// times within half an hour.
type response struct {
	user    *user
	channel *channel
	install *install
	thread  string
	// message is the ts of what was clicked, or of the first answer to a command.
	message string
	at      time.Time
	uses    int
}

const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// newResponse makes a response_url for what u did in c, and gives its path; kind is
// commands or actions. s.mu is held.
func (s *Server) newResponse(kind string, in *install, u *user, c *channel, m *Message) (string, *response) {
	now := s.opts.Now()
	r := &response{user: u, channel: c, install: in, at: now}
	if m != nil {
		r.message, r.thread = m.TS, m.Thread
	}
	path := "/" + kind + "/" + u.team.id + "/" + rand.Text()
	s.responses[path] = r
	for _, old := range s.oldResponses.add(path, now, 2*responseLife) {
		delete(s.responses, old)
	}
	return path, r
}

// serveResponse takes what the app posts to a response_url.
func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if !s.wait(r) {
		return
	}
	status, code, why := http.StatusBadRequest, "invalid_payload", "the body could not be read or is over 1 MiB"
	s.mu.Lock()
	if err == nil {
		status, code, why = s.respond(r.URL.Path, r.Header.Get("Content-Type"), raw)
	}
	if status != http.StatusOK {
		s.keep(Refusal{Method: "response_url", Status: status, Body: code, Why: why})
	}
	s.mu.Unlock()
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusOK {
		h.Set("Content-Type", "text/html; charset=utf-8") // as Slack has it, though it is plain text
		_, _ = io.WriteString(w, "ok")
		return
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(encode(reply{"ok": false, "error": code}))
}

func (s *Server) respond(path, contentType string, raw []byte) (status int, code, why string) {
	r := s.responses[path]
	switch {
	case r == nil:
		return http.StatusNotFound, "invalid_url", "nobody was given this response_url"
	case s.opts.Now().Sub(r.at) > responseLife:
		return http.StatusNotFound, "expired_url", "the response_url's half hour is over"
	case r.uses >= responseUses:
		return http.StatusNotFound, "used_url", "the response_url was used five times"
	}
	f := s.answerTo(r, contentType, raw)
	if f != nil {
		return http.StatusBadRequest, f.word, f.Error()
	}
	r.uses++
	return http.StatusOK, "", ""
}

// answerTo shows what the app answers; s.mu is held.
func (s *Server) answerTo(r *response, contentType string, raw []byte) *fault {
	var how struct {
		ResponseType    string `json:"response_type"`
		ReplaceOriginal bool   `json:"replace_original"`
		DeleteOriginal  bool   `json:"delete_original"`
		ThreadTS        string `json:"thread_ts"`
	}
	_ = json.Unmarshal(raw, &how) // judged by readPayload
	original := r.channel.at(r.message)
	if how.DeleteOriginal {
		if original == nil {
			return &fault{"message_not_found", "delete_original", "has nothing to delete"}
		}
		r.channel.drop(r.message)
		s.announce()
		return nil
	}
	text, blocks, f := readPayload(contentType, raw)
	if f != nil {
		return f
	}
	if list, ok := decodeValue(blocks).([]any); ok {
		s.took("message", reply{"text": text, "blocks": list})
		s.fillIDs(list)
		blocks = encode(list)
	}
	if how.ReplaceOriginal && original != nil {
		original.Text, original.Blocks, original.state = text, blocks, nil
		original.Edits++
		s.announce()
		return nil
	}
	m := Message{Bot: r.install.user.botID, User: r.install.user.ID, Text: text, Blocks: blocks, Thread: r.thread}
	if how.ThreadTS != "" {
		m.Thread = how.ThreadTS
	}
	if how.ResponseType != "in_channel" {
		m.Only = r.user.ID
	}
	m = s.add(r.channel, m)
	if r.message == "" {
		r.message = m.TS
	}
	return nil
}

// whisper shows a sentence of Slack's own to one person; s.mu is held.
func (s *Server) whisper(u *user, c *channel, text string) {
	s.add(c, Message{User: "USLACKBOT", Only: u.ID, Text: text})
}

// member tells whether somebody can see a channel.
func (c *channel) member(u *user) bool { return c.visible() && c.members[u.ID] }
