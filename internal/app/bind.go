package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Bind checks the configuration and takes the address that it serves on, so that nothing
// else is begun where somebody has that already. Whoever connects waits until the server
// runs. What follows from the address is filled in, such as a port that was free, where 0
// was told. To call it again changes nothing.
//
// Whoever has bound it opens it, and else calls [ServerConfig.Unbind].
func (c *Config) Bind(ctx context.Context) error { return c.Server.bind(ctx, c.Check) }

// bind is Bind; check is that of the whole configuration that this one is part of.
func (c *ServerConfig) bind(ctx context.Context, check func() error) error {
	told := *c
	if err := check(); err != nil || c.bound != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", told.Listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("PROCYON_LISTEN: %w; end what listens there, or choose another address with --listen", err)
		}
		return fmt.Errorf("PROCYON_LISTEN: %w; choose an address of this machine with --listen, such as 127.0.0.1:8080", err)
	}
	host, port, err := net.SplitHostPort(told.Listen)
	if _, actual, e := net.SplitHostPort(l.Addr().String()); err == nil && e == nil && port != actual {
		told.Listen = net.JoinHostPort(host, actual)
	}
	told.bound = l
	*c = told // without what followed from the port 0
	return check()
}

// Unbind gives the address back. To call it without an address, or again, does nothing.
func (c *ServerConfig) Unbind() {
	if c.bound != nil {
		_ = c.bound.Close()
	}
}
