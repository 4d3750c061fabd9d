package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tally counts what people did, where, and what came of it.
type tally struct {
	mu     sync.Mutex
	counts map[outcomeKey]int
	steps  int
}

type outcomeKey struct{ kind, place, came string }

func (c *tally) count(kind, place, came string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[outcomeKey]int{}
	}
	if came == "" {
		came = "done"
	}
	c.counts[outcomeKey{kind, place, came}]++
	c.steps++
}

// total is how many steps there were.
func (c *tally) total() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.steps
}

// take adds what another one counted.
func (c *tally) take(other *tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range other.counts {
		if c.counts == nil {
			c.counts = map[outcomeKey]int{}
		}
		c.counts[k] += n
	}
	c.steps += other.steps
}

// sum adds up what begins with these words; "" fits any.
func (c *tally) sum(kind, place, came string) int {
	n := 0
	for k, v := range c.counts {
		if strings.HasPrefix(k.kind, kind) && strings.HasPrefix(k.place, place) && strings.HasPrefix(k.came, came) {
			n += v
		}
	}
	return n
}

func (c *tally) String() string {
	var lines []string
	keys := slices.SortedFunc(maps.Keys(c.counts), func(a, b outcomeKey) int {
		return strings.Compare(a.kind+"|"+a.place+"|"+a.came, b.kind+"|"+b.place+"|"+b.came)
	})
	for _, k := range keys {
		lines = append(lines, fmt.Sprintf("%8d  %-16s %-11s %s", c.counts[k], k.kind, k.place, k.came))
	}
	return fmt.Sprintf("%d steps:\n%s", c.steps, strings.Join(lines, "\n"))
}

// floors are how often things have to happen in 20,000 steps, for a test that does
// nothing proves nothing.
var floors = []struct {
	least             int
	kind, place, came string
}{
	{500, "ask", "", "done"}, {200, "edit", "", "done"}, {300, "approve", "", "done"}, {60, "approve shorter", "", "done"},
	{60, "deny", "", "done"}, {60, "extend", "", "done"}, {20, "cancel", "", "done"}, {20, "close", "", "done"}, {20, "revoke", "", "done"},
	{40, "disable", "", "done"}, {40, "enable", "", "done"}, {10, "take the right", "", "done"}, {10, "give the right", "", "done"},
	{10, "delete", "", "done"}, {10, "delete and end", "", "done"}, {10, "take a role", "", "done"}, {10, "take a role and end", "", "done"},
	{40, "cut off", "", "done"},
	{20, "put roles back", "", "done"}, {20, "rename", "", "done"}, {200, "time", "", "done"},

	{1000, "", "console", ""}, {1000, "", "Slack", ""}, {40, "approve", "console", "done"}, {40, "approve", "Slack", "done"},
	{100, "approve", "", "CONFLICT stale"}, {15, "approve", "console", "CONFLICT stale"}, {15, "approve", "Slack", "CONFLICT stale"},
	{30, "approve", "", "CONFLICT gone"}, {100, "approve", "", "CONFLICT decided"}, {10, "deny", "", "CONFLICT stale"},
	{20, "approve", "", "SELF_REVIEW"}, {20, "approve", "", "FORBIDDEN"}, {10, "delete", "", "IN_USE"}, {5, "", "", "CONFLICT key"},
}

// check fails where something happened too seldom.
func (c *tally) check(t *testing.T) {
	t.Helper()
	if c.steps < 10_000 {
		return // asked for so by whoever runs it
	}
	for _, f := range floors {
		least := f.least * c.steps / 20_000
		if n := c.sum(f.kind, f.place, f.came); n < least {
			t.Errorf("%q in %q with %q came %d times in %d steps, want at least %d", f.kind, f.place, f.came, n, c.steps, least)
		}
	}
}
