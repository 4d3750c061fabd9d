package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// shownOffer is a message that only one person sees, and offers them to link.
type shownOffer struct {
	Key   string    `json:"key"`   // the value of its button
	URL   string    `json:"url"`   // a response_url that takes its place
	Until time.Time `json:"until"` // when Slack takes that no more
}

const (
	// answersLast is how long Slack takes a response_url; a minute less, for the way there.
	answersLast = 29 * time.Minute
	// maxOffers is how many of the latest are replaced.
	maxOffers = 5
)

// key tells an offer from others of the same person.
func (o offer) key() string { return strconv.FormatInt(o.ExpiresAt.UnixMicro(), 36) }

// shows notes a message that offers to link, or a better way to take its place.
func (p *pendingLogin) shows(key, url string, now time.Time) {
	kept := []shownOffer{{key, url, now.Add(answersLast)}}
	for _, o := range p.Offers {
		if o.Key != key && now.Before(o.Until) && len(kept) < maxOffers {
			kept = append(kept, o)
		}
	}
	if url == "" {
		kept = kept[1:]
	}
	p.Offers = kept
}

// offerPressed remembers how to replace the message in which somebody pressed the button
// that leads to the page where one links: the response_url of a press is of the message
// itself. What fails here is only logged, for the press needs no answer.
func (b *Bot) offerPressed(ctx context.Context, in interaction) {
	for _, a := range in.Actions {
		if a.ActionID != actionLink || a.Value == "" || !in.Container.IsEphemeral || in.ResponseURL == "" {
			continue
		}
		space, err := b.spaces.find(ctx, ofInteraction(in).installations...)
		if err == nil {
			err = b.changeLogin(ctx, space.SlackID, in.User.ID, func(p *pendingLogin) { p.shows(a.Value, in.ResponseURL, b.now()) })
		}
		if err != nil && !errors.Is(err, errChanged) {
			b.log.Debug("can't remember where a link was offered", "error", err)
		}
	}
}

// changeLogin changes what is remembered of somebody who was offered to link, if anything.
func (b *Bot) changeLogin(ctx context.Context, slackID, user string, how func(p *pendingLogin)) error {
	r, known, err := b.server.record(ctx, loginKey(slackID, user))
	if err != nil || !known {
		return err
	}
	var p pendingLogin
	if err := json.Unmarshal([]byte(r.Value), &p); err != nil {
		return fmt.Errorf("record %s: %w", r.Key, err)
	}
	how(&p)
	return b.putLogin(ctx, r, p)
}

// replaceOffers puts an answer in the place of the messages that offered to link. It may
// fail, and may be repeated: whoever it is for gets a direct message besides.
func (b *Bot) replaceOffers(ctx context.Context, p pendingLogin, a *answer) {
	replacing := *a
	replacing.ReplaceOriginal = true
	for _, o := range p.Offers {
		if !b.now().Before(o.Until) {
			continue
		}
		if err := b.opt.API.Respond(ctx, o.URL, &replacing); err != nil {
			b.log.Debug("can't replace an offer to link", "error", err)
		}
	}
}
