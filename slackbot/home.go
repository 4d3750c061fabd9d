package slackbot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

const homePrefix = "home/"

func homeKey(s seat) string { return homePrefix + s.slackID + "/" + s.user }

// homeOpened shows the Home tab to who opened it, and remembers to keep it up to
// date from now on.
func (b *Bot) homeOpened(ctx context.Context, e envelope) error {
	if e.Event.Tab != "home" {
		return nil
	}
	a, err := b.admit(ctx, ofEvent(e), fresh)
	if errors.Is(err, errWaiting) {
		return nil
	}
	if settled(err) {
		return b.closeHome(ctx, a.space, e.Event.User.ID, err)
	}
	if err != nil {
		return err
	}
	s := seat{a.space.SlackID, e.Event.User.ID}
	m, err := b.server.message(ctx, homeKey(s))
	if err != nil {
		return err
	}
	if m == nil {
		m = &message{Kind: kindHome, SlackID: s.slackID, To: s.user, Want: "opened", Shown: "opened", key: homeKey(s)}
		if err := b.server.keep(ctx, []*message{m}); err != nil {
			if errors.Is(err, errChanged) {
				return nil // they opened it twice at once
			}
			return err
		}
	}
	return b.showHome(ctx, a, m)
}

// closeHome says on somebody's Home tab why there is nothing for them.
func (b *Bot) closeHome(ctx context.Context, space workspace, user string, why error) error {
	if space.Bot == nil { // the app is not installed
		return nil
	}
	return refusedIsShown(space.PublishHome(ctx, user, b.turnedAway("home", why).Blocks))
}

// touchHome has somebody's Home tab drawn anew, if they have opened it; want is
// another word than the last time.
func (b *Bot) touchHome(ctx context.Context, s seat, want string) error {
	m, err := b.server.message(ctx, homeKey(s))
	if err != nil || m == nil || m.Want == want {
		return err
	}
	m.Want = want
	if err := b.server.keep(ctx, []*message{m}); err != nil {
		return err
	}
	return b.dirty(ctx, m)
}

// reconcileHome makes a Home tab show what it should. An error means to try again.
func (b *Bot) reconcileHome(ctx context.Context, m *message) error {
	a, err := b.admitSeat(ctx, seat{m.SlackID, m.To}, ofLate)
	if settled(err) {
		if err := b.closeHome(ctx, a.space, m.To, err); err != nil {
			return err
		}
		return b.forget(ctx, m)
	}
	if errors.Is(err, errWaiting) {
		return nil // it stays as it is; the sweep comes back to it
	}
	if err != nil {
		return err
	}
	if err := b.showHome(ctx, a, m); err != nil {
		return err
	}
	m.Shown = m.Want
	return b.keepPlace(ctx, a.space, m)
}

// showHome draws somebody's Home tab: what waits for them first, then what they
// have, then how to ask.
func (b *Bot) showHome(ctx context.Context, a admitted, m *message) error {
	space, user := a.space, m.To
	ask := slack.NewActionBlock("", button(actionAsk, "", "Ask for access", "Ask for access", "primary"))
	if a.who == nil {
		return refusedIsShown(space.PublishHome(ctx, user, []slack.Block{sentence("Link your Slack account to Procyon first: type /procyon login in any channel.")}))
	}
	g := b.server.as(a)
	waiting, moreWaiting, err := g.waiting(ctx)
	if client.CodeOf(err) == client.CodeForbidden { // their account is switched off; it is no trouble of the bot's
		return refusedIsShown(space.PublishHome(ctx, user, []slack.Block{sentence(notLet)}))
	}
	if err != nil {
		return err
	}
	mine, moreMine, err := g.mine(ctx, a.who)
	if err != nil {
		return err
	}
	if err := b.rememberLists(ctx, m, waiting, mine); err != nil {
		return err
	}
	var blocks []slack.Block
	if a.who.Role == RoleAdmin {
		l, err := g.problems(ctx)
		if err != nil {
			return err
		}
		if l.Count > 0 {
			blocks = append(append(blocks, heading("Needs an administrator")), b.problemBlocks(l)...)
		}
	}
	blocks = append(blocks, heading("Waiting for you"))
	if len(waiting) == 0 {
		blocks = append(blocks, sentence("Nothing waits for your decision."))
	}
	blocks = append(blocks, b.waitingBlocks(waiting, moreWaiting)...)
	blocks = append(blocks, heading("Your access"))
	if len(mine) == 0 {
		blocks = append(blocks, sentence("You have no open requests."))
	}
	blocks = append(blocks, b.mineBlocks(mine, moreMine)...)
	blocks = append(blocks, slack.NewDividerBlock(), ask)
	return refusedIsShown(space.PublishHome(ctx, user, blocks))
}

func heading(text string) slack.Block { return slack.NewHeaderBlock(plainText(text)) }

// refusedIsShown keeps only errors that another try may not meet.
func refusedIsShown(err error) error {
	var refused *slackapi.APIError
	if _, again := slackapi.RetryAfter(err); !again && errors.As(err, &refused) {
		return nil
	}
	return err
}

// listsPrefix begins the keys that say, by request, on whose Home tabs it may stand.
const listsPrefix = "lists/"

func listsKey(requestID string, s seat) string {
	return listsPrefix + requestID + "/" + s.slackID + "/" + s.user
}

// rememberLists writes down what a Home tab is about to show, so that whatever happens
// to that finds the tab, also where its owner has no say in it any more.
func (b *Bot) rememberLists(ctx context.Context, m *message, lists ...[]*request) error {
	var ids []string
	for _, list := range lists {
		for _, r := range list {
			if slices.Contains(ids, r.ID) {
				continue
			}
			ids = append(ids, r.ID)
			if slices.Contains(m.Lists, r.ID) {
				continue
			}
			err := b.server.put(ctx, change{Key: listsKey(r.ID, seat{m.SlackID, m.To}), Version: 1, Value: new("")})
			if err != nil && !errors.Is(err, errChanged) { // or it is there
				return err
			}
		}
	}
	m.Lists = ids // kept with the rest; until then it is only written down again
	return nil
}

// refreshHomes has the Home tabs drawn anew of those whom a request concerns, and of
// those who may see it on theirs.
func (b *Bot) refreshHomes(ctx context.Context, r *request, cursor string) error {
	seats := r.RequesterUser.seats()
	for i := range r.Reviewers {
		seats = append(seats, r.Reviewers[i].seats()...)
	}
	touch := func(seats []seat) error {
		for _, s := range seats {
			if err := b.touchHome(ctx, s, cursor); err != nil {
				return err
			}
		}
		return nil
	}
	if err := touch(seats); err != nil {
		return err
	}
	prefix := listsPrefix + r.ID + "/"
	for page, err := range b.server.records(ctx, prefix) {
		if err != nil {
			return err
		}
		var listed []seat
		var over []change
		for _, l := range page {
			slackID, user, _ := strings.Cut(strings.TrimPrefix(l.Key, prefix), "/")
			listed = append(listed, seat{slackID, user})
			over = append(over, change{Key: l.Key})
		}
		if err := touch(listed); err != nil {
			return err
		}
		if !r.over() {
			continue
		}
		if err := b.server.put(ctx, over...); err != nil {
			return err
		}
	}
	return nil
}
