package slackworkspace

import (
	"testing"

	"procyon/access"
	"procyon/notifier/slackchannel"
	"procyon/notifier/slackwebhook"
)

func TestSlackChannelIntegration(t *testing.T) {
	w, ws := workspaceWorld(t)
	url := "https://hooks.example/x"
	for field, in := range map[string]access.NewIntegration{
		"slackChannel":             {Kind: slackchannel.Name},
		"slackChannel.workspaceId": {Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: "wsp_none", ChannelID: "C1"}},
		"slackChannel.channelId":   {Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: "#ops"}},
		"webhookUrl":               {Kind: slackchannel.Name, URL: url, Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: "C1"}},
		"kind":                     {Kind: "PIGEON"},
	} {
		in.Name = "Ops"
		_, err := w.CreateIntegration(t.Context(), w.admin, in)
		code := access.CodeInvalid
		if field == "slackChannel.workspaceId" {
			code = access.CodeNotFound
		}
		w.wants(err, code, field)
	}
	_, err := w.CreateIntegration(t.Context(), w.admin, access.NewIntegration{Name: "Ops", Kind: slackwebhook.Name, URL: url, Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: "C1"}})
	w.wants(err, access.CodeInvalid, "slackChannel")

	i, err := w.CreateIntegration(t.Context(), w.admin, access.NewIntegration{Name: "Ops", Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: "C1"}})
	w.must(err)
	if u, err := w.WebhookURL(i); err != nil || u != "" {
		t.Errorf("a channel has the URL %q, %v", u, err)
	}
	w.must(w.BreakIntegration(t.Context(), w.admin, i.ID, "channel_not_found"))
	_, err = w.UpdateIntegration(t.Context(), w.admin, i.ID, access.IntegrationPatch{URL: &url})
	w.wants(err, access.CodeInvalid, "webhookUrl")
	i, err = w.UpdateIntegration(t.Context(), w.admin, i.ID, access.IntegrationPatch{Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: "C2"}})
	w.must(err)
	if i.Channel.ChannelID != "C2" || i.Status != access.IntegrationEnabled {
		t.Errorf("a new channel mends it: %+v", i)
	}
	_, err = w.slack.Uninstall(t.Context(), w.admin, "T1")
	w.must(err)
	_, err = w.UpdateIntegration(t.Context(), w.admin, i.ID, access.IntegrationPatch{Channel: &access.Channel{WorkspaceID: ws.ID, ChannelID: "C3"}})
	w.wants(err, access.CodeNotFound, "slackChannel.workspaceId")
}

// The webhook that came with an installation becomes an integration once.
func TestOfferedWebhook(t *testing.T) {
	w, _ := workspaceWorld(t)
	install := func(hook *NewWebhook) (Workspace, error) {
		return w.slack.Install(t.Context(), w.admin, NewWorkspace{SlackID: "T1", Name: "Acme", AppID: "A1", BotUserID: "UBOT", Webhook: hook})
	}
	_, err := install(&NewWebhook{URL: "http://evil", Channel: "#ops"})
	w.wants(err, access.CodeInvalid, "webhook.url")
	take := func(ws Workspace, name string) (access.Integration, error) {
		return w.CreateIntegration(t.Context(), w.admin, access.NewIntegration{Name: name, Kind: slackwebhook.Name, OfferedBy: ws.ID})
	}
	ws, err := install(nil)
	w.must(err)
	_, err = take(ws, "none")
	w.wants(err, access.CodeNotFound, "offeredByWorkspaceId")

	ws, err = install(&NewWebhook{URL: "https://hooks.example/x", Channel: "#ops"})
	w.must(err)
	if _, taken, err := w.IntegrationOfOffer(t.Context(), ws.Webhook.Offer); taken || err != nil {
		t.Errorf("taken before anybody did: %v", err)
	}
	i, err := take(ws, "Ops")
	w.must(err)
	if u, err := w.WebhookURL(i); err != nil || u != "https://hooks.example/x" {
		t.Errorf("%q, %v", u, err)
	}
	_, err = take(ws, "Ops again")
	w.wants(err, access.CodeDuplicate, "offeredByWorkspaceId")
	if made, taken, err := w.IntegrationOfOffer(t.Context(), ws.Webhook.Offer); !taken || made.ID != i.ID || err != nil {
		t.Errorf("%+v %v %v", made, taken, err)
	}
	ws, err = install(&NewWebhook{URL: "https://hooks.example/x", Channel: "#ops"}) // a new installation, a new offer
	w.must(err)
	_, err = take(ws, "Ops again")
	w.must(err)
}
