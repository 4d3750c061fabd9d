// Package slackcard says in Slack's words what the notifier sends, and in the notifier's
// what Slack answers, for the kinds of integrations that are in Slack.
package slackcard

import (
	"strings"

	"procyon/internal/slackapi"
	"procyon/notifier"
)

// Result says in the notifier's words what became of a message to Slack.
func Result(r slackapi.Result) notifier.Result {
	out := notifier.Result{Outcome: notifier.OutcomeRetry, Status: r.Status, Detail: detail(r), RetryAfter: r.RetryAfter}
	switch r.Outcome {
	case slackapi.OutcomeDelivered:
		out.Outcome, out.Detail = notifier.OutcomeDelivered, ""
	case slackapi.OutcomeBroken:
		out.Outcome = notifier.OutcomeBroken
	case slackapi.OutcomeRejected:
		out.Outcome = notifier.OutcomeDead
	case slackapi.OutcomeRetry:
	}
	return out
}

func detail(r slackapi.Result) string {
	if r.Code == "" || strings.Contains(r.Detail, r.Code) {
		return r.Detail
	}
	return r.Detail + " (" + r.Code + ")"
}

// Card is a message in the form that Slack gets.
func Card(m notifier.Message) slackapi.Card {
	c := slackapi.Card{
		Event: slackapi.Event(m.Event), Actor: slackapi.Person(m.Actor), Requester: slackapi.Person(m.Requester), MoreItems: m.OtherItems,
		Duration: m.Duration, Granted: m.Granted, NewEnd: m.NewEnd, StartsAt: m.StartsAt, ExpiresAt: m.ExpiresAt, At: m.At, Reason: m.Reason, Ticket: m.Ticket,
		Comment: m.Comment, Status: m.Status, URL: m.URL, Integration: m.Integration,
	}
	c.Items = items(m.Items)
	for _, t := range m.Tracks {
		track := slackapi.Track{Policy: t.Policy, Items: items(t.Items), Refused: t.Refused, Guardrails: t.Guardrails}
		for _, s := range t.Steps {
			track.Steps = append(track.Steps, slackapi.Step{
				Name: s.Name, State: slackapi.StepState(s.Status), Need: s.Need, Lacking: s.Lacking, ApprovedBy: s.ApprovedBy, Approvers: s.Approvers, Guardrail: s.Guardrail,
			})
		}
		c.Tracks = append(c.Tracks, track)
	}
	return c
}

func items(list []notifier.Item) []slackapi.Item {
	var out []slackapi.Item
	for _, i := range list {
		place := i.Account
		if place == "" {
			place = i.Gateway
		}
		out = append(out, slackapi.Item{Resource: i.Resource, Role: i.Role, Kind: words(i.Kind), Place: place, Was: i.Was, Gone: i.Gone})
	}
	return out
}

// words makes words of the name of a kind: "Cloud role" of CLOUD_ROLE.
func words(kind string) string {
	if kind == "" {
		return ""
	}
	s := strings.ReplaceAll(kind, "_", " ")
	return s[:1] + strings.ToLower(s[1:])
}
