package index

import (
	"math"
	"time"
)

// Waits are counts of how long something took, by classes that grow with the time: eight for
// each doubling, from a second on. So what they tell of a time is right to 5 %, or a second.
type Waits [waitClasses]int

const (
	waitClasses    = 256 // the last begins after 120 years
	classesADouble = 8
)

// waitClass is the class of a time; the first is of those under a second.
func waitClass(d time.Duration) uint32 {
	if d < time.Second {
		return 0
	}
	return min(waitClasses-1, 1+uint32(classesADouble*math.Log2(d.Seconds())))
}

// Count is how many there are.
func (w *Waits) Count() int {
	n := 0
	for _, c := range w {
		n += c
	}
	return n
}

// Quantile is the time within which a part of them was, such as 0.5 for the median: the
// least for which at least that part took no longer; ok is false where there are none.
func (w *Waits) Quantile(part float64) (d time.Duration, ok bool) {
	n := w.Count()
	if n == 0 {
		return 0, false
	}
	rank := max(1, int(math.Ceil(part*float64(n))))
	class := 0
	for ; rank > w[class]; class++ {
		rank -= w[class]
	}
	if class == 0 {
		return 0, true
	}
	// The middle of the class, by its ratio.
	return time.Duration(math.Exp2((float64(class)-0.5)/classesADouble) * float64(time.Second)).Round(time.Second), true
}
