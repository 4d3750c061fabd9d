package graph_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store/storetest"
)

// A store that an earlier release wrote: what is gone ends what that release left, all
// else stays; old requests are decided and changed as new ones are; and every entry,
// old or new, still follows from the one before.
func TestAStoreOfAnEarlierRelease(t *testing.T) {
	f := storetest.LoadFixture(t)
	b := newBedOn(t, f.SQLite(t), f.At)
	var err error
	for p, name := range map[*access.User]string{&b.ada: "ada", &b.bo: "bo", &b.dev: "dev", &b.eve: "eve"} {
		*p, err = b.User(t.Context(), f.ID(t, name))
		b.must(err)
	}
	b.tick(0)
	gone := map[string]access.Status{
		"gus-pending": access.StatusCanceled, "gus-approved": access.StatusRevoked, "gus-active": access.StatusRevoked,
		"dev-pending-resource-deleted": access.StatusCanceled, "dev-approved-resource-deleted": access.StatusRevoked,
		"dev-active-resource-deleted": access.StatusRevoked, "dev-pending-role-removed": access.StatusCanceled,
	}
	for name, was := range f.Statuses {
		want, ended := gone[name]
		if !ended {
			want = was
		}
		if got := b.status(f.ID(t, name)); got != want {
			t.Errorf("%s was %s and is %s, want %s", name, was, got, want)
		}
	}

	r := b.do(session(b.ada), `{ accessRequests(filter: {reviewableByMe: true}, orderBy: {field: DECIDE_BY, direction: ASC}, first: 1) { nodes { id version extension { duration } } } }`, nil)
	first := r.Data["accessRequests"].(object)["nodes"].([]any)[0].(object)
	if first["id"] != f.ID(t, "dev-extension-waits") {
		t.Errorf("the first that waits is %v", first)
	}
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": first["id"], "expectedVersion": first["version"], "subject": "EXTENSION", "decision": "APPROVE"})
	pending := f.ID(t, "dev-edited-twice")
	// It kept no version: each entry counts, three by now.
	b.ok(session(b.dev), "updateAccessRequest", object{"requestId": pending, "reason": "a third time", "expectedVersion": 3})
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", object{"requestId": pending, "expectedVersion": 3, "subject": "REQUEST", "decision": "APPROVE"}); got != "CONFLICT expectedVersion" {
		t.Errorf("an approval of the earlier terms: %q", got)
	}
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": pending, "expectedVersion": 4, "subject": "REQUEST", "decision": "APPROVE", "duration": "PT5M"})
	v, err := b.Request(t.Context(), pending)
	b.must(err)
	if v.GrantedDuration() != 300 || v.Duration <= 300 {
		t.Errorf("asked for %d s, granted %d s", v.Duration, v.GrantedDuration())
	}
	renamed, err := b.Request(t.Context(), f.ID(t, "dev-pending-resource-renamed"))
	b.must(err)
	if now, err := b.ItemsNow(t.Context(), renamed.Items); err != nil || now[0][0].ResourceWas == "" {
		t.Errorf("%+v, %v", now, err)
	}

	// A token from before works; who was disabled there gets their Slack link not back.
	in := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", nil)
	in.Header.Set("Authorization", "Bearer "+f.Tokens["dev"])
	_, err = b.auth.Authenticate(t.Context(), in)
	b.must(err)
	_, err = b.EnableUser(t.Context(), access.System(), f.ID(t, "gus"))
	b.must(err)
	if linked, err := b.slack.Linked(t.Context(), f.ID(t, "gus")); err != nil || linked {
		t.Errorf("linked %v, %v", linked, err)
	}

	earlierPositions(t, b, f)

	report, err := journal.Verify(t.Context(), b.store, journal.Proof{Kinds: subject.Kinds()})
	b.must(err)
	states := map[string][]byte{}
	for seq := uint64(0); seq < report.Entries; {
		entries, err := b.store.Entries(t.Context(), seq, 100)
		b.must(err)
		for _, e := range entries {
			after, err := subject.Kinds().Replay(e.Subject, states[e.Subject], e.Type, e.Data)
			if err != nil || !bytes.Equal(after, e.After) {
				t.Errorf("entry %d, %s of %s: %v\n got %s\nwant %s", e.Seq, e.Type, e.Subject, err, after, e.After)
			}
			states[e.Subject], seq = e.After, e.Seq
		}
	}
}

// What an earlier release stored has no marks: positions are whole all the same.
func earlierPositions(t *testing.T, b *bed, f storetest.Fixture) {
	t.Helper()
	worker := service("events:read", "deliveries:write")
	worker.Actor.ID = f.ID(t, "notifier")
	b.pass(time.Hour)
	c := b.consumer(worker, "notifier")["consumer"].(object)
	docs, err := b.store.Get(t.Context(), "con_notifier")
	b.must(err)
	var stored struct {
		Cursor uint64
		Mark   string
	}
	b.must(json.Unmarshal(docs[0].Data, &stored))
	if want := b.cursor(stored.Cursor); stored.Cursor == 0 || c["cursor"] != want || !strings.HasSuffix(want, "."+stored.Mark) {
		t.Errorf("the consumer stands at %v, want %s; stored %v", c["cursor"], want, stored)
	}
	r := b.do(session(b.ada), `{ deliveries { nodes { kind eventCursor event { cursor } } } }`, nil)
	nodes := r.Data["deliveries"].(object)["nodes"].([]any)
	for _, n := range nodes {
		d := n.(object)
		if event, _ := d["event"].(object); d["kind"] == "EVENT" && (event == nil || event["cursor"] != d["eventCursor"]) {
			t.Errorf("a delivery is at %v, and its event at %v", d["eventCursor"], event)
		}
	}
	if len(r.Errors) > 0 || len(nodes) < 8 {
		t.Errorf("%d deliveries, %v", len(nodes), r.Errors)
	}
}
