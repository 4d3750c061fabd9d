package index

import (
	"strings"

	"procyon/access"
)

// query is what passes a search.
type query struct {
	in     int32    // what it belongs to, or nowhere: whatever
	groups []tagSet // it has one of each
	words  []word
	above  []uint64 // which words, a bit each, are in the name of what it belongs to, by number
}

// word is a word of a search.
type word struct {
	text      string
	signature signature
}

// query makes a query; ok is false where nothing can pass.
func (n *Names) query(q access.NameQuery) (c *query, ok bool) {
	c = &query{in: nowhere, words: make([]word, len(q.Words))}
	if q.In != "" {
		a := n.around[q.In]
		if a == nil {
			return nil, false
		}
		c.in = a.number
	}
	for _, tags := range q.Tags {
		group := n.tagsOf(tags)
		if group == 0 {
			return nil, false
		}
		c.groups = append(c.groups, group)
	}
	for i, w := range q.Words {
		c.words[i] = word{w, signatureOf(w)}
	}
	c.above = make([]uint64, len(n.around))
	for _, a := range n.around {
		for i := range c.words {
			if a.signature.has(&c.words[i].signature) && strings.Contains(a.text, c.words[i].text) {
				c.above[a.number] |= 1 << i
			}
		}
	}
	return c, true
}

// over are the words that are found in the name of what a subject belongs to.
func (c *query) over(b *brief) uint64 {
	if b.in == nowhere {
		return 0
	}
	return c.above[b.in]
}

// mayPass tells most of those that don't.
func (c *query) mayPass(b *brief) bool {
	if c.in != nowhere && b.in != c.in {
		return false
	}
	for _, g := range c.groups {
		if b.tags&g == 0 {
			return false
		}
	}
	above := c.over(b)
	for i := range c.words {
		if above>>i&1 == 0 && !b.signature.has(&c.words[i].signature) {
			return false
		}
	}
	return true
}

// passes tells which of those that may pass do.
func (c *query) passes(b *brief, text string) bool {
	above := c.over(b)
	for i := range c.words {
		if above>>i&1 == 0 && !strings.Contains(text, c.words[i].text) {
			return false
		}
	}
	return true
}
