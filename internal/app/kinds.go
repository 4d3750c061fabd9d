package app

import (
	"context"
	"io"

	"procyon/integration"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/notifier/slackchannel"
	"procyon/notifier/slackwebhook"
	"procyon/slackbot"
)

// kindRow is a kind of integrations, and how it is sent to.
type kindRow struct {
	kind func(hosts slackapi.HostPolicy) integration.Kind
	// worker is which worker of this process sends: "notifier", or "slackbot" for what only
	// the bot can post.
	worker string
	// open makes the channel. One that is an io.Closer is closed with its worker.
	open func(s surroundings) notifier.Channel
}

// surroundings are what channels are made with.
type surroundings struct {
	hosts slackapi.HostPolicy // to which webhooks may go
	bot   *slackbot.Bot       // nil but in the Slack bot's process
}

// kindTable has a row for each kind of integrations. The schema's enum IntegrationKind has
// its name.
func kindTable() []kindRow {
	return []kindRow{
		{slackwebhook.Kind, "notifier", func(s surroundings) notifier.Channel { return slackwebhook.New(s.hosts) }},
		{anywhere(slackchannel.Kind), "slackbot", func(s surroundings) notifier.Channel { return slackchannel.New(poster{s.bot}) }},
	}
}

// anywhere is a kind to whose destinations no policy of hosts applies.
func anywhere(kind func() integration.Kind) func(slackapi.HostPolicy) integration.Kind {
	return func(slackapi.HostPolicy) integration.Kind { return kind() }
}

// kinds are the kinds of integrations, for the domain.
func kinds(hosts slackapi.HostPolicy) []integration.Kind {
	var list []integration.Kind
	for _, row := range kindTable() {
		list = append(list, row.kind(hosts))
	}
	return list
}

// outlets are the channels to which one worker sends.
type outlets struct {
	channels map[string]notifier.Channel // by kind
	secrets  bool                        // whether a destination of theirs is a secret
}

func openOutlets(worker string, s surroundings) outlets {
	o := outlets{channels: map[string]notifier.Channel{}}
	for _, row := range kindTable() {
		if row.worker == worker {
			kind := row.kind(s.hosts)
			o.channels[kind.Name] = row.open(s)
			o.secrets = o.secrets || kind.Secret()
		}
	}
	return o
}

// close closes the channels that are to be closed.
func (o outlets) close() {
	for _, c := range o.channels {
		if c, ok := c.(io.Closer); ok {
			_ = c.Close()
		}
	}
}

// poster posts through the bot: workers do not know each other.
type poster struct{ bot *slackbot.Bot }

// Post implements slackchannel.Poster.
func (p poster) Post(ctx context.Context, address string, post slackchannel.Post) slackapi.Result {
	return p.bot.Send(ctx, address, slackbot.Post(post))
}
