package notifier

import (
	"context"
	"time"

	"procyon/client"
)

// remote is the server at the other end of a client. Only one goroutine at a time asks it
// what is pending.
type remote struct {
	*client.Client
	kinds map[string]string // of integrations, by ID: a kind never changes
}

func newRemote(c *client.Client) *remote { return &remote{c, map[string]string{}} }

// subscription yields the events of a client's subscription.
type subscription struct{ *client.Subscription }

func (r *remote) events(ctx context.Context, after string) (events, error) {
	sub, err := r.Subscribe(ctx, client.SubscribeOptions{Query: followEvents_Operation, After: after, Buffer: maxBatch})
	if err != nil {
		return nil, err
	}
	return subscription{sub}, nil
}

func (s subscription) Next(ctx context.Context) (event, error) {
	e, err := s.Subscription.Next(ctx)
	if err != nil {
		return event{}, err
	}
	return decodeEvent(e)
}

func (s subscription) Poll() (event, bool, error) {
	e, ok := s.Subscription.Poll()
	if !ok {
		return event{}, false, nil
	}
	out, err := decodeEvent(e)
	return out, true, err
}

func decodeEvent(e client.Event) (event, error) {
	var out followEventsResponse
	err := e.Decode(&out)
	return out.RequestEvents, err
}

func (r *remote) plan(ctx context.Context, name string, epoch int, cursor string, owed []planned) error {
	if owed == nil {
		owed = []planned{}
	}
	out, err := planDeliveries(ctx, r.Client, PlanDeliveriesInput{Consumer: name, Epoch: epoch, Cursor: cursor, Deliveries: owed})
	if err != nil {
		return err
	}
	return client.UserErrors(out.PlanDeliveries.UserErrors).OrLease(client.ErrLost)
}

func (r *remote) pending(ctx context.Context) (integrations []target, err error) {
	out, err := listPending(ctx, r.Client)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, d := range out.Deliveries.Nodes {
		if seen[d.IntegrationID] {
			continue
		}
		seen[d.IntegrationID] = true
		kind, err := r.kindOf(ctx, d.IntegrationID)
		if err != nil {
			return nil, err
		}
		integrations = append(integrations, target{d.IntegrationID, kind})
	}
	return integrations, nil
}

func (r *remote) owed(ctx context.Context, after string) (integrations []target, page client.PageInfo, err error) {
	out, err := listOwed(ctx, r.Client, after)
	if err != nil {
		return nil, page, err
	}
	for _, i := range out.Integrations.Nodes {
		r.kinds[i.ID] = i.Kind
		if i.Owed {
			integrations = append(integrations, target{i.ID, i.Kind})
		}
	}
	return integrations, out.Integrations.PageInfo, nil
}

// kindOf is the kind of an integration that is owed something. It is asked for once: to
// read it with each delivery of a long queue, each second, is much work for the server.
func (r *remote) kindOf(ctx context.Context, integrationID string) (string, error) {
	if kind, ok := r.kinds[integrationID]; ok {
		return kind, nil
	}
	out, err := readKind(ctx, r.Client, integrationID)
	if err != nil {
		return "", err
	}
	if len(out.Deliveries.Nodes) == 0 {
		return "", nil
	}
	kind := out.Deliveries.Nodes[0].Integration.Kind
	r.kinds[integrationID] = kind
	return kind, nil
}

func (r *remote) next(ctx context.Context, integrationID string, secrets bool) (*delivery, error) {
	out, err := readNext(ctx, r.Client, integrationID, secrets)
	return out.NextDelivery, err
}

func (r *remote) record(ctx context.Context, name string, epoch int, a attempt) error {
	out, err := recordAttempt(ctx, r.Client, RecordDeliveryAttemptInput{
		Consumer: name, Epoch: epoch, DeliveryID: a.DeliveryID, Outcome: a.Outcome, IntegrationVersion: &a.IntegrationVersion,
		StatusCode: a.Status, Error: a.Error, TookMs: tookMs(a.Took), NextAttemptAt: a.NextAttemptAt,
	})
	if err != nil {
		return err
	}
	return client.UserErrors(out.RecordDeliveryAttempt.UserErrors).OrLease(client.ErrLost)
}

// tookMs is how long a try took as the API takes it: in milliseconds, at most a day.
func tookMs(d time.Duration) int { return int(min(d, 24*time.Hour).Milliseconds()) }
