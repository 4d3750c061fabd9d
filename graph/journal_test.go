package graph_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/graph/audit"
	"procyon/internal/subject"
)

// entries are the types of the entries that a filter finds, in order.
func (b *bed) entries(filter string) []string {
	b.t.Helper()
	r := b.do(session(b.ada), `{ journal(first: 100, filter: `+filter+`) { nodes { type } } }`, nil)
	if len(r.Errors) > 0 {
		b.t.Fatalf("%s: %v", filter, r.Errors)
	}
	types := []string{}
	for _, n := range r.Data["journal"].(object)["nodes"].([]any) {
		types = append(types, n.(object)["type"].(string))
	}
	return types
}

// The journal answers who did what to what, and when.
func TestTheJournalByWhoWhatAndWhen(t *testing.T) {
	b := newBed(t)
	service, err := b.EnsureServiceAccount(t.Context(), access.System(), "bot")
	b.must(err)
	id := service.ID
	acts := acting(b.dev)
	acts.Actor.ByID = id
	b.pass(time.Hour)
	request := b.create()
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": request, "decision": "APPROVE"})
	b.pass(time.Hour)
	b.ok(acts, "cancelAccessRequest", object{"requestId": request})
	b.ok(session(b.bo), "createGateway", object{"name": "gw"})
	for filter, want := range map[string][]string{
		fmt.Sprintf(`{subjectId: %q}`, request):                                                 {"CREATED", "APPROVED", "CANCELED"},
		fmt.Sprintf(`{subjectId: %q, actorId: %q}`, request, b.ada.ID):                          {"APPROVED"},
		fmt.Sprintf(`{subjectId: %q, actorId: %q}`, request, b.bo.ID):                           {},
		fmt.Sprintf(`{actorId: %q}`, b.ada.ID):                                                  {"APPROVED"},
		fmt.Sprintf(`{actorId: %q}`, b.dev.ID):                                                  {"CREATED", "CANCELED"},
		fmt.Sprintf(`{actorId: %q}`, id):                                                        {"CANCELED"},
		fmt.Sprintf(`{actorId: %q, kinds: [ACCESS_REQUEST]}`, b.ada.ID):                         {"APPROVED"},
		fmt.Sprintf(`{actorId: %q, types: ["CREATED"]}`, b.dev.ID):                              {"CREATED"},
		`{kinds: [ACCESS_REQUEST]}`:                                                             {"CREATED", "APPROVED", "CANCELED"},
		`{kinds: [ACCESS_REQUEST], types: ["APPROVED", "DENIED"]}`:                              {"APPROVED"},
		`{kinds: [GATEWAY, ACCOUNT]}`:                                                           {"CREATED", "CREATED"},
		`{kinds: []}`:                                                                           {},
		`{types: []}`:                                                                           {},
		`{types: ["APPROVED"]}`:                                                                 {"APPROVED"},
		`{types: ["approved", "", "APPROVED/", "acc"]}`:                                         {},
		`{subjectId: "req_1", kinds: [ACCOUNT]}`:                                                {},
		`{at: {from: "2026-11-23T11:00:00Z"}}`:                                                  {"CREATED", "APPROVED", "CANCELED", "CREATED"},
		`{at: {from: "2026-11-23T11:00:00.000001Z"}}`:                                           {"CANCELED", "CREATED"},
		`{at: {from: "2026-11-23T12:00:00+01:00", to: "2026-11-23T12:00:00Z"}}`:                 {"CREATED", "APPROVED"},
		`{at: {to: "2026-11-23T10:00:00Z"}}`:                                                    {},
		`{at: {to: "0001-01-01T00:00:00Z"}}`:                                                    {},
		`{at: {from: "2027-01-01T00:00:00Z"}}`:                                                  {},
		`{at: {from: "0001-01-01T00:00:00Z", to: "9999-12-31T23:59:59Z"}, types: ["APPROVED"]}`: {"APPROVED"},
		`{at: {from: "2026-11-23T12:00:00Z"}, kinds: [GATEWAY]}`:                                {"CREATED"},
		`{actorId: "system", at: {from: "2026-11-23T11:00:00Z"}}`:                               {},
		`{words: "ADA approv"}`:                                                                 {"APPROVED", "CANCELED"},
		`{words: "ada", types: ["APPROVED"]}`:                                                   {"APPROVED"},
		`{words: "gw bo"}`:                                                                      {"CREATED"},
		`{words: "nobodysays"}`:                                                                 {},
	} {
		if got := b.entries(filter); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
	}
	for filter, want := range map[string]string{
		`{words: "!"}`: "INVALID", `{words: "` + strings.Repeat("a", 201) + `"}`: "INVALID",
		`{actorId: ""}`: "INVALID", `{subjectId: ""}`: "INVALID", `{kinds: [REQUEST]}`: "GRAPHQL_VALIDATION_FAILED", `{at: {from: "yesterday"}}`: "INVALID",
		`{types: ["` + strings.Join(strings.Split("abcdefghijklmnopqrstu", ""), `", "`) + `"]}`: "INVALID",
	} {
		r := b.do(session(b.ada), `{ journal(filter: `+filter+`) { nodes { type } } }`, nil)
		if !strings.Contains(r.codes()+fmt.Sprint(r.Errors), want) || len(r.Errors) != 1 {
			t.Errorf("%s: %v", filter, r.Errors)
		}
	}
}

// Pages of a part of the journal lead on to each other, forward and back.
func TestPagesOfAPartOfTheJournal(t *testing.T) {
	b := newBed(t)
	for i := range 5 {
		b.ok(session(b.bo), "createGateway", object{"name": fmt.Sprint("gw ", i)})
		b.ok(session(b.ada), "createAccount", object{"name": fmt.Sprint("acc ", i), "provider": "GCP", "externalId": fmt.Sprint(i)})
	}
	filter := fmt.Sprintf(`filter: {actorId: %q}`, b.bo.ID)
	type page struct {
		seqs           []int
		next, previous bool
		start, end     string
	}
	read := func(args string) page {
		t.Helper()
		r := b.do(session(b.ada), `{ journal(`+filter+`, `+args+`) { nodes { seq actor { userId } } edges { cursor node { seq } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		c := r.Data["journal"].(object)
		info := c["pageInfo"].(object)
		p := page{next: info["hasNextPage"].(bool), previous: info["hasPreviousPage"].(bool)}
		p.start, _ = info["startCursor"].(string)
		p.end, _ = info["endCursor"].(string)
		for _, n := range c["nodes"].([]any) {
			if n.(object)["actor"].(object)["userId"] != b.bo.ID {
				t.Errorf("%s: %v", args, n)
			}
			p.seqs = append(p.seqs, int(n.(object)["seq"].(float64)))
		}
		return p
	}
	whole := read("first: 100").seqs
	if len(whole) != 5 {
		t.Fatal(whole)
	}
	first := read("first: 2")
	second := read(fmt.Sprintf("first: 2, after: %q", first.end))
	third := read(fmt.Sprintf("first: 2, after: %q", second.end))
	if got := slices.Concat(first.seqs, second.seqs, third.seqs); !slices.Equal(got, whole) {
		t.Errorf("forward: %v, want %v", got, whole)
	}
	if !first.next || first.previous || !second.next || !second.previous || third.next || !third.previous {
		t.Errorf("forward: %+v %+v %+v", first, second, third)
	}
	last := read("last: 2")
	before := read(fmt.Sprintf("last: 3, before: %q", last.start))
	if got := slices.Concat(before.seqs, last.seqs); !slices.Equal(got, whole) || !last.previous || last.next || before.previous || !before.next {
		t.Errorf("backward: %v, want %v: %+v %+v", got, whole, last, before)
	}
}

// The API has a word for each kind of subject, and no other: what people call it.
func TestSubjectKindsAreThoseOfTheJournal(t *testing.T) {
	b, _ := fullBed(t)
	var want, got []string
	for _, make := range subject.Kinds() {
		want = append(want, strings.ToUpper(strings.ReplaceAll(make().Named().Noun, " ", "_")))
	}
	for _, v := range b.schema.Types["SubjectKind"].EnumValues {
		got = append(got, v.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("SubjectKind has %v, the journal %v", got, want)
	}
	for _, kind := range got {
		r := b.do(session(b.ada), `{ journal(filter: {kinds: [`+kind+`]}) { nodes { subjectId subjectKind } } }`, nil)
		for _, n := range r.Data["journal"].(object)["nodes"].([]any) {
			state := subject.Kinds()[access.KindOf(n.(object)["subjectId"].(string))]()
			if n.(object)["subjectKind"] != kind || strings.ToUpper(strings.ReplaceAll(state.Named().Noun, " ", "_")) != kind {
				t.Errorf("%s: %v", kind, n)
			}
		}
		if len(r.Errors) > 0 || kind != "SERVICE_ACCOUNT" && len(r.Data["journal"].(object)["nodes"].([]any)) == 0 {
			t.Errorf("%s: %v", kind, r)
		}
	}
}

// An entry says what its subject was called, and the states before and after, to
// administrators alone; and without what is encrypted.
func TestAnEntrysStates(t *testing.T) {
	b := newBed(t)
	request := b.create()
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": request, "decision": "APPROVE"})
	entries := func(filter, fields string) []any {
		r := b.do(session(b.ada), `{ journal(first: 100, filter: `+filter+`) { nodes { subjectName prevHash hash `+fields+` } } }`, nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		return r.Data["journal"].(object)["nodes"].([]any)
	}
	found := entries(fmt.Sprintf(`{subjectId: %q}`, request), "before after")
	first, second := found[0].(object), found[1].(object)
	if first["before"] != nil || first["after"].(object)["status"] != "PENDING" || second["before"].(object)["status"] != "PENDING" || second["after"].(object)["status"] == "PENDING" {
		t.Errorf("%v\n%v", first, second)
	}
	if second["prevHash"] != first["hash"] || !strings.HasPrefix(second["subjectName"].(string), b.dev.Name+": ") {
		t.Errorf("%v", second)
	}
	b.ok(session(b.ada), "createIntegration", object{"name": "On call", "kind": "SLACK_WEBHOOK", "webhookUrl": "https://hooks.slack.com/services/T000/B000/XXXXXXXX"})
	sealed := entries(`{kinds: [INTEGRATION]}`, "data before after")
	if said := fmt.Sprint(sealed); len(sealed) == 0 || strings.Contains(said, "sealedUrl") || !strings.Contains(said, "On call") {
		t.Errorf("%v", sealed)
	}
	for seq, want := range map[string]string{"1": "map[seq:1]", "0": "<nil>", "-1": "<nil>", "2147483647": "<nil>"} {
		if r := b.do(session(b.ada), `{ journalEntry(seq: `+seq+`) { seq } }`, nil); len(r.Errors) > 0 || fmt.Sprint(r.Data["journalEntry"]) != want {
			t.Errorf("entry %s: %v %v", seq, r.Data, r.Errors)
		}
	}
	r := b.do(session(b.dev), `{ accessRequest(id: "`+request+`") { timeline(first: 5) { nodes { type before } } } }`, nil)
	if !strings.Contains(r.codes(), "FORBIDDEN") {
		t.Errorf("a member reads the state before: %v %v", r.Errors, r.Data)
	}
}

// Exports are for whom the field is for.
func TestTheExportIsForWhomTheFieldIsFor(t *testing.T) {
	scopes := audit.Scopes()
	slices.Sort(scopes)
	if got, want := audit.Role+" "+strings.Join(scopes, " "), rights()["Query.journal"]; got != want {
		t.Errorf("exports are for %q, the field for %q", got, want)
	}
}

// Administrators read the newest checkpoint, whole.
func TestTheNewestCheckpoint(t *testing.T) {
	b := newBed(t)
	const query = `{ journalCheckpoint { origin size rootHash headHash at key note } }`
	if r := b.do(session(b.ada), query, nil); len(r.Errors) > 0 || r.Data["journalCheckpoint"] != nil {
		t.Fatalf("%+v", r)
	}
	keys, err := checkpoint.LoadKeys(filepath.Join(t.TempDir(), "checkpoint.key"))
	b.must(err)
	made, err := checkpoint.NewLog(b.store, keys, b.now).Make(t.Context())
	b.must(err)
	want := object{
		"origin": made.Origin, "size": float64(made.Size), "rootHash": made.Root.String(), "headHash": made.Head.String(),
		"at": made.At.Format(time.RFC3339), "key": made.Key, "note": made.Note,
	}
	got := b.do(session(b.ada), query, nil).Data["journalCheckpoint"].(object)
	for field, w := range want {
		if fmt.Sprint(got[field]) != fmt.Sprint(w) {
			t.Errorf("%s is %v, want %v", field, got[field], w)
		}
	}
	if _, err := checkpoint.Parse([]byte(got["note"].(string)), keys); err != nil {
		t.Error(err)
	}
	if r := b.do(session(b.dev), query, nil); len(r.Errors) == 0 {
		t.Error("a member reads it")
	}
}
