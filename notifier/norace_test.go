//go:build !race

package notifier

const underRaceDetector = false
