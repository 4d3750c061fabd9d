package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clockFile is the file that sets the clock of the servers that env is given to.
type clockFile struct {
	b    *bed
	path string
}

// clock makes the bed's processes ones whose clock can be set.
func (b *bed) clock(name string) *clockFile {
	b.t.Helper()
	build, err := clocked()
	if err != nil {
		b.t.Fatal(err)
	}
	b.build = build
	return &clockFile{b, filepath.Join(b.dir, name)}
}

func (c *clockFile) env() string { return "PROCYON_TEST_CLOCK=" + c.path }

// ahead sets the clock ahead of the machine's.
func (c *clockFile) ahead(d time.Duration) {
	c.b.t.Helper()
	if err := os.WriteFile(c.path, []byte(d.String()), 0o600); err != nil {
		c.b.t.Fatal(err)
	}
}

// active has somebody ask for an hour of something and get it, and returns the request.
func (b *bed) active(resource, reason string) string {
	b.t.Helper()
	id, err := b.ask(resource, reason)
	if err != nil {
		b.t.Fatal(err)
	}
	err = mutate(b.t.Context(), b.admin, "reviewAccessRequest", map[string]any{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE"}, "accessRequest { id }", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.until("the access begins", func() bool { return b.status(id) == "ACTIVE" })
	return id
}

func (b *bed) status(id string) string {
	b.t.Helper()
	var now struct{ AccessRequest struct{ Status string } }
	if err := b.admin.Do(b.t.Context(), `query($id: ID!) { accessRequest(id: $id) { status } }`, map[string]any{"id": id}, &now); err != nil {
		b.t.Fatal(err)
	}
	return now.AccessRequest.Status
}

// Access ends with its time though the clock was set, or the machine slept, meanwhile.
func TestTheClockIsSetUnderAServer(t *testing.T) {
	t.Parallel()
	b := founded(t)
	c := b.clock("clock")
	g := b.serve("none", c.env())
	b.people(g)
	id := b.active(b.catalog("clock"), "one.")
	c.ahead(2 * time.Hour)
	set := time.Now()
	b.until("the access ends", func() bool { return b.status(id) == "EXPIRED" })
	if took := time.Since(set); took > tooLate {
		t.Errorf("it ended %s after its time", took)
	}
	g.stop()
}

// Two servers whose clocks differ end an access once, by the clock that is ahead, and give
// the journal times that never go back.
func TestTwoServersWhoseClocksDiffer(t *testing.T) {
	t.Parallel()
	b := founded(t)
	early, late := b.clock("early"), b.clock("late")
	early.ahead(90 * time.Minute)
	late.ahead(-time.Minute)
	slow := b.serve("none", late.env())
	b.people(slow)
	resource := b.catalog("clock")
	id := b.active(resource, "one.")
	fast := b.serve("none", early.env())
	b.until("the access ends", func() bool { return b.status(id) == "EXPIRED" })
	b.people(fast)
	other := b.active(resource, "two.") // on the fast one; the slow one sees its start in the future
	b.people(slow)
	if got := b.status(other); got != "ACTIVE" {
		t.Errorf("the other server says that it is %s", got)
	}
	var all struct {
		Journal struct {
			Nodes []struct {
				At   time.Time
				Type string
			}
		}
	}
	if err := b.admin.Do(t.Context(), `query($id: ID!) { journal(first: 100, filter: {subjectId: $id}) { nodes { at type } } }`, map[string]any{"id": id}, &all); err != nil {
		t.Fatal(err)
	}
	var types []string
	before := time.Time{}
	for _, e := range all.Journal.Nodes {
		if e.At.Before(before) {
			t.Errorf("%s is at %s, after %s", e.Type, e.At, before)
		}
		types, before = append(types, e.Type), e.At
	}
	if got := strings.Join(types, " "); got != "CREATED APPROVED ACTIVATED EXPIRED" {
		t.Errorf("it was %s", got)
	}
	fast.stop()
	slow.stop()
	if out := b.must("journal", "verify"); !strings.Contains(out, "entries") {
		t.Error(out)
	}
}

// Nobody can set the clock of the binary that people get.
func TestTheClockIsTheMachines(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(program, []byte("PROCYON_TEST_CLOCK")) {
		t.Error("the binary knows the setting")
	}
	b := founded(t)
	path := filepath.Join(b.dir, "clock")
	if err := os.WriteFile(path, []byte("100h"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := b.serve("none", "PROCYON_TEST_CLOCK="+path)
	b.people(g)
	id, err := b.ask(b.catalog("clock"), "one.")
	if err != nil {
		t.Fatal(err)
	}
	var at struct {
		AccessRequest struct{ CreatedAt json.RawMessage }
	}
	if err := b.admin.Do(t.Context(), `query($id: ID!) { accessRequest(id: $id) { createdAt } }`, map[string]any{"id": id}, &at); err != nil {
		t.Fatal(err)
	}
	var created time.Time
	if err := json.Unmarshal(at.AccessRequest.CreatedAt, &created); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(created); d < -time.Hour || d > time.Hour {
		t.Errorf("it was made %s ago", d)
	}
	g.stop()
}
