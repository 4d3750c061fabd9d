package slackbot

import (
	"testing"
	"time"
)

// The latest offers are remembered as long as Slack lets them be replaced, each once.
func TestOffersShown(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	var p pendingLogin
	urls := func() (out string) {
		for _, o := range p.Offers {
			out += o.URL + " "
		}
		return out
	}
	for i, step := range []struct {
		key, url string
		after    time.Duration
		want     string
	}{
		{"a", "a1", 0, "a1 "},
		{"b", "b1", time.Minute, "b1 a1 "},
		{"a", "a2", time.Minute, "a2 b1 "},      // pressed
		{"c", "", time.Minute, "a2 b1 "},        // offered where it can't be replaced
		{"d", "d1", 27 * time.Minute, "d1 a2 "}, // b is too old
		{"e", "e1", 0, "e1 d1 a2 "},
		{"f", "f1", 0, "f1 e1 d1 a2 "},
		{"g", "g1", 0, "g1 f1 e1 d1 a2 "},
		{"h", "h1", 0, "h1 g1 f1 e1 d1 "},
		{"i", "i1", time.Hour, "i1 "},
	} {
		now = now.Add(step.after)
		if p.shows(step.key, step.url, now); urls() != step.want {
			t.Errorf("step %d: %q, want %q", i, urls(), step.want)
		}
	}
}
