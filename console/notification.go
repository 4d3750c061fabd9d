package console

// notification is one delivery as the page of a request shows it.
type notification struct {
	deliveryAnswer
	Event string
	Word  string
	Sign  string
	Tone  string
	Error string // what went wrong last; empty where nothing did
}

func newNotification(d deliveryAnswer) notification {
	n := notification{deliveryAnswer: d, Event: "Test message"}
	if d.EventType != nil {
		n.Event = eventWord(*d.EventType)
	}
	switch d.Status {
	case DeliveryStatusDelivered:
		n.Word, n.Sign, n.Tone = "Delivered", "✓", "good"
	case DeliveryStatusPending:
		n.Word, n.Sign, n.Tone = "Waiting", "◷", "wait"
	case DeliveryStatusDead:
		n.Word, n.Sign, n.Tone = "Given up", "✕", "bad"
	default:
		n.Word, n.Sign, n.Tone = string(d.Status), "·", "over"
	}
	if k := len(d.Attempts); k > 0 && d.Status != DeliveryStatusDelivered && d.Attempts[k-1].Error != nil {
		n.Error = *d.Attempts[k-1].Error
	}
	return n
}
