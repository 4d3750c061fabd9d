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
	Parties []string // the accounts of everybody whom it is for, or who asked: they decide nothing of it
	Reviews []Review // approvals, oldest first
	Now     time.Time
}

// Stand is how one item stands.
type Stand struct {
	ResourceID string
	Track      int // of the plan
	Step       int // the present one, from 0; as many as there are: all are met
	Met        bool
	Counted    []string   // the IDs of who approved the present step
	Lacking    int        // how many humans the present step lacks
	By         [][]string // the IDs of who approved each step, up to the present one

	humans []human // everybody who counts, over all steps
}

// Stands says how each item stands, in the order of the tracks. A step is met when so many
// humans who may approve it did, and all before it are; a human counts once for an item,
// over all of its steps. Where somebody could count for several steps they count for the
// one with which most is met, so a review more, or a right more, never means less. A review
// that its author could not give now counts for nothing.
func (d *Deciding) Stands() []Stand {
	var out []Stand
	for n := range d.Plan.Tracks {
		for _, id := range d.Plan.Tracks[n].ResourceIDs {
			out = append(out, d.stand(n, id, d.Reviews))
		}
	}
	return out
}

func (d *Deciding) stand(track int, resourceID string, reviews []Review) Stand {
	t := &d.Plan.Tracks[track]
	s := Stand{ResourceID: resourceID, Track: track}
	if t.Refused != "" {
		if len(t.Steps) > 0 {
			s.Lacking = need(t.Steps[0].Need)
		}
		return s
	}
	humans := d.humans(resourceID, reviews)
	who, f := d.able(t, humans)
	for s.Step < len(t.Steps) {
		if s.Lacking = f.fill(s.Step, need(t.Steps[s.Step].Need)); s.Lacking > 0 {
			break
		}
		s.Step++
	}
	s.Met = s.Step == len(t.Steps)
	s.By = make([][]string, min(s.Step+1, len(t.Steps)))
	for h, step := range f.step {
		if step >= 0 {
			s.By[step] = append(s.By[step], who[step][h])
			s.humans = append(s.humans, humans[h])
		}
	}
	if !s.Met {
		s.Counted = s.By[s.Step]
	}
	return s
}

// human is the reviews of one human, by whichever of their accounts.
type human []*Review

// is tells whether somebody is the human.
func (h human) is(by *Person) bool {
	return slices.ContainsFunc(h, func(r *Review) bool {
		return r.By.is(by.ID) || slices.ContainsFunc(r.By.accounts(), by.is)
	})
}

// humans are those who approved an item, in the order of their first reviews. Two reviews
// are one human's as soon as either knows the other's account.
func (d *Deciding) humans(resourceID string, reviews []Review) []human {
	var out []human
	for i := range reviews {
		r := &reviews[i]
		if !slices.Contains(r.Covers, resourceID) {
			continue
		}
		joined := -1
		for n := 0; n < len(out); n++ {
			switch {
			case !out[n].is(&r.By):
			case joined < 0:
				joined = n
			default: // they joined two who seemed different
				out[joined] = append(out[joined], out[n]...)
				out = slices.Delete(out, n, n+1)
				n--
			}
		}
		if joined < 0 {
			out = append(out, human{r})
		} else {
			out[joined] = append(out[joined], r)
		}
	}
	return out
}

// able finds for which steps each human can count: who[step][human] is the ID of the account
// by which they can, and the filling has all of them and gave nobody yet. A review that is
// taken as given counts for the step that lacked somebody then.
func (d *Deciding) able(t *Track, humans []human) (who [][]string, f *filling) {
	f = newFilling(len(t.Steps))
	who = make([][]string, len(t.Steps))
	for n := range who {
		who[n] = make([]string, len(humans))
	}
	step, taken := 0, 0 // by reviews as given
	for h, reviews := range humans {
		f.human()
		if i := slices.IndexFunc(reviews, func(r *Review) bool { return r.Given }); i >= 0 && step < len(t.Steps) {
			who[step][h] = reviews[i].By.ID
			if taken++; taken == need(t.Steps[step].Need) {
				step, taken = step+1, 0
			}
		}
		for n := range t.Steps {
			for _, r := range reviews {
				if who[n][h] == "" && !r.Given && d.approves(&t.Steps[n], &r.By) {
					who[n][h] = r.By.ID
				}
			}
			if who[n][h] != "" {
				f.can[n] = append(f.can[n], h)
			}
		}
	}
	return who, f
}

// has tells whether the human counted already.
func (s *Stand) has(by *Person) bool {
	return slices.ContainsFunc(s.humans, func(h human) bool { return h.is(by) })
}

// approves tells whether somebody is an approver of a step whose right counts.
func (d *Deciding) approves(s *PlannedStep, by *Person) bool {
	if slices.ContainsFunc(d.Parties, by.is) {
		return false
	}
	gave := slices.Concat(by.accounts(), d.Parties)
	return slices.ContainsFunc(s.CanApprove(), func(a Approver) bool {
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

// Decidable are the items whose present step somebody may decide now: an approval of theirs
// would count for it.
func (d *Deciding) Decidable(by *Person) []string {
	var out []string
	for _, s := range d.Stands() {
		if d.open(&s, by) {
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

// open tells whether an item has a present step for somebody who has not counted for it.
func (d *Deciding) open(s *Stand, by *Person) bool {
	t := &d.Plan.Tracks[s.Track]
	return s.Step < len(t.Steps) && t.Refused == "" && !s.has(by) && d.approves(&t.Steps[s.Step], by)
}

// Approved tells whether every item has all that it needs. Of nothing nothing is approved.
func (d *Deciding) Approved() bool {
	all := d.Stands()
	return len(all) > 0 && !slices.ContainsFunc(all, func(s Stand) bool { return !s.Met })
}
