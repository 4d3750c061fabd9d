package slackbot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"procyon/internal/slackapi"
)

// Post is what a channel is owed: an event of a request, or a test message.
type Post struct {
	// IntegrationID is the channel's integration.
	IntegrationID string
	// DeliveryID is the same at each try.
	DeliveryID string
	// RequestID and Cursor are the request and the event's position; both are "" for
	// a test message.
	RequestID, Cursor string
	// Card is the event, with what the channel may see of the request.
	Card slackapi.Card
}

// waitingRetry is how often what is owed to a workspace is tried that waits.
const waitingRetry = 30 * time.Second

// Send posts to a channel of a workspace, such as "T0123/C0456". A request has one
// message there, with buttons, which the bot keeps up to date; each later event is a
// line in the thread below it. It returns soon after ctx is done, and is safe for
// concurrent use. To repeat it after a crash, or after an answer of Slack's was lost,
// repeats at most the one line, and none where Slack tells what it took (see [Bot.post]).
func (b *Bot) Send(ctx context.Context, address string, p Post) slackapi.Result {
	slackID, channel, _ := strings.Cut(address, "/")
	space, err := b.spaces.open(ctx, slackID)
	if errors.Is(err, errNotInstalled) {
		if state, err := b.server.workspace(ctx, slackID); err != nil {
			return late(err)
		} else if state != nil && !state.Removed && !state.Waiting { // its token is on its way
			return slackapi.Result{Outcome: slackapi.OutcomeRetry, Code: "installing", RetryAfter: waitingRetry, Detail: "the app was just installed in this Slack workspace, and its token is not there yet"}
		}
		return slackapi.Result{Outcome: slackapi.OutcomeBroken, Code: "not_installed", Detail: "the app is not installed in this Slack workspace any more; install it again"}
	}
	if errors.Is(err, errWaiting) {
		return slackapi.Result{
			Outcome: slackapi.OutcomeRetry, Code: "workspace_waits", RetryAfter: waitingRetry,
			Detail: "the Slack workspace was installed again, and waits for an administrator to accept it, in the console under Slack",
		}
	}
	if err != nil {
		return late(err)
	}
	if p.RequestID == "" {
		_, err := b.post(ctx, space, linePrefix+"test/"+p.DeliveryID+"/"+channel, place{channel: channel}, p.Card.Message())
		return b.outcome(ctx, space, err)
	}
	top, fresh, err := b.top(ctx, space, channel, p)
	if err != nil {
		return b.outcome(ctx, space, err)
	}
	if fresh && p.Card.Event == slackapi.EventCreated {
		return b.outcome(ctx, space, nil) // the message says it
	}
	line := linePrefix + p.RequestID + "/" + p.IntegrationID + "/" + channel + "/" + p.Cursor
	_, err = b.post(ctx, space, line, place{channel, top}, p.Card.Line())
	if slackapi.CodeOf(err) == "thread_not_found" { // somebody deleted the message
		_, err = b.post(ctx, space, line, place{channel: channel}, p.Card.Message())
	}
	return b.outcome(ctx, space, err)
}

// outcome judges a try. A token that just ended may have been exchanged by another
// replica, so it is looked up anew before the integration counts as broken.
func (b *Bot) outcome(ctx context.Context, space workspace, err error) slackapi.Result {
	var refused *slackapi.APIError
	if err != nil && !errors.As(err, &refused) {
		return late(err)
	}
	r := slackapi.PostOutcome(err)
	if slackapi.TokenLost(err) && b.spaces.forgetOld(ctx, space) {
		r.Outcome, r.RetryAfter = slackapi.OutcomeRetry, time.Second
	}
	return r
}

// late is the outcome where the server, or Slack, was not reached.
func late(err error) slackapi.Result {
	if errors.Is(err, context.Canceled) {
		return slackapi.Result{Outcome: slackapi.OutcomeRetry, Code: "canceled", Detail: "the bot was stopped"}
	}
	return slackapi.Result{Outcome: slackapi.OutcomeRetry, Code: "gateway", Detail: "the bot could not reach its gateway"}
}

// thread is where a request's message stands in a channel, and its log below it. It
// outlives the message's own record, which goes when nothing changes it any more.
const threadPrefix = "thread/"

func threadKey(requestID, integrationID, channel string) string {
	return threadPrefix + requestID + "/" + integrationID + "/" + channel
}

// top returns the timestamp of a request's message in a channel, and posts it first
// where there is none yet; fresh tells that.
func (b *Bot) top(ctx context.Context, space workspace, channel string, p Post) (ts string, fresh bool, err error) {
	m := &message{
		Request: p.RequestID, Kind: kindChannel, SlackID: space.SlackID, To: p.IntegrationID, Want: p.Cursor,
		key: messagesOf(p.RequestID) + string(kindChannel) + "/" + p.IntegrationID + "/" + channel,
	}
	thread, known, err := b.server.record(ctx, threadKey(p.RequestID, p.IntegrationID, channel))
	if err != nil {
		return "", false, err
	}
	if known {
		if p.Card.Event == slackapi.EventCreated {
			// The try that posted the message may never have heard so: then it is said.
			if fresh, err = b.unheard(ctx, m.key); err != nil {
				return "", false, err
			}
		}
		return thread.Value, fresh, b.repair(ctx, space, m.key, slackapi.Posted{Channel: channel, TS: thread.Value})
	}
	// From here on the message hears of every event, also of those that come while it
	// is being posted.
	if err := b.server.keep(ctx, []*message{m}); err != nil {
		if !errors.Is(err, errChanged) {
			return "", false, err
		}
		if m, err = b.server.message(ctx, m.key); err != nil || m == nil {
			return "", false, errors.Join(err, errChanged)
		}
	}
	r, err := b.server.request(ctx, p.RequestID)
	if err != nil {
		return "", false, err
	}
	if r == nil {
		return "", false, &slackapi.APIError{Method: "chat.postMessage", Code: "request_not_found"}
	}
	m.By = r.Requester.UserID
	if m.At, err = b.post(ctx, space, m.key, place{channel: channel}, m.draw(r, false)); err != nil {
		return "", false, err
	}
	if ts, err = b.keepThread(ctx, thread.Key, m.At.TS); err != nil {
		return "", false, err
	}
	if ts != m.At.TS { // another replica has posted it, too: theirs stays
		return ts, false, space.Delete(ctx, m.At)
	}
	return ts, true, b.keepPlace(ctx, space, m)
}

// keepThread keeps where a request's message stands in a channel, and returns where it does:
// elsewhere, where that was kept before.
func (b *Bot) keepThread(ctx context.Context, key, ts string) (string, error) {
	err := b.server.put(ctx, change{Key: key, Version: 1, Value: &ts})
	if !errors.Is(err, errChanged) {
		return ts, err
	}
	known, _, err := b.server.record(ctx, key)
	return known.Value, err
}

// repair mends the record of a message that a crash kept from being told its place.
func (b *Bot) repair(ctx context.Context, space workspace, key string, at slackapi.Posted) error {
	m, err := b.server.message(ctx, key)
	if err != nil || m == nil || m.At.TS != "" {
		return err
	}
	m.At = at
	return b.keepPlace(ctx, space, m)
}

// threadsLast is how long the log of a request can be added to.
const threadsLast = 90 * 24 * time.Hour

// prune forgets the places of threads that nothing is added to any more.
func (b *Bot) prune(ctx context.Context) error {
	for list, err := range b.server.records(ctx, threadPrefix) {
		if err != nil {
			return err
		}
		var old []change
		for _, r := range list {
			if (slackapi.Posted{TS: r.Value}).Age(b.now()) > threadsLast {
				old = append(old, change{Key: r.Key})
			}
		}
		if len(old) > 0 {
			if err := b.server.put(ctx, old...); err != nil {
				return fmt.Errorf("forget old threads: %w", err)
			}
		}
	}
	return nil
}
