package slackbot

import (
	"crypto/sha256"
	"encoding/json"
	"sync"

	"procyon/internal/slackapi"
)

// showing remembers what messages show, of those that were changed in one session, so that
// nothing is sent to Slack twice in a row: an approval and the start of what it grants are
// two events, and look alike.
//
// It remembers only what Slack took. What ended without an answer may show or not, and what
// another replica, or this one before its lease, was about to send is not known: it is sent
// once more.
type showing struct {
	mu    sync.Mutex                   // guards known
	known map[string][sha256.Size]byte // by the message's key: where it is, and its content
}

// maxShowing bounds how many messages are remembered; beyond it all are forgotten.
const maxShowing = 10000

// clear forgets all: a session begins.
func (s *showing) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = nil
}

// send sends what a message at a place is to show, unless it shows just that.
func (s *showing) send(key string, at slackapi.Posted, m slackapi.Message, send func() error) error {
	data, err := json.Marshal(struct {
		At slackapi.Posted
		M  slackapi.Message
	}{at, m})
	if err != nil {
		return send()
	}
	sum := sha256.Sum256(data)
	if s.is(key, sum) {
		return nil
	}
	if err := send(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxShowing {
		s.known = map[string][sha256.Size]byte{}
	}
	s.known[key] = sum
	return nil
}

// is tells whether a message shows just that; if not, nothing is known of it any more.
func (s *showing) is(key string, sum [sha256.Size]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[key]; ok && known == sum {
		return true
	}
	delete(s.known, key)
	return false
}
