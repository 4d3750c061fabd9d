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

	"procyon/client"
	"procyon/internal/slackapi"
)

const (
	// tellPrefix begins the keys of what administrators were told.
	tellPrefix = "waiting/"
	tellEvery  = 5 * time.Second
	// tellSettled is how long a failure has lasted when it is told, so that what fails at
	// once is one message; and tellLatest is when it is told although more fails.
	tellSettled, tellLatest = 10 * time.Second, 30 * time.Second
	// tellQuiet is how long an administrator is told nothing more, whatever fails: then all
	// of it at once. What strangers can cause, in workspaces of their own, waits for longer.
	tellQuiet, tellQuietOfSlack = 5 * time.Minute, time.Hour
	// tellAgain is how often it is looked for who has not been told.
	tellAgain = time.Minute
	// maxTellTries bounds how often one message is posted, whatever crashes.
	maxTellTries = 2
)

// toldNote is what an administrator was told.
type toldNote struct {
	// Told are the keys of failures that they were told of, as long as the same thing, see
	// about, has failed.
	Told  []string  `json:"told"`
	Count int       `json:"count"` // how many the last message said there are, or fewer, where some were mended
	At    time.Time `json:"at"`    // when the last message was begun
	// Tries is how often a message was begun that may have been posted: more than 0 only
	// while that is going on, and after a crash.
	Tries int `json:"tries,omitempty"`
}

// digest is another one where somebody was told something else.
func (n *toldNote) digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q", n.Count, n.Told))
	return hex.EncodeToString(sum[:8])
}

// about is what has failed, in a failure's key.
func about(key string) string {
	what, _, _ := strings.Cut(key, "@")
	return what
}

// teller tells administrators what they have to mend, for the time of one lease.
type teller struct {
	*Bot
	shown  string    // the state that Home tabs show
	looked time.Time // when it was last seen to who was told
}

// look brings Home tabs up to date, and tells administrators of what is new.
func (t *teller) look(ctx context.Context) error {
	l, err := t.server.problems(ctx)
	if err != nil {
		return err
	}
	state := l.state()
	changed := state != t.shown
	if !changed && (l.Count == 0 || t.now().Sub(t.looked) < tellAgain) {
		return nil
	}
	admins, err := t.server.administrators(ctx)
	if err != nil {
		return err
	}
	all := t.tellable(l)
	looked := t.now()
	var untold error // is told at the next look, not at once: Slack may be asking for time
	for _, a := range admins {
		seats := a.seats()
		for _, s := range seats {
			if !changed {
				break
			}
			if err := t.touchHome(ctx, s, "problems "+state); err != nil {
				return err
			}
		}
		if len(seats) == 0 {
			continue
		}
		later, err := t.tellAs(ctx, all, a.ID, seats[0])
		if later || err != nil {
			looked = time.Time{}
		}
		untold = errors.Join(untold, err)
	}
	t.shown, t.looked = state, looked
	return untold
}

// tellAs tells one administrator what the server says to them, if they may use the bot still.
// all is what it says to the bot, so that nobody is looked up where there is nothing to tell.
func (t *teller) tellAs(ctx context.Context, all *problemList, userID string, s seat) (later bool, err error) {
	_, n, err := t.told(ctx, userID)
	if err != nil || n.says(all, t.now()) {
		return false, err
	}
	a, err := t.admitSeat(ctx, s, ofLate)
	if settled(err) || errors.Is(err, errWaiting) || err == nil && (a.who == nil || a.who.ID != userID) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	l, err := t.server.as(a).problems(ctx)
	if client.CodeOf(err) == client.CodeForbidden { // they are no administrator any more
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return t.tell(ctx, t.tellable(l), userID, s)
}

// maxOfKind is how many problems of one kind the server lists.
const maxOfKind = 20

// tellable is what administrators get messages of. Where those who may decide get one for
// each request, a request that no channel hears of has been heard of: it is shown on the Home
// tab and in the console, and needs no message besides.
func (b *Bot) tellable(l *problemList) *problemList {
	if b.opt.QuietApprovers {
		return l
	}
	out := &problemList{Count: l.Count}
	for _, p := range l.Problems {
		if p.Kind != ProblemKindRequestUnheard {
			out.Problems = append(out.Problems, p)
		}
	}
	left := len(l.Problems) - len(out.Problems)
	if out.Count -= left; left >= maxOfKind { // there may be more, which are not listed
		out.Count = len(out.Problems)
	}
	return out
}

// told reads what an administrator was told, and the record that says so.
func (t *teller) told(ctx context.Context, userID string) (r record, n toldNote, err error) {
	r, known, err := t.server.record(ctx, tellPrefix+userID)
	if err != nil || !known {
		return r, n, err
	}
	if err := json.Unmarshal([]byte(r.Value), &n); err != nil {
		return r, n, fmt.Errorf("record %s: %w", r.Key, err)
	}
	return r, n, nil
}

// says tells whether a note needs no change for a list, for now.
func (n *toldNote) says(l *problemList, now time.Time) bool {
	fresh, still := l.compare(n.Told)
	if n.Tries > 0 || len(still) < len(n.Told) || l.Count < n.Count {
		return false
	}
	return len(fresh) == 0 && l.Count == n.Count || now.Sub(n.At) < quiet(fresh)
}

// tell tells one administrator, where there is something that they were not told; later says
// that there is, and that it is to be told soon.
//
// It is claimed in the record first, so that of several replicas one posts it, and settled
// there afterwards: after a crash in between it is posted once more, but never a third time.
func (t *teller) tell(ctx context.Context, l *problemList, userID string, s seat) (later bool, err error) {
	r, n, err := t.told(ctx, userID)
	if err != nil {
		return false, err
	}
	now := t.now()
	fresh, still := l.compare(n.Told)
	if len(still) < len(n.Told) || l.Count < n.Count { // some is mended
		n.Told, n.Count = still, min(l.Count, n.Count)
		if n.Tries == 0 {
			if err := t.keepTold(ctx, &r, n); err != nil {
				return false, err
			}
		}
	}
	all := toldNote{Told: n.Told, Count: l.Count, At: n.At}
	for _, p := range fresh {
		all.Told = append(all.Told, p.Key)
	}
	news := len(fresh) > 0 || l.Count > n.Count
	switch {
	case n.Tries > 0 && !news, n.Tries >= maxTellTries:
		return false, t.keepTold(ctx, &r, all)
	case n.Tries > 0:
		if now.Sub(n.At) < tellAgain {
			return false, nil // perhaps another replica is posting it now
		}
	case !news, now.Sub(n.At) < quiet(fresh):
		return false, nil
	case !calm(fresh, now):
		return true, nil
	}
	claim := n
	claim.At, claim.Tries = now, n.Tries+1
	if err := t.keepTold(ctx, &r, claim); err != nil {
		return false, err
	}
	err = t.sendProblems(ctx, l.startingWith(fresh), userID+"/"+all.digest(), s)
	if err != nil {
		all = n // Slack took nothing
	} else {
		all.At = now
	}
	return false, errors.Join(err, t.keepTold(context.WithoutCancel(ctx), &r, all))
}

// compare returns the problems that are not among those told, and which of these are about
// something that has failed still.
func (l *problemList) compare(told []string) (fresh []problem, still []string) {
	failed := map[string]bool{}
	for _, p := range l.Problems {
		failed[about(p.Key)] = true
		if !slices.Contains(told, p.Key) {
			fresh = append(fresh, p)
		}
	}
	for _, k := range told {
		if failed[about(k)] {
			still = append(still, k)
		}
	}
	return fresh, still
}

// startingWith is the list with some of it first.
func (l *problemList) startingWith(some []problem) *problemList {
	out := &problemList{Count: l.Count, Problems: slices.Clone(some)}
	for _, p := range l.Problems {
		if !slices.ContainsFunc(some, func(f problem) bool { return f.Key == p.Key }) {
			out.Problems = append(out.Problems, p)
		}
	}
	return out
}

// quiet is how long after a message nothing of some problems is told.
func quiet(some []problem) time.Duration {
	if slices.ContainsFunc(some, func(p problem) bool {
		return p.Kind != ProblemKindSlackLinkWaiting && p.Kind != ProblemKindSlackWorkspaceWaiting
	}) {
		return tellQuiet
	}
	return tellQuietOfSlack
}

// calm tells whether no more is likely to fail with some problems.
func calm(some []problem, now time.Time) bool {
	var newest, oldest time.Duration // for how long they have lasted
	for i, p := range some {
		lasted := tellLatest
		if p.Since != nil {
			lasted = now.Sub(*p.Since)
		}
		if i == 0 {
			newest = lasted
		}
		newest, oldest = min(newest, lasted), max(oldest, lasted)
	}
	return len(some) == 0 || newest >= tellSettled || oldest >= tellLatest
}

// keepTold changes a record that was just read; one that another replica changed is left.
func (t *teller) keepTold(ctx context.Context, r *record, n toldNote) error {
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

// sendProblems posts the direct message that what names. What Slack refuses for good is only
// logged.
func (t *teller) sendProblems(ctx context.Context, l *problemList, what string, s seat) error {
	head := "This needs an administrator of Procyon:"
	text := head + "\n" + strings.Join(l.lines(problem.inText), "\n")
	a := say(text, append([]slack.Block{sentence(head)}, t.problemBlocks(l)...)...)
	return t.send(ctx, s, "problems/"+what, slackapi.Message{Text: a.Text, Blocks: a.Blocks})
}
