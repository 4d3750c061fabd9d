package slackbot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
)

func homeKey(s seat) string { return "home/" + s.slackID + "/" + s.user }

// homeOpened shows the Home tab to who opened it, and remembers to keep it up to
// date from now on.
func (b *Bot) homeOpened(ctx context.Context, e envelope) error {
	if e.Event.Tab != "home" {
		return nil
	}
	space, err := b.spaces.find(ctx, e.TeamID, e.EnterpriseID)
	if errors.Is(err, errNotInstalled) {
		return nil
	}
	if err != nil {
		return err
	}
	s := seat{space.SlackID, e.Event.User}
	r, known, err := b.gateway.record(ctx, homeKey(s))
	if err != nil {
		return err
	}
	if !known {
		err := b.gateway.put(ctx, change{Key: r.Key, Version: 1, Value: new("open")})
		if err != nil && !errors.Is(err, errChanged) {
			return err
		}
	}
	return b.showHome(ctx, space, s)
}

// showHome draws somebody's Home tab: what waits for them first, then what they
// have, then how to ask.
func (b *Bot) showHome(ctx context.Context, space workspace, s seat) error {
	who, err := b.gateway.identity(ctx, s.slackID, s.user)
	if err != nil {
		return err
	}
	ask := slack.NewActionBlock("", button(actionAsk, "", "Ask for access", "Ask for access", "primary"))
	if who == nil || who.Status != "LINKED" {
		return refusedIsShown(space.PublishHome(ctx, s.user, []slack.Block{sentence("Link your Slack account to Procyon first: type /procyon login in any channel.")}))
	}
	g := b.gateway.as(who.ID)
	waiting, moreWaiting, err := g.waiting(ctx)
	if err != nil {
		return err
	}
	mine, moreMine, err := g.mine(ctx, who)
	if err != nil {
		return err
	}
	blocks := []slack.Block{heading("Waiting for you")}
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
	return refusedIsShown(space.PublishHome(ctx, s.user, blocks))
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

// refreshHomes draws the Home tabs anew of those whom a request concerns, where they
// have opened theirs.
func (b *Bot) refreshHomes(ctx context.Context, r *request) error {
	seats := r.RequesterUser.seats()
	for i := range r.Reviewers {
		seats = append(seats, r.Reviewers[i].seats()...)
	}
	have, err := b.gateway.messages(ctx, messagesOf(r.ID))
	if err != nil {
		return err
	}
	for _, m := range have { // those who were asked, and are no longer
		if m.Kind == kindApprover {
			seats = append(seats, seat{m.SlackID, m.To})
		}
	}
	done := map[seat]bool{}
	for _, s := range seats {
		if done[s] {
			continue
		}
		done[s] = true
		if _, open, err := b.gateway.record(ctx, homeKey(s)); err != nil || !open {
			if err != nil {
				return err
			}
			continue
		}
		space, err := b.spaces.get(ctx, s.slackID)
		if errors.Is(err, errNotInstalled) {
			continue
		}
		if err != nil {
			return err
		}
		if err := b.showHome(ctx, space, s); err != nil {
			return err
		}
	}
	return nil
}
