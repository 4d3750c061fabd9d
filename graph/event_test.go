package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"procyon/access"
	"procyon/auth"
	"procyon/graph/fanout"
	"procyon/graph/scalar"
	"procyon/graph/transport"
)

// follower has a subscription to events.
type follower struct {
	b      *bed
	stream transport.Stream
	woken  chan struct{}
}

// streams is what serves subscriptions, as the server sets it up, but for how many
// events it keeps; 0 is as many as there.
func (b *bed) streams(kept int) *fanout.Fanout {
	return b.streamsWith(func(o *fanout.Options) { o.RingCount = kept })
}

// streamsWith is streams with other options.
func (b *bed) streamsWith(change func(*fanout.Options)) *fanout.Fanout {
	o := fanout.Options{
		Scope:           func(ctx context.Context) (string, bool) { return auth.Scope(auth.From(ctx), b.SeesAll), true },
		ViewerDependent: fanout.ViewerDependent(b.schema),
		ViewerID:        func(ctx context.Context) string { return auth.From(ctx).Actor.ID },
		Read:            b.resolver.ReadEvent,
		Cursor:          scalar.FormatCursor,
		Logger:          slog.New(slog.DiscardHandler),
	}
	change(&o)
	f := fanout.New(b.journal, b.exec, o)
	b.t.Cleanup(f.Close)
	return f
}

// follow subscribes; codes are those of the errors where that is refused.
func (b *bed) follow(f *fanout.Fanout, who caller, query string, variables object) (out *follower, codes string) {
	b.t.Helper()
	ctx := auth.WithPrincipal(graphql.StartOperationTrace(b.t.Context()), who)
	op, errs := b.exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: b.sent(variables)})
	if errs == nil {
		out = &follower{b: b, woken: make(chan struct{}, 1)}
		out.stream, errs = f.Open(ctx, op, func() {
			select {
			case out.woken <- struct{}{}:
			default:
			}
		})
	}
	for _, e := range errs {
		codes += fmt.Sprint(e.Extensions["code"])
	}
	if errs != nil {
		return nil, codes
	}
	b.t.Cleanup(out.stream.Close)
	return out, ""
}

// next returns the next n events.
func (f *follower) next(n int) []object {
	f.b.t.Helper()
	ctx, cancel := context.WithTimeout(f.b.t.Context(), 20*time.Second)
	defer cancel()
	var out []object
	for len(out) < n {
		payloads, err := f.stream.Pull(ctx, nil, n-len(out))
		f.b.must(err)
		for _, p := range payloads {
			var r reply
			f.b.must(json.Unmarshal(p.Data, &r))
			if len(r.Errors) > 0 {
				f.b.t.Fatal(r.Errors)
			}
			ev := r.Data["requestEvents"].(object)
			if ev["cursor"] != p.Cursor {
				f.b.t.Errorf("the event at %v came with the cursor %s", ev["cursor"], p.Cursor)
			}
			out = append(out, ev)
		}
		if len(payloads) > 0 {
			continue
		}
		select {
		case <-f.woken:
		case <-ctx.Done():
			f.b.t.Fatalf("%d of %d events came", len(out), n)
		}
	}
	return out
}

const eventsQuery = `subscription($after: Cursor, $filter: RequestEventFilter) { requestEvents(after: $after, filter: $filter) {
	cursor type at version actor { userId kind }
	request { requestId version status reason requestedDuration grantedDuration outcome grant { startsAt expiresAt } extension { duration expiresAt } reviews { decision } }
} }`

// told is an event in one line, with what the request was right after it.
func told(ev object) string {
	r := ev["request"].(object)
	by := ev["actor"].(object)["userId"]
	if by == nil {
		by = ev["actor"].(object)["kind"]
	}
	line := fmt.Sprint(ev["type"], " by ", by, ": v", ev["version"], " ", r["status"], " ", r["requestedDuration"], " ", r["reason"])
	if ev["version"] != r["version"] {
		line += " as another version"
	}
	if g, ok := r["grant"].(object); ok {
		line += " " + r["grantedDuration"].(string) + " until " + g["expiresAt"].(string)
	}
	if x, ok := r["extension"].(object); ok {
		line += " +" + x["duration"].(string) + " to " + x["expiresAt"].(string)
	}
	return line + strings.Repeat(" reviewed", len(r["reviews"].([]any)))
}

// The whole life of a request, as events with the request as it was after each:
// live, and the same again when replayed later.
func TestEventsOfALife(t *testing.T) {
	b := newBed(t)
	f := b.streams(0)
	live, codes := b.follow(f, session(b.ada), eventsQuery, nil)
	if codes != "" {
		t.Fatal(codes)
	}
	from := scalar.FormatCursor(b.journal.Last())
	ada, dev := session(b.ada), session(b.dev)
	id := b.create()
	do := func(who caller, name string, input object) {
		t.Helper()
		input["requestId"] = id
		b.ok(who, name, input)
		b.pass(time.Minute)
	}
	b.pass(time.Minute)
	do(dev, "updateAccessRequest", object{"reason": "better", "duration": "PT2H"})
	do(ada, "reviewAccessRequest", object{"decision": "APPROVE", "duration": "PT30M"})
	b.tick(0)
	do(dev, "extendAccessRequest", object{"duration": "PT1H", "reason": "more"})
	do(ada, "reviewAccessRequest", object{"decision": "DENY"})
	do(dev, "extendAccessRequest", object{"duration": "PT1H", "reason": "please"})
	do(ada, "reviewAccessRequest", object{"decision": "APPROVE", "duration": "PT15M"})
	b.tick(time.Hour)
	want := []string{
		"CREATED by DEV: v1 PENDING PT1H Fix it",
		"UPDATED by DEV: v2 PENDING PT2H better",
		"APPROVED by ADA: v2 APPROVED PT2H better PT30M until 2026-11-23T10:32:00Z reviewed",
		"ACTIVATED by SYSTEM: v2 ACTIVE PT2H better PT30M until 2026-11-23T10:32:00Z reviewed",
		"EXTENSION_REQUESTED by DEV: v3 ACTIVE PT2H better PT30M until 2026-11-23T10:32:00Z +PT1H to 2026-11-23T11:32:00Z reviewed",
		"EXTENSION_DENIED by ADA: v3 ACTIVE PT2H better PT30M until 2026-11-23T10:32:00Z reviewed reviewed",
		"EXTENSION_REQUESTED by DEV: v4 ACTIVE PT2H better PT30M until 2026-11-23T10:32:00Z +PT1H to 2026-11-23T11:32:00Z reviewed reviewed",
		"EXTENDED by ADA: v4 ACTIVE PT2H better PT45M until 2026-11-23T10:47:00Z reviewed reviewed reviewed",
		"EXPIRED by SYSTEM: v4 EXPIRED PT2H better PT45M until 2026-11-23T10:47:00Z reviewed reviewed reviewed",
	}
	people := strings.NewReplacer("DEV", b.dev.ID, "ADA", b.ada.ID)
	again, codes := b.follow(f, service("events:read"), eventsQuery, object{"after": from})
	if codes != "" {
		t.Fatal(codes)
	}
	for name, who := range map[string]*follower{"live": live, "replayed": again} {
		for i, ev := range who.next(len(want)) {
			if got := told(ev); got != people.Replace(want[i]) {
				t.Errorf("%s, event %d:\ngot  %s\nwant %s", name, i, got, people.Replace(want[i]))
			}
		}
	}
}

// The ends of a request that the life above does not have.
func TestEventsOfOtherEnds(t *testing.T) {
	b := newBed(t)
	f := b.streams(0)
	for status, want := range map[access.Status]string{
		access.StatusClosed:   "CREATED APPROVED ACTIVATED CLOSED",
		access.StatusRevoked:  "CREATED APPROVED ACTIVATED REVOKED",
		access.StatusDenied:   "CREATED DENIED",
		access.StatusCanceled: "CREATED CANCELED",
		access.StatusTimedOut: "CREATED TIMED_OUT",
	} {
		from := scalar.FormatCursor(b.journal.Last())
		id := b.create()
		statuses()[status](b, id)
		who, codes := b.follow(f, session(b.dev), eventsQuery, object{"after": from})
		if codes != "" {
			t.Fatal(codes)
		}
		var types []string
		events := who.next(len(strings.Fields(want)))
		for _, ev := range events {
			types = append(types, ev["type"].(string))
		}
		last := events[len(events)-1]["request"].(object)
		if got := strings.Join(types, " "); got != want || last["status"] != string(status) || last["requestId"] != id {
			t.Errorf("%s: got %s, at last %v", status, got, last)
		}
		if end := last["grant"]; end != nil && end.(object)["expiresAt"] != b.now().Format(time.RFC3339) {
			t.Errorf("%s: the grant goes on: %v", status, end)
		}
	}
}

// A member follows their own requests alone, whatever they filter by.
func TestMembersFollowTheirOwn(t *testing.T) {
	b := newBed(t)
	f := b.streams(1) // so that a pull reads the journal itself, and comes to its end
	first := b.create()
	b.createBy(session(b.eve))
	own := b.create()
	b.createBy(session(b.bo))
	b.ok(session(b.dev), "cancelAccessRequest", object{"requestId": own})
	ids := func(who caller, n int, filter object) []string {
		t.Helper()
		out, codes := b.follow(f, who, eventsQuery, object{"after": "j0", "filter": filter})
		if codes != "" {
			t.Fatal(codes)
		}
		var list []string
		for _, ev := range out.next(n) {
			list = append(list, ev["request"].(object)["requestId"].(string))
		}
		if more, err := out.stream.Pull(t.Context(), nil, 10); err != nil || len(more) > 0 {
			t.Errorf("%s: %d more events, %v", who.Actor.Name, len(more), err)
		}
		return list
	}
	want := []string{first, own, own}
	for _, who := range []caller{session(b.dev), acting(b.dev), token(b.dev, "events:read")} {
		if got := ids(who, 3, nil); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got := ids(session(b.dev), 1, object{"types": []string{"CANCELED"}}); !slices.Equal(got, []string{own}) {
		t.Errorf("canceled: %v", got)
	}
	ids(session(b.ada), 5, nil)
	ids(session(b.ada), 3, object{"requesterId": b.dev.ID})
	ids(service("events:read"), 4, object{"status": []string{"PENDING"}})
	ids(session(b.dev), 0, object{"requesterId": b.eve.ID})
	ids(session(b.dev), 0, object{"reviewableByMe": true})
}

// A cursor that is none, or beyond the end, begins no stream.
func TestBadCursorsOfEvents(t *testing.T) {
	b := newBed(t)
	f := b.streams(0)
	last := b.cursor(b.journal.Head())
	account := b.do(session(b.ada), `{ accounts { pageInfo { endCursor } } }`, nil).Data["accounts"].(object)["pageInfo"].(object)["endCursor"].(string)

	for cursor, want := range map[string]string{
		"": mismatch, "j": mismatch, "1": mismatch, "J1": mismatch, "j01": mismatch, "j-1": mismatch, "jzzzzzzzzzzzzzz": mismatch,
		"j0.00000000": mismatch, last + "0": mismatch, last[:len(last)-1]: mismatch, strings.ToUpper(last): mismatch, account: mismatch,
		"j1": expired, "jzzzzzz": expired,
		last[:len(last)-8] + "00000000": changed, "jzzzzzz" + last[len(last)-9:]: changed,
		"j" + strconv.FormatUint(b.journal.Head()-1, 36) + last[len(last)-9:]: changed,
		"j0": "", last: "",
	} {
		if _, got := b.follow(f, session(b.ada), eventsQuery, object{"after": cursor}); got != want {
			t.Errorf("%q: %q, want %q", cursor, got, want)
		}
	}
}
