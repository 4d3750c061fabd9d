package graph

import (
	"encoding/json"

	"procyon/access"
	"procyon/journal"
)

// redact returns an entry's details without what even an administrator need not
// see there: an integration's encrypted URL.
func redact(e journal.Entry) json.RawMessage {
	if access.KindOf(e.Subject) != access.KindIntegration {
		return e.Data
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(e.Data, &fields); err != nil {
		return json.RawMessage("{}")
	}
	delete(fields, "sealedUrl")
	data, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage("{}")
	}
	return data
}
