package notifier

import (
	"context"
	"time"

	"procyon/client"
	"procyon/worker"
)

// server is what the notifier asks of the API. Its errors are those
// of package client.
type server interface {
	worker.Leaser
	// events follows the request events after a cursor.
	events(ctx context.Context, after string) (events, error)
	// plan writes down what is owed and moves the cursor; client.ErrLost.
	plan(ctx context.Context, name string, epoch int, cursor string, owed []planned) error
	// pending returns the integrations of what was owed last.
	pending(ctx context.Context) ([]target, error)
	// owed returns the integrations that are owed something, of a page of all that work.
	owed(ctx context.Context, after string) ([]target, client.PageInfo, error)
	// next returns what is to be sent to an integration next, or nil. Only with secrets
	// does it have the URL of a webhook.
	next(ctx context.Context, integrationID string, secrets bool) (*delivery, error)
	// record writes down what became of a try; client.ErrLost.
	record(ctx context.Context, name string, epoch int, a attempt) error
}

// events is a subscription.
type events interface {
	Next(ctx context.Context) (event, error)
	// Poll returns an event that is there already, if any.
	Poll() (event, bool, error)
	Close()
}

// What is asked and answered is generated from operation.graphql: what the schema
// renames does not build here.
//
//go:generate go tool genqlient
//go:generate go run procyon/internal/initialism operations_gen.go

type (
	target  struct{ ID, Kind string }
	planned = PlannedDeliveryInput
	attempt struct {
		DeliveryID         string
		Outcome            Outcome
		IntegrationVersion int // that was tried
		Status             int
		Error              string
		Took               time.Duration
		NextAttemptAt      *time.Time
	}
)

const kindTest = DeliveryKindTest

// address is where it goes: a webhook's URL, or a workspace and a channel of Slack's,
// such as "T0123/C0456".
func (d *delivery) address() string {
	if c := d.Integration.SlackChannel; c != nil {
		return c.Workspace.SlackID + "/" + c.ChannelID
	}
	return d.Integration.WebhookURL
}

// unseen tells that the server does not have the event of a delivery. It may have it soon,
// as another server does already.
func (d *delivery) unseen() bool { return d.Kind != kindTest && (d.Event == nil || d.Route == nil) }

// since is from when on it counts how long a message is retried: since it was owed and
// written down, and its integration works.
func (d *delivery) since() time.Time {
	since := d.OwedAt
	for _, t := range []*time.Time{&d.CreatedAt, d.Integration.WorksSince} {
		if t != nil && t.After(since) {
			since = *t
		}
	}
	return since
}

// retries is how often it was tried since it was last owed, as far as is known: the
// server keeps the last 20 attempts.
func (d *delivery) retries() int {
	n := 0
	for i := len(d.Attempts) - 1; i >= 0 && d.Attempts[i].Outcome == OutcomeRetry; i-- {
		n++
	}
	return n
}

// wait is how long to leave it alone. The first try has nothing to wait for, and
// NextAttemptAt is then the server's clock's, which may go ahead of ours.
func (d *delivery) wait(now time.Time) time.Duration {
	if d.retries() == 0 || d.NextAttemptAt == nil {
		return 0
	}
	return d.NextAttemptAt.Sub(now)
}
