package policy

import (
	"slices"
	"time"
)

// Review is an approval, as it counts now: By has the rights that its author has now.
type Review struct {
	By     Person
	Covers []string // the resources of the items that it is for
	// Given takes it as it counted when it was given, whatever rights its author has now.
	Given bool
}

// Deciding is a plan under decision: with the reviews so far, and whom it is for.
type Deciding struct {
	Plan    *Plan
	Parties []string // the accounts of the human who would hold it: they decide nothing of it
	Reviews []Review // approvals, oldest first
	Now     time.Time
}

// Stand is how one item stands.
type Stand struct {
	ResourceID string
	Track      int // of the plan
	Step       int // the present one, from 0; as many as there are: all are met
	Met        bool
	Counted    []string // the IDs of who approved the present step
	Lacking    int      // how many humans the present step lacks
	// Approved are the IDs of who approved each step, up to the present one.
	Approved [][]string

	human [][]string // the accounts of everybody who counted, over all steps
}

// Stands says how each item stands, in the order of the tracks. A human counts once for
// an item, over all of its steps. A review that its author could not give now counts for
// nothing.
func (d *Deciding) Stands() []Stand {
	var out []Stand
	for n := range d.Plan.Tracks {
		for _, id := range d.Plan.Tracks[n].ResourceIDs {
			out = append(out, d.stand(n, id))
		}
	}
	return out
}

func (d *Deciding) stand(track int, resourceID string) Stand {
	t := &d.Plan.Tracks[track]
	s := Stand{ResourceID: resourceID, Track: track}
	s.reach(t)
	for i := range d.Reviews {
		r := &d.Reviews[i]
		if contains(r.Covers, resourceID) && d.open(&s, t, &r.By) && (r.Given || d.approves(&t.Steps[s.Step], &r.By)) {
			s.human = append(s.human, r.By.accounts())
			s.Counted = append(s.Counted, r.By.ID)
			s.Approved[s.Step] = s.Counted
			s.Lacking--
			if s.Lacking == 0 {
				s.Step++
				s.reach(t)
			}
		}
	}
	return s
}

// reach begins the present step.
func (s *Stand) reach(t *Track) {
	s.Counted, s.Lacking = nil, 0
	s.Met = s.Step == len(t.Steps) && t.Refused == ""
	if s.Step < len(t.Steps) {
		s.Lacking = t.Steps[s.Step].Need
		s.Approved = append(s.Approved, nil)
	}
}

// open tells whether an item has a step for a human who has not counted for it.
func (d *Deciding) open(s *Stand, t *Track, by *Person) bool {
	return s.Step < len(t.Steps) && t.Refused == "" && !s.has(by)
}

// has tells whether the human counted already.
func (s *Stand) has(by *Person) bool {
	return slices.ContainsFunc(s.human, func(accounts []string) bool { return slices.ContainsFunc(accounts, by.is) })
}

// approves tells whether somebody is an approver of a step whose right counts.
func (d *Deciding) approves(s *PlannedStep, by *Person) bool {
	if slices.ContainsFunc(d.Parties, by.is) {
		return false
	}
	gave := slices.Concat(by.accounts(), d.Parties)
	return slices.ContainsFunc(s.Approvers, func(a Approver) bool {
		if a.tooNewFor(gave, d.Now) {
			return false
		}
		if a.ID == Administrators {
			return by.Admin != nil && !by.Admin.tooNewFor(gave, d.Now)
		}
		g, in := by.in(a.ID)
		return a.ID == by.ID || in && !g.tooNewFor(gave, d.Now)
	})
}

// Decidable are the items whose present step somebody may decide now.
func (d *Deciding) Decidable(by *Person) []string {
	var out []string
	for _, s := range d.Stands() {
		if t := &d.Plan.Tracks[s.Track]; d.open(&s, t, by) && d.approves(&t.Steps[s.Step], by) {
			out = append(out, s.ResourceID)
		}
	}
	return out
}

// Obstacle is why somebody can decide no item now.
type Obstacle int

// The obstacles, those first that say most.
const (
	NotApprover Obstacle = iota // of no step
	Refused                     // the policy gives it to nobody
	Counted                     // they approved already, and it waits for others
	TooNewRight                 // their right was given within a day, by them or by who would hold it
	OtherStep                   // of a step that was met, or is still to come
)

// Obstacle says why somebody who is no party can decide nothing now.
func (d *Deciding) Obstacle(by *Person) Obstacle {
	if !d.Plan.Names(by) {
		return NotApprover
	}
	why := OtherStep
	for _, s := range d.Stands() {
		t := &d.Plan.Tracks[s.Track]
		switch {
		case t.Refused != "":
			return Refused
		case s.has(by):
			why = Counted
		case s.Step < len(t.Steps) && why != Counted && (&Plan{Tracks: []Track{{Steps: t.Steps[s.Step : s.Step+1]}}}).Names(by):
			why = TooNewRight
		}
	}
	return why
}

// Approved tells whether every item has all that it needs. Of nothing nothing is approved.
func (d *Deciding) Approved() bool {
	all := d.Stands()
	return len(all) > 0 && !slices.ContainsFunc(all, func(s Stand) bool { return !s.Met })
}
