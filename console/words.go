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
func statusOf(s AccessRequestStatus) status {
	known, ok := map[AccessRequestStatus]status{
		AccessRequestStatusPending:  {"Pending", "◷", "wait", "Waits for a decision."},
		AccessRequestStatusApproved: {"Approved", "✓", "good", "Approved, and not yet in force."},
		AccessRequestStatusActive:   {"Active", "●", "good", "In force."},
		AccessRequestStatusExpired:  {"Expired", "◌", "over", "Was in force, and ran out."},
		AccessRequestStatusClosed:   {"Closed", "◌", "over", "Closed by the requester before its end."},
		AccessRequestStatusRevoked:  {"Revoked", "⊘", "bad", "Ended by an administrator or approver before its time."},
		AccessRequestStatusDenied:   {"Denied", "✕", "bad", "An approver decided against it."},
		AccessRequestStatusCanceled: {"Canceled", "◌", "over", "Canceled by the requester, or ended because something that it rests on is gone."},
		AccessRequestStatusTimedOut: {"Timed out", "◌", "over", "Nobody decided in time."},
		AccessRequestStatusFailed:   {"Failed", "!", "bad", "The access could not be set up."},
	}[s]
	if !ok {
		return status{Word: string(s), Sign: "·", Tone: "over"}
	}
	return known
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
func eventWord(event RequestEventType) string {
	word, ok := map[RequestEventType]string{
		RequestEventTypeCreated: "Requested", RequestEventTypeUpdated: "Changed", RequestEventTypeReviewed: "Reviewed", RequestEventTypeApproved: "Approved", RequestEventTypeDenied: "Denied",
		RequestEventTypeCanceled: "Canceled", RequestEventTypeTimedOut: "Timed out", RequestEventTypeActivated: "In force", RequestEventTypeExtensionRequested: "Extension requested",
		RequestEventTypeExtended: "Extended", RequestEventTypeExtensionDenied: "Extension denied", RequestEventTypeExpired: "Expired", RequestEventTypeClosed: "Closed",
		RequestEventTypeRevoked: "Revoked", RequestEventTypeFailed: "Failed",
	}[event]
	if !ok {
		return string(event)
	}
	return word
}

// kindWord names a kind of resource.
func kindWord(kind ResourceKind) string {
	word, ok := map[ResourceKind]string{
		ResourceKindCloudRole: "Cloud role", ResourceKindDatabase: "Database", ResourceKindKubernetesCluster: "Kubernetes cluster", ResourceKindKafkaCluster: "Kafka cluster",
		ResourceKindApplication: "Application", ResourceKindPrivateServer: "Private server (SSH)", ResourceKindWindowsServer: "Windows server (RDP)",
	}[kind]
	if !ok {
		return string(kind)
	}
	return word
}

// viaWord says by which way somebody came; empty where that goes without saying.
func viaWord(via string) string {
	return map[string]string{"api": "over the API", "slack": "from Slack", "cli": "from the command line"}[via]
}
