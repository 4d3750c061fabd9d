package slackworkspace

import (
	"errors"
	"testing"
	"time"

	"procyon/access"
)

// A disabling that a crash cut short before the links is finished by any server, by its
// schedule: one that was there sees the change, one that starts looks.
func TestACrashBeforeTheLinksEnd(t *testing.T) {
	for _, starts := range []bool{false, true} {
		w, ws := workspaceWorld(t)
		s := access.NewSchedule(w.Service)
		w.must(s.Load(t.Context()))
		_, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", w.dev.Email))
		w.must(err)
		w.log.fail = func(c access.Change) error {
			if access.KindOf(c.Subject) == KindLink {
				return errors.New("crashed")
			}
			return nil
		}
		if _, _, err := w.DisableUser(t.Context(), w.admin, w.dev.ID); err == nil {
			t.Fatal("the test's own crash did not happen")
		}
		w.log.fail = nil
		if starts {
			s = access.NewSchedule(w.Service)
			w.must(s.Load(t.Context()))
		} else {
			docs, err := w.views.Get(t.Context(), w.dev.ID)
			w.must(err)
			w.must(s.Observe(docs[0].ID, docs[0].Data))
		}
		w.pass(time.Minute)
		w.must(s.Advance(t.Context()))
		if linked, err := w.slack.Linked(t.Context(), w.dev.ID); err != nil || linked {
			t.Errorf("a server that starts: %v: linked %v, %v", starts, linked, err)
		}
		u, err := w.User(t.Context(), w.dev.ID)
		if w.must(err); u.Ending {
			t.Errorf("a server that starts: %v: still ending", starts)
		}
		// Who is enabled again gets no link back.
		_, err = w.EnableUser(t.Context(), w.admin, w.dev.ID)
		w.must(err)
		if linked, err := w.slack.Linked(t.Context(), w.dev.ID); err != nil || linked {
			t.Errorf("enabled again: linked %v, %v", linked, err)
		}
	}
}
