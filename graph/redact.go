package graph

import (
	"encoding/json"

	"procyon/access"
	"procyon/journal"
	"procyon/slackworkspace"
)

// redact returns an entry's details without what even an administrator need not
// see there: the encrypted URLs of integrations, and of webhooks that are offered.
func redact(e journal.Entry) json.RawMessage {
	switch access.KindOf(e.Subject) {
	case access.KindIntegration, slackworkspace.KindWorkspace:
		return unsealed(e.Data)
	}
	return e.Data
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
