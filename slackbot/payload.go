package slackbot

import "github.com/slack-go/slack"

// interaction is what is needed of what Slack sends of a click, a form or a type-ahead.
// The message or view that it was done in comes with it, blocks and all, and is not
// decoded: nothing is read back from it, and a block or element that Slack adds to it
// must not fail the click.
//
// https://docs.slack.dev/reference/interaction-payloads
type interaction struct {
	Type                slack.InteractionType `json:"type"`
	Team                slack.Team            `json:"team"`
	Enterprise          slack.Enterprise      `json:"enterprise"`
	IsEnterpriseInstall bool                  `json:"is_enterprise_install"`
	User                struct {
		ID     string `json:"id"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	Container   struct {
		IsEphemeral bool `json:"is_ephemeral"`
	} `json:"container"`
	Actions []*slack.BlockAction `json:"actions"` // of a click
	View    struct {
		ID                 string          `json:"id"`
		Type               slack.ViewType  `json:"type"`
		Hash               string          `json:"hash"`
		CallbackID         string          `json:"callback_id"`
		PrivateMetadata    string          `json:"private_metadata"`
		AppInstalledTeamID string          `json:"app_installed_team_id"`
		State              slack.ViewState `json:"state"`
	} `json:"view"`
	ActionID string `json:"action_id"` // of a type-ahead
	Value    string `json:"value"`     // of a type-ahead: what was typed
}
