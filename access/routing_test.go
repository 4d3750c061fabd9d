package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRouting(t *testing.T) {
	w := newWorld(t)
	gw, err := w.CreateGateway(t.Context(), w.admin, NewGateway{Name: "Berlin"})
	w.must(err)
	other, err := w.CreateAccount(t.Context(), w.admin, NewAccount{Name: "Staging", Provider: "AWS", ExternalID: "2"})
	w.must(err)
	mk := func(name string) Integration {
		i, err := w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: name, Kind: SlackWebhook, URL: "https://hooks.example/x"})
		w.must(err)
		return i
	}
	prod, staging, net := mk("prod"), mk("staging"), mk("net")
	_, err = w.SetIntegrationAccounts(t.Context(), w.admin, prod.ID, []string{w.account.ID, other.ID})
	w.must(err)
	_, err = w.SetIntegrationAccounts(t.Context(), w.admin, staging.ID, []string{other.ID})
	w.must(err)
	_, err = w.SetNotificationChannels(t.Context(), w.admin, net.ID, true, true)
	w.must(err)
	res := func(in NewResource) ItemRef {
		r, err := w.CreateResource(t.Context(), w.admin, in)
		w.must(err)
		return ItemRef{ResourceID: r.ID}
	}
	stage := res(NewResource{Name: "s", Kind: ResourceApplication, AccountID: other.ID})
	behind := res(NewResource{Name: "b", Kind: ResourceDatabase, GatewayID: gw.ID})
	server := res(NewResource{Name: "srv", Kind: ResourcePrivateServer, GatewayID: gw.ID})
	alone := res(NewResource{Name: "alone", Kind: ResourceWindowsServer})
	prodDB := ItemRef{w.db.ID, "reader"}
	for name, tc := range map[string]struct {
		items []ItemRef
		want  string
	}{
		"one account":        {[]ItemRef{prodDB}, "prod:1+0"},
		"two accounts":       {[]ItemRef{prodDB, stage}, "prod:2+0 staging:1+1"},
		"gateway":            {[]ItemRef{behind}, "net:1+0"},
		"server, gateway":    {[]ItemRef{server}, "net:1+0"},
		"server alone":       {[]ItemRef{alone, prodDB}, "net:1+1 prod:1+1"},
		"everything at once": {[]ItemRef{prodDB, stage, behind, server, alone}, "net:3+2 prod:2+3 staging:1+4"},
	} {
		items, err := w.Items(t.Context(), tc.items)
		w.must(err)
		routes, _, err := w.Routes(t.Context(), items)
		w.must(err)
		var got []string
		for _, r := range routes {
			got = append(got, r.Integration.Name+":"+string(rune('0'+len(r.Items)))+"+"+string(rune('0'+r.Others)))
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: got %s, want %s", name, s, tc.want)
		}
	}
	off := false
	_, err = w.UpdateIntegration(t.Context(), w.admin, prod.ID, IntegrationPatch{Enabled: &off})
	w.must(err)
	items, _ := w.Items(t.Context(), []ItemRef{prodDB})
	routes, silent, err := w.Routes(t.Context(), items)
	w.must(err)
	if len(routes) != 0 || len(silent) != 1 || silent[0].Integration.ID != prod.ID {
		t.Fatalf("one that is switched off hears of nothing: %v, %v", routes, silent)
	}
}

// However many integrations are linked to an account, all of them are looked at: those that
// work hear, also where hundreds that don't are listed before them.
func TestNoLinkedIntegrationIsOverlooked(t *testing.T) {
	w := newWorld(t)
	const off, on = 3*allChunk + 1, 5
	no := false
	for i := range off + on {
		in, err := w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: fmt.Sprintf("channel %04d", i), Kind: SlackWebhook, URL: "https://hooks.example/x"})
		w.must(err)
		_, err = w.SetIntegrationAccounts(t.Context(), w.admin, in.ID, []string{w.account.ID})
		w.must(err)
		if i < off {
			_, err = w.UpdateIntegration(t.Context(), w.admin, in.ID, IntegrationPatch{Enabled: &no})
			w.must(err)
		}
	}
	items, err := w.Items(t.Context(), []ItemRef{{w.db.ID, "reader"}})
	w.must(err)
	routes, silent, err := w.Routes(t.Context(), items)
	w.must(err)
	linked, err := w.LinkedIntegrations(t.Context(), w.account.ID)
	w.must(err)
	if len(routes) != on || len(silent) != off || len(linked) != on+off {
		t.Errorf("%d hear, %d do not, %d are linked; want %d, %d and %d", len(routes), len(silent), len(linked), on, off, on+off)
	}
}

// Events are owed to broken integrations, which hear nothing until they are mended, but to
// none that is switched off.
func TestWhatABrokenIntegrationIsOwed(t *testing.T) {
	w := newWorld(t)
	in, err := w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: "Alerts", Kind: SlackWebhook, URL: "https://hooks.example/x"})
	w.must(err)
	_, err = w.SetIntegrationAccounts(t.Context(), w.admin, in.ID, []string{w.account.ID})
	w.must(err)
	items, err := w.Items(t.Context(), []ItemRef{{w.db.ID, "reader"}})
	w.must(err)
	wants := func(owed, hear, silent int) {
		t.Helper()
		events, err := w.EventRoutes(t.Context(), EventCreated, items)
		w.must(err)
		routes, others, err := w.Routes(t.Context(), items)
		w.must(err)
		if len(events) != owed || len(routes) != hear || len(others) != silent {
			t.Errorf("owed to %d, heard by %d, %d silent; want %d, %d and %d", len(events), len(routes), len(others), owed, hear, silent)
		}
	}
	wants(1, 1, 0)
	w.must(w.BreakIntegration(t.Context(), w.admin, in.ID, "no_service"))
	wants(1, 0, 1)
	no := false
	_, err = w.UpdateIntegration(t.Context(), w.admin, in.ID, IntegrationPatch{Enabled: &no})
	w.must(err)
	wants(0, 0, 1)
	events := slices.DeleteFunc(DefaultEvents(), func(e EventType) bool { return e == EventCreated })
	yes := true
	_, err = w.UpdateIntegration(t.Context(), w.admin, in.ID, IntegrationPatch{Enabled: &yes, Events: events})
	w.must(err)
	wants(0, 1, 0)
}

// What was tried before an integration was changed says nothing of it as it is now.
func TestALateFailureDoesNotBreakWhatWasMended(t *testing.T) {
	w := newWorld(t)
	in, err := w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: "Alerts", Kind: SlackWebhook, URL: "https://hooks.example/x"})
	w.must(err)
	url, yes, no, name := "https://hooks.example/x", true, false, "Alarms"
	for what, c := range map[string]struct {
		patches []IntegrationPatch
		breaks  bool
	}{
		"nothing":                {nil, true},
		"a name":                 {[]IntegrationPatch{{Name: &name}}, true},
		"switched on that works": {[]IntegrationPatch{{Enabled: &yes}}, true},
		"another URL":            {[]IntegrationPatch{{URL: &url}}, false},
		"switched off and on":    {[]IntegrationPatch{{Enabled: &no}, {Enabled: &yes}}, false},
	} {
		i, err := w.UpdateIntegration(t.Context(), w.admin, in.ID, IntegrationPatch{Enabled: &yes})
		w.must(err)
		tried := i.Version
		w.clock = w.clock.Add(time.Minute)
		for _, p := range c.patches {
			_, err = w.UpdateIntegration(t.Context(), w.admin, in.ID, p)
			w.must(err)
		}
		w.must(w.BreakTried(t.Context(), w.admin, in.ID, tried, "no_service"))
		i, err = w.Integration(t.Context(), in.ID)
		w.must(err)
		if (i.Status == IntegrationBroken) != c.breaks {
			t.Errorf("%s: %s at version %d, tried at %d", what, i.Status, i.Version, tried)
		}
		if c.breaks {
			w.clock = w.clock.Add(time.Minute)
			i, err = w.UpdateIntegration(t.Context(), w.admin, in.ID, IntegrationPatch{URL: &url})
			w.must(err)
			if i.Status != IntegrationEnabled || i.Version == tried || !i.WorksSince.Equal(w.Now()) {
				t.Errorf("mended: %+v", i)
			}
		}
	}
}
