package slackapi

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// errAddress is why a connection was not made: the name is allowed, but leads
// somewhere it should not.
var errAddress = errors.New("the host's name leads to a private or reserved address")

// dialer connects to allowed hosts only, and judges the address that a name
// resolved to at the last moment before connecting, so that no second look-up
// can give another.
type dialer struct {
	policy   HostPolicy
	timeout  time.Duration
	resolver *net.Resolver // nil is the system's
}

func (d dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	judge := d.policy.addressRule(strings.ToLower(host))
	dial := net.Dialer{
		Timeout:  d.timeout,
		Resolver: d.resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !judge(to.Addr().Unmap().WithZone("")) {
				return errAddress
			}
			return nil
		},
	}
	return dial.DialContext(ctx, network, addr)
}

// addressRule says which addresses host may lead to: a loopback entry only to
// this machine, an address in the list only to itself, a name only to public
// addresses, anything else nowhere.
func (p HostPolicy) addressRule(host string) func(netip.Addr) bool {
	for _, entry := range p.Allowed {
		allowed, _ := splitEntry(entry)
		if !sameHost(allowed, host) {
			continue
		}
		if isLoopbackName(host) {
			return netip.Addr.IsLoopback
		}
		if ip, err := netip.ParseAddr(host); err == nil {
			return func(to netip.Addr) bool { return to == ip.Unmap() && !metadata(to) }
		}
		return public
	}
	return func(netip.Addr) bool { return false }
}

// reserved are the networks that are not the public internet, beyond those that
// netip knows by a method (IANA's special-purpose address registries).
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
	"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

// public tells whether ip is an ordinary address on the public internet.
// Addresses that carry another inside them (6to4, NAT64, Teredo) are not.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || metadata(ip) {
		return false
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// metadata tells of the addresses at which clouds hand out credentials to
// whoever asks from inside.
func metadata(ip netip.Addr) bool {
	switch ip.Unmap().String() {
	case "169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254":
		return true
	}
	return false
}

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}
