package slackworkspace

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/notifier/slackchannel"
	"procyon/notifier/slackwebhook"
	"procyon/store"
)

func slackApp(slackID string) NewWorkspace {
	return NewWorkspace{SlackID: slackID, Name: "Acme", Domain: "acme.slack.com", AppID: "A1", BotUserID: "UBOT", Scopes: []string{"commands"}}
}

// bot is the service that installs.
func bot() access.Actor {
	return access.Actor{Kind: access.ActorService, ID: "svc_bot", Name: "slackbot"}
}

// accepted installs the app in a workspace that an administrator accepts.
func (w *world) accepted(in NewWorkspace) Workspace {
	w.t.Helper()
	ws, err := w.slack.Install(w.t.Context(), bot(), in)
	w.must(err)
	ws, err = w.slack.Accept(w.t.Context(), w.admin, ws.ID, ws.InstalledAt)
	w.must(err)
	return ws
}

// consent is an administrator's consent to an installation.
func (w *world) consent(by access.Actor) func(context.Context) (*Consent, error) {
	return func(ctx context.Context) (*Consent, error) {
		u, err := w.User(ctx, by.ID)
		return &Consent{UserID: u.ID, Epoch: u.Epoch}, err
	}
}

// Anybody can install the app in a workspace of their own, where they set everybody's
// e-mail address: nothing there counts until an administrator has said so.
func TestAWorkspaceOfAStrangerWaits(t *testing.T) {
	w := newWorld(t)
	in := slackApp("TEVIL")
	in.Webhook = &NewWebhook{URL: "https://hooks.example/x", Channel: "#evil"}
	ws, err := w.slack.Install(t.Context(), bot(), in)
	w.must(err)
	if !ws.Waiting || ws.Accepted != nil || ws.Domain != "acme.slack.com" {
		t.Fatalf("%+v", ws)
	}
	_, err = w.slack.Link(t.Context(), w.admin, slackUser(ws, "UCFO", "ada@example.com"))
	w.wants(err, access.CodeConflict, "workspaceId")
	_, err = w.CreateIntegration(t.Context(), w.admin, access.NewIntegration{Name: "a", Kind: slackwebhook.Name, OfferedBy: ws.ID})
	w.wants(err, access.CodeConflict, "offeredByWorkspaceId")
	_, err = w.CreateIntegration(t.Context(), w.admin, access.NewIntegration{Name: "b", Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: "C1"}})
	w.wants(err, access.CodeConflict, "slackChannel.workspaceId")

	acting := w.admin
	acting.ByID = "svc_bot"
	for _, by := range []access.Actor{bot(), acting, w.dev, {Kind: access.ActorService, ID: "svc_1", Admin: true}} {
		_, err = w.slack.Accept(t.Context(), by, ws.ID, ws.InstalledAt)
		w.wants(err, access.CodeForbidden, "workspaceId")
		_, err = w.slack.Remove(t.Context(), by, ws.ID, nil)
		w.wants(err, access.CodeForbidden, "workspaceId")
	}
	ws, err = w.slack.Accept(t.Context(), w.admin, ws.ID, ws.InstalledAt)
	w.must(err)
	if ws.Waiting || ws.Accepted == nil || ws.Accepted.UserID != w.admin.ID {
		t.Fatalf("%+v", ws)
	}
	l, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	if l.Status != LinkLinked {
		t.Errorf("%+v", l)
	}
}

// What an administrator accepts is the installation that they saw.
func TestAcceptanceIsOfWhatWasSeen(t *testing.T) {
	w := newWorld(t)
	ws, err := w.slack.Install(t.Context(), bot(), slackApp("T1"))
	w.must(err)
	w.pass(time.Second)
	again := slackApp("T1")
	again.Name = "Another name"
	_, err = w.slack.Install(t.Context(), bot(), again)
	w.must(err)
	_, err = w.slack.Accept(t.Context(), w.admin, ws.ID, ws.InstalledAt)
	w.wants(err, access.CodeConflict, "installedAt")
	_, err = w.slack.Remove(t.Context(), w.admin, ws.ID, nil)
	w.must(err)
	_, err = w.slack.Accept(t.Context(), w.admin, ws.ID, ws.InstalledAt)
	w.wants(err, access.CodeConflict, "workspaceId")
	if l, err := w.slack.Workspaces(t.Context(), store.Page{First: 10}); err != nil || len(l.Docs) != 0 {
		t.Errorf("refused, and still listed: %+v, %v", l.Docs, err)
	}
}

// Who is no administrator any more when they accept accepts nothing.
func TestAcceptanceIsAnAdministratorsAtThatTime(t *testing.T) {
	w := newWorld(t)
	ws, err := w.slack.Install(t.Context(), bot(), slackApp("T1"))
	w.must(err)
	w.log.raceOn = func(access.Change) {
		_, err := w.SetAdmin(t.Context(), access.System(), w.admin.ID, false)
		w.must(err)
	}
	_, err = w.slack.Accept(t.Context(), w.admin, ws.ID, ws.InstalledAt)
	w.wants(err, access.CodeForbidden, "workspaceId")
}

// An installation that an administrator began needs no second step, if they still are one.
func TestInstallationOfAnAdministrator(t *testing.T) {
	w := newWorld(t)
	in := slackApp("T1")
	in.Consent = w.consent(w.boss)
	ws, err := w.slack.Install(t.Context(), bot(), in)
	w.must(err)
	if ws.Waiting || ws.Accepted == nil || ws.Accepted.UserID != w.boss.ID {
		t.Errorf("%+v", ws)
	}
	for id, consent := range map[string]func(context.Context) (*Consent, error){
		"T2": w.consent(w.dev),
		"T3": func(context.Context) (*Consent, error) { return &Consent{UserID: w.boss.ID, Epoch: 7}, nil },
		"T4": func(context.Context) (*Consent, error) { return nil, nil },
		"T5": func(context.Context) (*Consent, error) { return &Consent{UserID: "usr_none"}, nil },
	} {
		in := slackApp(id)
		in.Consent = consent
		ws, err := w.slack.Install(t.Context(), bot(), in)
		w.must(err)
		if !ws.Waiting {
			t.Errorf("%s: %+v", id, ws)
		}
	}
	in = slackApp("T6")
	in.Consent = w.consent(w.boss)
	w.log.raceOn = func(access.Change) {
		_, err := w.SetAdmin(t.Context(), access.System(), w.boss.ID, false)
		w.must(err)
	}
	if ws, err := w.slack.Install(t.Context(), bot(), in); err != nil || !ws.Waiting {
		t.Errorf("they stopped being one meanwhile: %+v, %v", ws, err)
	}
	bad := slackApp("T7")
	bad.Name = ""
	bad.Consent = func(context.Context) (*Consent, error) {
		t.Error("a consent is used up by an installation that is refused")
		return nil, nil
	}
	_, err = w.slack.Install(t.Context(), bot(), bad)
	w.wants(err, access.CodeInvalid, "name")
}

// Whoever may install the app in a workspace that is accepted may do so again; once it
// was gone it waits, and with it the links of before.
func TestReinstalledWorkspace(t *testing.T) {
	w := newWorld(t)
	ws := w.accepted(slackApp("T1"))
	_, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", "dev@example.com"))
	w.must(err)
	acts := func(want bool) {
		t.Helper()
		if ok, err := w.slack.Linked(t.Context(), w.dev.ID); err != nil || ok != want {
			t.Errorf("acting is possible: %v, %v", ok, err)
		}
		if _, err := w.slack.Identity(t.Context(), "T1", "U1"); (err == nil) != want {
			t.Errorf("the identity: %v", err)
		}
	}
	again, err := w.slack.Install(t.Context(), bot(), slackApp("T1"))
	w.must(err)
	if again.Waiting || again.Accepted == nil || again.Accepted.Name != w.admin.Name {
		t.Errorf("%+v", again)
	}
	acts(true)
	for name, remove := range map[string]func() error{
		"Slack says so": func() error { _, err := w.slack.Uninstall(t.Context(), bot(), "T1"); return err },
		"refused":       func() error { _, err := w.slack.Remove(t.Context(), w.admin, ws.ID, nil); return err },
	} {
		w.must(remove())
		acts(false)
		for range 2 { // also when it is installed twice
			again, err = w.slack.Install(t.Context(), bot(), slackApp("T1"))
			w.must(err)
			if !again.Waiting || again.Accepted != nil {
				t.Errorf("%s: %+v", name, again)
			}
		}
		acts(false)
		_, err = w.slack.Accept(t.Context(), w.admin, ws.ID, again.InstalledAt)
		w.must(err)
		acts(true)
	}
}

// A workspace that an earlier release installed is used as before.
func TestWorkspaceOfAnEarlierReleaseIsAccepted(t *testing.T) {
	data := []byte(`{"id":"wsp_1","slackId":"T1","name":"Acme","appId":"A1","botUserId":"U1","scopes":null,"installedAt":"2026-01-01T00:00:00Z"}`)
	after, err := kinds().Replay("wsp_1", nil, "INSTALLED", data)
	if err != nil || !bytes.Equal(after, data) {
		t.Fatalf("%s, %v", after, err)
	}
	d, err := kinds().View("wsp_1", 1, after)
	if err != nil || strings.Join(d.Terms, " ") != "wsp/" {
		t.Errorf("%+v, %v", d, err)
	}
	if ws, err := access.Decode[Workspace](d); err != nil || ws.Usable() != nil {
		t.Errorf("%+v, %v", ws, err)
	}
}

// A flood of strangers' workspaces ends somewhere, and keeps no administrator out.
func TestFewWorkspacesWait(t *testing.T) {
	w := newWorld(t)
	for i := range maxWaitingWorkspaces {
		_, err := w.slack.Install(t.Context(), bot(), slackApp(fmt.Sprintf("T%d", i)))
		w.must(err)
	}
	_, err := w.slack.Install(t.Context(), bot(), slackApp("TMORE"))
	w.wants(err, access.CodeConflict, "slackId")
	_, err = w.slack.Install(t.Context(), bot(), slackApp("T7"))
	w.must(err)
	in := slackApp("TOURS")
	in.Consent = w.consent(w.admin)
	_, err = w.slack.Install(t.Context(), bot(), in)
	w.must(err)
	got, err := w.slack.Waiting(t.Context())
	w.must(err)
	if len(got.Workspaces) != maxWaitingShown || got.WorkspaceCount != maxWaitingCounted || got.Workspaces[0].SlackID != "T0" {
		t.Errorf("%d of %d", len(got.Workspaces), got.WorkspaceCount)
	}
	for _, bad := range []string{"acme", "https://acme.slack.com", "Acme.slack.com", "a..b", "-a.b", strings.Repeat("a", 250) + ".com"} {
		in := slackApp("T7")
		in.Domain = bad
		_, err := w.slack.Install(t.Context(), bot(), in)
		w.wants(err, access.CodeInvalid, "domain")
	}
}

// What waits is told with who can decide it; what nobody can decide is left out.
func TestWhatWaitsInSlack(t *testing.T) {
	w := newWorld(t)
	ws, other := w.accepted(slackApp("T1")), w.accepted(slackApp("T2"))
	_, err := w.slack.Link(t.Context(), w.dev, slackUser(other, "U1", ""))
	w.must(err)
	_, err = w.slack.Remove(t.Context(), w.admin, other.ID, nil)
	w.must(err)
	hidden, err := w.slack.Link(t.Context(), w.dev, slackUser(ws, "U1", " "))
	w.must(err)
	w.pass(time.Second)
	differs, err := w.slack.Link(t.Context(), w.boss, slackUser(ws, "U2", "other@example.com"))
	w.must(err)
	if hidden.WaitsBecause() != ReasonEmailHidden || differs.WaitsBecause() != ReasonEmailDiffers {
		t.Errorf("%q, %q", hidden.WaitsBecause(), differs.WaitsBecause())
	}
	got, err := w.slack.Waiting(t.Context())
	w.must(err)
	if got.LinkCount != 2 || got.Links[0].ID != hidden.ID || got.Links[1].ID != differs.ID || len(got.Administrators) != 2 {
		t.Errorf("%+v", got)
	}
	agreed, err := w.slack.Agree(t.Context(), w.admin, hidden.ID, w.dev.ID)
	w.must(err)
	if agreed.WaitsBecause() != "" {
		t.Errorf("%+v", agreed)
	}
}

// To refuse what waits ends nothing that another administrator has accepted since.
func TestRefusalIsOfWhatWasSeen(t *testing.T) {
	w := newWorld(t)
	ws := w.accepted(slackApp("T1"))
	_, err := w.slack.Remove(t.Context(), w.boss, ws.ID, new(true))
	w.wants(err, access.CodeConflict, "waiting")
	if ws, err = w.slack.WorkspaceByID(t.Context(), ws.ID); err != nil || !ws.Counts() {
		t.Fatalf("%+v, %v", ws, err)
	}
	_, err = w.slack.Remove(t.Context(), w.boss, ws.ID, new(false))
	w.must(err)
	_, err = w.slack.Remove(t.Context(), w.admin, ws.ID, new(true))
	w.must(err) // it is refused already

	other, err := w.slack.Install(t.Context(), bot(), slackApp("T2"))
	w.must(err)
	w.log.raceOn = func(access.Change) {
		_, err := w.slack.Accept(t.Context(), w.admin, other.ID, other.InstalledAt)
		w.must(err)
	}
	_, err = w.slack.Remove(t.Context(), w.boss, other.ID, new(true))
	w.wants(err, access.CodeConflict, "waiting")
}

// Anybody who may install the app in an accepted workspace can offer another channel: an
// integration is made of the offer that the administrator saw.
func TestAnOfferedWebhookIsTheOneThatWasSeen(t *testing.T) {
	w := newWorld(t)
	in := slackApp("T1")
	in.Webhook = &NewWebhook{URL: "https://hooks.example/x", Channel: "#ops"}
	ws := w.accepted(in)
	w.pass(time.Second)
	in.Webhook = &NewWebhook{URL: "https://hooks.example/x", Channel: "#mine"}
	again, err := w.slack.Install(t.Context(), bot(), in)
	w.must(err)
	hook := access.NewIntegration{Name: "Ops", Kind: slackwebhook.Name, OfferedBy: ws.ID, OfferSeen: &ws.InstalledAt}
	_, err = w.CreateIntegration(t.Context(), w.admin, hook)
	w.wants(err, access.CodeConflict, "offerInstalledAt")
	hook.OfferSeen = &again.InstalledAt
	_, err = w.CreateIntegration(t.Context(), w.admin, hook)
	w.must(err)
}

// What can't be read just now is not said to be decided: else administrators would hear of
// it as new once it is back.
func TestWhatWaitsIsToldWholeOrNotAtAll(t *testing.T) {
	w, ws := workspaceWorld(t)
	_, err := w.slack.Link(t.Context(), w.boss, slackUser(ws, "U1", ""))
	w.must(err)
	w.views.failing = ws.ID
	if got, err := w.slack.Waiting(t.Context()); err == nil {
		t.Errorf("%d links wait, want an error", got.LinkCount)
	}
}
