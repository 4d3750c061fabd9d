package slackbot

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"procyon/internal/slackapi"
)

// novel is a click in a message, and in a view, with a block, an element and values such
// as Slack may add one day.
const novel = `{
	"type": "block_actions", "team": {"id": "T1", "domain": "acme", "new": []}, "enterprise": null, "is_enterprise_install": false,
	"user": {"id": "U1", "team_id": "T1", "name": 7}, "trigger_id": "1", "response_url": "", "api_app_id": {"new": 1},
	"container": {"type": "message", "attachment_id": [], "is_ephemeral": true},
	"channel": "C1", "state": {"values": {"b": {"a": {"type": "novel", "selected_date": {"from": 1}}}}},
	"message": {"blocks": [
		{"type": "actions", "elements": [{"type": "novel_element", "text": ["x"]}]},
		{"type": "novel_block", "elements": "none"},
		{"type": "context", "elements": [{"type": "novel_element"}]}
	], "attachments": "none", "ts": 1},
	"view": {"id": "V1", "type": "modal", "blocks": [{"type": "input", "element": {"type": "novel_element"}}], "state": {"values": {}}},
	"actions": [{"type": "button", "block_id": "b", "action_id": "approve", "value": "req_1", "action_ts": "1.2"}]
}`

// Whatever comes with a click beside what is needed of it, the click is understood: by
// HTTP and through a socket.
func TestNovelElementsFailNoClick(t *testing.T) {
	var in interaction
	if err := json.Unmarshal([]byte(novel), &in); err != nil {
		t.Fatal(err)
	}
	if len(in.Actions) != 1 || in.Actions[0].Value != "req_1" || in.Team.ID != "T1" || in.User.ID != "U1" || in.View.ID != "V1" || !in.Container.IsEphemeral {
		t.Errorf("%+v", in)
	}
	b, now := silent(t)
	if w := send(b, "/slack/interaction", url.Values{"payload": {novel}}.Encode(), "", now); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	submitted := strings.Replace(novel, "block_actions", "view_submission", 1)
	answer, ok := b.envelope(t.Context(), slackapi.Envelope{Type: "interactive", Payload: json.RawMessage(submitted)})
	if !ok || answer == nil {
		t.Errorf("a form through a socket is answered %v", answer)
	}
}
