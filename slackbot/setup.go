package slackbot

import (
	"net/http"
	"net/url"
	"strings"
)

// refusedInstall are Slack's words for why it did not install the app, in sentences of
// ours: what the page shows is never what its address says.
// Sources: https://docs.slack.dev/authentication/installing-with-oauth and RFC 6749,
// section 4.1.2.1.
func refusedInstall(code string) (status int, text string) {
	switch code {
	case "access_denied":
		return http.StatusOK, "You pressed Cancel, so nothing was installed."
	case "invalid_team_for_non_distributed_app":
		return http.StatusBadRequest, "The Slack app belongs to one workspace and can't be installed in others yet. Whoever owns it opens https://api.slack.com/apps, chooses the app, and activates its distribution under Manage Distribution."
	case "invalid_scope", "unapproved_scope", "no_bot_scopes_requested":
		return http.StatusBadRequest, "Slack does not give the app what it asks for. Whoever owns the Slack app compares it with what “procyon slack manifest” prints."
	case "scope_not_allowed_on_enterprise":
		return http.StatusBadRequest, "Slack does not give this to the app for a whole organisation. Install it in a single workspace."
	case "bad_redirect_uri", "redirect_uri_mismatch":
		return http.StatusBadRequest, "The Slack app does not know this server's address. Whoever owns it adds PROCYON_PUBLIC_URL with /slack/oauth under OAuth & Permissions, Redirect URLs."
	case "invalid_client_id", "invalid_client", "unauthorized_client":
		return http.StatusBadRequest, "Slack does not know the app. An administrator of Procyon compares PROCYON_SLACK_CLIENT_ID with the app's Client ID."
	case "team_access_not_granted", "app_not_approved", "restricted_action":
		return http.StatusBadRequest, "An administrator of your Slack workspace has to approve the app first."
	case "server_error", "temporarily_unavailable":
		return http.StatusBadGateway, "Slack is in trouble at the moment. Please try again in a few minutes."
	}
	return http.StatusBadRequest, "Slack did not install the app, and gave a reason that Procyon does not know. Please try again; if it stays so, ask whoever owns the Slack app."
}

// SetupPage serves what is shown in place of Slack's page that installs the app while
// that can't be: what is missing, each the name of a setting, or where missing is empty
// that no bot runs here; and who can do what about it.
func SetupPage(public *url.URL, missing []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writePage(w, public, http.StatusServiceUnavailable, page{
			Title: "Procyon can't be added to Slack yet",
			Text:  missingWords(missing) + " If you don't administer Procyon, ask somebody who does.",
		})
	})
}

func missingWords(missing []string) string {
	if len(missing) == 0 {
		return "No Slack bot runs in this server. If you administer Procyon: where the bot runs as a process of its own, let /slack/ lead there; else add slackbot to PROCYON_WORKERS."
	}
	return "If you administer Procyon: set " + strings.Join(missing, " and ") + ", which docs/setup.md tells where to find (7. The Slack bot), start Procyon again, and open this page again."
}
