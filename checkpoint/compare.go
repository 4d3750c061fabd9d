package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"procyon/journal"
)

// Comparison holds a journal against checkpoints of it that were kept elsewhere. It is fed
// the hashes of the entries from the first on, and needs no more memory for more entries.
// That the hashes are the entries' own, and chained, is for journal.Verify.
type Comparison struct {
	waiting []Checkpoint // by size
	proved  uint64       // the size of the last that holds
	tree    tree
	wrong   []error
}

// Compare begins a comparison.
func Compare(checkpoints ...Checkpoint) *Comparison {
	c := &Comparison{waiting: slices.Clone(checkpoints)}
	slices.SortStableFunc(c.waiting, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	return c
}

// Observe takes in the next entry's hash.
func (c *Comparison) Observe(seq uint64, h journal.Hash) error {
	if seq == 1 {
		c.waiting = slices.DeleteFunc(c.waiting, func(k Checkpoint) bool {
			foreign := k.Origin != originOf(h)
			if foreign {
				c.fault(&k, "it is of another journal, %s, and this one is %s: either it belongs to another gateway, or the whole journal was replaced, from its first entry on", k.Origin, originOf(h))
			}
			return foreign
		})
	}
	if len(c.waiting) == 0 {
		return nil
	}
	if err := c.tree.add(h); err != nil {
		return err
	}
	for len(c.waiting) > 0 && c.waiting[0].Size == seq {
		k := c.waiting[0]
		c.waiting = c.waiting[1:]
		switch {
		case c.tree.root() != k.Root && c.proved > 0:
			c.fault(&k, "the entries up to entry %d are not those that were signed: history was rewritten, behind entry %d", k.Size, c.proved)
		case c.tree.root() != k.Root:
			c.fault(&k, "the entries up to entry %d are not those that were signed: history was rewritten, from some entry on", k.Size)
		case h != k.Head:
			c.fault(&k, "it contradicts itself: its last entry's hash is not that of its root")
		default:
			c.proved = k.Size
		}
	}
	return nil
}

// End is called behind the last entry. It returns how many entries are proved to be those
// that were signed, and what is wrong: all of it.
func (c *Comparison) End(head uint64) (proved uint64, err error) {
	for i := range c.waiting {
		k := &c.waiting[i]
		c.fault(k, "the journal had %d entries then, and ends with entry %d now: its end was cut off, or an older backup restored", k.Size, head)
	}
	c.waiting = nil
	return c.proved, c.Wrong()
}

// Wrong is what was found to be wrong so far: all of it.
func (c *Comparison) Wrong() error { return errors.Join(c.wrong...) }

func (c *Comparison) fault(k *Checkpoint, format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Errorf("the checkpoint of %s over %d entries: "+format, append([]any{k.At.Format("2006-01-02 15:04:05 UTC"), k.Size}, args...)...))
}
