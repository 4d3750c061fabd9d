// Package memory keeps small what a server holds of the system's memory without need.
//
// The runtime collects garbage when as much was allocated as was in use before, and keeps
// what it has freed for what comes. So a server to which ten thousand have just subscribed
// holds twice what they need, in pages of which each has a bit of that, and goes on holding
// it when nothing happens any more.
package memory

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// look is how often it is seen whether there is something to give back, and glance how
	// often whether there is much work meanwhile.
	look, glance = 20 * time.Second, time.Second
	// calm is how much garbage there may be before it is collected, in percent of what is in
	// use, while that costs little; busy is the runtime's own figure.
	calm, busy = 25, 100
	// afford is what collecting may go through between two looks, in bytes in use. That takes
	// a processor about a millisecond for each megabyte: a thirtieth of one. A burst may use
	// all of it at once, so that what ten thousand leave who subscribe together is dense.
	afford = 600 << 20
	// least is how much there is to give back, at least; and at least a quarter of what is in use.
	least = 16 << 20
)

// Spare has garbage collected early while that costs little, and gives back to the system what
// is free whenever that is worthwhile. A process that makes much garbage is left alone: it
// will use again what is free. Spare returns when ctx is done, and leaves the runtime as it
// was. One that was told by GOGC when to collect is told nothing else.
func Spare(ctx context.Context) {
	spare(ctx, knobs{read: read, percent: debug.SetGCPercent, free: debug.FreeOSMemory})
}

// knobs are the runtime's.
type knobs struct {
	read    func() use
	percent func(int) (before int) // how much garbage there may be
	free    func()                 // collects, and gives back
}

func spare(ctx context.Context, k knobs) {
	now := k.percent(calm)
	defer func(was int) { k.percent(was) }(now)
	ours := now == busy
	if ours {
		now = calm
	} else {
		k.percent(now)
	}
	ticks := time.NewTicker(glance)
	defer ticks.Stop()
	last, until := k.read(), time.Now().Add(look)
	var work uint64 // since the last look, as if it had been calm all along
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		seen, looking := k.read(), !time.Now().Before(until)
		work += seen.work(last, now)
		last = seen
		if at := percentFor(work); ours && at != now && (at == busy || looking) {
			k.percent(at)
			now = at
		}
		if !looking {
			continue
		}
		if work <= afford && seen.worthwhile() {
			k.free()
			last = k.read()
		}
		work, until = 0, until.Add(look)
	}
}

// percentFor is how much garbage there may be where collecting goes through so much.
func percentFor(work uint64) int {
	if work > afford {
		return busy
	}
	return calm
}

// use is what the runtime says of this process's memory.
type use struct {
	collections uint64 // so far
	live        uint64 // bytes that the last collection found in use
	unused      uint64 // bytes that were allocated since, or are free and not given back
}

// work is how many bytes in use collections go through, of as many as there would have been
// since before with calm, where it was percent: so what is decided by it does not swing.
func (u use) work(before use, percent int) uint64 {
	return (u.collections - before.collections) * u.live * uint64(percent) / calm
}

// worthwhile tells whether there is much to give back.
func (u use) worthwhile() bool { return u.unused > max(least, u.live/4) }

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
