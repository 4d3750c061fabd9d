package slackbot_test

import (
	"fmt"
	"strings"
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
