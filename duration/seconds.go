package duration

import "time"

// Seconds is a length of time as it is stored: in whole seconds.
type Seconds int64

// Duration converts it.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }
