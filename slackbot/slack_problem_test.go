package slackbot_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/internal/app"
	"procyon/internal/slacksim"
	"procyon/store"
)

// problems is what the console is told to show to somebody.
func (b *slackBed) problems(email string) string {
	b.T.Helper()
	by := b.actorOf(email)
	token, err := b.App.Auth.CreateToken(b.Ctx, by, auth.NewToken{OwnerID: by.ID, Name: "console"})
	b.Must(err)
	r, err := http.NewRequestWithContext(b.Ctx, http.MethodPost, "http://"+b.Config.Server.Listen+"/graphql", strings.NewReader(`{"query": "{ problems { problems { text mend } } }"}`))
	b.Must(err)
	r.Header.Set("Authorization", "Bearer "+token.Secret)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	b.Must(err)
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	b.Must(err)
	return string(said)
}

// Both channels that hear of production are archived: each administrator gets one message
// that says so, has it on the Home tab until it is mended, and hears of it when it fails anew.
func TestArchivedChannelsAreTold(t *testing.T) {
	b := newSlackBed(t)
	b.Expect("is_archived")
	ada, dev := b.Sim.As("ada"), b.Sim.As("dev")
	b.link(b.offer(dev), "dev@example.com")
	_, err := ada.OpenHome()
	b.Must(err)
	production := b.account("Production")
	b.channel("access", production)
	b.Sim.Archive("access")
	b.Sim.Archive("prod-approvals")
	b.ask(dev, "orders-db 1h stuck orders", "orders-db", "reader")
	broken := func() []access.Integration {
		t.Helper()
		l, err := b.App.Access.LinkedIntegrations(b.Ctx, production)
		b.Must(err)
		return slices.DeleteFunc(l, func(i access.Integration) bool { return i.Status != access.IntegrationBroken })
	}
	both := func() bool { return len(broken()) == 2 }
	b.Must(b.Await(both))
	_, err = ada.AwaitHome(b.Ctx, "Needs an administrator")
	b.Must(err)
	b.Sim.FailCalls("chat.postMessage", 4, slacksim.Fault{Store: true}) // perhaps no answer tells that they were told
	b.Ahead(time.Minute)
	text := b.hears(ada, 1)
	console := b.problems("ada@example.com")
	for _, i := range broken() {
		if !strings.Contains(console, "The integration “"+i.Name+"” is broken: ") {
			t.Errorf("of %s the console is told: %s", i.Name, console)
		}
		if !strings.Contains(text, "The integration “"+i.Name+"” is broken: ") || !strings.Contains(text, "archived") || !strings.Contains(text, "Unarchive the channel") {
			t.Errorf("of %s ada is told: %s", i.Name, text)
		}
	}
	b.hears(b.Sim.As("bo"), 1)

	for _, i := range broken() {
		_, err := b.App.Access.UpdateIntegration(b.Ctx, app.Operator(), i.ID, access.IntegrationPatch{Enabled: new(true)})
		b.Must(err)
	}
	// What they are owed breaks them anew, for the channels are archived still.
	b.Must(b.Await(both))
	b.Ahead(time.Hour)
	b.hears(ada, 2)
	for _, i := range broken() {
		b.Must(b.App.Access.DeleteIntegration(b.Ctx, app.Operator(), i.ID))
	}
	r, err := b.App.Access.Requests(b.Ctx, app.Operator(), access.RequestFilter{Statuses: []access.Status{access.StatusPending}}, access.RequestOrder{}, store.Page{First: 5})
	b.Must(err)
	if len(r.Docs) != 1 {
		t.Fatalf("%d requests wait", len(r.Docs))
	}
	b.Must(b.Await(func() bool { return !strings.Contains(ada.Home().Text(), "Needs an administrator") }))
	if n, _ := told(dev); n > 0 {
		t.Error("a member is told")
	}
	if said := b.problems("dev@example.com"); !strings.Contains(said, `"problems":null`) {
		t.Errorf("a member is told %s", said)
	}
}
