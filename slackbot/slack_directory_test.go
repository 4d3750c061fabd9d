package slackbot_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/slacksim"
	"procyon/notifier/slackchannel"
	"procyon/slackworkspace"
	"procyon/store"
)

// listsChannels has the app ask for the scopes and the events that its manifest has.
func listsChannels(b *slackBed) {
	a := b.Sim.App()
	a.Scopes = []string{"commands", "chat:write", "chat:write.public", "im:write", "users:read", "users:read.email", "channels:read", "groups:read", "team:read"}
	a.Events = []string{
		"app_home_opened", "app_uninstalled", "tokens_revoked", "user_change",
		"channel_created", "channel_rename", "channel_archive", "channel_deleted", "channel_left", "group_left", "member_joined_channel",
	}
	b.Sim.SetApp(a)
}

// channelNames are those that the server knows of the first workspace.
func (b *slackBed) channelNames() (workspaceID, names string) {
	b.T.Helper()
	w, err := b.App.Workspaces.Workspaces(b.Ctx, store.Page{First: 1})
	b.Must(err)
	workspaceID = w.Docs[0].ID
	l, _, err := b.App.Workspaces.Channels(b.Ctx, workspaceID, slackworkspace.ChannelFilter{}, store.Page{First: 100})
	b.Must(err)
	for _, d := range l.Docs {
		c, err := access.Decode[slackworkspace.Channel](d)
		b.Must(err)
		names += "#" + c.Name
		if c.Private {
			names += " (private)"
		}
		if c.Archived {
			names += " (archived)"
		}
		names += ";"
	}
	return workspaceID, names
}

// between does something when Slack has answered a call of a method, before the bot hears so.
// It is for the time before the server is open; what it returns sets what is done once.
func (b *slackBed) between(method string) func(do func()) {
	b.T.Helper()
	slack, err := url.Parse(strings.TrimSuffix(b.Config.Slack.APIURL, "/api/"))
	b.Must(err)
	var next atomic.Pointer[func()]
	proxy := httputil.NewSingleHostReverseProxy(slack)
	proxy.ModifyResponse = func(r *http.Response) error {
		if strings.HasSuffix(r.Request.URL.Path, "/"+method) {
			if do := next.Swap(nil); do != nil {
				(*do)()
			}
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	b.T.Cleanup(server.Close)
	b.Config.Slack.APIURL = server.URL + "/api/"
	return func(do func()) { next.Store(&do) }
}

// A channel that is made while the bot looks which there are is seen soon, though that look
// had not got it.
func TestSlackChannelMadeWhileTheyAreListed(t *testing.T) {
	var when func(func())
	b := newSlackBed(t, listsChannels, func(b *slackBed) { when = b.between("conversations.list") })
	awaits := func(want string) {
		t.Helper()
		if err := b.Await(func() bool { _, names := b.channelNames(); return strings.Contains(names, want) }); err != nil {
			t.Fatal(err)
		}
	}
	awaits("#prod-approvals;")
	made := make(chan struct{})
	when(func() {
		defer close(made)
		_, err := b.Sim.AddChannel("", "meanwhile", false)
		if err == nil {
			err = b.Sim.Settle(b.Ctx) // the bot has heard of it
		}
		if err != nil {
			t.Error(err)
		}
	})
	_, err := b.Sim.AddChannel("", "first", false) // has it look
	b.Must(err)
	select {
	case <-made:
	case <-b.Ctx.Done():
		t.Fatal(b.Ctx.Err())
	}
	awaits("#meanwhile;")
}

// The server hears from the bot which channels it sees: at the start, and when Slack tells
// that something has changed. What is chosen is checked by that.
func TestSlackChannelsByName(t *testing.T) {
	b := newSlackBed(t, listsChannels)
	b.Sim.FailCalls("conversations.list", 1, slacksim.Fault{Status: 429})
	awaits := func(want string) {
		t.Helper()
		err := b.Await(func() bool { _, names := b.channelNames(); return strings.Contains(names, want) })
		if err != nil {
			_, names := b.channelNames()
			t.Fatalf("%q is not among %q: %v", want, names, err)
		}
	}
	awaits("#prod-approvals;")
	b.Expect("ratelimited")
	workspace, _ := b.channelNames()
	n := 0
	choose := func(id string) error {
		n++
		_, err := b.App.Access.CreateIntegration(b.Ctx, app.Operator(), access.NewIntegration{
			Name: fmt.Sprint("channel ", n), Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: workspace, ChannelID: id},
		})
		return err
	}
	made, err := b.Sim.AddChannel("", "brand-new", false)
	b.Must(err)
	awaits("#brand-new;")
	b.Must(choose(made))

	secret, err := b.Sim.AddChannel("", "secret", true, "ada")
	b.Must(err)
	if err := choose(secret); access.CodeOf(err) != access.CodeNotFound || !strings.Contains(err.Error(), "/invite @Procyon") {
		t.Errorf("a private channel without the app: %v", err)
	}
	b.Must(b.Sim.Invite("secret", "app"))
	awaits("#secret (private);")
	b.Must(choose(secret))

	b.Must(b.Sim.RenameChannel("brand-new", "renamed"))
	awaits("#renamed;")
	b.Sim.Archive("renamed")
	awaits("#renamed (archived);")
	if err := choose(made); access.CodeOf(err) != access.CodeConflict {
		t.Errorf("an archived channel: %v", err)
	}
}
