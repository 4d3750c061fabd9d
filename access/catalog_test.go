package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"procyon/store"
)

func TestNamesAreUniqueAlsoInARace(t *testing.T) {
	w := newWorld(t)
	_, err := w.CreateAccount(t.Context(), w.admin, NewAccount{Name: " production ", Provider: "GCP", ExternalID: "9"})
	w.wants(err, CodeDuplicate, "name")
	w.log.raceOn = func(Change) {
		_, err := w.CreateGateway(t.Context(), w.admin, NewGateway{Name: "Berlin"})
		w.must(err)
	}
	_, err = w.CreateGateway(t.Context(), w.boss, NewGateway{Name: "berlin"})
	w.wants(err, CodeDuplicate, "name")
}

// An account at a provider is in the catalog once, whoever adds it again at the same time; when
// it was deleted it can come again.
func TestAccountsAreAddedOnce(t *testing.T) {
	w := newWorld(t)
	_, err := w.CreateAccount(t.Context(), w.admin, NewAccount{Name: "Another", Provider: "AWS", ExternalID: " 123 "})
	w.wants(err, CodeDuplicate, "externalId")
	w.wants(w.Put(t.Context(), w.admin, Wanted{Kind: KindAccount, ID: "acc_imported", Name: "Another", Provider: "AWS", ExternalID: "123"}), CodeDuplicate, "externalId")
	_, err = w.CreateAccount(t.Context(), w.admin, NewAccount{Name: "Another", Provider: "GCP", ExternalID: "123"})
	w.must(err)
	for _, again := range []func() error{
		func() error {
			_, err := w.CreateAccount(t.Context(), w.boss, NewAccount{Name: "Theirs", Provider: "AWS", ExternalID: "9"})
			return err
		},
		func() error {
			return w.Put(t.Context(), w.boss, Wanted{Kind: KindAccount, ID: "acc_raced", Name: "Theirs", Provider: "AWS", ExternalID: "9"})
		},
	} {
		var first Account
		w.log.raceOn = func(Change) {
			var err error
			first, err = w.CreateAccount(t.Context(), w.admin, NewAccount{Name: "Ours", Provider: "AWS", ExternalID: "9"})
			w.must(err)
		}
		w.wants(again(), CodeDuplicate, "externalId")
		w.must(w.DeleteAccount(t.Context(), w.admin, first.ID))
	}
	renamed, err := w.RenameAccount(t.Context(), w.admin, w.account.ID, "Renamed")
	w.must(err)
	if renamed.ExternalID != "123" {
		t.Errorf("%+v", renamed)
	}
}

func TestBadNames(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"", "  ", strings.Repeat("x", 81), "a\nb", "a\u202eb", "\xff"} {
		_, err := w.CreateAccount(t.Context(), w.admin, NewAccount{Name: name, Provider: "AWS", ExternalID: "1"})
		w.wants(err, CodeInvalid, "name")
		_, err = w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: name, Kind: SlackWebhook, URL: "https://hooks.example/x"})
		w.wants(err, CodeInvalid, "name")
	}
	if _, err := w.CreateAccount(t.Context(), w.admin, NewAccount{Name: strings.Repeat("é", 80), Provider: "AWS", ExternalID: "1"}); err != nil {
		t.Fatalf("80 characters are allowed: %v", err)
	}
}

func TestAnAccountInUseStays(t *testing.T) {
	w := newWorld(t)
	w.wants(w.DeleteAccount(t.Context(), w.admin, w.account.ID), CodeInUse, "accountId")
	_, err := w.DeleteResource(t.Context(), w.admin, w.db.ID, false)
	w.must(err)
	w.log.raceOn = func(Change) {
		_, err := w.CreateResource(t.Context(), w.admin, NewResource{Name: "new", Kind: ResourceDatabase, AccountID: w.account.ID})
		w.must(err)
	}
	w.wants(w.DeleteAccount(t.Context(), w.admin, w.account.ID), CodeInUse, "accountId")
}

func TestResourcesBelongSomewhere(t *testing.T) {
	w := newWorld(t)
	_, err := w.CreateResource(t.Context(), w.admin, NewResource{Name: "x", Kind: ResourceDatabase})
	w.wants(err, CodeInvalid, "accountId")
	_, err = w.CreateResource(t.Context(), w.admin, NewResource{Name: "x", Kind: ResourcePrivateServer})
	w.must(err)
	_, err = w.CreateResource(t.Context(), w.admin, NewResource{Name: "x", Kind: ResourceDatabase, AccountID: "acc_none"})
	w.wants(err, CodeNotFound, "accountId")
	_, err = w.CreateResource(t.Context(), w.admin, NewResource{Name: "y", Kind: ResourceDatabase, AccountID: w.account.ID, Roles: []string{"a", "a"}})
	w.wants(err, CodeInvalid, "roles.1")
}

func TestSearchFindsPartsOfWords(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"orders-cache", "Ordinary thing", "extraordinarily-long-name"} {
		_, err := w.CreateResource(t.Context(), w.admin, NewResource{Name: name, Kind: ResourceDatabase, AccountID: w.account.ID})
		w.must(err)
	}
	for search, want := range map[string]string{
		"ORDERS": "orders db,orders-cache", "db ord": "orders db", "ordin": "extraordinarily-long-name,ordinary thing",
		"extraordinarily": "extraordinarily-long-name", "extraordinary": "", "--": "",
		"": "extraordinarily-long-name,orders db,orders-cache,ordinary thing", "duct": "extraordinarily-long-name,orders db,orders-cache,ordinary thing",
		"production cache": "orders-cache",
	} {
		for _, parent := range []string{"", w.account.ID} {
			l, err := w.Resources(t.Context(), ResourceFilter{Parent: parent, Search: search}, store.Page{First: 10})
			w.must(err)
			var names []string
			for _, d := range l.Docs {
				names = append(names, d.Sort)
			}
			if got := strings.Join(names, ","); got != want {
				t.Errorf("%q in %q: got %q, want %q", search, parent, got, want)
			}
		}
	}
}

func TestIntegrationLife(t *testing.T) {
	w := newWorld(t)
	_, err := w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: "x", Kind: SlackWebhook, URL: "http://evil"})
	w.wants(err, CodeInvalid, "webhookUrl")
	i, err := w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: "Alerts", Kind: SlackWebhook, URL: "https://hooks.example/x"})
	w.must(err)
	if strings.Contains(i.MaskedURL, "/x") {
		t.Fatalf("the mask shows the secret: %s", i.MaskedURL)
	}
	_, err = w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: "alerts", Kind: SlackWebhook, URL: "https://hooks.example/x"})
	w.wants(err, CodeDuplicate, "name")
	_, err = w.SetIntegrationAccounts(t.Context(), w.admin, i.ID, []string{"acc_none"})
	w.wants(err, CodeNotFound, "accountIds.0")
	w.must(w.BreakIntegration(t.Context(), w.admin, i.ID, "no_service"))
	i, _ = w.Integration(t.Context(), i.ID)
	if i.Status != IntegrationBroken || i.BrokenReason != "no_service" {
		t.Fatalf("%+v", i)
	}
	fresh := "https://hooks.example/x"
	i, err = w.UpdateIntegration(t.Context(), w.admin, i.ID, IntegrationPatch{URL: &fresh})
	w.must(err)
	if i.Status != IntegrationEnabled || i.BrokenReason != "" {
		t.Fatalf("a new URL mends it: %+v", i)
	}
	w.must(w.DeleteIntegration(t.Context(), w.admin, i.ID))
	_, err = w.UpdateIntegration(t.Context(), w.admin, i.ID, IntegrationPatch{URL: &fresh})
	w.wants(err, CodeNotFound, "integrationId")
	_, err = w.CreateIntegration(t.Context(), w.admin, NewIntegration{Name: "Alerts", Kind: SlackWebhook, URL: "https://hooks.example/x"})
	w.must(err)
}

func TestListsPageBothWaysAndKeepToRights(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 7 {
		by := w.dev
		if i%2 == 1 {
			by = w.boss
		}
		r, err := w.CreateRequest(t.Context(), by, w.request(3600))
		w.must(err)
		ids = append(ids, r.ID)
		w.pass(1)
		w.clock = w.clock.Add(1000)
		if i < 3 {
			_, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionDeny})
			w.must(err)
		}
	}
	walk := func(by Actor, f RequestFilter, p store.Page) string {
		var got strings.Builder
		for _, id := range w.turn(w.Service, by, f, RequestOrder{Desc: true}, p) {
			fmt.Fprint(&got, slices.Index(ids, id))
		}
		return got.String()
	}
	for name, tc := range map[string]struct {
		by     Actor
		filter RequestFilter
		want   string
	}{
		"all":            {w.admin, RequestFilter{}, "6543210"},
		"pending":        {w.admin, RequestFilter{Statuses: []Status{StatusPending}}, "6543"},
		"two statuses":   {w.admin, RequestFilter{Statuses: []Status{StatusPending, StatusDenied}, AccountID: w.account.ID}, "6543210"},
		"a person's":     {w.admin, RequestFilter{RequesterID: w.boss.ID}, "531"},
		"by resource":    {w.admin, RequestFilter{ResourceID: w.db.ID, AccountID: w.account.ID, Statuses: []Status{StatusDenied}}, "210"},
		"other account":  {w.admin, RequestFilter{ResourceID: w.db.ID, AccountID: "acc_x"}, ""},
		"one's own":      {w.dev, RequestFilter{}, "6420"},
		"not another's":  {w.dev, RequestFilter{RequesterID: w.boss.ID}, ""},
		"mine to review": {w.boss, RequestFilter{ReviewableByMe: new(true)}, "64"},
	} {
		for _, p := range []store.Page{{First: 2}, {Last: 2}} {
			if got := walk(tc.by, tc.filter, p); got != tc.want {
				t.Errorf("%s (%+v): got %s, want %s", name, p, got, tc.want)
			}
		}
	}
}

// Where the setting says so, only somebody signed in to the console can approve.
func TestApproveInConsole(t *testing.T) {
	w := newWorld(t)
	w.opts.ApproveInConsole = true
	for via, want := range map[string]Code{"slack": CodeForbidden, "api": CodeForbidden, ViaConsole: ""} {
		by := w.admin
		by.Via = via
		if _, err := w.review(by, w.ask(3600).ID, ReviewRequest{Decision: DecisionApprove}); CodeOf(err) != want {
			t.Errorf("to approve via %s: %v", via, err)
		}
		if _, err := w.review(by, w.ask(3600).ID, ReviewRequest{Decision: DecisionDeny, Comment: "no"}); err != nil {
			t.Errorf("to deny via %s: %v", via, err)
		}
	}
}
