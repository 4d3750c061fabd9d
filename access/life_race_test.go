//go:build race

package access_test

func init() { lifeSteps = 1_500 } // the race detector makes them ten times slower
