package fanout

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// cacheCount is how many values a cache keeps at most, however small they are.
const cacheCount = 4096

// cache keeps values up to a number of bytes; those that were not used for the longest
// time go first. It is safe for concurrent use.
type cache[K comparable, V any] struct {
	most   int
	sizeOf func(V) int

	mu   sync.Mutex // guards size and lru
	size int
	lru  *simplelru.LRU[K, V]
}

func newCache[K comparable, V any](most int, sizeOf func(V) int) *cache[K, V] {
	c := &cache[K, V]{most: most, sizeOf: sizeOf}
	lru, err := simplelru.NewLRU(cacheCount, func(_ K, v V) { c.size -= sizeOf(v) })
	if err != nil {
		panic(err) // of a count that is none
	}
	c.lru = lru
	return c
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Get(key)
}

func (c *cache[K, V]) add(key K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Remove(key)
	c.size += c.sizeOf(v)
	c.lru.Add(key, v)
	for c.size > c.most && c.lru.Len() > 1 {
		c.lru.RemoveOldest()
	}
}

// forget drops what has keys that are so.
func (c *cache[K, V]) forget(so func(K) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.lru.Keys() {
		if so(key) {
			c.lru.Remove(key)
		}
	}
}
