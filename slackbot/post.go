package slackbot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

// Slack knows no key by which a post that is repeated were the same one. So before each post
// the bot remembers that it tries, and names the try in the message's metadata. Slack tells
// the bot of each message with such metadata (message_metadata_posted), without its text. By
// that a message is found whose answer was lost, and a second one is taken away.

const (
	// tryPrefix begins the keys of what is remembered of posts.
	tryPrefix = "try/"
	// linePrefix begins the names of lines in threads, as messagePrefix does of messages
	// that are kept up to date.
	linePrefix = "line/"
	// triesLast is for how long Slack can tell of a post: it gives an event up long before.
	triesLast = 24 * time.Hour
	// postTakes is how long after a post began nobody posts it again who does not know what
	// became of it: as long as it can take, and be told of.
	postTakes = 15 * time.Second
	// tellTakes is how long it is waited for Slack's telling of a post that is over.
	tellTakes = 3 * time.Second
)

// try is what is remembered of a post.
type try struct {
	What    string          `json:"what"` // a message's key, or a line's name
	SlackID string          `json:"slackId"`
	At      slackapi.Posted `json:"at"` // where it is, once that is known
	// Until is when it may be posted again, while whoever posts it has not heard what became
	// of it; zero once they have.
	Until time.Time `json:"until,omitzero"`
	// Round counts how often it was to be posted, as a line is that is delivered again.
	Round int `json:"round"`

	key     string // behind tryPrefix
	version int
}

// wait is how long nobody posts it again. A try that is said to last longer than one can is
// over: the clock was set back.
func (t *try) wait(now time.Time) time.Duration {
	if left := t.Until.Sub(now); t.unheard() && left <= postTakes {
		return max(left, 0)
	}
	return 0
}

// unheard tells whether whoever posts it has not heard what became of it.
func (t *try) unheard() bool { return !t.Until.IsZero() }

// tryKey names a post to whoever reads metadata: it tells nothing of what is posted.
func tryKey(what string) string {
	sum := sha256.Sum256([]byte("procyon post " + what))
	return hex.EncodeToString(sum[:16])
}

// tryKeys look like what tryKey gives.
var tryKeys = regexp.MustCompile(`^[0-9a-f]{32}$`)

// tryOf reads what is remembered of a post; its version is 0 where nothing is.
func (b *Bot) tryOf(ctx context.Context, key string) (*try, error) {
	r, known, err := b.server.record(ctx, tryPrefix+key)
	t := &try{key: key, version: r.Version}
	if err != nil || !known {
		return t, err
	}
	if err := json.Unmarshal([]byte(r.Value), t); err != nil {
		return t, fmt.Errorf("record %s: %w", r.Key, err)
	}
	return t, nil
}

// keepTry stores what is remembered of a post, or returns errChanged.
func (b *Bot) keepTry(ctx context.Context, t *try) error {
	value, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode %s: %w", t.What, err)
	}
	err = b.server.put(ctx, change{Key: tryPrefix + t.key, Version: t.version + 1, Value: new(string(value)), KeepFor: client.Duration(triesLast)})
	if err == nil {
		t.version++
	}
	return err
}

// place is where a message is to be posted: in a channel, or in a thread there.
type place struct{ channel, thread string }

// hearsOfPosts tells whether Slack tells the app there of its posts. Apps that were installed
// by an earlier release were not given the scope for that.
func (w workspace) hearsOfPosts() bool { return slices.Contains(w.Scopes, slackapi.MarkScope) }

// unsettled is the error of a post that is not tried: Slack may have it already.
func unsettled(wait time.Duration) error {
	return &slackapi.APIError{Method: "chat.postMessage", Code: "unsettled", RetryAfter: max(wait, time.Second)}
}

// post posts something once: a message that is kept up to date, named by its key, or a line.
// Where an earlier try's answer was lost, or the process ended before it was remembered, the
// message of that try is returned as soon as Slack has told of it; until then, for a while,
// the error says to try again. Should it be told of later all the same, told takes one of the
// two away.
//
// Slack tells only an app that has the scope, of channels that it is in: elsewhere a lost
// answer leaves a second message.
func (b *Bot) post(ctx context.Context, space workspace, what string, to place, m slackapi.Message) (slackapi.Posted, error) {
	if !space.hearsOfPosts() {
		return space.Post(ctx, to.channel, to.thread, m)
	}
	t, err := b.tryOf(ctx, tryKey(what))
	if err != nil {
		return slackapi.Posted{}, err
	}
	again := t.At.TS != "" && !t.unheard() && strings.HasPrefix(what, linePrefix)
	switch {
	case t.At.TS != "" && !again:
		return t.At, b.hear(ctx, t)
	case t.wait(b.now()) > 0:
		return slackapi.Posted{}, unsettled(t.wait(b.now()))
	case again:
		t.Round++
	}
	t.What, t.SlackID, t.At, t.Until = what, space.SlackID, slackapi.Posted{}, b.now().Add(b.opt.Shorten(postTakes))
	switch err := b.keepTry(ctx, t); {
	case errors.Is(err, errChanged):
		return slackapi.Posted{}, unsettled(0) // another replica posts it
	case err != nil:
		return slackapi.Posted{}, err
	}
	m.Mark = slackapi.Mark{Key: t.key, Round: t.Round}
	at, err := space.Post(ctx, to.channel, to.thread, m)
	if err == nil {
		return b.posted(ctx, space, t, at)
	}
	if ctx.Err() != nil {
		return at, err // whoever tries next has to wait
	}
	if t.Until = (time.Time{}); slackapi.Unanswered(err) {
		t.Until = b.now().Add(b.opt.Shorten(tellTakes))
	}
	if kept := b.keepTry(ctx, t); kept != nil && !errors.Is(kept, errChanged) { // changed: Slack has told of it
		return at, errors.Join(err, kept)
	}
	return at, err
}

// posted remembers where a post is, and returns where it is to be: that of an earlier try
// stays, if Slack told of it meanwhile, and this one is taken away.
func (b *Bot) posted(ctx context.Context, space workspace, t *try, at slackapi.Posted) (slackapi.Posted, error) {
	for range 5 {
		t.At = at
		err := b.hear(ctx, t)
		if !errors.Is(err, errChanged) {
			return at, err
		}
		if t, err = b.tryOf(ctx, t.key); err != nil {
			return at, err
		}
		if t.At.TS != "" && t.At != at {
			return t.At, space.Delete(ctx, at)
		}
	}
	return at, errChanged
}

// hear remembers that whoever posts it knows what became of it.
func (b *Bot) hear(ctx context.Context, t *try) error {
	if was := t.unheard(); !was {
		return nil
	}
	t.Until = time.Time{}
	return b.keepTry(ctx, t)
}

// unheard tells, once, whether something was posted without its poster's hearing so.
func (b *Bot) unheard(ctx context.Context, what string) (bool, error) {
	t, err := b.tryOf(ctx, tryKey(what))
	if err != nil || t.At.TS == "" || !t.unheard() {
		return false, err
	}
	return true, b.hear(ctx, t)
}

// told takes in that Slack has taken a message of the bot's. What others post with such
// metadata counts for nothing.
func (b *Bot) told(ctx context.Context, e envelope) error {
	mark, ok := slackapi.MarkOf(e.Event.Metadata)
	if !ok || !tryKeys.MatchString(mark.Key) {
		return nil
	}
	space, err := b.spaces.find(ctx, ofEvent(e).installations...)
	switch {
	case errors.Is(err, errNotInstalled), errors.Is(err, errWaiting):
		return nil
	case err != nil:
		return err
	case e.Event.UserID != space.BotUserID:
		return nil
	}
	at := slackapi.Posted{Channel: e.Event.ChannelID, TS: e.Event.MessageTS}
	for range 5 {
		t, err := b.tryOf(ctx, mark.Key)
		switch {
		case err != nil:
			return err
		case t.version == 0, t.SlackID != space.SlackID, t.Round != mark.Round:
			return nil
		case t.At == at:
			return b.adopt(ctx, space, t)
		case t.At.TS != "":
			b.log.Info("Slack took a message twice; one of the two is deleted", "message", t.What)
			return space.Delete(ctx, at)
		}
		t.At = at
		if err = b.keepTry(ctx, t); err == nil {
			return b.adopt(ctx, space, t)
		}
		if !errors.Is(err, errChanged) {
			return err
		}
	}
	return errChanged
}

// adopt gives a message that Slack told of to what is to keep it up to date. Whoever posted it
// does so too, where they hear of it. One that nothing keeps up to date any more is taken away:
// it was too late to post it.
func (b *Bot) adopt(ctx context.Context, space workspace, t *try) error {
	if !t.unheard() || !strings.HasPrefix(t.What, messagePrefix) {
		return nil
	}
	m, err := b.server.message(ctx, t.What)
	if err != nil {
		return err
	}
	if m == nil { // it is over, and forgotten: by who posted it and has heard so since, or before that
		now, err := b.tryOf(ctx, t.key)
		if err != nil || !now.unheard() {
			return err
		}
		return space.Delete(ctx, t.At)
	}
	if m.Kind == kindChannel {
		ts, err := b.keepThread(ctx, threadKey(m.Request, m.To, t.At.Channel), t.At.TS)
		if err != nil {
			return err
		}
		if ts != t.At.TS {
			return space.Delete(ctx, t.At)
		}
	}
	switch m.At {
	case t.At:
		return nil
	case slackapi.Posted{}:
		m.At = t.At
		return b.keepPlace(ctx, space, m)
	}
	return space.Delete(ctx, t.At)
}
