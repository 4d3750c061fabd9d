package slackbot

import (
	"testing"
	"time"

	"procyon/internal/slackapi"
)

// A record says whether there is still something to do about its message, so that sweeps
// read no more; and that a note was told is forgotten by itself, for nothing else would.
func TestRecordsOfMessagesSayWhatIsLeftToDo(t *testing.T) {
	for name, c := range map[string]struct {
		m    message
		due  bool
		keep time.Duration
	}{
		"to be posted":            {message{Kind: kindRequester, Want: "j2"}, true, 0},
		"as it should be":         {message{Kind: kindApprover, Want: "j2", Shown: "j2"}, false, 0},
		"to be told":              {message{Kind: kindNote, Want: "j2"}, true, notesLast},
		"told":                    {message{Kind: kindNote, Want: "j2", Shown: "j2"}, false, notesLast},
		"a channel's, not posted": {message{Kind: kindChannel, Want: "j2"}, true, notesLast},
		"a channel's, posted":     {message{Kind: kindChannel, At: slackapi.Posted{Channel: "C1", TS: "1.2"}, Want: "j2"}, true, 0},
	} {
		got, err := c.m.change()
		if err != nil || got.Due != c.due || time.Duration(got.KeepFor) != c.keep {
			t.Errorf("%s: due %v, kept for %v: %v", name, got.Due, time.Duration(got.KeepFor), err)
		}
	}
}
