// Command generate made the fixtures beside it: a store as the product wrote it
// at commit eeeae49. It compiles against that commit, and later code need not
// keep it compiling; the README says how it was run.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/delivery"
	"procyon/graph/scalar"
	"procyon/internal/seal"
	"procyon/internal/slackapi"
	"procyon/journal"
	"procyon/store/mongo"
	"procyon/store/sqlite"
)

func main() {
	where := flag.String("store", "", "sqlite:PATH or a mongodb:// URI")
	key := flag.String("key", "", "the key file; made if absent")
	flag.Parse()
	if err := run(context.Background(), *where, *key); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// world is the product without its network, on a clock of its own.
type world struct {
	*access.Service
	ctx      context.Context
	store    journal.Store
	journal  *journal.Journal
	schedule *access.Schedule
	auth     *auth.Service
	ledger   *delivery.Ledger
	records  *delivery.Records

	clock  time.Time
	ids    uint64
	names  map[string]string // the IDs of what tests ask for by name
	tokens map[string]string

	ada, bo, dev, eve, gus access.Actor
	acme                   access.SlackWorkspace
}

func run(ctx context.Context, where, key string) error {
	store, err := open(ctx, where)
	if err != nil {
		return err
	}
	keys, err := seal.LoadOrCreate(key)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	j, err := journal.Open(ctx, store, journal.Options{})
	if err != nil {
		return errors.Join(err, store.Close())
	}
	hosts, err := slackapi.ParseHostPolicy("")
	if err != nil {
		return err
	}
	w := &world{
		ctx: ctx, store: store, journal: j, clock: time.Date(2026, 11, 19, 9, 45, 0, 0, time.UTC),
		names: map[string]string{}, tokens: map[string]string{},
	}
	now := func() time.Time { return w.clock }
	w.Service = access.New(j, store, access.Options{
		Now: now, NewID: w.newID, DeriveID: access.DeriveID, Policy: access.BuiltinPolicy{}, Secrets: keys,
		CheckURL: hosts.CheckURL, MaskURL: slackapi.RedactURL, DecideIn: 24 * time.Hour,
	})
	w.schedule = access.NewSchedule(w.Service)
	w.auth = auth.New(store, w.Service, auth.Options{Clock: now, Rand: &counted{}, MayActFor: w.LinkedToSlack})
	w.ledger = delivery.New(store, now, w.newID, access.DeriveID)
	w.records = delivery.NewRecords(store, access.DeriveID, keys)
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	w.make()
	stop()
	if err := errors.Join(<-ended, w.report()); err != nil {
		return err
	}
	return store.Close()
}

func open(ctx context.Context, where string) (journal.Store, error) {
	if path, ok := strings.CutPrefix(where, "sqlite:"); ok {
		return sqlite.Open(ctx, path)
	}
	return mongo.Open(ctx, where)
}

// newID makes IDs in the form of the product's, always the same.
func (w *world) newID() string {
	w.ids++
	return fmt.Sprintf("%012x7%03x8%015x", w.clock.UnixMilli(), w.ids, w.ids)
}

// counted reads bytes that are always the same, so that tokens are. Nothing but a
// fixture may have such tokens.
type counted struct{ n uint64 }

func (c *counted) Read(b []byte) (int, error) {
	for i := 0; i < len(b); i += sha256.Size {
		c.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("fixture"), c.n))
		copy(b[i:], sum[:])
	}
	return len(b), nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func got[T any](v T, err error) T {
	must(err)
	return v
}

// pass moves the clock and lets what is due happen.
func (w *world) pass(d time.Duration) {
	w.clock = w.clock.Add(d)
	must(w.schedule.Load(w.ctx))
	must(w.schedule.Advance(w.ctx))
}

// system is the operator at the command line.
func system() access.Actor {
	return access.Actor{Kind: access.ActorSystem, ID: "operator", Name: "operator", Via: "cli", Admin: true}
}

func (w *world) person(name, email, password string, admin bool) access.Actor {
	u := got(w.CreateUser(w.ctx, system(), access.NewUser{Email: email, Name: name, Admin: admin}))
	must(w.auth.SetPassword(w.ctx, u.ID, password))
	w.names[strings.ToLower(name)] = u.ID
	return access.Actor{Kind: access.ActorUser, ID: u.ID, Name: name, Email: email, Admin: admin, Via: "console"}
}

const (
	password = "a-fixtures-long-password"
	hookURL  = "https://hooks.slack.com/services/T0ACME/B0PROD/fixtureWebhookSecret"
	offerURL = "https://hooks.slack.com/services/T0ACME/B0OPS/fixtureOfferedSecret"
)

func (w *world) make() {
	w.ada = w.person("Ada", "ada@example.com", password, true)
	w.bo = w.person("Bo", "bo@example.com", password, true)
	w.dev = w.person("Dev", "dev@example.com", password, false)
	w.eve = w.person("Eve", "eve@example.com", password, false)
	w.gus = w.person("Gus", "gus@example.com", password, false)
	w.identities()
	w.catalog()
	w.slack()
	w.integrations()
	w.past()
	w.present()
	w.changed()
	w.notifications()
	w.messages()
}

// identities are tokens, sessions and service accounts.
func (w *world) identities() {
	w.tokens["ada"], _ = w.personal(w.ada, "personal")
	w.tokens["dev"], _ = w.personal(w.dev, "laptop")
	_, old := w.personal(w.dev, "lost")
	must(w.auth.RevokeToken(w.ctx, w.dev, old))
	for _, s := range []struct {
		name   string
		scopes []string
	}{
		{"notifier", []string{auth.ScopeEventsRead, auth.ScopeDeliveriesWrite, auth.ScopeWebhooksRead}},
		{"slackbot", []string{auth.ScopeSlackAct, auth.ScopeEventsRead, auth.ScopeDeliveriesWrite}},
	} {
		secret, info, err := w.auth.CreateServiceToken(w.ctx, system(), s.name, s.scopes, 366*24*time.Hour)
		must(err)
		w.tokens[s.name], w.names[s.name] = secret, info.OwnerID
	}
	got(w.auth.SignIn(w.ctx, "ada@example.com", password, "192.0.2.1"))
	got(w.auth.SignIn(w.ctx, "eve@example.com", password, "192.0.2.2"))
	u := got(w.Identify(w.ctx, system(), access.SignedIn{
		Identity: access.Identity{Issuer: "https://id.example.com", Subject: "kim-1"}, Email: "kim@example.com", EmailVerified: true, Name: "Kim",
	}))
	w.names["kim"] = u.ID
	got(w.auth.SignInPerson(w.ctx, u.ID))
}

func (w *world) personal(by access.Actor, name string) (secret, id string) {
	secret, info, err := w.auth.CreatePersonalToken(w.ctx, by, by.Email, name, nil, 366*24*time.Hour)
	must(err)
	return secret, info.ID
}

func (w *world) catalog() {
	production := got(w.CreateAccount(w.ctx, w.ada, "Production", "AWS", "111122223333"))
	staging := got(w.CreateAccount(w.ctx, w.ada, "Staging", "GCP", "procyon-staging"))
	gone := got(w.CreateAccount(w.ctx, w.ada, "Sandbox", "AZURE", "sandbox-1"))
	must(w.DeleteAccount(w.ctx, w.ada, gone.ID))
	berlin := got(w.CreateGateway(w.ctx, w.ada, "Berlin office"))
	w.names["production"], w.names["staging"], w.names["sandbox"], w.names["berlin"] = production.ID, staging.ID, gone.ID, berlin.ID
	for _, r := range []access.NewResource{
		{Name: "orders-db", Kind: access.Database, AccountID: production.ID, Roles: []string{"reader", "writer", "owner"}},
		{Name: "PowerUser", Kind: access.CloudRole, AccountID: production.ID},
		{Name: "events-kafka", Kind: access.KafkaCluster, AccountID: production.ID, Roles: []string{"consumer", "admin"}},
		{Name: "staging-cluster", Kind: access.KubernetesCluster, AccountID: staging.ID, Roles: []string{"view", "edit"}},
		{Name: "grafana", Kind: access.Application, AccountID: staging.ID, Roles: []string{"viewer", "editor"}},
		{Name: "legacy-db", Kind: access.Database, AccountID: staging.ID, Roles: []string{"reader"}},
		{Name: "billing-db", Kind: access.Database, AccountID: production.ID, Roles: []string{"reader", "writer"}},
		{Name: "bastion-1", Kind: access.PrivateServer, GatewayID: berlin.ID},
		{Name: "build-mac", Kind: access.PrivateServer},
		{Name: "finance-rdp", Kind: access.WindowsServer, GatewayID: berlin.ID},
	} {
		w.names[r.Name] = got(w.CreateResource(w.ctx, w.ada, r)).ID
	}
}

func (w *world) slack() {
	bot := access.Actor{Kind: access.ActorService, ID: w.names["slackbot"], Name: "slackbot", Via: "api"}
	w.acme = got(w.InstallSlack(w.ctx, bot, access.NewSlackWorkspace{
		SlackID: "T0ACME", Name: "Acme", AppID: "A0PROCYON", BotUserID: "U0PROCYON",
		Scopes: []string{"chat:write", "commands", "users:read", "users:read.email"}, Webhook: &access.NewWebhook{URL: offerURL, Channel: "#ops"},
	}))
	old := got(w.InstallSlack(w.ctx, bot, access.NewSlackWorkspace{SlackID: "T0OLD", Name: "Old Acme", AppID: "A0PROCYON", BotUserID: "U0PROCYON"}))
	got(w.UninstallSlack(w.ctx, bot, "T0OLD"))
	w.names["acme"], w.names["old-acme"] = w.acme.ID, old.ID
	for _, by := range []access.Actor{w.ada, w.dev, w.gus} {
		name := strings.ToLower(by.Name)
		w.names["link-"+name] = got(w.LinkSlack(w.ctx, by, access.NewSlackLink{
			WorkspaceID: w.acme.ID, SlackUserID: "U0" + strings.ToUpper(name), SlackName: by.Name, SlackEmail: by.Email,
		})).ID
	}
	waiting := got(w.LinkSlack(w.ctx, w.eve, access.NewSlackLink{WorkspaceID: w.acme.ID, SlackUserID: "U0EVE", SlackName: "evelyn", SlackEmail: "evelyn@example.org"}))
	removed := got(w.LinkSlack(w.ctx, w.bo, access.NewSlackLink{WorkspaceID: w.acme.ID, SlackUserID: "U0BO", SlackName: "Bo", SlackEmail: "bo@example.com"}))
	got(w.RemoveSlackLink(w.ctx, w.bo, removed.ID))
	w.names["link-eve-waiting"], w.names["link-bo-removed"] = waiting.ID, removed.ID
	_, _, err := w.auth.OfferSlackLink(w.ctx, auth.SlackOffer{WorkspaceID: w.acme.ID, SlackUserID: "U0KIM", SlackName: "Kim", SlackEmail: "kim@example.com"})
	must(err)
}

func (w *world) integrations() {
	prod := got(w.CreateIntegration(w.ctx, w.ada, access.NewIntegration{Name: "Production approvals", Kind: access.SlackWebhook, URL: hookURL}))
	got(w.SetIntegrationAccounts(w.ctx, w.ada, prod.ID, []string{w.names["production"], w.names["staging"]}))
	channel := got(w.CreateIntegration(w.ctx, w.ada, access.NewIntegration{
		Name: "On call", Kind: access.SlackChannel, Channel: &access.Channel{WorkspaceID: w.acme.ID, ChannelID: "C0ONCALL"},
	}))
	got(w.SetNotificationChannels(w.ctx, w.ada, channel.ID, true, true))
	offered := got(w.CreateIntegration(w.ctx, w.ada, access.NewIntegration{
		Name: "Ops", Kind: access.SlackWebhook, OfferedBy: w.acme.ID, Events: []access.EventType{access.EventCreated, access.EventUpdated},
	}))
	notifier := access.Actor{Kind: access.ActorService, ID: w.names["notifier"], Name: "notifier", Via: "api"}
	must(w.BreakIntegration(w.ctx, notifier, offered.ID, "Slack says no_service: the webhook was removed."))
	w.names["approvals"], w.names["oncall"], w.names["ops-broken"] = prod.ID, channel.ID, offered.ID
}

// ask asks for access and notes the request under a name.
func (w *world) ask(name string, by access.Actor, hours int, resource, role string) string {
	r := got(w.CreateRequest(w.ctx, by, access.NewRequest{
		Items: []access.ItemRef{{ResourceID: w.names[resource], Role: role}}, Duration: access.Seconds(hours * 3600),
		Reason: "Fixture: " + name, Ticket: "FIX-" + fmt.Sprint(len(w.names)), IdempotencyKey: name,
	}))
	w.names[name] = r.ID
	return r.ID
}

// later is ask for something that begins in a while.
func (w *world) later(name string, by access.Actor, resource, role string) string {
	start := w.clock.Add(20 * time.Hour)
	r := got(w.CreateRequest(w.ctx, by, access.NewRequest{
		Items: []access.ItemRef{{ResourceID: w.names[resource], Role: role}}, Duration: 2 * 3600, Reason: "Fixture: " + name, StartsAt: &start,
	}))
	w.names[name] = r.ID
	return r.ID
}

func (w *world) review(by access.Actor, id string, d access.Decision, comment string, duration access.Seconds) {
	got(w.ReviewRequest(w.ctx, by, id, access.ReviewRequest{Decision: d, Comment: comment, Duration: duration}))
}

func (w *world) approve(id string) { w.review(w.ada, id, access.Approve, "Fine", 0) }

// fromSlack is somebody for whom the Slack bot acts.
func (w *world) fromSlack(a access.Actor) access.Actor {
	a.Via, a.ByID, a.ByName = "slack", w.names["slackbot"], "slackbot"
	return a
}

// past are the requests of the day before: what is over, and what time ended.
func (w *world) past() {
	w.ask("dev-timed-out", w.dev, 1, "orders-db", "reader")
	w.approve(w.ask("dev-expired", w.dev, 1, "orders-db", "reader"))
	w.pass(time.Minute)
	id := w.ask("dev-closed", w.fromSlack(w.dev), 4, "grafana", "viewer")
	w.approve(id)
	w.pass(time.Minute)
	got(w.CloseRequest(w.ctx, w.fromSlack(w.dev), id))
	id = w.ask("dev-revoked", w.dev, 4, "PowerUser", "")
	w.approve(id)
	w.pass(10 * time.Minute)
	got(w.RevokeRequest(w.ctx, w.bo, id, "The incident is over"))
	w.review(w.fromSlack(w.ada), w.ask("dev-denied", w.dev, 8, "orders-db", "owner"), access.Deny, "Ask for less", 0)
	got(w.CancelRequest(w.ctx, w.dev, w.ask("dev-canceled", w.dev, 1, "bastion-1", "")))
	w.pass(3 * time.Hour)
	w.pass(21 * time.Hour) // the first has timed out
}

// present are the requests of the morning: what is open.
func (w *world) present() {
	w.ask("dev-pending", w.dev, 1, "orders-db", "writer")
	two := got(w.CreateRequest(w.ctx, w.dev, access.NewRequest{
		Items:    []access.ItemRef{{ResourceID: w.names["orders-db"], Role: "reader"}, {ResourceID: w.names["grafana"], Role: "viewer"}, {ResourceID: w.names["build-mac"]}},
		Duration: 3600, Reason: "Fixture: three items in two accounts and none",
	}))
	w.names["dev-pending-three-items"] = two.ID
	w.approve(w.later("dev-approved", w.dev, "events-kafka", "admin"))
	w.approve(w.ask("dev-active", w.dev, 8, "events-kafka", "consumer"))
	id := w.ask("dev-edited-twice", w.dev, 2, "staging-cluster", "view")
	for i, reason := range []string{"Fixture: edited once", "Fixture: edited twice"} {
		w.pass(time.Minute)
		d := access.Seconds(3600 * (i + 3))
		got(w.UpdateRequest(w.ctx, w.dev, id, access.RequestPatch{Reason: &reason, Duration: &d}))
	}
	w.review(w.bo, w.ask("dev-shortened", w.dev, 8, "finance-rdp", ""), access.Approve, "Two hours will do", 2*3600)
	wish := map[string]string{}
	for _, name := range []string{"dev-extension-waits", "dev-extended", "dev-extension-denied"} {
		wish[name] = w.ask(name, w.dev, 4, "build-mac", "")
		w.approve(wish[name])
	}
	w.pass(time.Minute)
	for _, name := range []string{"dev-extension-waits", "dev-extended", "dev-extension-denied"} {
		got(w.ExtendRequest(w.ctx, w.dev, wish[name], 2*3600, "It takes longer"))
	}
	w.review(w.bo, wish["dev-extended"], access.Approve, "Go on", 3600)
	w.review(w.bo, wish["dev-extension-denied"], access.Deny, "Enough", 0)
	w.ask("eve-pending", w.eve, 1, "grafana", "editor")
	w.approve(w.ask("eve-active", w.eve, 8, "orders-db", "reader"))
	w.ask("bo-pending", w.bo, 1, "PowerUser", "") // an administrator's own
	w.pass(time.Minute)
}

// changed are the requests that rest on what has changed since.
func (w *world) changed() {
	w.ask("gus-pending", w.gus, 1, "orders-db", "reader")
	w.approve(w.later("gus-approved", w.gus, "orders-db", "reader"))
	w.approve(w.ask("gus-active", w.gus, 8, "orders-db", "writer"))
	w.ask("dev-pending-resource-deleted", w.dev, 1, "legacy-db", "reader")
	w.approve(w.later("dev-approved-resource-deleted", w.dev, "legacy-db", "reader"))
	w.approve(w.ask("dev-active-resource-deleted", w.dev, 8, "legacy-db", "reader"))
	w.ask("dev-pending-role-removed", w.dev, 1, "billing-db", "writer")
	w.ask("dev-pending-resource-renamed", w.dev, 1, "bastion-1", "")
	w.pass(time.Minute)
	got(w.DisableUser(w.ctx, w.ada, w.gus.ID))
	must(w.DeleteResource(w.ctx, w.ada, w.names["legacy-db"]))
	got(w.UpdateResource(w.ctx, w.ada, w.names["billing-db"], nil, []string{"reader"}))
	name := "bastion-berlin"
	got(w.UpdateResource(w.ctx, w.ada, w.names["bastion-1"], &name, nil))
	got(w.RenameAccount(w.ctx, w.ada, w.names["staging"], "Staging EU"))
}

// notifications are what was owed of the journal so far, and how it went.
func (w *world) notifications() {
	head := w.journal.Head()
	owner := w.names["notifier"]
	c := got(w.ledger.Acquire(w.ctx, owner, "notifier", "host-1", time.Minute, 0))
	claim := delivery.Claim{By: owner, Consumer: "notifier", Epoch: c.Epoch}
	var planned []delivery.Planned
	for _, e := range got(w.journal.Read(w.ctx, 0, 1000)) {
		if access.KindOf(e.Subject) != access.KindRequest || e.Type != string(access.EventCreated) {
			continue
		}
		r := got(access.Decode[access.Request](access.Document{ID: e.Subject, Data: e.After}))
		planned = append(planned, delivery.Planned{
			Event:         delivery.Event{Seq: e.Seq, Type: access.EventType(e.Type), RequestID: r.ID, RequesterID: r.Requester.ID},
			IntegrationID: w.names["approvals"], IntegrationName: "Production approvals",
		})
	}
	for i, d := range got(w.ledger.Plan(w.ctx, claim, head, head, planned)) {
		switch {
		case i < 6:
			got(w.ledger.Record(w.ctx, claim, d.ID, delivery.Attempt{Outcome: delivery.OutcomeDelivered, StatusCode: 200, Took: 80 * time.Millisecond}, time.Time{}))
		case i == 6:
			got(w.ledger.Record(w.ctx, claim, d.ID, delivery.Attempt{Outcome: delivery.OutcomeDead, StatusCode: 400, Error: "invalid_payload"}, time.Time{}))
		case i == 7:
			got(w.ledger.Record(w.ctx, claim, d.ID, delivery.Attempt{Outcome: delivery.OutcomeRetry, StatusCode: 503, Error: "Slack is not available"}, w.clock.Add(time.Minute)))
		}
	}
	got(w.ledger.Test(w.ctx, w.names["approvals"], "Production approvals"))
	got(w.ledger.Acquire(w.ctx, w.names["slackbot"], "slackchannel", "host-1", time.Minute, head))
}

// messages are what the Slack bot remembers, in its own form.
func (w *world) messages() {
	cursor := scalar.FormatCursor(w.journal.Head())
	type place struct{ Channel, TS string }
	var changes []delivery.RecordChange
	keep := func(key string, v any) {
		data := string(got(json.Marshal(v)))
		changes = append(changes, delivery.RecordChange{Key: key, Version: 1, Value: &data})
	}
	keep("tok/T0ACME", map[string]any{"workspaceId": w.acme.ID, "slackId": "T0ACME", "botUserId": "U0PROCYON", "token": "xoxb-of-a-fixture"})
	for i, name := range []string{"dev-pending", "dev-active", "dev-extension-waits", "gus-pending"} {
		id, user := w.names[name], "U0DEV"
		if strings.HasPrefix(name, "gus") {
			user = "U0GUS"
		}
		ts := fmt.Sprintf("%d.%06d", w.clock.Unix(), i)
		keep("msg/"+id+"/approver/T0ACME/U0ADA", map[string]any{"request": id, "kind": "approver", "slackId": "T0ACME", "to": "U0ADA", "at": place{"D0ADA", ts}, "want": cursor, "shown": cursor})
		keep("msg/"+id+"/requester/T0ACME/"+user, map[string]any{"request": id, "kind": "requester", "slackId": "T0ACME", "to": user, "at": place{"D" + user, ts}, "want": cursor, "shown": ""})
	}
	keep("home/T0ACME/U0DEV", map[string]any{"request": "", "kind": "home", "slackId": "T0ACME", "to": "U0DEV", "at": place{}, "want": cursor, "shown": cursor, "lists": []string{w.names["dev-pending"], w.names["dev-active"]}})
	must(w.records.Put(w.ctx, w.names["slackbot"], changes))
}

// report prints what tests compare with: expected.json, of one store.
func (w *world) report() error {
	r, err := journal.Verify(w.ctx, w.store)
	if err != nil {
		return err
	}
	versions, statuses := map[string]uint64{}, map[string]access.Status{}
	for _, e := range got(w.store.Entries(w.ctx, 0, 10000)) {
		versions[e.Subject] = e.Version
	}
	for name, id := range w.names {
		if access.KindOf(id) == access.KindRequest {
			statuses[name] = got(w.Request(w.ctx, id)).Status
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(map[string]any{
		"seq": r.Head.Seq, "head": r.Head.Hash.String(), "at": w.clock,
		"versions": versions, "names": w.names, "statuses": statuses, "tokens": w.tokens,
	})
}
