package slackbot

import (
	"net/url"

	"procyon/internal/slackapi"
)

// Manifest describes the app to Slack, to be pasted at https://api.slack.com/apps
// under "From a manifest" (https://docs.slack.dev/reference/app-manifest). With
// Socket Mode Slack calls no URL of the server's, and only people's browsers must
// reach it. It encodes to JSON.
func Manifest(public *url.URL, socketMode bool) map[string]any {
	at := func(path ...string) string { return public.JoinPath(path...).String() }
	command := map[string]any{
		"command": "/procyon", "description": "Ask for access, decide, keep track",
		"usage_hint": usageHint(), "should_escape": false,
	}
	events := map[string]any{
		"bot_events": append([]string{"app_home_opened", "app_uninstalled", "tokens_revoked", "user_change", slackapi.MarkEvent}, channelEvents()...),
		// Whichever ID Slack gives to the app: it has none before this is pasted.
		"metadata_subscriptions": []any{map[string]any{"app_id": "*", "event_type": slackapi.MarkType}},
	}
	interactivity := map[string]any{"is_enabled": true}
	if !socketMode {
		command["url"], events["request_url"] = at("slack", "command"), at("slack", "event")
		interactivity["request_url"], interactivity["message_menu_options_url"] = at("slack", "interaction"), at("slack", "interaction")
	}
	return map[string]any{
		"display_information": map[string]any{
			"name": "Procyon", "description": "Just-in-time access: ask, decide, keep track.", "background_color": "#3b3fb6",
		},
		"features": map[string]any{
			"app_home":       map[string]any{"home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": true},
			"bot_user":       map[string]any{"display_name": "Procyon", "always_online": true},
			"slash_commands": []any{command},
		},
		"oauth_config": map[string]any{
			"redirect_urls": []string{at("slack", "oauth")},
			"scopes":        map[string]any{"bot": BotScopes()},
		},
		"settings": map[string]any{
			"event_subscriptions": events, "interactivity": interactivity,
			"org_deploy_enabled": true, "socket_mode_enabled": socketMode, "token_rotation_enabled": false,
		},
	}
}
