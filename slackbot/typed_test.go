package slackbot

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"procyon/client"
)

// shelf is a catalog of these names, with roles behind a colon and a place behind an at.
// It finds as the server does: each word of a search begins a word of a name, or is a part
// of one.
func shelf(names ...string) catalog {
	parts := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	return func(_ context.Context, search string) ([]resource, error) {
		var out []resource
		for i, n := range names {
			n, place, _ := strings.Cut(n, "@")
			n, roles, _ := strings.Cut(n, ":")
			r := resource{ID: fmt.Sprint("res_", i), Name: n}
			if roles != "" {
				r.Roles = strings.Split(roles, "|")
			}
			if place != "" {
				r.Account = &resourceAccount{Name: place}
			}
			hit := true
			for _, w := range parts(search) {
				hit = hit && strings.Contains(strings.ToLower(n), w)
			}
			if hit && len(out) < maxFound {
				out = append(out, r)
			}
		}
		return out, nil
	}
}

var everyday = shelf(
	"orders-db:reader|writer@Production", "Orders DB:readonly|read only|admin@Staging", "Orders:viewer@Production", "PowerUser@Production", "grafana:viewer|editor@Staging",
	"Bo's box", "build-mac", "2h-box", "bastion-1@Berlin", "twin@A", "twin@B", "Kunden – Archiv", "für alle", "데이터베이스",
)

// read reads the words of somebody who may ask for at most eight hours.
func read(t *testing.T, find catalog, words string) *typed {
	t.Helper()
	got, err := readTyped(t.Context(), find, words, usual())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What an engineer types, also on a phone: which resource, which role, for how long, why.
func TestWordsBehindRequest(t *testing.T) {
	const m, h = time.Minute, time.Hour
	for words, want := range map[string]struct {
		resource, role string
		length         time.Duration
		reason         string
	}{
		"":                                      {},
		"orders-db":                             {resource: "orders-db"},
		"orders-db 2h stuck orders INC-42":      {"orders-db", "", 2 * h, "stuck orders INC-42"},
		"ORDERS-DB as Writer 2h stuck":          {"orders-db", "writer", 2 * h, "stuck"},
		"Orders DB as readonly 2 hours why not": {"Orders DB", "readonly", 2 * h, "why not"},
		`"Orders DB" as readonly 2 hours why not`:    {"Orders DB", "readonly", 2 * h, "why not"},
		"“Orders DB” as “read only” 2 hours why not": {"Orders DB", "read only", 2 * h, "why not"},
		"”Orders DB” 1h x":                           {"Orders DB", "", h, "x"},
		"„Orders DB“ 1h x":                           {"Orders DB", "", h, "x"},
		"«Orders DB» 1h x":                           {"Orders DB", "", h, "x"},
		"`orders-db` 1h x":                           {"orders-db", "", h, "x"},
		"'Orders DB', 1h, x":                         {"Orders DB", "", h, "x"},
		"‘Bo’s box’ 1h x":                            {"Bo's box", "", h, "x"},
		"Bo’s box 1h x":                              {"Bo's box", "", h, "x"},
		"'Bo's box' 1h x":                            {"Bo's box", "", h, "x"},
		"Bo's box 1h x":                              {"Bo's box", "", h, "x"},
		`"orders-db" – for 1 hour – it's stuck`:      {"orders-db", "", h, "it's stuck"},
		"Orders DB as read only for 90min: why":      {"Orders DB", "read only", 90 * m, "why"},
		"Orders 1h x":                                {"Orders", "", h, "x"},
		"orders db 1h30m x":                          {"Orders DB", "", 90 * m, "x"},
		"orders-db 1h 30m x":                         {"orders-db", "", 90 * m, "x"},
		"orders-db 90min x":                          {"orders-db", "", 90 * m, "x"},
		"orders-db half an hour x":                   {"orders-db", "", 30 * m, "x"},
		"orders-db 2h as writer x":                   {"orders-db", "writer", 2 * h, "x"},
		"orders-db 2h as discussed with Bo":          {"orders-db", "", 2 * h, "as discussed with Bo"},
		"orders-db fix the queue for 2h":             {"orders-db", "", 2 * h, "fix the queue"},
		"orders-db 1h the job hangs after 2h":        {"orders-db", "", h, "the job hangs after 2h"},
		"orders-db for the release":                  {"orders-db", "", 0, "for the release"},
		"orders-db because an hour ago it broke":     {"orders-db", "", 0, "because an hour ago it broke"},
		"orders-db. Stuck orders":                    {"orders-db", "", 0, "Stuck orders"},
		"orders-db: stuck, 2 of them":                {"orders-db", "", 0, "stuck, 2 of them"},
		"2h-box 1h x":                                {"2h-box", "", h, "x"},
		"2h orders-db as writer stuck":               {"orders-db", "writer", 2 * h, "stuck"},
		"for 2h “Orders DB” stuck":                   {"Orders DB", "", 2 * h, "stuck"},
		"2h stuck queue":                             {"", "", 2 * h, "stuck queue"},
		"orders-db – Production 1h x":                {"orders-db", "", h, "x"},
		"orders-db - production 1h x":                {"orders-db", "", h, "x"},
		"twin – B 1h x":                              {"twin", "", h, "x"},
		"graf 1h x":                                  {"grafana", "", h, "x"},
		"Kunden – Archiv 1h x":                       {"Kunden – Archiv", "", h, "x"},
		"FÜR ALLE 1h x":                              {"für alle", "", h, "x"},
		"데이터베이스 1h x":                                {"데이터베이스", "", h, "x"},
		"orders-db 1h a &lt;b&gt; &amp; c":           {"orders-db", "", h, "a <b> & c"},
		" orders-db\u00a02h\u00a0why\nnot ":          {"orders-db", "", 2 * h, "why not"},
		"PowerUser 1h as agreed":                     {"PowerUser", "", h, "as agreed"},
		"orders-db PT2H x":                           {"orders-db", "", 2 * h, "x"},
	} {
		got := read(t, everyday, words)
		name := ""
		if got.resource != nil {
			name = got.resource.Name
		}
		if name != want.resource || got.role != want.role || got.length != want.length || got.reason != want.reason || len(got.problems) > 0 {
			t.Errorf("%s\n%q as %q for %v because %q\n%q %q", words, name, got.role, got.length, got.reason, got.problems, got.notes)
		}
	}
	if got := read(t, everyday, "orders-db 1h see INC-42, at once"); got.ticket != "INC-42" {
		t.Errorf("%+v", got)
	}
}

// What is not understood is said, and never becomes part of the reason.
func TestWordsNotUnderstood(t *testing.T) {
	for words, want := range map[string]struct{ says, reason, near string }{
		"doesnotexist 99h foo":              {"There is no resource “doesnotexist”.\n4 days 3 hours is too long: at most 8 hours is allowed.", "foo", ""},
		"doesnotexist":                      {"There is no resource “doesnotexist”.", "", ""},
		"doesnotexist fix the thing please": {"There is no resource “doesnotexist fix the thing …”.", "", ""},
		"ordres-db 2h stuck":                {"There is no resource “ordres-db”.", "stuck", "orders-db 2h stuck, Orders DB 2h stuck"},
		"Ordrs DB please look":              {"There is no resource “Ordrs DB please look”.", "", "Orders DB please look, orders-db please look"},
		"“Ordrs DB” please look":            {"There is no resource “Ordrs DB”.", "please look", "Orders DB please look, orders-db please look"},
		"garfana as viewer 1h x":            {"There is no resource “garfana”.", "", "grafana as viewer 1h x"},
		"I need access to orders-db for 2h": {"There is no resource “I need access to …”.", "", "orders-db for 2h"},
		"twin 1h x":                         {"2 resources are named “twin”. Which is meant?", "x", "twin 1h x, twin 1h x"},
		"“orders-db 1h x":                   {"The quote that begins with “orders-db 1h x” has no end.", "", ""},
		"orders-db 99h x":                   {"4 days 3 hours is too long: at most 8 hours is allowed.", "x", ""},
		"orders-db 1d x":                    {"1 day is too long: at most 8 hours is allowed.", "x", ""},
		"orders-db 99999999h x":             {"“99999999h” is too long: at most 8 hours is allowed.", "x", ""},
		"orders-db 30s x":                   {"30 seconds is too short: at least 1 minute must be asked for.", "x", ""},
		"orders-db 0h x":                    {"0 seconds is too short: at least 1 minute must be asked for.", "x", ""},
		"orders-db 2hurs x":                 {"“2hurs” is no length of time. Write it like 2h, 90min, 1h30m, 2 hours or 1 day.", "x", ""},
		"orders-db 2h-4h x":                 {"“2h-4h” is no length of time. Write it like 2h, 90min, 1h30m, 2 hours or 1 day.", "x", ""},
		"orders-db for a few hours x":       {"“a few hours” is no length of time. Write it like 2h, 90min, 1h30m, 2 hours or 1 day.", "x", ""},
		"orders-db 2 months x":              {"“2 months”: months and years have no fixed length. Count in days, hours and minutes.", "x", ""},
		"orders-db until 18:00 x":           {"“until 18:00” can't be read: say for how long, such as 2h, 90min or 1 day.", "x", ""},
		"orders-db as owner 1h x":           {"“orders-db” has no role “owner”. It has: reader, writer.", "x", ""},
		"orders-db as “db owner” 1h x":      {"“orders-db” has no role “db owner”. It has: reader, writer.", "x", ""},
		"orders-db as db owner 1h x":        {"“orders-db” has no role “db owner”. It has: reader, writer.", "x", ""},
		"orders-db as":                      {"Behind “as” there is no role.", "", ""},
		"PowerUser as admin 1h x":           {"“PowerUser” has no roles, so leave out “as admin”.", "x", ""},
		"2h “nothing” x":                    {"There is no resource “nothing”.", "x", ""},
	} {
		got := read(t, everyday, words)
		var near []string
		for _, n := range got.near {
			near = append(near, strings.TrimSpace(n.Name+" "+n.rest))
		}
		says, offers := strings.Join(got.problems, "\n"), strings.Join(near, ", ")
		if says != want.says || offers != want.near || want.reason != "" && got.reason != want.reason {
			t.Errorf("%s\nsays %q\nnear %q\nreason %q", words, says, offers, got.reason)
		}
		a := got.answer()
		if a == nil || len(a.Blocks) != 2 {
			t.Errorf("%s is answered by %+v", words, a)
		}
	}
	if got := read(t, everyday, "graf 1h x"); strings.Join(got.notes, "") != "“graf” is taken as “grafana – Staging”." {
		t.Errorf("%q", got.notes)
	}
	for words, want := range map[string]string{
		"orders-db hangs after 2h":   "“2h” is read as a part of the reason. Choose below for how long.",
		"orders-db 2 tables broken":  "“2” is read as a part of the reason. Choose below for how long.",
		"orders-db tomorrow 2h x":    "“2h” is read as a part of the reason. Choose below for how long.",
		"2h stuck queue":             "No resource is named before or behind the time, so choose one. The rest is read as the reason.",
		"orders-db 1h " + long(1001): "The reason is cut: at most 1000 characters are allowed.",
	} {
		if got := read(t, everyday, words); strings.Join(got.notes, "\n") != want || len(got.problems) > 0 || len(got.reason) > 1000 {
			t.Errorf("%.50s: %q %q", words, got.notes, got.problems)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

// Marks of Slack's in what was typed mean nothing in what is said about it.
func TestNotUnderstoodIsEscaped(t *testing.T) {
	a := read(t, everyday, "&lt;!channel&gt; *bold* 99h x").answer()
	if !strings.Contains(a.Text, "&lt;!channel&gt; ∗bold∗") || strings.Contains(a.Text, "<!channel>") {
		t.Errorf("%s", a.Text)
	}
}

// What a button can't hold it does not, and that is said.
func TestTooMuchForAButton(t *testing.T) {
	got := read(t, everyday, "ordres-db 1h "+long(2500))
	a := got.answer()
	buttons, kept := got.buttons()
	if kept || len(buttons) != 3 || !strings.Contains(a.Text, "too long to be kept") {
		t.Errorf("%v %d %s", kept, len(buttons), a.Text)
	}
}

// A longest name is found among more names than a search finds at once.
func TestManyAlike(t *testing.T) {
	var names []string
	for i := range 150 {
		names = append(names, fmt.Sprintf("app %03d", i))
	}
	if got := read(t, shelf(append(names, "app zoo keeper")...), "app zoo keeper 1h x"); got.resource == nil || got.resource.Name != "app zoo keeper" || got.reason != "x" {
		t.Errorf("%+v", got)
	}
}

// Another longest time, and another least reason.
func TestWhatIsAllowed(t *testing.T) {
	l := usual()
	l.MaxDuration = client.Duration(30 * time.Minute)
	got, err := readTyped(t.Context(), everyday, "orders-db 45 min x", l)
	if err != nil || strings.Join(got.problems, "") != "45 minutes is too long: at most 30 minutes is allowed." || got.length != 30*time.Minute {
		t.Errorf("%+v %v", got, err)
	}
	if l.usually() != 30*time.Minute {
		t.Error("a form begins with more than is allowed")
	}
}

// FuzzWords: whatever is typed is read, and what comes back fits into Slack.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"orders-db as writer 2h x", "“Orders", "for for 2h as as", "2h 2h", "as", ", : -", "'", "orders-db as “", "\xff 1h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := readTyped(t.Context(), everyday, s, usual())
		if err != nil {
			t.Fatal(err)
		}
		if got.length < 0 || got.length > 8*time.Hour {
			t.Fatalf("%q: %v", s, got.length)
		}
		if !strings.Contains(asTyped(s), got.reason) && got.lead == "" {
			t.Fatalf("%q: the reason is %q", s, got.reason)
		}
		if got.answer() == nil {
			got.form(usual())
		}
	})
}
