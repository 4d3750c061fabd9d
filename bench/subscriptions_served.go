package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
)

// roleServed runs a `procyon serve` with one core, and says as roleServer does where it
// listens. Its arguments are the binary, the store and a token. It answers:
//
//	publish n     when n requests that were made at once are answered
//	events        the subscription that follows them
//	cpu           µs of the processors that the server has used so far
//	memory        bytes that it has resident, and two zeros
//	profile file  begins a CPU profile of profiled
//	profile       when it has ended
const roleServed = "served"

func servedRole(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("it takes three arguments: a binary, a store and a token")
	}
	inspected, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	g, err := startGateway(ctx, gatewayOptions{
		binary: args[0], store: args[1], token: args[2], env: []string{"GOMAXPROCS=1", "PROCYON_WORKERS=none", "PROCYON_DEBUG_LISTEN=" + inspected},
	})
	if err != nil {
		return err
	}
	d, err := dialectOf(ctx, g)
	if err != nil {
		return errors.Join(err, g.stop())
	}
	c, err := newCatalog(ctx, g, 20)
	if err != nil {
		return errors.Join(err, g.stop())
	}
	c.older = !d.duplicates
	s := &served{gateway: g, catalog: c, dialect: d, profiler: &profiler{address: inspected}}
	err = answerLines(g.address(), func(command string, args []string) (string, error) { return s.obey(ctx, command, args) })
	return errors.Join(err, g.stop())
}

// served is a server that is told to publish.
type served struct {
	gateway *gatewayProcess
	catalog catalog
	dialect dialect
	asked   int
	*profiler
}

func (s *served) obey(ctx context.Context, command string, args []string) (string, error) {
	switch {
	case command == "publish" && len(args) == 1:
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return "", err
		}
		first := s.asked
		s.asked += n
		return "ok", abreast(ctx, n, func(ctx context.Context, i int) error {
			_, err := s.catalog.create(ctx, s.gateway, first+i)
			return err
		})
	case command == "events":
		return s.dialect.events(), nil
	case command == "cpu":
		used, err := cpuOf(s.gateway.cmd.Process.Pid)
		return strconv.FormatInt(used.Microseconds(), 10), err
	case command == "memory":
		return fmt.Sprint(residentOf(s.gateway.cmd.Process.Pid), 0, 0), nil
	case command == "profile" && len(args) == 1:
		s.begin(ctx, args[0])
		return "ok", nil
	case command == "profile":
		return "ok", s.end()
	}
	return "", fmt.Errorf("no such command: %s", command)
}

// servedKinds are the real binaries, each to be measured as a kind of its own.
func servedKinds(ctx context.Context, r *report) ([]subscriptionKind, error) {
	products, err := r.products(ctx, "subscriptions")
	if err != nil {
		return nil, err
	}
	kinds := make([]subscriptionKind, 0, len(products))
	for i := range products {
		kinds = append(kinds, subscriptionKind{
			name: fmt.Sprint(kindServed, i), about: products[i].name + ", less its mutations", weight: 2, product: &products[i],
		})
	}
	return kinds, nil
}

// openServed starts the server with its audience, and a twin without.
func (s *stage) openServed(ctx context.Context, dir string, c *crowd) error {
	start := func(name string) (*process, string, error) {
		o := gatewayOptions{binary: s.product.binary, store: filepath.Join(s.product.dir, fmt.Sprint(name, s.subscribers), "procyon.db")}
		if err := c.moveInto(ctx, &o); err != nil {
			return nil, "", err
		}
		p, err := startRole(ctx, roleServed, nil, o.binary, o.store, o.token)
		if err != nil {
			return nil, "", err
		}
		addr, err := p.ask("")
		return p, addr, err
	}
	var addr string
	var err error
	if s.twin, _, err = start("twin"); err != nil {
		return err
	}
	if s.server, addr, err = start("server"); err != nil {
		return err
	}
	query, err := s.server.ask("events")
	if err != nil {
		return err
	}
	if s.empty, err = s.footprint(); err != nil {
		return err
	}
	f := following{Address: addr, Path: "/graphql", Query: query, Confirm: true, Each: make([]follower, s.subscribers)}
	for i := range f.Each {
		f.Each[i].Token = c.admins[i]
	}
	if s.audience, err = f.startAudience(ctx, dir); err != nil {
		return err
	}
	if _, err := s.audience.ask("subscribe"); err != nil {
		return err
	}
	s.idle, err = s.footprint()
	return err
}

// apart is the processor time that as many mutations take where nobody has subscribed,
// in µs; 0 for kinds without mutations.
func (s *stage) apart(rounds, burst int) (int64, error) {
	if s.twin == nil {
		return 0, nil
	}
	var before, after int64
	if err := s.twin.askNumbers("cpu", &before); err != nil {
		return 0, err
	}
	for range rounds {
		if _, err := s.twin.ask("publish %d", burst); err != nil {
			return 0, err
		}
	}
	err := s.twin.askNumbers("cpu", &after)
	return after - before, err
}
