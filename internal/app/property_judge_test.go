package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
)

// judge reads a whole journal and holds it against what people saw and did.
type judge struct {
	w         *world
	acts      map[string][]*act // by who did them, in order
	before    map[string][]byte // each subject's state
	users     map[string]access.User
	resources map[string]access.Resource
	open      map[string]access.Request
	reviews   map[string]string    // how each request was decided
	keys      map[string]usedAt    // the digests of idempotency keys
	keyed     map[string]int       // how many keyed changes a request has
	did       map[string][]uint64  // what each idempotency key of a new request made
	changed   map[string][]changed // of people and resources
	back      map[string]uint64    // where a person was enabled again last
	ends      []ending
	faults    []string
}

type usedAt struct {
	seq   uint64
	keyed int
}

// data is what the judge reads of an entry's own data.
type data struct {
	Review *access.Review `json:"review"`
	Key    *struct {
		Key string `json:"key"`
	} `json:"key"`
}

// judge checks all that must hold of the world's journal.
func (w *world) judge() {
	w.t.Helper()
	store := w.servers[0].Store
	if _, err := journal.Verify(w.ctx, store, journal.Proof{Kinds: subject.Kinds()}); err != nil {
		w.t.Errorf("the journal does not verify: %v", err)
	}
	j := &judge{
		w: w, acts: map[string][]*act{}, before: map[string][]byte{}, users: map[string]access.User{}, resources: map[string]access.Resource{},
		open: map[string]access.Request{}, reviews: map[string]string{}, keys: map[string]usedAt{}, keyed: map[string]int{}, did: map[string][]uint64{},
		changed: map[string][]changed{}, back: map[string]uint64{},
	}
	for _, d := range w.acts {
		j.acts[d.who] = append(j.acts[d.who], d)
	}
	j.ends = slices.SortedFunc(slices.Values(w.ends), func(a, b ending) int { return int(a.to) - int(b.to) })
	for after := uint64(0); ; {
		entries, err := store.Entries(w.ctx, after, 500)
		w.must(err)
		if len(entries) == 0 {
			break
		}
		for i := range entries {
			j.entry(&entries[i])
			after = entries[i].Seq
			j.checkEnds(after)
		}
	}
	for what, seqs := range j.did {
		if len(seqs) > 1 {
			j.fault(nil, "the same key asked %d times: %s, entries %v", len(seqs), what, seqs)
		}
	}
	for _, f := range j.faults[:min(len(j.faults), 20)] {
		w.t.Error(f)
	}
	if n := len(j.faults); n > 20 {
		w.t.Errorf("and %d more", n-20)
	}
}

func (j *judge) fault(e *journal.Entry, format string, args ...any) {
	where := ""
	if e != nil {
		where = fmt.Sprintf("entry %d, %s of %s by %s (%s): ", e.Seq, e.Type, e.Subject, e.Actor.Name, e.Actor.Via)
	}
	j.faults = append(j.faults, where+fmt.Sprintf(format, args...))
}

// entry checks one entry against the state before it, and takes it in.
func (j *judge) entry(e *journal.Entry) {
	before := j.before[e.Subject]
	after, err := subject.Kinds().Replay(e.Subject, before, e.Type, e.Data)
	if err != nil || !bytes.Equal(after, e.After) {
		j.fault(e, "its state does not follow from it: %v, %s, want %s", err, after, e.After)
	}
	j.before[e.Subject] = e.After
	switch access.KindOf(e.Subject) {
	case access.KindUser:
		var u access.User
		j.decode(e, e.After, &u)
		if j.users[u.ID].Disabled && !u.Disabled {
			j.back[u.ID] = e.Seq
		}
		j.users[u.ID] = u
	case access.KindResource:
		var r access.Resource
		j.decode(e, e.After, &r)
		j.resources[r.ID] = r
		j.changed[r.ID] = append(j.changed[r.ID], changed{e.Seq, e.Actor.ID})
	case access.KindRequest:
		j.request(e, before)
	}
}

func (j *judge) decode(e *journal.Entry, raw []byte, into any) {
	if len(raw) == 0 {
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		j.fault(e, "unreadable: %v", err)
	}
}

// request checks an entry of a request.
func (j *judge) request(e *journal.Entry, raw []byte) {
	var before, after access.Request
	var d data
	j.decode(e, raw, &before)
	j.decode(e, e.After, &after)
	j.decode(e, e.Data, &d)
	j.key(e, &d)
	switch access.EventType(e.Type) {
	case access.EventApproved, access.EventExtended:
		j.nothingGone(e, &after)
		j.decision(e, &before, &after, &d, "approve")
	case access.EventDenied, access.EventExtensionDenied:
		j.decision(e, &before, &after, &d, "deny")
	case access.EventActivated, access.EventCreated, access.EventUpdated, access.EventExtensionRequested:
		j.nothingGone(e, &after)
	}
	if t := access.EventType(e.Type); t == access.EventApproved || t == access.EventDenied {
		if was := j.reviews[e.Subject]; was != "" {
			j.fault(e, "it was %s already", was)
		}
		j.reviews[e.Subject] = e.Type
	}
	if after.Open() {
		j.open[e.Subject] = after
	} else {
		delete(j.open, e.Subject)
	}
}

// nothingGone checks that all is there that a request rests on.
func (j *judge) nothingGone(e *journal.Entry, r *access.Request) {
	if u, ok := j.users[r.Requester.ID]; !ok || u.Disabled {
		j.fault(e, "its requester %s is disabled", r.Requester.Name)
	}
	for _, i := range r.Items {
		if why := j.missing(i); why != "" {
			j.fault(e, "%s", why)
		}
	}
}

func (j *judge) missing(i access.Item) string {
	r, ok := j.resources[i.ResourceID]
	switch {
	case !ok || r.Deleted:
		return fmt.Sprintf("the resource %s is deleted", i.ResourceName)
	case i.Role != "" && !slices.Contains(r.Roles, i.Role), i.Role == "" && len(r.Roles) > 0:
		return fmt.Sprintf("the resource %s has the roles %v, not %q", r.Name, r.Roles, i.Role)
	}
	return ""
}

// decision checks who decided, and that they decided on what they saw.
func (j *judge) decision(e *journal.Entry, before, after *access.Request, d *data, kind string) {
	by, ok := j.users[e.Actor.ID]
	if !ok || by.Disabled || !by.Admin || e.Actor.Kind != access.ActorUser {
		j.fault(e, "%s may not decide: %+v", e.Actor.Name, by)
	}
	if e.Actor.ID == before.Requester.ID {
		j.fault(e, "it is their own")
	}
	subject := access.SubjectRequest
	if strings.HasPrefix(e.Type, "EXTEN") {
		subject = access.SubjectExtension
	}
	var why []string
	for _, a := range j.within(e, kind) {
		trouble := j.unlike(a, e, before, after, subject)
		if trouble == "" {
			return
		}
		why = append(why, trouble)
	}
	if len(why) == 0 {
		why = []string{"nobody decided that then"}
	}
	j.fault(e, "%s", strings.Join(why, "; or "))
}

// within are the acts of an entry's actor that it can have come of.
func (j *judge) within(e *journal.Entry, kind string) []*act {
	var out []*act
	list := j.acts[e.Actor.ID]
	from, _ := slices.BinarySearchFunc(list, e.Seq, func(a *act, seq uint64) int {
		if a.from < seq {
			return -1
		}
		return 1
	})
	for _, a := range list[max(0, from-20):from] { // they do one thing, or a few, at a time
		if a.to >= e.Seq && strings.HasPrefix(a.kind, kind) && a.request == e.Subject {
			out = append(out, a)
		}
	}
	return out
}

// vias are how what is done in a place is noted in the journal.
func via(place string) string {
	switch place {
	case "API":
		return "api"
	case "console":
		return "console"
	}
	return "slack"
}

// unlike says how an entry is not what an act on a view can lead to; "" where it is.
func (j *judge) unlike(a *act, e *journal.Entry, before, after *access.Request, subject access.ReviewSubject) string {
	v := a.view
	switch {
	case v == nil:
		return "they saw nothing"
	case v.request != e.Subject:
		return "they saw another request: " + v.request
	case v.at > a.from || v.at >= e.Seq:
		return "they saw it later"
	case v.subject != subject:
		return fmt.Sprintf("they saw %s in %s at %d", v.subject, v.place, v.at)
	case a.said != "" && a.said != subject:
		return fmt.Sprintf("they said %s", a.said)
	case e.Actor.Via != via(v.place):
		return "they decided in " + v.place
	case len(v.shown.lacks(subject)) > 0:
		return fmt.Sprintf("%s did not show %v", v.place, v.shown.lacks(subject))
	}
	if diff := v.shown.differences(wishOf(before)); len(diff) > 0 {
		return fmt.Sprintf("seen in %s at %d: %s", v.place, v.at, strings.Join(diff, "; "))
	}
	if a.kind == "deny" {
		return ""
	}
	want, got := before.Duration.Duration(), time.Duration(0)
	if after.Grant != nil {
		got = after.Grant.ExpiresAt.Sub(after.Grant.StartsAt)
	}
	if subject == access.SubjectExtension {
		want = before.Extension.Duration.Duration()
		got = after.Grant.ExpiresAt.Sub(before.Grant.ExpiresAt)
	}
	if a.shorter > 0 {
		want = a.shorter
	}
	if want != got {
		return fmt.Sprintf("it gives %s, not %s", got, want)
	}
	return ""
}

// key notes which idempotency key an entry used.
func (j *judge) key(e *journal.Entry, d *data) {
	const known = 20 // keys of a request's latest changes
	if d.Key != nil {
		j.keyed[e.Subject]++
		id := e.Subject + " " + d.Key.Key
		if was, ok := j.keys[id]; ok && j.keyed[e.Subject]-was.keyed <= known {
			j.fault(e, "its idempotency key acted in entry %d already", was.seq)
		}
		j.keys[id] = usedAt{e.Seq, j.keyed[e.Subject]}
	}
	if e.Type != string(access.EventCreated) {
		return
	}
	for _, a := range j.acts[e.Actor.ID] {
		if what := a.who + " " + a.key; a.kind == "ask" && a.key != "" && a.from < e.Seq && e.Seq <= a.to && !slices.Contains(j.did[what], e.Seq) {
			j.did[what] = append(j.did[what], e.Seq)
		}
	}
}

// checkEnds checks the commands that had answered by a position.
func (j *judge) checkEnds(seq uint64) {
	for len(j.ends) > 0 && j.ends[0].to <= seq {
		end := j.ends[0]
		j.ends = j.ends[1:]
		if end.to < seq || j.others(end) {
			continue
		}
		for _, r := range j.open {
			if why := j.left(&r, end.subject); why != "" {
				j.fault(nil, "at %d, after the command about %s has answered, %s of %s is still %s: %s", seq, end.subject, r.ID, r.Requester.Name, r.Status, why)
			}
		}
	}
}

// others tells whether somebody else changed the same thing meanwhile, so that what is
// open may be theirs to end.
func (j *judge) others(end ending) bool {
	n := 0
	for _, c := range slices.Backward(j.changed[end.subject]) {
		if c.seq <= end.from {
			break
		}
		// A command that had nothing to change has answered while another's still works.
		if n++; end.by != "" && c.by != end.by {
			return true
		}
	}
	return n > 1 || j.back[end.subject] > end.from
}

// changed is where somebody changed something.
type changed struct {
	seq uint64
	by  string
}

// left says why a request should have ended that rests on a subject.
func (j *judge) left(r *access.Request, subject string) string {
	if u, ok := j.users[subject]; ok && u.Disabled && r.Requester.ID == subject {
		return "the person is disabled"
	}
	for _, i := range r.Items {
		if i.ResourceID == subject {
			return j.missing(i)
		}
	}
	return ""
}
