//go:build race

package worker

// underRaceDetector: see inBubble. Races are looked for by the tests of the whole
// binary, which is built with the race detector.
const underRaceDetector = true
