package slackbot

import (
	"testing"
	"time"
)

// What nobody heard of is waited for as long as it can take, and no longer where the clock
// was set back meanwhile.
func TestHowLongAPostIsWaitedFor(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		until time.Time
		want  time.Duration
	}{
		"heard":                  {time.Time{}, 0},
		"just begun":             {now.Add(postTakes), postTakes},
		"soon over":              {now.Add(time.Second), time.Second},
		"over":                   {now.Add(-time.Second), 0},
		"the clock was set back": {now.Add(time.Hour), 0},
	} {
		if got := (&try{Until: c.until}).wait(now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
