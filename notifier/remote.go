package notifier

import (
	"context"

	"procyon/client"
)

// remote is the gateway at the other end of a client.
type remote struct{ *client.Client }

const eventsSubscription = `subscription Events($after: Cursor) {
  requestEvents(after: $after) { cursor notificationRoutes { integrationId integrationKind } }
}`

// subscription yields the events of a client's subscription.
type subscription struct{ *client.Subscription }

func (r remote) events(ctx context.Context, after string) (events, error) {
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

func (r remote) plan(ctx context.Context, name string, epoch int, cursor string, owed []planned) error {
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
  deliveries(filter: {status: [PENDING]}, first: 100, after: $after) { nodes { integrationId integration { kind } } pageInfo { hasNextPage endCursor } }
}`

func (r remote) pending(ctx context.Context, after string) (integrations []target, next string, err error) {
	var out struct {
		Deliveries struct {
			Nodes []struct {
				IntegrationID string
				Integration   struct{ Kind string }
			}
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
	for _, d := range out.Deliveries.Nodes {
		integrations = append(integrations, target{d.IntegrationID, d.Integration.Kind})
	}
	if out.Deliveries.PageInfo.HasNextPage {
		next = out.Deliveries.PageInfo.EndCursor
	}
	return integrations, next, nil
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

func (r remote) next(ctx context.Context, integrationID string, secrets bool) (*delivery, error) {
	var out struct{ NextDelivery *delivery }
	err := r.Do(ctx, nextQuery, map[string]any{"integration": integrationID, "secrets": secrets}, &out)
	return out.NextDelivery, err
}

const recordMutation = `mutation Record($input: RecordDeliveryAttemptInput!) {
  recordDeliveryAttempt(input: $input) { userErrors { code field message } }
}`

func (r remote) record(ctx context.Context, name string, epoch int, a attempt) error {
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
