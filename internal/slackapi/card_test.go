package slackapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

var at = time.Date(2026, 11, 23, 10, 39, 0, 0, time.UTC)

// sample is a card with everything on it.
func sample(e Event) Card {
	c := Card{
		Event:     e,
		Actor:     Person{Name: "Grace Hopper", Email: "grace@example.com"},
		Requester: Person{Name: "Ada Lovelace", Email: "ada_l@example.com"},
		Items: []Item{
			{Resource: "orders-db", Role: "read-only", Kind: "Database", Place: "Production"},
			{Resource: "admin", Role: "AdministratorAccess", Kind: "Cloud role", Place: "Production"},
		},
		MoreItems: 2,
		Duration:  90 * time.Minute,
		At:        at,
		Reason:    "INC-42: orders are stuck <!channel> *now*\nand customers wait & wait",
		Ticket:    "INC-42",
		Status:    string(e),
		URL:       "https://procyon.example.com/requests/req_0193?from=slack&v=1",
	}
	switch e {
	case EventCreated:
		c.Status, c.Actor = "PENDING", c.Requester
	case EventApproved:
		c.StartsAt, c.ExpiresAt = at, at.Add(90*time.Minute)
	case EventDenied:
		c.Comment = "Use the replica, please"
	case EventExpired, EventTimedOut:
		c.Actor = Person{}
	case EventTest:
		c = Card{Event: EventTest, Actor: c.Actor, At: at, URL: "https://procyon.example.com/", Integration: "Production alerts"}
	}
	return c
}

func goldenCards() map[string]Card {
	cards := map[string]Card{}
	for _, e := range []Event{EventCreated, EventApproved, EventDenied, EventCanceled, EventExpired, EventClosed, EventRevoked, EventTimedOut, EventTest} {
		cards[strings.ToLower(string(e))] = sample(e)
	}
	minimal := Card{Event: EventCreated}
	cards["empty"] = minimal
	button := sample(EventCreated)
	button.Interactive = true
	cards["created_interactive"] = button
	steps := sample(EventCreated)
	steps.Tracks = []Track{
		{Policy: "Production", Items: steps.Items[:1], Steps: []Step{
			{Name: "Owners", State: StepMet, Need: 1, ApprovedBy: []string{"Eve"}, Approvers: []string{"Eve (owner)"}},
			{State: StepPresent, Need: 2, Lacking: 1, ApprovedBy: []string{"Flo"}, Approvers: []string{"Flo", "Gus", "DBA"}, Guardrail: "Four eyes"},
			{State: StepLater, Need: 1, Approvers: []string{"the administrators"}},
		}},
		{Policy: "Roles", Items: steps.Items[1:], Guardrails: []string{"Contractors", "Weekends"}, Steps: []Step{{State: StepPresent, Need: 1, Lacking: 1}}},
		{Policy: "Nobody", Refused: "This is for break-glass alone."},
		{Policy: "At once"},
	}
	cards["steps"] = steps
	cards["policy_changed"] = sample(EventPolicyChanged)
	cards["reminded"] = sample(EventReminded)
	escalated := sample(EventEscalated)
	escalated.Tracks = []Track{{Policy: "Production", Steps: []Step{
		{State: StepPresent, Need: 1, Lacking: 1, Approvers: []string{"On-call"}, Escalates: at.Add(time.Hour), Ends: at.Add(2 * time.Hour)},
	}}}
	cards["escalated"] = escalated
	cards["hostile"] = hostile(strings.Repeat("<!channel> <@U1|x> <#C1> <https://evil.example|click> *b* _i_ ~s~ `c` & é👩‍👩‍👧‍👦 :tada:\n> q\n", 60))
	return cards
}

// hostile is a card whose every text is s.
func hostile(s string) Card {
	c := Card{
		Event: EventCreated, Actor: Person{s, s}, Requester: Person{s, s}, MoreItems: 7,
		Duration: time.Hour, Granted: time.Minute, StartsAt: at, ExpiresAt: at, NewEnd: at, At: at, Hint: s,
		Reason: s, Ticket: s, Comment: s, Status: s, URL: "https://procyon.example.com/" + s, Integration: s,
	}
	for range 40 {
		c.Items = append(c.Items, Item{s, s, s, s, s, s})
		step := Step{s, StepPresent, 2, 1, []string{s, s, s, s, s, s, s, s}, []string{s, s, s, s, s, s, s, s}, s, at, at}
		c.Tracks = append(c.Tracks, Track{Policy: s, Items: c.Items, Steps: []Step{step, step}, Guardrails: []string{s + "1", s + "2", s, s, s, s, s}})
	}
	return c
}

func TestGoldenCards(t *testing.T) {
	for name, card := range goldenCards() {
		t.Run(name, func(t *testing.T) {
			m := card.Message()
			if err := Check(m); err != nil {
				t.Fatal(err)
			}
			line := card.Line()
			if err := Check(line); err != nil || strings.Contains(line.Text, "<!") {
				t.Fatalf("as a line: %v: %s", err, line.Text)
			}
			got := indented(t, m)
			path := filepath.Join("testdata", "cards", name+".json")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs (run with -update to accept):\n%s", path, got)
			}
		})
	}
}

func indented(t *testing.T, m Message) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	var v any
	raw, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err == nil {
		err = enc.Encode(v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTopTextIsWhole: a screen reader reads the top-level text only.
func TestTopTextIsWhole(t *testing.T) {
	text := sample(EventDenied).Message().Text
	for _, want := range []string{
		"Access denied for Ada Lovelace", "Denied by Grace Hopper (grace@example.com)", "ada_l@example.com",
		"orders-db as read-only (Database, Production)", "admin as AdministratorAccess", "and 2 more items",
		"Duration: 1 hour 30 minutes", "Ticket: INC-42", "Reason: INC-42: orders are stuck &lt;!channel&gt;",
		"Comment: Use the replica, please", "Status: Denied", "2026-11-23 10:39 UTC",
		"https://procyon.example.com/requests/req_0193?from=slack&amp;v=1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

// TestHiddenItems: a channel learns the number of other items and nothing else.
func TestHiddenItems(t *testing.T) {
	for more, want := range map[int]string{0: "", 1: "and 1 more item", 5: "and 5 more items"} {
		c := sample(EventCreated)
		c.MoreItems = more
		if _, rest := c.itemLines(1000); rest != want {
			t.Errorf("%d more: %q, want %q", more, rest, want)
		}
	}
	c := Card{Items: make([]Item, 30), MoreItems: 2}
	if lines, rest := c.itemLines(10000); len(lines) != shownItems || rest != "and 12 more items" {
		t.Errorf("%d lines, %q", len(lines), rest)
	}
}

func TestLinkIsLeftOut(t *testing.T) {
	for _, bad := range []string{"", "javascript:alert(1)", "/requests/1", "https://", "ftp://a/b", "https://u:p@a/b", "https://a/" + strings.Repeat("x", 2000), "://", "https://a b/"} {
		if got := (Card{URL: bad}).link(); got != "" {
			t.Errorf("%q gives a link: %q", bad, got)
		}
	}
	if got := (Card{URL: "https://a/b|c>d<e?x=1&y=2"}).link(); strings.ContainsAny(got, "|<>") || !strings.Contains(got, "&amp;") {
		t.Errorf("not safe in mrkdwn: %q", got)
	}
}
