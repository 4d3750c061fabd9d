package auth

import (
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// How often one may try to sign in. Only failures count in the end: who
// succeeds gets the try back.
const (
	triesPerEmail   = 10
	triesPerAddress = 30
	triesWindow     = 15 * time.Minute
)

// limiter counts tries by key in windows of time. Its memory is fixed, whatever
// keys a flood brings, and nothing is ever pushed out: keys share a table of
// counters by a hash that nobody outside can foresee. Two keys that meet in one
// counter are limited together, which is rare and harmless.
type limiter struct {
	most   int
	window time.Duration
	seed   maphash.Seed

	mu    sync.Mutex
	count [1 << 14]counter
}

type counter struct {
	until time.Time // the window's end
	tries int
}

func newLimiter(most int, window time.Duration) *limiter {
	return &limiter{most: most, window: window, seed: maphash.MakeSeed()}
}

func (l *limiter) at(key string) *counter {
	return &l.count[maphash.String(l.seed, key)%uint64(len(l.count))]
}

// take counts one try. It returns 0 where the try is allowed, or else how long
// it is until the next one will be.
func (l *limiter) take(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.at(key)
	if !now.Before(c.until) {
		*c = counter{until: now.Add(l.window)}
	}
	if c.tries >= l.most {
		return c.until.Sub(now)
	}
	c.tries++
	return 0
}

// giveBack takes one try off the count.
func (l *limiter) giveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.at(key); c.tries > 0 {
		c.tries--
	}
}

// reset forgets the tries.
func (l *limiter) reset(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*l.at(key) = counter{}
}

// addressKey is what the tries of a network address are counted under: the
// address without its port, and of IPv6 the /64, which is what one subscriber
// commonly holds.
func addressKey(remoteAddr string) string {
	addr, err := netip.ParseAddr(remoteAddr)
	if port, errPort := netip.ParseAddrPort(remoteAddr); errPort == nil {
		addr, err = port.Addr(), nil
	}
	if err != nil {
		return remoteAddr
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// emailKey brings an e-mail address into the form in which it is looked up.
func emailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
