package app

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// trustedProxies are the proxies whose X-Forwarded-For is believed.
type trustedProxies []netip.Prefix

// parseTrustedProxies reads addresses and prefixes such as 10.0.0.0/8, comma-separated.
func parseTrustedProxies(list string) (trustedProxies, error) {
	var out trustedProxies
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("PROCYON_TRUSTED_PROXIES: %q is neither an address nor a prefix such as 10.0.0.0/8", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (t trustedProxies) has(a netip.Addr) bool {
	for _, p := range t {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// client is the address of who sent a request: the peer's or, where that is a trusted
// proxy, the last in X-Forwarded-For that is none. Whatever stands before that address
// may be made up, and so may anything that is no address.
func (t trustedProxies) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil || !t.has(at.Unmap()) {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		said := strings.TrimSpace(hops[i])
		hop, err := netip.ParseAddr(said)
		if port, errPort := netip.ParseAddrPort(said); errPort == nil { // some proxies tell the port, too
			hop, err = port.Addr(), nil
		}
		if err != nil {
			break
		}
		if at = hop.Unmap(); !t.has(at) {
			break
		}
	}
	return at.String()
}

// clients tells who sends requests, and warns once each of what makes many people one
// client: limits by address then hold for all of them together.
type clients struct {
	trusted trustedProxies
	log     *slog.Logger

	unnamed, silent sync.Once
}

// address is the address of who sent a request, see [trustedProxies.client].
func (c *clients) address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	trusted := err == nil && c.trusted.has(peer.Addr().Unmap())
	told := r.Header.Get("X-Forwarded-For") != ""
	switch {
	case !trusted && (told || r.Header.Get("Forwarded") != ""):
		c.unnamed.Do(func() {
			c.log.Warn("somebody signs in through a proxy that is not trusted, so all who come through it share one limit of tries: "+
				"name its address in PROCYON_TRUSTED_PROXIES. If no proxy has this address, the client made the header up, and nothing is to be done", "address", r.RemoteAddr)
		})
	case trusted && !told:
		c.silent.Do(func() {
			c.log.Warn("a proxy of PROCYON_TRUSTED_PROXIES does not tell for whom it asks, so all who come through it share one limit of tries: "+
				"let it set the header X-Forwarded-For. If no proxy has this address, but people do, name the proxies more exactly", "address", r.RemoteAddr)
		})
	}
	return c.trusted.client(r)
}
