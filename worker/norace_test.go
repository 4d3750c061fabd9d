//go:build !race

package worker

const underRaceDetector = false
