package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
)

// login offers to link the Slack user to whoever signs in.
func (b *Bot) login(ctx context.Context, c call) *answer {
	if c.who != nil {
		return say("You are linked as " + c.who.Name + " already. /procyon logout ends that.")
	}
	return b.linkFirst(ctx, c)
}

// linkFirst asks an unlinked person to link first. The link is theirs alone: the
// answer is seen by nobody else, it works once, and it names whom it is for.
func (b *Bot) linkFirst(ctx context.Context, c call) *answer {
	if c.waits {
		return say("Your link waits for an administrator to agree to it: " + whyWaits(c.link) + " You will hear when they did. /procyon logout cancels it.")
	}
	u := c.member.User()
	o, err := b.server.startLink(ctx, c.space.WorkspaceID, c.UserID, short(u.Name), u.Email)
	if err != nil {
		return b.trouble("login", err)
	}
	if err := b.rememberLogin(ctx, c, o); err != nil {
		return b.trouble("login", err)
	}
	text := fmt.Sprintf("Link your Slack account to Procyon first. The button works once, for %d minutes. If another Slack account of yours is linked here already, its page can replace that.", int(o.ExpiresAt.Sub(b.now()).Round(time.Minute).Minutes()))
	e := button(actionLink, o.key(), "Sign in and link", "Sign in and link this Slack account to Procyon", "primary")
	e.URL = o.URL
	return say(text, sentence(text), slack.NewActionBlock("link", e))
}

// short is a name as the server takes it.
func short(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName])
	}
	return name
}

const maxName = 80

// whyWaits says why a link waits, in a sentence.
func whyWaits(link *person) string {
	if link != nil && link.Why == "EMAIL_HIDDEN" {
		return "Slack told no e-mail address of yours that could be compared with the one in Procyon (the app needs the scope users:read.email, and the workspace may hide addresses)."
	}
	return "your e-mail address in Slack is another one than in Procyon."
}

// logout ends the link of who typed it, also one that waits. Nothing is done for the
// person of a link that waits, for it proves nothing: the bot takes that back by itself.
func (b *Bot) logout(ctx context.Context, c call) *answer {
	g := b.server
	switch {
	case c.who != nil:
		g = g.as(c.admitted)
	case c.link == nil:
		return say("No account of Procyon's is linked to this Slack account.")
	}
	if err := g.removeLink(ctx, c.link.LinkID); err != nil {
		return b.trouble("logout", err)
	}
	if err := b.touchHome(ctx, seat{c.space.SlackID, c.UserID}, "unlinked "+c.TriggerID); err != nil {
		b.log.Warn("can't bring a Home tab up to date", "error", err)
	}
	if err := b.server.put(ctx, change{Key: loginKey(c.space.SlackID, c.UserID)}); err != nil {
		b.log.Warn("can't forget a login", "error", err)
	}
	if c.waits {
		return say("Your link is canceled, so no administrator has to agree any more. /procyon login begins anew.")
	}
	return say("Your Slack account is no longer linked. What you asked for stays as it is.")
}

// pendingLogin is somebody who was offered to link, and is told when they have.
type pendingLogin struct {
	SlackID   string    `json:"slackId"`
	User      string    `json:"user"`
	ExpiresAt time.Time `json:"expiresAt"`
	Waits     bool      `json:"waits"` // they were told that an administrator must agree
	Words     string    `json:"words"` // behind /procyon request, which they wanted to type
	// Offers are the messages that offered it, to be replaced once they have linked.
	Offers []shownOffer `json:"offers,omitempty"`
}

const (
	loginPrefix = "login/"
	// waitFor is how long an administrator's consent is waited for.
	waitFor = 7 * 24 * time.Hour
)

func loginKey(slackID, user string) string { return loginPrefix + slackID + "/" + user }

// rememberLogin makes the bot tell the person when they are linked.
func (b *Bot) rememberLogin(ctx context.Context, c call, o offer) error {
	r, known, err := b.server.record(ctx, loginKey(c.space.SlackID, c.UserID))
	if err != nil {
		return err
	}
	var before pendingLogin
	if known {
		if err := json.Unmarshal([]byte(r.Value), &before); err != nil {
			return fmt.Errorf("record %s: %w", r.Key, err)
		}
	}
	p := pendingLogin{SlackID: c.space.SlackID, User: c.UserID, ExpiresAt: o.ExpiresAt, Words: c.wanted(), Offers: before.Offers}
	if p.Words == "" { // what they wanted before they asked to link
		p.Words = before.Words
	}
	p.shows(o.key(), c.ResponseURL, b.now())
	err = b.putLogin(ctx, r, p)
	if errors.Is(err, errChanged) {
		return nil // another click of theirs has just done the same
	}
	return err
}

func (b *Bot) putLogin(ctx context.Context, r record, p pendingLogin) error {
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode a login: %w", err)
	}
	return b.server.put(ctx, change{Key: r.Key, Version: r.Version + 1, Value: new(string(value))})
}

// finishLogins tells those who have linked meanwhile, so that they can go on.
func (b *Bot) finishLogins(ctx context.Context) error {
	var failed []error // one who can't be told holds up nobody else
	for list, err := range b.server.records(ctx, loginPrefix) {
		failed = append(failed, err)
		for _, r := range list {
			failed = append(failed, b.finishLogin(ctx, r))
		}
	}
	return errors.Join(failed...)
}

func (b *Bot) finishLogin(ctx context.Context, r record) error {
	var p pendingLogin
	if err := json.Unmarshal([]byte(r.Value), &p); err != nil {
		return fmt.Errorf("record %s: %w", r.Key, err)
	}
	who, err := b.server.identity(ctx, p.SlackID, p.User)
	if err == nil && who != nil && (who.Status == "LINKED" || !p.Waits) { // there is something to tell
		// They may have left, or turned out to be none of this workspace, since the link
		// was offered to them.
		if _, err = b.admitSeat(ctx, seat{p.SlackID, p.User}, fresh); settled(err) {
			return b.server.put(ctx, change{Key: r.Key})
		}
	}
	switch {
	case err != nil:
		return err
	case who != nil && who.Status == "LINKED":
		ask := button(actionAsk, p.Words, "Ask for access", "Ask for access", "primary")
		text := "Your Slack account is linked: here you are " + who.Name + "."
		if err := b.touchHome(ctx, seat{p.SlackID, p.User}, "linked "+who.LinkID+" "+p.ExpiresAt.String()); err != nil {
			return err
		}
		return b.endLogin(ctx, p, r, say(text, sentence(text), slack.NewActionBlock("", ask)))
	case who != nil && !p.Waits:
		if err := b.tell(ctx, p, r, say("Your link waits for an administrator to agree to it: "+whyWaits(who)+" You will hear here when they did. /procyon logout cancels it.")); err != nil {
			return err
		}
		p.Waits, p.ExpiresAt = true, b.now().Add(waitFor)
		return b.putLogin(ctx, r, p)
	case who == nil && p.Waits:
		return b.endLogin(ctx, p, r, say("Your Slack account does not wait to be linked any more: an administrator denied it, or it was canceled. /procyon login begins anew."))
	case b.now().After(p.ExpiresAt):
		return b.server.put(ctx, change{Key: r.Key})
	}
	return nil
}

// endLogin tells the person, and then forgets the login: a crash in between tells
// them twice.
func (b *Bot) endLogin(ctx context.Context, p pendingLogin, r record, a *answer) error {
	if err := b.tell(ctx, p, r, a); err != nil {
		return err
	}
	return b.server.put(ctx, change{Key: r.Key})
}

// tell sends who wanted to link a direct message, and puts the same in the place of what
// offered it. r is the record that says what they were not told yet.
func (b *Bot) tell(ctx context.Context, p pendingLogin, r record, a *answer) error {
	b.replaceOffers(ctx, p, a)
	return b.send(ctx, seat{p.SlackID, p.User}, fmt.Sprintf("%s@%d", r.Key, r.Version), slackapi.Message{Text: a.Text, Blocks: a.Blocks})
}

// send sends a direct message, to nobody where the bot may not post. what names it, also
// where it is tried again: see post. What Slack refuses for good is only logged.
func (b *Bot) send(ctx context.Context, to seat, what string, m slackapi.Message) error {
	space, err := b.spaces.open(ctx, to.slackID)
	if errors.Is(err, errNotInstalled) || errors.Is(err, errWaiting) {
		return nil
	}
	if err != nil {
		return err
	}
	channel, err := space.OpenDM(ctx, to.user)
	if err == nil {
		_, err = b.post(ctx, space, linePrefix+what, place{channel: channel}, m)
	}
	if _, again := slackapi.RetryAfter(err); err != nil && !again && ctx.Err() == nil {
		b.log.Warn("Slack refuses a message", "to", to.user, "error", err)
		return nil
	}
	return err
}
