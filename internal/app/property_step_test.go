package app

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"procyon/access"
	"procyon/client"
)

// Whose requests somebody picks, and which.

func (a *actor) mine(r *access.Request) bool { return r.Requester.ID == a.ID }

func (a *actor) minePending(r *access.Request) bool {
	return a.mine(r) && (r.Status == access.StatusPending || a.rng.IntN(10) == 0)
}

func (a *actor) mineActive(r *access.Request) bool {
	return a.mine(r) && (r.Status == access.StatusActive || a.rng.IntN(10) == 0)
}

func (a *actor) othersWaiting(r *access.Request) bool {
	return (r.Waits() || a.rng.IntN(10) == 0) && (!a.mine(r) || a.rng.IntN(10) == 0)
}

func granted(r *access.Request) bool { return r.Grant != nil }

// stepKinds are what can happen next, each as often as its weight says.
var stepKinds = []struct {
	weight int
	run    func(w *world, a *actor) *act
}{
	{12, func(w *world, a *actor) *act { return w.ask(a) }},
	{26, func(w *world, a *actor) *act { return w.edit(a, w.someRequest(a.rng, a.minePending)) }},
	{90, func(w *world, a *actor) *act { return w.decide(a, "approve") }},
	{24, func(w *world, a *actor) *act { return w.decide(a, "approve shorter") }},
	{20, func(w *world, a *actor) *act { return w.decide(a, "deny") }},
	{12, func(w *world, a *actor) *act { return w.extend(a, w.someRequest(a.rng, a.mineActive)) }},
	{5, func(w *world, a *actor) *act { return w.giveUp(a, "cancel") }},
	{5, func(w *world, a *actor) *act { return w.giveUp(a, "close") }},
	{4, func(w *world, a *actor) *act { return w.revoke(a) }},
	{6, func(w *world, a *actor) *act { return w.again(a) }},
	{1, func(w *world, a *actor) *act { return w.disable(a, w.people[a.rng.IntN(len(w.people))]) }},
	{7, func(w *world, a *actor) *act { return w.enable(a) }},
	{4, func(w *world, a *actor) *act { return w.cutOff(a, w.someRequest(a.rng, (*access.Request).Waits)) }},
	{3, func(w *world, a *actor) *act { return w.setAdmin(a) }},
	{3, func(w *world, a *actor) *act { return w.removeThing(a, w.wantedThing(a.rng), a.rng.IntN(2) == 0) }},
	{4, func(w *world, a *actor) *act {
		return w.setRoles(a, w.wantedThing(a.rng), a.rng.IntN(3), a.rng.IntN(2) == 0)
	}},
	{16, func(w *world, a *actor) *act { return w.setRoles(a, w.someThing(a.rng), -1, false) }},
	{3, func(w *world, a *actor) *act { return w.rename(a, w.someThing(a.rng)) }},
	{8, func(w *world, a *actor) *act { return w.wait(a) }},
}

// step lets somebody do one thing, which may be nothing: to look, for instance.
func (w *world) step(a *actor) *act {
	total := 0
	for _, k := range stepKinds {
		total += k.weight
	}
	at := a.rng.IntN(total)
	for _, k := range stepKinds {
		if at -= k.weight; at < 0 {
			return k.run(w, a)
		}
	}
	return nil
}

var spans = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 90 * time.Minute, 2 * time.Hour, 4 * time.Hour}

func span(rng *rand.Rand) string { return client.Duration(spans[rng.IntN(len(spans))]).String() }

// reason is a text with what could be taken for markup.
func reason(rng *rand.Rand) string {
	return fmt.Sprintf("job %d <fix> & *check*", rng.IntN(1000))
}

// items are some things to ask for, now and then what is no longer there.
func (w *world) items(rng *rand.Rand) []map[string]any {
	var out []map[string]any
	var seen []string
	for range 1 + rng.IntN(3) {
		t := w.someThing(rng)
		if slices.Contains(seen, t.id) {
			continue
		}
		seen = append(seen, t.id)
		item := map[string]any{"resourceId": t.id}
		if len(t.roles) > 0 && rng.IntN(20) > 0 {
			item["role"] = t.roles[rng.IntN(len(t.roles))]
		}
		out = append(out, item)
	}
	return out
}

func (w *world) someThing(rng *rand.Rand) *thing {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	return w.known.resources[rng.IntN(len(w.known.resources))]
}

// wantedThing is most often one for which a request waits.
func (w *world) wantedThing(rng *rand.Rand) *thing {
	if rng.IntN(4) > 0 {
		if id := w.someRequest(rng, (*access.Request).Waits); id != "" {
			if t := w.thingOf(w.request(id)); t != nil {
				return t
			}
		}
	}
	return w.someThing(rng)
}

// start is a moment soon.
func (w *world) start(rng *rand.Rand) string {
	return w.now().Add(time.Duration(rng.IntN(90)) * time.Minute).Format(time.RFC3339)
}

func (w *world) ask(a *actor) *act {
	input := map[string]any{"items": w.items(a.rng), "duration": span(a.rng), "reason": reason(a.rng), "allowDuplicate": a.rng.IntN(6) > 0}
	if a.rng.IntN(2) == 0 {
		input["ticket"] = fmt.Sprintf("T-%d", a.rng.IntN(100))
	}
	if a.rng.IntN(3) == 0 {
		input["startsAt"] = w.start(a.rng)
	}
	return w.change(a, a.place(), "ask", "createAccessRequest", "", input)
}

// edit changes some of the terms.
func (w *world) edit(a *actor, id string) *act {
	if id == "" {
		return nil
	}
	input := map[string]any{"requestId": id, "allowDuplicate": true}
	for input["reason"] == nil && len(input) < 4 {
		switch a.rng.IntN(5) {
		case 0:
			input["items"] = w.items(a.rng)
		case 1:
			input["duration"] = span(a.rng)
		case 2:
			input["ticket"] = fmt.Sprintf("T-%d", a.rng.IntN(100))
		case 3:
			input["startsAt"] = w.start(a.rng)
		default:
			input["reason"] = reason(a.rng)
		}
	}
	return w.change(a, a.place(), "edit", "updateAccessRequest", id, input)
}

func (w *world) extend(a *actor, id string) *act {
	if id == "" {
		return nil
	}
	return w.change(a, a.place(), "extend", "extendAccessRequest", id, map[string]any{"requestId": id, "duration": span(a.rng), "reason": reason(a.rng)})
}

// look has somebody look at what waits, in one of the places where it can be decided.
func (w *world) look(a *actor, id string) *view {
	switch at := a.rng.IntN(8); {
	case at < 3 && a.slack != nil && w.isLinked(a):
		return w.lookInSlack(a)
	case id == "":
		return nil
	case at < 5:
		return w.lookByAPI(a, "console", id)
	}
	return w.lookByAPI(a, "API", id)
}

// isLinked tells whether Slack knows somebody, so that a list is one.
func (w *world) isLinked(a *actor) bool {
	ok, err := w.servers[0].Workspaces.Linked(w.ctx, a.ID)
	w.must(err)
	return ok
}

// review decides on what somebody has before them.
func (w *world) review(a *actor, v *view, kind string) *act {
	if v.place == "API" || v.place == "console" {
		return w.reviewByAPI(a, v, kind)
	}
	return w.reviewInSlack(a, v, kind)
}

// decide looks and decides, or only looks, or decides on what was seen before.
func (w *world) decide(a *actor, kind string) *act {
	if !a.Admin && a.rng.IntN(20) > 0 {
		return nil // few of those try who may not
	}
	if n := len(a.views); n > 0 && a.rng.IntN(2) == 0 {
		at := a.rng.IntN(n)
		v := a.views[at]
		if a.rng.IntN(3) > 0 {
			a.views = slices.Delete(a.views, at, at+1)
		}
		return w.review(a, v, kind)
	}
	v := w.look(a, w.someRequest(a.rng, a.othersWaiting))
	if v == nil {
		return nil
	}
	if a.rng.IntN(4) > 0 {
		a.keep(v)
		if w.quiet && a.rng.IntN(2) == 0 { // what they see goes out of date at once
			if r := w.request(v.request); r.Status == access.StatusPending && r.Requester.ID != a.ID {
				return w.edit(w.person(r.Requester.ID), r.ID)
			}
		}
		return nil
	}
	return w.review(a, v, kind)
}

// giveUp cancels or closes what is one's own, in one of the places for it.
func (w *world) giveUp(a *actor, kind string) *act {
	id := w.someRequest(a.rng, map[string]func(*access.Request) bool{"cancel": a.minePending, "close": a.mineActive}[kind])
	switch at := a.rng.IntN(4); {
	case id == "":
		return nil
	case at == 0 && a.slack != nil && w.isLinked(a):
		return w.endInSlack(a)
	}
	return w.change(a, a.place(), kind, kind+"AccessRequest", id, map[string]any{"requestId": id})
}

func (w *world) revoke(a *actor) *act {
	id := w.someRequest(a.rng, granted)
	if id == "" || !a.Admin && a.rng.IntN(4) > 0 {
		return nil
	}
	return w.change(a, a.place(), "revoke", "revokeAccessRequest", id, map[string]any{"requestId": id, "reason": "enough"})
}

// again does something a second time, with the same idempotency key.
func (w *world) again(a *actor) *act {
	if len(a.sent) == 0 {
		return nil
	}
	return a.sent[a.rng.IntN(len(a.sent))].again(a)
}

// keptSent is how many changes somebody may send once more; a request knows far more keys.
const keptSent = 5

// note keeps what can be done again.
func (a *actor) note(d *act) {
	if d == nil || d.again == nil {
		return
	}
	a.sent = append(a.sent, d)
	a.sent = a.sent[max(0, len(a.sent)-keptSent):]
}

// wait lets time pass, and the steps be taken that are due.
func (w *world) wait(a *actor) *act {
	d := w.begin(a, "time", "clock")
	minutes := 1 + a.rng.IntN(10)
	if a.rng.IntN(3) == 0 {
		minutes = 1 + a.rng.IntN(60)
	}
	w.minutes.Add(int64(minutes))
	w.takeSteps()
	return w.end(d, "")
}

func (w *world) takeSteps() {
	for _, s := range w.servers {
		if err := s.takeSteps(w.ctx); err != nil {
			w.t.Errorf("keep time: %v", err)
		}
	}
}
