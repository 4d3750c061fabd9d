package graph_test

import (
	"fmt"
	"testing"

	"procyon/auth"
)

// A worker lists what is due by itself, and says for how long a record is kept.
func TestRecordsThatAreDue(t *testing.T) {
	b := newBed(t)
	bot := service(auth.ScopeSlackAct)
	put := func(records ...object) string { return b.userErrors(bot, "putRecords", object{"records": records}) }
	if got := put(object{"key": "msg/1", "version": 1, "value": "a", "due": true}, object{"key": "msg/2", "version": 1, "value": "b", "keepFor": "P30D"}); got != "" {
		t.Fatal(got)
	}
	if got := put(object{"key": "msg/3", "version": 1, "value": "c", "keepFor": "PT1S"}); got != "INVALID records.0.keepFor" {
		t.Error(got)
	}
	list := func(arguments string) string {
		r := b.do(bot, `{ records(prefix: "msg/"`+arguments+`) { key } }`, nil)
		return fmt.Sprint(r.Data["records"])
	}
	if due, all := list(", due: true"), list(""); due != "[map[key:msg/1]]" || all != "[map[key:msg/1] map[key:msg/2]]" {
		t.Errorf("due: %s; all: %s", due, all)
	}
}
