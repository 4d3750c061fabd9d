package app

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/internal/slacksim"
)

// wish is what a request asks for, in one word or few for each term. A view has those
// terms alone that it shows.
type wish map[string]string

// moment writes a time to the minute, as most places show it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// wishOf is what a request asks for according to the journal.
func wishOf(r *access.Request) wish {
	out := wish{"who": r.Requester.Email, "duration": r.Duration.Duration().String(), "reason": r.Reason, "ticket": r.Ticket, "start": ""}
	if r.StartsAt != nil {
		out["start"] = moment(*r.StartsAt)
	}
	var items []string
	for _, i := range r.Items {
		items = append(items, i.ResourceID+"/"+i.Role)
	}
	out["items"] = strings.Join(items, " ")
	if x := r.Extension; r.Status == access.StatusActive && x != nil {
		out["longer"], out["why"] = x.Duration.Duration().String(), x.Reason
		out["end"] = moment(r.Grant.ExpiresAt.Add(x.Duration.Duration()))
	}
	return out
}

// differences are the terms that were shown otherwise than they are.
func (shown wish) differences(is wish) []string {
	var out []string
	for _, term := range slices.Sorted(maps.Keys(shown)) {
		if shown[term] != is[term] {
			out = append(out, fmt.Sprintf("%s: shown %q, is %q", term, shown[term], is[term]))
		}
	}
	return out
}

// lacks are the terms without which nobody should be able to approve.
func (shown wish) lacks(subject access.ReviewSubject) []string {
	need := []string{"who", "items", "duration"}
	if subject == access.SubjectExtension {
		need = []string{"who", "items", "longer", "end"}
	}
	return slices.DeleteFunc(need, func(term string) bool { return shown[term] != "" })
}

// view is what somebody has before them of a request that they may decide: what it
// says, and what deciding in it sends.
type view struct {
	place   string // API, console, Slack list, Slack card
	request string
	subject access.ReviewSubject // as it is shown, not as it is sent
	shown   wish
	at      uint64 // the position of the journal when they had it

	version int              // API and console
	message slacksim.Message // Slack
	value   string           // Slack: of the button
	lesser  []string         // Slack: of the menu with shorter times
}

// keptViews is how many old views somebody has before them.
const keptViews = 6

func (a *actor) keep(v *view) {
	a.views = append(a.views, v)
	a.views = a.views[max(0, len(a.views)-keptViews):]
}

// act is one thing that somebody did, and what came of it.
type act struct {
	kind    string
	place   string
	who     string // the person's ID
	request string
	view    *view                // of a decision: what its maker saw
	said    access.ReviewSubject // of a decision by the API: what it says it is about
	shorter time.Duration        // of an approval for a shorter time
	key     string               // the idempotency key, or what stands for it
	from    uint64               // what it led to lies after this position of the journal
	to      uint64               // and not after this one
	came    string               // "" or how it was refused

	again func(a *actor) *act // does the same once more, where that can be done
}

// begin notes that somebody begins to do something.
func (w *world) begin(a *actor, kind, place string) *act {
	d := &act{kind: kind, place: place, who: a.ID, from: w.head()}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acts = append(w.acts, d)
	return d
}

// end notes what came of it.
func (w *world) end(d *act, refusal string) *act {
	d.to, d.came = w.head(), refusal
	if refusal == late {
		d.to = math.MaxUint64 // nobody knows when
	}
	w.tally.count(d.kind, d.place, refusal)
	if strings.HasPrefix(refusal, "unknown") {
		w.t.Errorf("%s %s of %s by %s: %s", d.place, d.kind, d.request, d.who, refusal)
	}
	return d
}

// late is what somebody is told in Slack where a server takes too long. What they did
// may still be done.
const late = "LATE"

// refusals tells refusals apart by words of theirs that no other has.
var refusals = []struct{ words, name string }{
	{"after you saw it", "CONFLICT stale"},
	{"has ended instead", "CONFLICT gone"},
	{"was already approved", "CONFLICT decided"},
	{"was already denied", "CONFLICT decided"},
	{"The extension was already", "CONFLICT decided"},
	{"No extension waits", "CONFLICT over"},
	{"An extension is already waiting", "CONFLICT waits"},
	{"is still pending", "CONFLICT early"},
	{"was canceled", "CONFLICT over"},
	{"was closed", "CONFLICT over"},
	{"was revoked", "CONFLICT over"},
	{"has expired", "CONFLICT over"},
	{"timed out", "CONFLICT over"},
	{"is changing; look at it again", "CONFLICT changing"},
	{"can't be extended; it ends as planned", "CONFLICT gone"},
	{"it has no extension", "CONFLICT early"},
	{"Too many others", "CONFLICT busy"},
	{"idempotency key was used", "CONFLICT key"},
	{"the last administrator", "CONFLICT last administrator"},
	{"can't review your own", "SELF_REVIEW"},
	{"Only an administrator", "FORBIDDEN right"},
	{"may not do this", "FORBIDDEN right"},
	{"insufficient rights", "FORBIDDEN right"},
	{"switched off", "FORBIDDEN off"},
	{"who asked, can", "FORBIDDEN not theirs"},
	{"who has this access, can", "FORBIDDEN not theirs"},
	{"Link your Slack account", "FORBIDDEN not linked"},
	{"did not answer in time", late},
	{"operation_timeout", late},
	{"There is no such", "NOT_FOUND"},
	{"Allow a duplicate", "DUPLICATE"},
	{"or say that they are to end as well", "IN_USE"},
	{"may only shorten", "INVALID longer"},
	{"at most", "INVALID longer"},
	{"At most", "INVALID longer"},
	{"is in the past", "INVALID past"},
	{"has no role", "INVALID role"},
	{"Choose a role", "INVALID role"},
	{"has no roles to choose", "INVALID role"},
}

// troubles are words for what should never happen.
var troubles = []string{"Something went wrong", "internal error", "app responded with an error", "database", "context canceled"}

// refusal names what a refusal in words is: "other" where nothing names it here.
func refusal(words string) string {
	for _, r := range refusals {
		if strings.Contains(words, r.words) {
			return r.name
		}
	}
	if words == "" || slices.ContainsFunc(troubles, func(trouble string) bool { return strings.Contains(words, trouble) }) {
		return "unknown: " + words
	}
	return "other"
}
