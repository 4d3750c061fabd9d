package admission

import (
	"net"
	"net/netip"
)

// Listen bounds the connections of a TCP listener by a quota: all of them, and those of
// one address. One too many is closed as soon as it is accepted, so that there are
// always files left for the store. exempt tells of addresses that many come by, such as
// proxies: of these only the bound of all holds. refused, which may be nil, hears of
// each that was closed, and must not block.
func Listen(l net.Listener, q *Quota, exempt func(netip.Addr) bool, refused func(error)) net.Listener {
	return &listener{Listener: l, quota: q, exempt: exempt, refused: refused}
}

type listener struct {
	net.Listener
	quota   *Quota
	exempt  func(netip.Addr) bool
	refused func(error)
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			return c, nil
		}
		give, err := l.quota.Take(l.who(tcp), 1)
		if err == nil {
			return &conn{TCPConn: tcp, give: give}, nil
		}
		_ = tcp.Close()
		if l.refused != nil {
			l.refused(err)
		}
	}
}

// who names whom a connection counts for. One of an exempt address, with its port,
// counts for nobody else.
func (l *listener) who(c *net.TCPConn) string {
	peer := c.RemoteAddr()
	tcp, ok := peer.(*net.TCPAddr)
	if !ok || l.exempt(tcp.AddrPort().Addr().Unmap()) {
		return peer.String()
	}
	return Network(tcp.AddrPort().Addr().String())
}

// conn is a connection that counts until it is closed.
type conn struct {
	*net.TCPConn
	give func()
}

// Close implements net.Conn.
func (c *conn) Close() error {
	defer c.give()
	return c.TCPConn.Close()
}
