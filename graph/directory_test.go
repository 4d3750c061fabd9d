package graph_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"procyon/directory"
)

// syncing is the sync of a directory as it is said to be.
type syncing directory.State

func (s *syncing) State(context.Context) (directory.State, error) { return directory.State(*s), nil }

// The API says when the directory called, and what it was refused; nothing where none ever did.
func TestDirectory(t *testing.T) {
	b := newBed(t)
	told := func() any {
		r := b.do(session(b.ada), `{ directory { lastCallAt lastChangeAt refused { firstAt lastAt count method resource objectId status detail } } }`, nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		return r.Data["directory"]
	}
	if got := told(); got != nil {
		t.Errorf("no directory ever called, and it is told %v", got)
	}
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	b.sync = syncing{LastCallAt: at}
	if got := fmt.Sprint(told()); got != "map[lastCallAt:2026-11-28T12:00:00Z lastChangeAt:<nil> refused:[]]" {
		t.Errorf("of a call it is told %s", got)
	}
	b.sync.LastChangeAt = at.Add(-time.Hour)
	b.sync.Refused = []directory.Refusal{
		{FirstAt: at.Add(-time.Minute), LastAt: at, Count: 3, Method: "PATCH", Resource: "User", ID: "usr_1", Status: 409, Type: "mutability", Detail: "Enable them here."},
		{FirstAt: at, LastAt: at, Count: 1, Method: "POST", Status: 400, Detail: "No."},
	}
	if got, want := fmt.Sprint(told()), "map[lastCallAt:2026-11-28T12:00:00Z lastChangeAt:2026-11-28T11:00:00Z refused:["+
		"map[count:3 detail:Enable them here. firstAt:2026-11-28T11:59:00Z lastAt:2026-11-28T12:00:00Z method:PATCH objectId:usr_1 resource:User status:409] "+
		"map[count:1 detail:No. firstAt:2026-11-28T12:00:00Z lastAt:2026-11-28T12:00:00Z method:POST objectId:<nil> resource:<nil> status:400]]]"; got != want {
		t.Errorf("it is told\n%s, want\n%s", got, want)
	}
}
