// Package memory gives memory back to the system that a server at rest does not need.
//
// The runtime collects garbage when as much was allocated as was in use before, and keeps
// what it has freed for what comes. So a server to which ten thousand have just subscribed
// holds twice what they need, and goes on holding it when nothing happens any more.
package memory

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// look is how often the process is looked at. To collect takes a processor about a
	// millisecond for each megabyte in use, so that even a process that never quite rests
	// gives it a hundredth of one for 200 of them.
	look = 20 * time.Second
	// least is how much there is to give back, at least; and at least a quarter of what is in use.
	least = 16 << 20
)

// GiveBack collects garbage and gives back to the system what is free, whenever the process
// was at rest for a while and that is worthwhile. It returns when ctx is done.
//
// A process in which the collector runs anyhow is left alone: it will use again what is free.
func GiveBack(ctx context.Context) {
	giveBack(ctx, read, debug.FreeOSMemory)
}

func giveBack(ctx context.Context, read func() use, free func()) {
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	for before := read(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if now := read(); now.spare(before) {
			free()
		}
		before = read()
	}
}

// use is what the runtime says of this process's memory.
type use struct {
	collections uint64 // so far
	live        uint64 // bytes that the last collection found in use
	unused      uint64 // bytes that were allocated since, or are free and not given back
}

// spare tells whether it is worthwhile to collect.
func (u use) spare(before use) bool {
	return u.collections == before.collections && u.unused > max(least, u.live/4)
}

func read() use {
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(samples)
	u := use{collections: samples[0].Value.Uint64(), live: samples[1].Value.Uint64()}
	if objects := samples[2].Value.Uint64(); objects > u.live {
		u.unused = objects - u.live
	}
	u.unused += samples[3].Value.Uint64()
	return u
}
