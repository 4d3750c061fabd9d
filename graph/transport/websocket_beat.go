package transport

import (
	"sync"

	"github.com/gorilla/websocket"
)

// beat asks a connection now and then whether it lives. Its timer is the only
// thing that an idle connection costs beside its reader.
type beat struct {
	mu    sync.Mutex // guards asked, ended and stop; held by a tick
	asked bool       // the peer was asked for a sign of life
	ended bool
	stop  func() bool
}

// startBeat gives the client its time to say who it is.
func (s *socket) startBeat() {
	s.beat.mu.Lock()
	defer s.beat.mu.Unlock()
	s.beat.stop = s.t.after(s.t.initTimeout(), s.tick)
}

// endBeat waits for a tick under way.
func (s *socket) endBeat() {
	s.beat.mu.Lock()
	defer s.beat.mu.Unlock()
	s.beat.ended = true
	s.beat.stop()
}

// tick runs in the timer's goroutine.
func (s *socket) tick() {
	s.beat.mu.Lock()
	defer s.beat.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			s.report(p)
			s.cut()
		}
	}()
	if s.beat.ended {
		return
	}
	s.beat.asked = s.askForLife(s.beat.asked)
	s.beat.stop = s.t.after(s.t.pingInterval(), s.tick)
}

// askForLife asks the peer for a sign of life, and ends the connection of one
// that gave none since it was asked, or never said who it is.
func (s *socket) askForLife(asked bool) bool {
	ctx := s.opCtx.Load()
	switch {
	case ctx == nil:
		s.end(4408, "Connection initialisation timeout")
	case asked && !s.guard.heard.Load():
		s.end(websocket.CloseTryAgainLater, silentReason)
	case s.authorized(*ctx):
		s.guard.heard.Store(false)
		s.reply(frame(websocket.PingMessage, nil))
		return true
	}
	return false
}
