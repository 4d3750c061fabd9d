package slackbot

import (
	"context"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
)

// call is a slash command, and who typed it where.
type call struct {
	slack.SlashCommand
	admitted
	args string // after the subcommand
}

// wanted are the words behind /procyon request, as far as a button can hold them.
func (c *call) wanted() string {
	name, words := splitCommand(c.Text)
	if !strings.EqualFold(name, "request") || slackapi.Size(words) > slackapi.MaxButtonValue {
		return ""
	}
	return words
}

// subcommand is one row of the table of what /procyon can do.
type subcommand struct {
	name  string
	usage string
	about string
	open  bool // for people who are not linked, too
	run   func(b *Bot, ctx context.Context, c call) *answer
}

func subcommands() []subcommand {
	return []subcommand{
		{"help", "", "show this", true, (*Bot).help},
		{"request", "[resource] [as role] [2h] [reason]", "ask for access", false, (*Bot).request},
		{"requests", "", "your requests: how they stand, cancel, close, extend", false, (*Bot).requests},
		{"approvals", "", "what waits for your decision", false, (*Bot).approvals},
		{"login", "", "link this Slack account to you", true, (*Bot).login},
		{"logout", "", "end that link, or cancel it while it waits", true, (*Bot).logout},
	}
}

// usageHint is what Slack shows to whoever types /procyon.
func usageHint() string {
	var names []string
	for _, s := range subcommands() {
		names = append(names, s.name)
	}
	return strings.Join(names, " | ")
}

// command answers /procyon within AnswerIn. An error is an answer, too: for any
// status but 200 Slack would show its own.
func (b *Bot) command(ctx context.Context, s slack.SlashCommand) *answer {
	name, args := splitCommand(s.Text)
	a, err := b.admit(ctx, ofCommand(s), fresh)
	if err != nil {
		return b.turnedAway("command", err)
	}
	c := call{SlashCommand: s, admitted: a, args: args}
	for _, sub := range subcommands() {
		if !strings.EqualFold(sub.name, name) {
			continue
		}
		if c.who == nil && !sub.open {
			return b.linkFirst(ctx, c)
		}
		return sub.run(b, ctx, c)
	}
	if name != "" {
		a := b.help(ctx, c)
		a.Blocks = append([]slack.Block{sentence(fmt.Sprintf("There is no /procyon %s.", name))}, a.Blocks...)
		return a
	}
	return b.help(ctx, c)
}

// help lists what can be done.
func (b *Bot) help(_ context.Context, c call) *answer {
	lines := []string{"What you can do with Procyon:"}
	for _, s := range subcommands() {
		lines = append(lines, strings.TrimSpace("/procyon "+s.name+" "+s.usage)+": "+s.about)
	}
	switch {
	case c.who != nil:
		lines = append(lines, "You are linked as "+c.who.Name+".")
	case c.waits:
		lines = append(lines, "Your link waits for an administrator to agree to it.")
	default:
		lines = append(lines, "You are not linked yet: begin with /procyon login.")
	}
	return say(strings.Join(lines, "\n"))
}
