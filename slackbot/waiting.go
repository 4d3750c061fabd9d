package slackbot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
	"procyon/phrase"
)

// What waits for an administrator, workspaces to be accepted and links to be agreed to, is
// told to administrators: in a direct message, and on their Home tab.

// waiting is what waits, up to 100 of each.
type waiting struct {
	waitingList
	Administrators []user // where they were asked for
}

// whatWaits reads what waits.
func (g *server) whatWaits(ctx context.Context) (*waiting, error) {
	out, err := readWaiting(ctx, g)
	return &waiting{waitingList: out.SlackWaiting}, err
}

// whoIsTold reads what waits, and the administrators.
func (g *server) whoIsTold(ctx context.Context) (*waiting, error) {
	out, err := readWaitingTold(ctx, g)
	return &waiting{out.SlackWaiting.waitingList, out.SlackWaiting.Administrators}, err
}

// of is what one administrator can decide: nobody agrees to their own link.
func (w *waiting) of(userID string) *waiting {
	out := *w
	out.Links = slices.DeleteFunc(slices.Clone(w.Links), func(l waitingLink) bool { return l.User.ID == userID })
	out.LinkCount -= len(w.Links) - len(out.Links)
	return &out
}

func (w *waiting) count() int { return w.WorkspaceCount + w.LinkCount }

// keys name what is listed: another one each time that the same begins to wait.
func (w *waiting) keys() []string {
	var out []string
	for _, s := range w.Workspaces {
		out = append(out, fmt.Sprint(s.ID, "@", s.InstalledAt.UnixMicro()))
	}
	for _, l := range w.Links {
		out = append(out, fmt.Sprint(l.ID, "@", l.CreatedAt.UnixMicro()))
	}
	return out
}

func (w *waiting) digest() string {
	sum := sha256.Sum256(fmt.Append(nil, w.keys(), w.WorkspaceCount, w.LinkCount))
	return hex.EncodeToString(sum[:8])
}

// waitingNamed is how many of each are named in a message or on a Home tab.
const waitingNamed = 5

// lines name the first that wait, and count the others.
func (w *waiting) lines() []string {
	var out []string
	for _, s := range w.Workspaces[:min(len(w.Workspaces), waitingNamed)] {
		kind := "Slack workspace"
		if s.Organization {
			kind = "whole Slack organisation"
		}
		where := s.SlackID
		if s.Domain != "" {
			where = s.Domain + ", " + where
		}
		out = append(out, fmt.Sprintf("The %s %s (%s) has the app and waits to be accepted.", kind, phrase.Quoted(s.Name), where))
	}
	for _, l := range w.Links[:min(len(w.Links), waitingNamed)] {
		why := "in Slack their e-mail address is " + l.SlackEmail
		if l.WaitsBecause == SlackLinkReasonEmailHidden {
			why = "Slack told no e-mail address of theirs (the app needs the scope users:read.email, and the workspace may hide addresses)"
		}
		out = append(out, fmt.Sprintf("%s (%s) in %s wants to be linked to %s (%s); %s.", phrase.Quoted(l.SlackName), l.SlackUserID, phrase.Quoted(l.Workspace.Name), l.User.Email, phrase.Quoted(l.User.Name), why))
	}
	if more := w.count() - len(out); more > 0 {
		out = append(out, fmt.Sprintf("And %d more.", more))
	}
	return out
}

// waitingForAdmin shows what waits, and leads to where it is decided.
func (b *Bot) waitingForAdmin(w *waiting) []slack.Block {
	var out []slack.Block
	for _, line := range w.lines() {
		out = append(out, sentence(line))
	}
	decide := button(actionConsole, "", "Decide in the console", "Decide in the console what waits for an administrator", "primary")
	decide.URL = b.consoleSlack()
	return append(out, slack.NewActionBlock("", decide))
}

// consoleSlack is the console's page about Slack.
func (b *Bot) consoleSlack() string { return b.opt.PublicURL.JoinPath("links").String() }

// sayWaiting answers whoever does something in a workspace that waits.
func (b *Bot) sayWaiting() *answer {
	return say("This Slack workspace waits for an administrator of Procyon to accept it, so nothing can be done here yet. Administrators accept it in the console, under Slack: " + b.consoleSlack() + " .")
}

const (
	// waitingPrefix begins the keys of what administrators were told.
	waitingPrefix = "waiting/"
	waitingEvery  = 3 * time.Second
	// waitingQuiet is how long an administrator is told nothing more, whatever begins to
	// wait: then all of it at once.
	waitingQuiet = time.Hour
	// waitingAgain is how often it is looked for who has not been told.
	waitingAgain = time.Minute
)

// waitingNote is what an administrator was told of what waits.
type waitingNote struct {
	Told  []string  `json:"told"`  // the keys of what the last message listed, and still waits
	Count int       `json:"count"` // how many it said there are, or fewer, where some were decided
	At    time.Time `json:"at"`    // when the last message was begun
	// Tries is how often a message was begun that may have been posted: more than 0 only
	// while that is going on, and after a crash.
	Tries int `json:"tries,omitempty"`
}

// maxWaitingTries bounds how often one message is posted, whatever crashes.
const maxWaitingTries = 2

// waitingTeller tells administrators what waits, for the time of one lease.
type waitingTeller struct {
	*Bot
	digest string    // of what Home tabs show
	looked time.Time // when it was last seen to who was told
}

// look brings Home tabs up to date, and tells administrators of what is new.
func (t *waitingTeller) look(ctx context.Context) error {
	w, err := t.server.whatWaits(ctx)
	if err != nil {
		return err
	}
	changed := w.digest() != t.digest
	if !changed && (w.count() == 0 || t.now().Sub(t.looked) < waitingAgain) {
		return nil
	}
	if w, err = t.server.whoIsTold(ctx); err != nil {
		return err
	}
	t.looked = t.now()
	var untold error // is told at the next look, not at once: Slack may be asking for time
	for _, a := range w.Administrators {
		seats := a.seats()
		for _, s := range seats {
			if !changed {
				break
			}
			if err := t.touchHome(ctx, s, "waiting "+w.digest()); err != nil {
				return err
			}
		}
		if len(seats) > 0 {
			untold = errors.Join(untold, t.tellAdmin(ctx, w.of(a.ID), a.ID, seats[0]))
		}
	}
	t.digest = w.digest()
	return untold
}

// tellAdmin tells one administrator, where there is something that they were not told.
//
// It is claimed in the record first, so that of several replicas one posts it, and settled
// there afterwards: after a crash in between it is posted once more, but never a third time.
func (t *waitingTeller) tellAdmin(ctx context.Context, w *waiting, userID string, s seat) error {
	r, known, err := t.server.record(ctx, waitingPrefix+userID)
	if err != nil {
		return err
	}
	var n waitingNote
	if known {
		if err := json.Unmarshal([]byte(r.Value), &n); err != nil {
			return fmt.Errorf("record %s: %w", r.Key, err)
		}
	}
	keys, now := w.keys(), t.now()
	told := slices.DeleteFunc(slices.Clone(n.Told), func(k string) bool { return !slices.Contains(keys, k) })
	settled := waitingNote{Told: keys, Count: w.count(), At: n.At}
	switch fresh := len(told) < len(keys) || w.count() > n.Count; {
	case n.Tries > 0 && len(keys) == 0, n.Tries >= maxWaitingTries:
		return t.keepNote(ctx, &r, settled)
	case n.Tries > 0 && now.Sub(n.At) < waitingAgain:
		return nil // perhaps another replica is posting it now
	case !fresh && n.Tries == 0:
		if len(told) < len(n.Told) || w.count() < n.Count {
			return t.keepNote(ctx, &r, settled) // some are decided
		}
		return nil
	case n.Tries == 0 && now.Sub(n.At) < waitingQuiet:
		return nil
	}
	claim := n
	claim.At, claim.Tries = now, n.Tries+1
	if err := t.keepNote(ctx, &r, claim); err != nil {
		return err
	}
	err = t.sendWaiting(ctx, w, s)
	if err != nil {
		settled = n // Slack took nothing
	} else {
		settled.At = now
	}
	return errors.Join(err, t.keepNote(context.WithoutCancel(ctx), &r, settled))
}

// keepNote changes a record that was just read; one that another replica changed is left.
func (t *waitingTeller) keepNote(ctx context.Context, r *record, n waitingNote) error {
	value, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode %s: %w", r.Key, err)
	}
	err = t.server.put(ctx, change{Key: r.Key, Version: r.Version + 1, Value: new(string(value))})
	if err == nil {
		r.Version++
	}
	return err
}

// sendWaiting posts the direct message. What Slack refuses for good is only logged.
func (t *waitingTeller) sendWaiting(ctx context.Context, w *waiting, s seat) error {
	head := "Waiting for an administrator of Procyon:"
	text := head + "\n" + strings.Join(w.lines(), "\n") + "\n" + t.consoleSlack()
	a := say(text, append([]slack.Block{sentence(head)}, t.waitingForAdmin(w)...)...)
	return t.send(ctx, s, slackapi.Message{Text: a.Text, Blocks: a.Blocks})
}
