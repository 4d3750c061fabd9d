package slackbot

// consoleSlack is the console's page about Slack.
func (b *Bot) consoleSlack() string { return b.opt.PublicURL.JoinPath("links").String() }

// sayWaiting answers whoever does something in a workspace that waits.
func (b *Bot) sayWaiting() *answer {
	return say("This Slack workspace waits for an administrator of Procyon to accept it, so nothing can be done here yet. Administrators accept it in the console, under Slack: " + b.consoleSlack() + " .")
}
