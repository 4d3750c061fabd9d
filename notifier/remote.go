package notifier

import (
	"context"

	"procyon/client"
)

// remote is the gateway at the other end of a client. Only one goroutine at a time asks it
// what is pending.
type remote struct {
	*client.Client
	kinds map[string]string // of integrations, by ID: a kind never changes
}

func newRemote(c *client.Client) *remote { return &remote{c, map[string]string{}} }

const eventsSubscription = `subscription Events($after: Cursor) {
  requestEvents(after: $after) { cursor notificationRoutes { integrationId integrationKind } }
}`

// subscription yields the events of a client's subscription.
type subscription struct{ *client.Subscription }

func (r *remote) events(ctx context.Context, after string) (events, error) {
	sub, err := r.Subscribe(ctx, client.SubscribeOptions{Query: eventsSubscription, After: after, Buffer: maxBatch})
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
	var out struct{ RequestEvents event }
	err := e.Decode(&out)
	return out.RequestEvents, err
}

const planMutation = `mutation Plan($input: PlanDeliveriesInput!) {
  planDeliveries(input: $input) { userErrors { code field message } }
}`

func (r *remote) plan(ctx context.Context, name string, epoch int, cursor string, owed []planned) error {
	if owed == nil {
		owed = []planned{}
	}
	var out struct {
		PlanDeliveries struct{ UserErrors client.UserErrors }
	}
	input := map[string]any{"consumer": name, "epoch": epoch, "cursor": cursor, "deliveries": owed}
	if err := r.Do(ctx, planMutation, map[string]any{"input": input}, &out); err != nil {
		return err
	}
	return out.PlanDeliveries.UserErrors.OrLease(client.ErrLost)
}

const pendingQuery = `query Pending($after: String) {
  deliveries(filter: {status: [PENDING]}, first: 100, after: $after) { nodes { integrationId } pageInfo { hasNextPage endCursor } }
}`

func (r *remote) pending(ctx context.Context, after string) (integrations []target, next string, err error) {
	var out struct {
		Deliveries struct {
			Nodes    []struct{ IntegrationID string }
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
	}
	vars := map[string]any{}
	if after != "" {
		vars["after"] = after
	}
	if err := r.Do(ctx, pendingQuery, vars, &out); err != nil {
		return nil, "", err
	}
	seen := map[string]bool{}
	for _, d := range out.Deliveries.Nodes {
		if seen[d.IntegrationID] {
			continue
		}
		seen[d.IntegrationID] = true
		kind, err := r.kindOf(ctx, d.IntegrationID)
		if err != nil {
			return nil, "", err
		}
		integrations = append(integrations, target{d.IntegrationID, kind})
	}
	if out.Deliveries.PageInfo.HasNextPage {
		next = out.Deliveries.PageInfo.EndCursor
	}
	return integrations, next, nil
}

const kindQuery = `query Kind($integration: ID!) {
  deliveries(filter: {integrationId: $integration}, first: 1) { nodes { integration { kind } } }
}`

// kindOf is the kind of an integration that is owed something. It is asked for once: to
// read it with each delivery of a long queue, each second, is much work for the gateway.
func (r *remote) kindOf(ctx context.Context, integrationID string) (string, error) {
	if kind, ok := r.kinds[integrationID]; ok {
		return kind, nil
	}
	var out struct {
		Deliveries struct {
			Nodes []struct{ Integration struct{ Kind string } }
		}
	}
	if err := r.Do(ctx, kindQuery, map[string]any{"integration": integrationID}, &out); err != nil {
		return "", err
	}
	if len(out.Deliveries.Nodes) == 0 {
		return "", nil
	}
	kind := out.Deliveries.Nodes[0].Integration.Kind
	r.kinds[integrationID] = kind
	return kind, nil
}

const nextQuery = `query Next($integration: ID!, $secrets: Boolean!) {
  nextDelivery(integrationId: $integration) {
    id kind owedAt nextAttemptAt
    attempts { outcome }
    event {
      cursor type at
      actor { kind name email }
      request {
        id status reason ticket outcome url requestedDuration grantedDuration startsAt
        requester { name email }
        grant { startsAt expiresAt }
        gone reviews { comment at }
        extension { duration reason expiresAt }
      }
    }
    route { items { resourceName resourceNameWas resourceKind role accountName gatewayName unavailable } otherItemCount }
    integration { id name kind status webhookUrl @include(if: $secrets) slackChannel { channelId workspace { slackId } } }
  }
}`

func (r *remote) next(ctx context.Context, integrationID string, secrets bool) (*delivery, error) {
	var out struct{ NextDelivery *delivery }
	err := r.Do(ctx, nextQuery, map[string]any{"integration": integrationID, "secrets": secrets}, &out)
	return out.NextDelivery, err
}

const recordMutation = `mutation Record($input: RecordDeliveryAttemptInput!) {
  recordDeliveryAttempt(input: $input) { userErrors { code field message } }
}`

func (r *remote) record(ctx context.Context, name string, epoch int, a attempt) error {
	input := struct {
		Consumer string `json:"consumer"`
		Epoch    int    `json:"epoch"`
		attempt
	}{name, epoch, a}
	var out struct {
		RecordDeliveryAttempt struct{ UserErrors client.UserErrors }
	}
	if err := r.Do(ctx, recordMutation, map[string]any{"input": input}, &out); err != nil {
		return err
	}
	return out.RecordDeliveryAttempt.UserErrors.OrLease(client.ErrLost)
}
