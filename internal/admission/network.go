package admission

import "net/netip"

// Network names whom an address stands for when senders are counted: an IPv4 address
// itself, and of IPv6 the /64, since whoever has one address of it has them all. What
// is no address stands for itself.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil { // never: an IPv6 address has 128 bits
		return a.String()
	}
	return p.String()
}
