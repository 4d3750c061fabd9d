package slackbot

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

// office is a server that keeps records, and a Slack that counts messages.
type office struct {
	t *testing.T

	mu      sync.Mutex
	records map[string]record
	posted  []string
	refuse  int  // how many of the next messages Slack refuses for now
	crash   bool // nothing is kept after a message
	down    bool // the server takes no records
	states  map[string]workspaceState
	lookUps int // of who somebody is, at Slack
	bot     *Bot
}

func (o *office) server(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Query     string
		Variables struct {
			Prefix  string
			After   string
			First   int
			SlackID string
			Input   struct{ Records []change }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		o.t.Error(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	data := map[string]any{}
	switch {
	case strings.Contains(in.Query, "query readRecords "):
		list := []record{}
		for _, key := range slices.Sorted(maps.Keys(o.records)) {
			if strings.HasPrefix(key, in.Variables.Prefix) && key > in.Variables.After && len(list) < in.Variables.First {
				list = append(list, o.records[key])
			}
		}
		data["records"] = list
	case strings.Contains(in.Query, "mutation putRecords "):
		errs := []any{}
		for _, c := range in.Variables.Input.Records {
			if o.down || c.Version != o.records[c.Key].Version+1 {
				errs = append(errs, map[string]any{"code": "CONFLICT", "message": "changed"})
				continue
			}
			o.records[c.Key] = record{c.Key, c.Version, *c.Value}
		}
		data["putRecords"] = map[string]any{"userErrors": errs}
	case strings.Contains(in.Query, "query readWorkspace "):
		data["slackWorkspace"] = o.states[in.Variables.SlackID]
	case strings.Contains(in.Query, "query readIdentity "):
		data["slackIdentity"] = map[string]any{"id": "slk_1", "status": "WAITING", "waitsBecause": "EMAIL_HIDDEN", "user": map[string]any{"id": "usr_1", "name": "Dev"}}
	default:
		o.t.Errorf("the server is asked %s", in.Query)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func (o *office) slack(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "conversations.open") {
		fmt.Fprint(w, `{"ok":true,"channel":{"id":"D1"}}`)
		return
	}

	o.mu.Lock()
	defer o.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "users.info") {
		o.lookUps++
		fmt.Fprintf(w, `{"ok":true,"user":{"id":%q,"team_id":"T1","name":"dev"}}`, r.FormValue("user"))
		return
	}
	if o.refuse > 0 {
		o.refuse--
		fmt.Fprint(w, `{"ok":false,"error":"ratelimited"}`)
		return
	}
	o.posted = append(o.posted, r.FormValue("text"))
	fmt.Fprint(w, `{"ok":true,"channel":"D1","ts":"1.1"}`)
	o.down = o.down || o.crash
}

// newOffice is a bot with them, on a clock of the test's.
func newOffice(t *testing.T) (*office, func(l *problemList) error, *time.Time) {
	t.Helper()
	o := &office{t: t, records: map[string]record{
		credentialKey("T1"): {credentialKey("T1"), 1, `{"workspaceId":"wsp_1","slackId":"T1","token":"xoxb-1"}`},
	}}
	server, slack := httptest.NewServer(http.HandlerFunc(o.server)), httptest.NewServer(http.HandlerFunc(o.slack))
	t.Cleanup(func() { server.Close(); slack.Close() })
	c, err := client.New(client.Options{URL: server.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	api, err := slackapi.NewAPI(slack.URL)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	b, err := New(Options{Client: c, API: api, PublicURL: &url.URL{Scheme: "https", Host: "p.example"}, SigningSecret: signingSecret, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	o.bot = b
	teller := &teller{Bot: b}
	return o, func(l *problemList) error {
		_, err := teller.tell(t.Context(), l, "usr_ada", seat{"T1", "UADA"})
		return err
	}, &now
}

// linksThatWait are problems that strangers can cause.
func linksThatWait(keys ...string) *problemList {
	return problemsOf(ProblemKindSlackLinkWaiting, keys...)
}

func problemsOf(kind ProblemKind, keys ...string) *problemList {
	l := &problemList{Count: len(keys)}
	for _, k := range keys {
		l.Problems = append(l.Problems, problem{Key: k, Kind: kind, Text: k + " failed.", Mend: "Mend it.", URL: "https://p.example/links"})
	}
	return l
}

func (o *office) wants(n int, when string) {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.posted) != n {
		o.t.Fatalf("%s: %d messages, want %d", when, len(o.posted), n)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAdministratorsAreToldOnce(t *testing.T) {
	o, tell, now := newOffice(t)
	must(t, tell(linksThatWait()))
	o.wants(0, "nothing waits")
	must(t, tell(linksThatWait("slk_a")))
	must(t, tell(linksThatWait("slk_a")))
	o.wants(1, "one waits")
	*now = now.Add(time.Minute)
	must(t, tell(linksThatWait("slk_a", "slk_b")))
	o.wants(1, "another one, a minute later")
	*now = now.Add(time.Hour)
	must(t, tell(linksThatWait("slk_a", "slk_b")))
	o.wants(2, "an hour later")
	*now = now.Add(2 * time.Hour)
	must(t, tell(linksThatWait("slk_b")))
	o.wants(2, "one was decided")
	more := linksThatWait("slk_b")
	more.Count = 50
	must(t, tell(more))
	o.wants(3, "there are more than are listed")
	if !strings.Contains(o.posted[2], "And 49 more.") {
		t.Errorf("%s", o.posted[2])
	}
	*now = now.Add(2 * time.Hour)
	must(t, tell(linksThatWait()))
	must(t, tell(linksThatWait("slk_b")))
	o.wants(4, "the same waits again")
}

// What keeps requests from being heard is told soon; what fails at once is one message, each
// failure is in one, and the same that fails anew is in another, whichever bot tells it.
func TestEachFailureIsToldOnce(t *testing.T) {
	o, tell, now := newOffice(t)
	broken := func(keys ...string) *problemList {
		return problemsOf(ProblemKindIntegrationBroken, keys...)
	}
	first := broken("int_a@0")
	since := *now
	first.Problems[0].Since = &since
	must(t, tell(first))
	o.wants(0, "perhaps more fails")
	*now = now.Add(tellSettled)
	both := broken("int_b@0", "int_a@0")
	both.Problems[0].Since, both.Problems[1].Since = new(*now), &since
	must(t, tell(both))
	o.wants(0, "more has failed")
	*now = now.Add(tellSettled)
	must(t, tell(both))
	o.wants(1, "nothing more fails")
	if text := o.posted[0]; !strings.Contains(text, "int_a@0 failed. Mend it.") || !strings.Contains(text, "int_b@0 failed. Mend it.") {
		t.Errorf("%s", text)
	}
	*now = now.Add(tellQuiet)
	for range 2 {
		again := &teller{Bot: o.bot} // after a restart
		_, err := again.tell(t.Context(), both, "usr_ada", seat{"T1", "UADA"})
		must(t, err)
	}
	o.wants(1, "told already")
	must(t, tell(broken("int_a@1", "int_b@0")))
	o.wants(2, "one was mended and fails anew")
	if text := o.posted[1]; !strings.Contains(text, "int_a@1 failed") || strings.Index(text, "int_a@1") > strings.Index(text, "int_b@0") {
		t.Errorf("%s", text)
	}
	*now = now.Add(tellQuiet)
	must(t, tell(broken("int_a@0", "int_b@0")))
	o.wants(2, "an earlier failure of the same comes to light again")
	must(t, tell(broken()))
	must(t, tell(broken("int_a@0")))
	o.wants(3, "the same failure after it was gone")
}

// What fails one after the other for long is told all the same.
func TestWhatNeverSettlesIsTold(t *testing.T) {
	o, tell, now := newOffice(t)
	l, begin := &problemList{}, *now
	for i := range 20 {
		at := *now
		l.Problems = append(l.Problems, problem{Key: fmt.Sprint("int_", i, "@0"), Kind: ProblemKindIntegrationBroken, Since: &at, Text: "It failed.", URL: "https://p.example/"})
		l.Count++
		must(t, tell(l))
		if len(o.posted) > 0 {
			break
		}
		*now = now.Add(tellSettled / 2)
	}
	o.wants(1, "after half a minute")
	if took := now.Sub(begin); took != tellLatest {
		t.Errorf("told after %s", took)
	}
	if !strings.Contains(o.posted[0], "And 2 more.") {
		t.Errorf("%s", o.posted[0])
	}
}

// Slack's refusals are tried again, a crash repeats a message once at most, and a server
// that keeps nothing gets none sent.
func TestFailuresWhileAdministratorsAreTold(t *testing.T) {
	o, tell, now := newOffice(t)
	o.refuse = 1
	if err := tell(linksThatWait("slk_a")); err == nil {
		t.Fatal("Slack's refusal is taken for a success")
	}
	must(t, tell(linksThatWait("slk_a")))
	o.wants(1, "after Slack's refusal")

	o.down = true
	*now = now.Add(2 * time.Hour)
	if err := tell(linksThatWait("slk_b")); !errors.Is(err, errChanged) {
		t.Errorf("%v", err)
	}
	o.wants(1, "no record can be kept")

	o.down, o.crash = false, true // from the first message on nothing is kept: as after a crash
	for range 3 {
		for range 5 {
			_ = tell(linksThatWait("slk_b"))
		}
		o.down = false
		*now = now.Add(2 * time.Minute)
	}
	o.wants(3, "after crashes")
	o.crash = false
	must(t, tell(linksThatWait("slk_b", "slk_c")))
	o.wants(3, "settled")
}

// Anybody of a workspace can install the app there, too: it waits, and takes nothing from
// the people of an organisation that was accepted.
func TestAWorkspaceThatWaitsIsNotInTheWayOfItsOrganisation(t *testing.T) {
	o, _, _ := newOffice(t)
	o.records[credentialKey("E1")] = record{credentialKey("E1"), 1, `{"workspaceId":"wsp_2","slackId":"E1","token":"xoxb-2"}`}
	o.states = map[string]workspaceState{"T1": {Waiting: true}}
	if w, err := o.bot.spaces.find(t.Context(), "T1", "E1"); err != nil || w.SlackID != "E1" {
		t.Errorf("%s, %v", w.SlackID, err)
	}
	o.states["E1"] = workspaceState{Waiting: true}
	if w, err := o.bot.spaces.find(t.Context(), "T1", "E1"); !errors.Is(err, errWaiting) || w.SlackID != "T1" {
		t.Errorf("%s, %v", w.SlackID, err)
	}
	o.states["T1"] = workspaceState{Removed: true}
	if w, err := o.bot.spaces.find(t.Context(), "T1", "E1"); !errors.Is(err, errWaiting) || w.SlackID != "E1" {
		t.Errorf("%s, %v", w.SlackID, err)
	}
}

// offered writes down that a Slack user was offered to link.
func (o *office) offered(user string) {
	value, err := json.Marshal(pendingLogin{SlackID: "T1", User: user, ExpiresAt: o.bot.now().Add(time.Minute)})
	must(o.t, err)
	o.records[loginKey("T1", user)] = record{loginKey("T1", user), 1, string(value)}
}

// Whoever waits for an administrator is looked up when they are told so, and not again
// and again: that would use up what Slack allows for everybody's commands and clicks.
func TestWhoWaitsIsNotLookedUpAllTheTime(t *testing.T) {
	o, _, _ := newOffice(t)
	o.offered("U1")
	for range 5 {
		must(t, o.bot.finishLogins(t.Context()))
	}
	o.wants(1, "it waits")
	if o.lookUps != 1 {
		t.Errorf("looked up %d times at Slack, want once", o.lookUps)
	}
}

// Of many who link at a time everybody hears of it, however many of the others wait.
func TestAllHearOfTheirLinks(t *testing.T) {
	o, _, _ := newOffice(t)
	for i := range 205 {
		o.offered(fmt.Sprintf("U%03d", i))
	}
	must(t, o.bot.finishLogins(t.Context()))
	o.wants(205, "all wait")
}

// Where those who may decide get a message for each request, a request that no channel
// hears of needs no other.
func TestRequestsThatApproversHeardOfAreNotTold(t *testing.T) {
	broken := problem{Key: "INTEGRATION_BROKEN/int_1@1", Kind: ProblemKindIntegrationBroken}
	list := func(unheard, count int) *problemList {
		l := &problemList{Problems: []problem{broken}, Count: count}
		for i := range unheard {
			l.Problems = append(l.Problems, problem{Key: fmt.Sprintf("REQUEST_UNHEARD/req_%d@1", i), Kind: ProblemKindRequestUnheard})
		}
		return l
	}
	for _, c := range []struct {
		quiet                 bool
		unheard, count        int
		wantListed, wantCount int
	}{
		{false, 0, 1, 1, 1}, {false, 3, 4, 1, 1}, {false, 20, 60, 1, 1}, {true, 3, 4, 4, 4},
	} {
		b := &Bot{opt: Options{QuietApprovers: c.quiet}}
		if l := b.tellable(list(c.unheard, c.count)); len(l.Problems) != c.wantListed || l.Count != c.wantCount {
			t.Errorf("%+v: %d are told of %d", c, len(l.Problems), l.Count)
		}
	}
}
