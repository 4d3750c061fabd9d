package slackbot

import (
	"fmt"
	"strings"
	"testing"
)

// One person's flood of messages holds up nobody else's: neither those that are urgent
// nor the rest.
func TestAFloodHoldsUpItsMakersMessagesAlone(t *testing.T) {
	for _, urgent := range []bool{false, true} {
		l := newQueue()
		for i := range 200 {
			l.push(fmt.Sprint("a", i), queued{"usr_a", urgent})
		}
		l.pop()
		l.push("b0", queued{"usr_b", urgent})
		l.push("c0", queued{"usr_c", urgent})
		l.push("b1", queued{"usr_b", urgent})
		var got []string
		for range 6 {
			key, q, _ := l.pop()
			got = append(got, key)
			if q.urgent != urgent || q.by[4] != key[0] {
				t.Errorf("%s: %+v", key, q)
			}
		}
		if s := strings.Join(got, " "); s != "a1 b0 c0 a2 b1 a3" {
			t.Errorf("urgent %v: %s", urgent, s)
		}
	}
}

func TestAMessageThatBecomesUrgentLeavesItsPlace(t *testing.T) {
	l := newQueue()
	l.push("a", queued{"usr_a", false})
	l.push("b", queued{"usr_b", false})
	l.push("a", queued{"usr_a", true})
	var got []string
	for key, _, ok := l.pop(); ok; key, _, ok = l.pop() {
		got = append(got, key)
	}
	if strings.Join(got, " ") != "a b" || len(l.in) != 0 || len(l.rest.keys)+len(l.urgent.keys) != 0 {
		t.Errorf("%v, left %+v", got, l)
	}
}

// A note tells the replica that reconciles whose turn a message is; one of an earlier
// release does not.
func TestNotesSayWhoseTurnItIs(t *testing.T) {
	asks := message{Request: "req_1", By: "usr_1", SlackID: "T1", Kind: kindApprover, Want: "2", Shown: "1", key: "msg/req_1/x"}
	asks.At.TS = "1.2"
	home := message{SlackID: "T1", Kind: kindHome, key: "home/T1/U1"}
	for _, c := range []struct {
		value string
		want  queued
	}{
		{asks.note(), queued{"usr_1", true}},
		{home.note(), queued{"home/T1/U1", false}},
		{"T1", queued{"k", false}},
		{"T1 urgent", queued{"k", true}},
	} {
		if slackID, q := readNote(c.value, "k"); slackID != "T1" || q != c.want {
			t.Errorf("%q: %q %+v", c.value, slackID, q)
		}
	}
}
