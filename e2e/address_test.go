package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
)

// Addresses are taken from below the ports that systems give to connections, so that
// nobody takes one while a server that keeps it is down; and each is given out once.
const (
	firstPort = 12000
	ports     = 20000
)

var nextPort = func() *atomic.Uint32 {
	n := &atomic.Uint32{}
	n.Store(rand.Uint32N(ports)) // another run of the tests begins elsewhere
	return n
}()

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+nextPort.Add(1)%ports)
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no address is free")
	return ""
}
