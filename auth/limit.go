package auth

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

// limits are how often one may try to sign in. Only failures count in the end: who
// succeeds gets the try back. A try that may not be made is refused before anything is
// looked up or hashed, and counts nowhere. Each limit makes tries wait, some of them
// longer and longer, and none for ever:
//
//   - pair: one e-mail address from one network address. 5 tries at once, then one
//     after 1, 2, 4, 8, and from then on 15 minutes: 12 in the first hour, then 4 an
//     hour. A stranger who fails on purpose blocks this pair alone; its owner signs in
//     from anywhere else.
//   - email: one e-mail address from everywhere. 20 tries at once, then one after 1,
//     2, 4 … seconds, and at last one a minute. So n network addresses together guess
//     at one person's password 85 times in the first hour, then 60 times an hour,
//     however large n is, where n pairs would allow more. As long as such an attack
//     goes on, its victim competes with it for the next try, which is at most a minute
//     away; browser is the way around that, and so is single sign-on.
//   - address: one network address with whatever e-mail addresses, which is how one
//     password is tried on many people. 100 at once, then one after 1, 2, 4 … seconds,
//     and at last two a minute: 224 in the first hour, then 120 an hour. So an office
//     behind one address can mistype 100 times in a morning, and then waits for half a
//     minute at most.
//   - browser: a browser that proves that it has signed in as this person before. 10
//     tries at once, then as a pair. It counts instead of the other three, so that
//     nothing that strangers do keeps its owner out. Once it has to wait, it is
//     treated as any other browser. So who stole its cookie guesses as from one more
//     network address: 17 times in the first hour, then 4 times an hour.
//   - own: one person who changes their password, and gives the present one. As pair, by
//     person, and never given back: so who found their session open guesses no faster than
//     at the sign-in, strangers keep nobody from it, and it keeps nobody else waiting.
//   - tokens: one person who makes API tokens. 60 at once, then one a minute. It is no
//     try, and is never given back.
//   - outside: one network address whose sign-ins at an identity provider fail. 30 at
//     once, then two a minute at last: what the provider is asked by strangers is
//     bounded, lest it shuts this server out.
//
// Over everything stands the gate: it bounds how many passwords are hashed at once,
// whoever they are for, and keeps a place for browsers that are known.
//
// E-mail addresses of people and of nobody are counted alike, so that no limit tells
// which they are. Sessions, API tokens and the tokens of links have 256 random bits:
// nobody guesses those, so they have no limit here.
//
// The counts are this process's own: behind n servers, n times as many tries are
// possible, and a restart forgets them. To share them would cost a write to the store
// for each try of a stranger. Their memory is fixed: see tally.
type limits struct {
	mu                                                  sync.Mutex // guards all
	pair, email, address, browser, own, tokens, outside tally
}

func newLimits() *limits {
	l := &limits{}
	l.pair.init(backoff{atOnce: 5, first: time.Minute, most: 15 * time.Minute, forget: 15 * time.Minute})
	l.email.init(backoff{atOnce: 20, first: time.Second, most: time.Minute, forget: time.Minute})
	l.address.init(backoff{atOnce: 100, first: time.Second, most: 30 * time.Second, forget: 30 * time.Second})
	l.browser.init(backoff{atOnce: 10, first: time.Minute, most: 15 * time.Minute, forget: 15 * time.Minute})
	l.own.init(backoff{atOnce: 5, first: time.Minute, most: 15 * time.Minute, forget: 15 * time.Minute})
	l.tokens.init(backoff{atOnce: 60, first: time.Minute, most: time.Minute, forget: time.Minute})
	l.outside.init(backoff{atOnce: 30, first: time.Second, most: 30 * time.Second, forget: 30 * time.Second})
	return l
}

// count is where a try counts: as one of key.
type count struct {
	in  *tally
	key string
}

// begin counts a try as failed, until succeed or undo says otherwise: so many tries at
// the same time are not more than so many in turn. Where one of the counts forbids it,
// it counts nowhere, and begin returns how long to wait.
func (l *limits) begin(now time.Time, counts ...count) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wait time.Duration
	for _, c := range counts {
		wait = max(wait, c.in.wait(c.key, now))
	}
	if wait > 0 {
		return wait
	}
	for _, c := range counts {
		c.in.fail(c.key, now)
	}
	return 0
}

// undo makes a try one that was not made.
func (l *limits) undo(now time.Time, counts ...count) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range counts {
		c.in.undo(c.key, now)
	}
}

// succeed says that a try was right: failures of the first count, which is who tried,
// are forgotten. The others are shared with strangers, who must not get theirs back.
func (l *limits) succeed(now time.Time, counts ...count) {
	l.undo(now, counts[1:]...)
	l.mu.Lock()
	defer l.mu.Unlock()
	counts[0].in.reset(counts[0].key)
}

// stranger is where the try of a browser counts that is not known.
func (l *limits) stranger(email, address string) []count {
	return []count{{&l.pair, emailKey(email) + "\x00" + address}, {&l.email, emailKey(email)}, {&l.address, address}}
}

// addressKey is what the tries of a network address are counted under: the address
// without its port, and of IPv6 the /48, which is the most that one subscriber
// commonly holds (RFC 6177): who has one has 65,536 networks of their own.
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
	return netip.PrefixFrom(addr, 48).Masked().String()
}

// emailKey brings an e-mail address into the form in which it is looked up.
func emailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
