// Package notifiertest is the suite that each kind of integrations must pass: its channel
// says rightly what became of a message and tells no secret, and its destination is
// checked and masked. A kind's test gives it a simulated far end, and calls [Run].
package notifiertest

import (
	"context"
	"strings"
	"testing"
	"time"

	"procyon/integration"
	"procyon/notifier"
)

// FarEnd is where a kind of integrations posts, simulated.
type FarEnd struct {
	// Kind and Channel are what is tested.
	Kind    integration.Kind
	Channel notifier.Channel
	// Address is of an integration that is there.
	Address string
	// Secrets are what nobody may be told.
	Secrets []string
	// Texts are the messages that the far end took, the first first. Lines beneath a
	// message are not among them.
	Texts func() []string
	// Answer has the far end end the next message so: [notifier.OutcomeRetry] with the wait that is
	// asked for, [notifier.OutcomeDead] or [notifier.OutcomeBroken].
	Answer func(o notifier.Outcome, wait time.Duration)
	// Hang has the far end not answer the next message.
	Hang func()
	// Good and Bad are values of the destination's fields. Fields that others check are
	// left out.
	Good, Bad map[string][]string
}

// Run runs the suite. open makes a far end, which ends with its test.
func Run(t *testing.T, open func(t *testing.T) FarEnd) {
	t.Run("every event is delivered", func(t *testing.T) { everyEvent(t, open) })
	t.Run("outcomes", func(t *testing.T) { outcomes(t, open(t)) })
	t.Run("one message of a request, or many", func(t *testing.T) { updates(t, open(t)) })
	t.Run("Send ends with its context", func(t *testing.T) { ends(t, open(t)) })
	t.Run("destination", func(t *testing.T) { destination(t, open(t)) })
}

// Message is a message about an event: what people wrote in it is hostile.
func Message(event string) notifier.Message {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	return notifier.Message{
		Event: event, Cursor: "j1", RequestID: "req_1", Integration: "Approvals", IntegrationID: "int_1",
		Actor: notifier.Person{Name: "Ada <!channel>", Email: "ada@example.com"}, At: at,
		Requester: notifier.Person{Name: "Dev & Co", Email: "dev@example.com"},
		Items: []notifier.Item{
			{Resource: "orders-db", Role: "reader", Kind: "DATABASE", Account: "Production"},
			{Resource: "bastion-1", Kind: "PRIVATE_SERVER", Gateway: "Berlin office"},
		},
		Tracks: []notifier.Track{{Policy: "Money & more", Steps: []notifier.Step{
			{Name: "Owners", Status: "MET", Need: 1, ApprovedBy: []string{"Eve"}},
			{Status: "PRESENT", Need: 2, Lacking: 2, Approvers: []string{"<!here> Flo", "the administrators"}},
		}}},
		OtherItems: 1, Duration: 2 * time.Hour, StartsAt: at, ExpiresAt: at.Add(2 * time.Hour), Reason: "Fix <@U012345> *now*",
		Ticket: "INC-42", Comment: "be careful", Status: "PENDING", URL: "https://procyon.example.com/requests/req_1",
	}
}

// test is a test message.
func test() notifier.Message {
	return notifier.Message{Event: notifier.Test, Integration: "Approvals", IntegrationID: "int_1"}
}

// Events are the types of events of which messages are sent, and one that is not known
// yet.
func Events() []string {
	return []string{
		"CREATED", "UPDATED", "REVIEWED", "APPROVED", "DENIED", "CANCELED", "TIMED_OUT", "ACTIVATED", "EXTENSION_REQUESTED", "EXTENDED",
		"EXTENSION_DENIED", "POLICY_CHANGED", "REMINDED", "ESCALATED", "EXPIRED", "CLOSED", "REVOKED", "FAILED", "SOMETHING_NEW",
	}
}

func everyEvent(t *testing.T, open func(t *testing.T) FarEnd) {
	for _, event := range append(Events(), notifier.Test) {
		t.Run(event, func(t *testing.T) {
			f, m := open(t), Message(event)
			if event == notifier.Test {
				m = test()
			}
			r := f.Channel.Send(t.Context(), f.Address, m)
			if r.Outcome != notifier.OutcomeDelivered || r.Detail != "" || r.RetryAfter != 0 {
				t.Fatalf("%+v", r)
			}
			got := f.Texts()
			if len(got) != 1 {
				t.Fatalf("the far end has %d messages: %q", len(got), got)
			}
			if m.RequestID != "" && (!strings.Contains(got[0], "orders-db") || !strings.Contains(got[0], "Dev &amp; Co") && !strings.Contains(got[0], m.Requester.Name)) {
				t.Errorf("the message does not say who asks for what: %s", got[0])
			}
			f.quiet(t, got[0])
		})
	}
}

func outcomes(t *testing.T, f FarEnd) {
	const wait = 7 * time.Second
	for _, want := range []notifier.Outcome{notifier.OutcomeRetry, notifier.OutcomeDead, notifier.OutcomeBroken} {
		f.Answer(want, wait)
		r := f.Channel.Send(t.Context(), f.Address, Message("CREATED"))
		if r.Outcome != want || r.Detail == "" {
			t.Errorf("%+v, want %s with a reason", r, want)
		}
		if asked := r.RetryAfter; want == notifier.OutcomeRetry && asked != wait || want != notifier.OutcomeRetry && asked != 0 {
			t.Errorf("%s: wait for %v", want, asked)
		}
		f.quiet(t, r.Detail)
	}
	if n := len(f.Texts()); n != 0 {
		t.Errorf("%d messages were taken", n)
	}
	if r := f.Channel.Send(t.Context(), f.Address, Message("CREATED")); r.Outcome != notifier.OutcomeDelivered {
		t.Errorf("a failure is remembered: %+v", r)
	}
}

// updates: what keeps its messages up to date has one for each request.
func updates(t *testing.T, f FarEnd) {
	for _, event := range []string{"CREATED", "APPROVED", "EXPIRED"} {
		if r := f.Channel.Send(t.Context(), f.Address, Message(event)); r.Outcome != notifier.OutcomeDelivered {
			t.Fatalf("%s: %+v", event, r)
		}
	}
	want := 3
	if _, ok := f.Channel.(notifier.Updater); ok {
		want = 1
	}
	if got := f.Texts(); len(got) != want {
		t.Errorf("%d messages for three events of a request, want %d: %q", len(got), want, got)
	}
}

func ends(t *testing.T, f FarEnd) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := f.Channel.Send(ctx, f.Address, Message("CREATED")); r.Outcome != notifier.OutcomeRetry {
		t.Errorf("begun too late: %+v", r)
	}
	f.Hang()
	ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	r := f.Channel.Send(ctx, f.Address, Message("CREATED"))
	if took := time.Since(began); r.Outcome != notifier.OutcomeRetry || r.Detail == "" || took > 5*time.Second {
		t.Errorf("cut short: %+v after %v", r, took)
	}
	f.quiet(t, r.Detail)
}

func destination(t *testing.T, f FarEnd) {
	if f.Kind.Name == "" || f.Kind.Foreign == "" || len(f.Kind.Destination) == 0 {
		t.Errorf("%+v does not say what it is", f.Kind)
	}
	for _, field := range f.Kind.Destination {
		good, bad := f.Good[field.Name], f.Bad[field.Name]
		if field.Check == nil {
			if len(good)+len(bad) > 0 {
				t.Errorf("%s is not checked", field.Name)
			}
			continue
		}
		for _, v := range good {
			if err := field.Check(v); err != nil {
				t.Errorf("%s refuses %q: %v", field.Name, v, err)
			}
		}
		for _, v := range append([]string{""}, bad...) {
			err := field.Check(v)
			if err == nil {
				t.Errorf("%s takes %q", field.Name, v)
				continue
			}
			if field.Secret && v != "" && strings.Contains(err.Error(), v) {
				t.Errorf("%s repeats %q: %v", field.Name, v, err)
			}
		}
		if len(good) == 0 || len(bad) == 0 {
			t.Errorf("%s is not tried", field.Name)
		}
		if field.Secret {
			f.masks(t, field, good)
		}
	}
}

func (f *FarEnd) masks(t *testing.T, field integration.Field, values []string) {
	for _, v := range values {
		masked := field.Mask(v)
		if masked == "" || masked == v {
			t.Errorf("%s is shown as %q", field.Name, masked)
		}
		f.quiet(t, masked)
	}
}

// quiet looks for secrets in what people are shown.
func (f *FarEnd) quiet(t *testing.T, shown string) {
	t.Helper()
	for _, s := range f.Secrets {
		if s == "" || strings.Contains(shown, s) {
			t.Errorf("a secret is told: %q", shown)
		}
	}
}
