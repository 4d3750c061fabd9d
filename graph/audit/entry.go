package audit

import (
	"encoding/json"
	"strings"

	"procyon/access"
	"procyon/catalogimport"
	"procyon/journal"
	"procyon/slackworkspace"
)

// SubjectKinds are what the kinds of subjects are called in the API.
func SubjectKinds() map[string]access.Kind {
	return map[string]access.Kind{
		"ACCESS_REQUEST":  access.KindRequest,
		"ACCOUNT":         access.KindAccount,
		"GATEWAY":         access.KindGateway,
		"RESOURCE":        access.KindResource,
		"INTEGRATION":     access.KindIntegration,
		"USER":            access.KindUser,
		"GROUP":           access.KindGroup,
		"SERVICE_ACCOUNT": access.KindService,
		"POLICY_SET":      access.KindPolicies,
		"CATALOG_IMPORT":  catalogimport.KindImport,
		"SLACK_WORKSPACE": slackworkspace.KindWorkspace,
		"SLACK_LINK":      slackworkspace.KindLink,
	}
}

// Sealed tells whether an entry may hold what even an administrator need not see: the
// encrypted URLs of integrations, and of webhooks that are offered.
func Sealed(subject string) bool {
	kind := access.KindOf(subject)
	return kind == access.KindIntegration || kind == slackworkspace.KindWorkspace
}

// Readable returns a part of an entry of a subject, what happened or a state, without what
// is sealed.
func Readable(subject string, part json.RawMessage) json.RawMessage {
	if !Sealed(subject) {
		return part
	}
	return unsealed(part)
}

// unsealed returns an object without its encrypted URL, and those of objects in it.
func unsealed(data json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return json.RawMessage("{}")
	}
	delete(fields, "sealedUrl")
	for name, v := range fields {
		if len(v) > 0 && v[0] == '{' {
			fields[name] = unsealed(v)
		}
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage("{}")
	}
	return out
}

// SubjectName is what an entry's subject was called after it: its own name, or of a request
// whose it is and what for. "" where it has none.
func SubjectName(e *journal.Entry) string {
	var state struct {
		Name      string        `json:"name"`
		UserName  string        `json:"userName"` // of a link to Slack
		Requester access.Person `json:"requester"`
		Items     []access.Item `json:"items"`
	}
	if json.Unmarshal(e.After, &state) != nil {
		return ""
	}
	if access.KindOf(e.Subject) != access.KindRequest {
		return state.Name + state.UserName
	}
	items := make([]string, len(state.Items))
	for i, item := range state.Items {
		items[i] = item.Label()
	}
	return state.Requester.Name + ": " + strings.Join(items, ", ")
}
