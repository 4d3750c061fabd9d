package policy

import (
	"reflect"
	"slices"
	"time"

	"procyon/duration"
)

// Time reminds of a step that waits, lets more people approve it, or ends what waits. It
// never approves.

const (
	// MaxReminders is how often one step is reminded of.
	MaxReminders = 10
	// minRemind keeps reminders from being a flood.
	minRemind = duration.Seconds(5 * 60)
)

// Wait is since when an item has waited for its present step.
type Wait struct {
	ResourceID string    `json:"resourceId"`
	Step       int       `json:"step"` // from 0
	Since      time.Time `json:"since"`
	Reminded   int       `json:"reminded,omitempty"` // how many reminders are over, told or missed
}

// timed tells whether time does something to a step.
func (s *PlannedStep) timed() bool { return s.RemindEvery > 0 || s.EscalateAfter > 0 || s.EndAfter > 0 }

// Waits says since when each item has waited, where time does something to its present
// step. What waited before goes on where the step is still the same one; others begin.
func (d *Deciding) Waits(before []Wait, at time.Time) []Wait {
	if !slices.ContainsFunc(d.Plan.Tracks, func(t Track) bool {
		return slices.ContainsFunc(t.Steps, func(s PlannedStep) bool { return s.timed() })
	}) {
		return nil
	}
	var out []Wait
	for _, s := range d.Stands() {
		t := &d.Plan.Tracks[s.Track]
		if s.Met || t.Refused != "" || !t.Steps[s.Step].timed() {
			continue
		}
		w := Wait{ResourceID: s.ResourceID, Step: s.Step, Since: at}
		if i := slices.IndexFunc(before, func(o Wait) bool { return o.ResourceID == w.ResourceID && o.Step == w.Step }); i >= 0 {
			w = before[i]
		}
		out = append(out, w)
	}
	return out
}

// Times are when time does something to an item that waits; each is zero where it does not.
type Times struct{ Reminds, Escalates, Ends time.Time }

// Times are those of an item.
func (p *Plan) Times(w Wait) (out Times) {
	s := p.step(w.ResourceID, w.Step)
	if s == nil {
		return out
	}
	if s.RemindEvery > 0 && w.Reminded < MaxReminders {
		out.Reminds = w.Since.Add(s.RemindEvery.Duration() * time.Duration(w.Reminded+1))
	}
	if s.EscalateAfter > 0 && !s.Escalated {
		out.Escalates = w.Since.Add(s.EscalateAfter.Duration())
	}
	if s.EndAfter > 0 {
		out.Ends = w.Since.Add(s.EndAfter.Duration())
	}
	return out
}

// Next is the first of some times that are not zero; zero where all are.
func Next(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// remind is a wait of whose step a reminder was due: those that were missed meanwhile are
// over as well.
func (p *Plan) remind(w Wait, at time.Time) Wait {
	w.Reminded++
	if s := p.step(w.ResourceID, w.Step); s != nil && s.RemindEvery > 0 {
		w.Reminded = min(max(w.Reminded, int(at.Sub(w.Since)/s.RemindEvery.Duration())), MaxReminders)
	}
	return w
}

// Remind counts a reminder for some items.
func (p *Plan) Remind(waits []Wait, resourceIDs []string, at time.Time) []Wait {
	waits = slices.Clone(waits)
	for i, w := range waits {
		if slices.Contains(resourceIDs, w.ResourceID) {
			waits[i] = p.remind(w, at)
		}
	}
	return waits
}

// Escalate is the plan with the steps escalated for which some items wait.
func (p *Plan) Escalate(waits []Wait, resourceIDs []string) *Plan {
	return p.escalated(func(id string, step int, _ *PlannedStep) bool {
		return slices.Contains(resourceIDs, id) && slices.ContainsFunc(waits, func(w Wait) bool { return w.ResourceID == id && w.Step == step })
	})
}

// EscalatedAs is the plan with each step escalated that is escalated in another and the same
// there.
func (p *Plan) EscalatedAs(o *Plan) *Plan {
	return p.escalated(func(id string, step int, s *PlannedStep) bool {
		was := o.step(id, step)
		if was == nil || !was.Escalated {
			return false
		}
		before := was.deciders()
		before.Escalated = s.Escalated
		return reflect.DeepEqual(before, s.deciders())
	})
}

func (p *Plan) escalated(is func(resourceID string, step int, s *PlannedStep) bool) *Plan {
	out := &Plan{Version: p.Version}
	for _, t := range p.Tracks {
		for _, id := range t.ResourceIDs {
			one := t
			one.ResourceIDs, one.Steps = nil, slices.Clone(t.Steps)
			for n := range one.Steps {
				s := &one.Steps[n]
				s.Escalated = s.Escalated || is(id, n, s)
			}
			out.add(one, id)
		}
	}
	return out
}

// step is one of an item; nil where there is none.
func (p *Plan) step(resourceID string, n int) *PlannedStep {
	if t := p.Track(resourceID); t != nil && n < len(t.Steps) {
		return &t.Steps[n]
	}
	return nil
}
