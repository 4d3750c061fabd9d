package slackwebhook

import (
	"net/url"
	"path"
	"testing"
	"time"

	"procyon/integration"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/notifier/notifiertest"
)

func TestKind(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) notifiertest.FarEnd {
		c, sim, hook := bed(t)
		policy, err := slackapi.ParseHostPolicy("")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(hook)
		if err != nil {
			t.Fatal(err)
		}
		const secret = "abcdefghijklmnopqrstuvwx"
		return notifiertest.FarEnd{
			Kind: Kind(policy), Channel: c, Address: hook, Secrets: []string{path.Base(u.Path), secret, secret[:8]},
			Texts: func() (texts []string) {
				for _, m := range sim.Messages("approvals") {
					texts = append(texts, m.Text)
				}
				return texts
			},
			Answer: func(o notifier.Outcome, wait time.Duration) {
				switch o {
				case notifier.OutcomeRetry:
					sim.FailNext(hook, 429, "rate_limited", wait)
				case notifier.OutcomeDead:
					sim.FailNext(hook, 400, "invalid_blocks", 0)
				case notifier.OutcomeBroken:
					sim.FailNext(hook, 404, "no_service", 0)
				case notifier.OutcomeDelivered:
				}
			},
			Hang: func() { sim.SetLatency(time.Hour) },
			Good: map[string][]string{integration.WebhookURL: {"https://hooks.slack.com/services/T0123/B0123/" + secret}},
			Bad: map[string][]string{integration.WebhookURL: {
				"no URL", "http://hooks.slack.com/services/T0123/B0123/" + secret, "https://evil.example/services/T0123/B0123/" + secret,
				"https://hooks.slack.com", "https://127.0.0.1/services/T0123/B0123/" + secret,
			}},
		}
	})
}
