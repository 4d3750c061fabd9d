package policy

import "cmp"

// Candidates are who could meet a step: people who may approve it and are no party.
type Candidates struct {
	Need   int
	People []Candidate
}

// Candidate is somebody who could approve.
type Candidate struct {
	ID    string
	Human string // the same for all accounts of one human; "": the account is their only one
}

// Able tells whether all steps of an item can be met, each by humans of its own. Where they
// can't, it returns the place of the first that can't be met along with those before it.
// Its time is bounded by the candidates times the humans that all steps need.
func Able(steps []Candidates) (step int, ok bool) {
	total := 0
	for _, s := range steps {
		total += need(s.Need)
	}
	f := newFilling(len(steps))
	places := map[string]int{}
	for i, s := range steps {
		mine := map[string]bool{}
		for _, c := range s.People {
			human := cmp.Or(c.Human, c.ID)
			if mine[human] || len(mine) == total { // that many are enough, whatever the other steps take
				continue
			}
			mine[human] = true
			h, known := places[human]
			if !known {
				h = f.human()
				places[human] = h
			}
			f.can[i] = append(f.can[i], h)
		}
	}
	for i, s := range steps {
		if f.fill(i, need(s.Need)) > 0 {
			return i, false
		}
	}
	return len(steps), true
}

// need is how many humans a step needs: one that would need nobody is none that Check lets
// pass, and is not met by nobody.
func need(n int) int { return max(1, n) }

// filling gives humans to steps, each to one at most. To fill the steps in their order meets
// as many of the first ones as any way could: the steps filled before stay so, though maybe
// by others.
type filling struct {
	can  [][]int // by step, the humans who could, those first who are to be taken first
	step []int   // by human, the step that they are given to; -1: none
}

func newFilling(steps int) *filling { return &filling{can: make([][]int, steps)} }

// human adds one, and returns their place.
func (f *filling) human() int {
	f.step = append(f.step, -1)
	return len(f.step) - 1
}

// fill gives a step so many humans, or as many as can be, and returns how many it lacks.
func (f *filling) fill(step, n int) (lacking int) {
	for ; n > 0; n-- {
		if !f.give(step, make([]bool, len(f.can))) {
			return n
		}
	}
	return 0
}

// give gives a step one human more: who is free, or else one of another step for whom that
// one finds somebody else. tried are the steps for which it was tried.
func (f *filling) give(step int, tried []bool) bool {
	tried[step] = true
	for _, h := range f.can[step] {
		if f.step[h] < 0 {
			f.step[h] = step
			return true
		}
	}
	for _, h := range f.can[step] {
		if from := f.step[h]; !tried[from] && f.give(from, tried) {
			f.step[h] = step
			return true
		}
	}
	return false
}
