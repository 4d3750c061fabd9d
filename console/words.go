package console

// status is how a request's status is shown: a word, a sign beside it, and a tone
// for the colour, which never is the only difference.
type status struct {
	Word string
	Sign string
	Tone string // a class of the style sheet
	Text string // one sentence
}

// statusOf is the table of statuses. One that is not known yet is shown as it is.
func statusOf(s string) status {
	known, ok := map[string]status{
		"PENDING":   {"Pending", "◷", "wait", "Waits for a decision."},
		"APPROVED":  {"Approved", "✓", "good", "Approved, and not yet in force."},
		"ACTIVE":    {"Active", "●", "good", "In force."},
		"EXPIRED":   {"Expired", "◌", "over", "Was in force, and ran out."},
		"CLOSED":    {"Closed", "◌", "over", "Closed by the requester before its end."},
		"REVOKED":   {"Revoked", "⊘", "bad", "Taken away before its end."},
		"DENIED":    {"Denied", "✕", "bad", "Refused."},
		"CANCELED":  {"Canceled", "◌", "over", "Taken back, or ended because something that it rests on is gone."},
		"TIMED_OUT": {"Timed out", "◌", "over", "Nobody decided in time."},
		"FAILED":    {"Failed", "!", "bad", "The access could not be set up."},
	}[s]
	if !ok {
		return status{Word: s, Sign: "·", Tone: "over"}
	}
	return known
}

// statuses are all of them, for the list's filter.
func statuses() []string {
	return []string{"PENDING", "APPROVED", "ACTIVE", "EXPIRED", "CLOSED", "REVOKED", "DENIED", "CANCELED", "TIMED_OUT", "FAILED"}
}

// stepWords says what a step of the time line was. who is true where the sentence
// goes on from the name of the one who did it; otherwise it stands alone.
func stepWords(event string) (words string, who bool) {
	switch event {
	case "CREATED":
		return "asked for access", true
	case "UPDATED":
		return "changed the request", true
	case "REVIEWED":
		return "reviewed the request", true
	case "APPROVED":
		return "approved the request", true
	case "DENIED":
		return "denied the request", true
	case "CANCELED":
		return "canceled the request", true
	case "CLOSED":
		return "closed the access", true
	case "REVOKED":
		return "revoked the access", true
	case "EXTENSION_REQUESTED":
		return "asked for an extension", true
	case "EXTENDED":
		return "approved the extension", true
	case "EXTENSION_DENIED":
		return "denied the extension", true
	case "TIMED_OUT":
		return "The request timed out: nobody decided", false
	case "ACTIVATED":
		return "The access came into force", false
	case "EXPIRED":
		return "The access expired", false
	case "FAILED":
		return "The access could not be set up", false
	}
	return event, false
}

// eventWord names an event in the list of notifications.
func eventWord(event string) string {
	word, ok := map[string]string{
		"CREATED": "Requested", "UPDATED": "Changed", "REVIEWED": "Reviewed", "APPROVED": "Approved", "DENIED": "Denied",
		"CANCELED": "Canceled", "TIMED_OUT": "Timed out", "ACTIVATED": "In force", "EXTENSION_REQUESTED": "Extension requested",
		"EXTENDED": "Extended", "EXTENSION_DENIED": "Extension denied", "EXPIRED": "Expired", "CLOSED": "Closed",
		"REVOKED": "Revoked", "FAILED": "Failed",
	}[event]
	if !ok {
		return event
	}
	return word
}

// kindWord names a kind of resource.
func kindWord(kind string) string {
	word, ok := map[string]string{
		"CLOUD_ROLE": "Cloud role", "DATABASE": "Database", "KUBERNETES_CLUSTER": "Kubernetes cluster", "KAFKA_CLUSTER": "Kafka cluster",
		"APPLICATION": "Application", "PRIVATE_SERVER": "Private server (SSH)", "WINDOWS_SERVER": "Windows server (RDP)",
	}[kind]
	if !ok {
		return kind
	}
	return word
}

// viaWord says by which way somebody came; empty where that goes without saying.
func viaWord(via string) string {
	return map[string]string{"api": "over the API", "slack": "from Slack", "cli": "from the command line"}[via]
}
