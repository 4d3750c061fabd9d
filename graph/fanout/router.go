package fanout

import (
	"context"
	"sync"
)

// recentCount is how many events a router keeps, so that groups which are a moment behind
// find them read.
const recentCount = 1024

// router reads the journal once for all groups, and tells each group of the entries that
// may concern it. There is one while there are groups.
type router struct {
	f      *Fanout
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex // guards all that follows, and the places of each group; taken after Fanout.mu and before a group's
	at      uint64     // told of every entry up to here
	changed uint64     // the last of them of which there are no events: what events say of the present may have changed
	recent  []Event    // of the kept entries up to at; that of entry n at n % recentCount
	kept    uint64
	groups  map[*group]struct{}
	all     []*group           // of those whose route lets everything through
	topics  map[string][]place // of all others

	chunks *cache[uint64, []Event] // entries after a multiple of groupStep, by that multiple
	reads  sync.Mutex              // held by the one who reads entries into chunks
}

// chunkBytes bounds the entries that are kept, read, for those who are behind.
const chunkBytes = 16 << 20

// place is a group under one of its topics.
type place struct {
	group *group
	topic int // of group.run.route
}

// follow returns the router that runs, or starts one. f.mu is held.
func (f *Fanout) follow() *router {
	if f.router == nil {
		r := &router{f: f, at: f.log.Head(), recent: make([]Event, recentCount), groups: map[*group]struct{}{}, topics: map[string][]place{}}
		r.chunks = newCache[uint64](chunkBytes, sizeOf)
		r.changed = r.at
		r.ctx, r.cancel = context.WithCancel(context.Background())
		f.router = r
		f.loops.Go(r.loop)
	}
	return f.router
}

// attach tells g of the entries from now on. Those after from which went by before are
// g's to read.
func (r *router) attach(g *group) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.router = r
	r.groups[g] = struct{}{}
	if g.run.route == nil {
		g.places = []int{len(r.all)}
		r.all = append(r.all, g)
	} else {
		g.places = make([]int, len(g.run.route))
		for i, topic := range g.run.route {
			g.places[i] = len(r.topics[topic])
			r.topics[topic] = append(r.topics[topic], place{g, i})
		}
	}
	if r.at > g.at {
		g.inbox.reread(r.at)
	}
}

// detach tells g of nothing more; it returns how many groups are left. It may be called again.
func (r *router) detach(g *group) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, in := r.groups[g]; !in {
		return len(r.groups)
	}
	delete(r.groups, g)
	if g.run.route == nil {
		last := r.all[len(r.all)-1]
		r.all[g.places[0]], last.places[0] = last, g.places[0]
		r.all[len(r.all)-1] = nil
		r.all = r.all[:len(r.all)-1]
		return len(r.groups)
	}
	for i, topic := range g.run.route {
		list := r.topics[topic]
		last := list[len(list)-1]
		list[g.places[i]], last.group.places[last.topic] = last, g.places[i]
		list[len(list)-1] = place{}
		if len(list) == 1 {
			delete(r.topics, topic)
		} else {
			r.topics[topic] = list[:len(list)-1]
		}
	}
	return len(r.groups)
}

// loop reads entry after entry until the last group is gone or the journal fails.
func (r *router) loop() {
	pos := r.at
	for {
		entries, err := r.f.log.Read(r.ctx, pos, groupStep)
		if err == nil && len(entries) == 0 {
			err = r.f.log.Wait(r.ctx, pos)
		}
		if err == nil {
			err = r.ctx.Err()
		}
		if err != nil {
			r.end(r.f.fault(r.ctx, err))
			return
		}
		for _, g := range r.tell(r.f.readAll(entries)) {
			g.work()
		}
		if n := len(entries); n > 0 {
			pos = entries[n-1].Seq
		}
	}
}

// tell puts events before the groups that they may concern, and returns those, each once.
func (r *router) tell(events []Event) (told []*group) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range events {
		e := &events[i]
		tell := func(g *group) {
			if g.inbox.hear(e.Seq) {
				told = append(told, g)
			}
		}
		r.keep(e)
		r.at = e.Seq
		switch {
		case e.Err != nil:
			for g := range r.groups {
				tell(g)
			}
			continue
		case e.Value == nil:
			r.changed = e.Seq
			continue
		}
		for _, g := range r.all {
			tell(g)
		}
		for _, topic := range e.Topics {
			for _, p := range r.topics[topic] {
				tell(p.group)
			}
		}
	}
	return told
}

// keep is called in the order of entries, which are dense.
func (r *router) keep(e *Event) {
	r.recent[e.Seq%recentCount] = *e
	r.kept = min(r.kept+1, recentCount)
}

// event returns the event of an entry that was told of; false where it is no longer kept.
func (r *router) event(seq uint64) (Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.find(seq)
}

// find is event with mu held.
func (r *router) find(seq uint64) (Event, bool) {
	if seq > r.at || r.at-seq >= r.kept {
		return Event{}, false
	}
	return r.recent[seq%recentCount], true
}

// after returns up to limit events after pos that are kept; none where the next is not.
func (r *router) after(pos uint64, limit int) (out []Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(out) < limit {
		e, ok := r.find(pos + uint64(len(out)) + 1)
		if !ok {
			break
		}
		out = append(out, e)
	}
	return out
}

// read returns up to limit events after pos, in order and at least one: errEnds where
// there is none.
func (r *router) read(ctx context.Context, pos uint64, limit int) ([]Event, error) {
	if out := r.after(pos, limit); len(out) > 0 {
		return out, nil
	}
	events, ok := r.chunks.get(pos / groupStep)
	if !ok {
		var err error
		if events, err = r.load(ctx, pos/groupStep); err != nil {
			return nil, err
		}
	}
	skip := int(pos % groupStep)
	if skip >= len(events) {
		return nil, errEnds
	}
	return events[skip:min(skip+limit, len(events))], nil
}

// load reads a chunk, once for all who want it, and keeps it where it is whole.
func (r *router) load(ctx context.Context, number uint64) ([]Event, error) {
	r.reads.Lock()
	defer r.reads.Unlock()
	if events, ok := r.chunks.get(number); ok {
		return events, nil
	}
	entries, err := r.f.log.Read(ctx, number*groupStep, groupStep)
	if err != nil {
		return nil, err
	}
	events := r.f.readAll(entries)
	if len(events) == groupStep {
		r.chunks.add(number, events)
	}
	return events, nil
}

// sizeOf guesses what read entries take in memory.
func sizeOf(events []Event) (n int) {
	for i := range events {
		n += 512 + 3*(len(events[i].Data)+len(events[i].After))
	}
	return n
}

// fresh tells whether what was rendered when a part of the past was is what would be now,
// for a subscriber who came when the journal ended at opened.
func (r *router) fresh(p *part, opened uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return p.changed == r.changed && opened <= r.at && r.f.opt.Now().Sub(p.made) < pastAge
}

// moment is the last entry that may have changed what events say of the present.
func (r *router) moment() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// end ends all groups.
func (r *router) end(err error) {
	r.f.mu.Lock()
	if r.f.router == r {
		r.f.router = nil
	}
	r.f.mu.Unlock()
	r.mu.Lock()
	groups := make([]*group, 0, len(r.groups))
	for g := range r.groups {
		groups = append(groups, g)
	}
	r.mu.Unlock()
	for _, g := range groups {
		g.end(err)
	}
}
