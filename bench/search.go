package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/store/sqlite"
)

// searched is the size of what is searched.
const searched = 100_000

// benchSearch looks for names in a large catalog and among many people, over HTTP, of the
// real binary, one search after the other.
func benchSearch(ctx context.Context, r *report) error {
	n, calls := searched, 400
	if r.quick {
		n, calls = 5_000, 60
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	o := gatewayOptions{binary: binary, store: filepath.Join(r.dir, "search", "procyon.db")}
	if err := o.newAdmin(ctx); err != nil {
		return err
	}
	r.progress("search: filling the store with %d resources and as many people", n)
	if err := fillNames(ctx, o.store, n); err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	err = r.searches(ctx, g, n, calls)
	return errors.Join(err, g.stop())
}

// fillNames makes resources and people in the store of a server that does not run.
func fillNames(ctx context.Context, path string, n int) error {
	return inStore(ctx, path, func(subjects *access.Subjects, _ *sqlite.Store) error {
		return makeNames(ctx, access.New(subjects, access.Options{}), n)
	})
}

func makeNames(ctx context.Context, s *access.Service, n int) error {
	by := access.System()
	by.Admin = true
	accounts := make([]string, 200)
	for i := range accounts {
		a, err := s.CreateAccount(ctx, by, access.NewAccount{Name: fmt.Sprintf("Account %d %s", i, []string{"production", "staging", "sandbox"}[i%3]), Provider: "AWS", ExternalID: fmt.Sprintf("%012d", i)})
		if err != nil {
			return err
		}
		accounts[i] = a.ID
	}
	kinds := []string{"AWSAdministratorAccess", "orders-db", "billing-db", "kubernetes-cluster", "grafana", "AWSReadOnlyAccess"}
	err := abreast(ctx, n, func(ctx context.Context, i int) error {
		_, err := s.CreateResource(ctx, by, access.NewResource{
			Name: fmt.Sprintf("%s-%d", kinds[i%len(kinds)], i), Kind: access.ResourceDatabase, AccountID: accounts[i%len(accounts)],
		})
		return err
	})
	if err != nil {
		return err
	}
	first, last := strings.Fields("Ada Grace Edsger Barbara Alan Donald Margaret Ken Frances Niklaus"), strings.Fields("Lovelace Hopper Dijkstra Liskov Turing Knuth Hamilton Thompson Allen Wirth")
	return abreast(ctx, n, func(ctx context.Context, i int) error {
		a, b := first[i%len(first)], last[i/len(first)%len(last)]
		_, err := s.CreateUser(ctx, by, access.NewUser{Name: a + " " + b, Email: fmt.Sprintf("%s.%s.%d@example.com", strings.ToLower(a), strings.ToLower(b), i)})
		return err
	})
}

// searches measures what people look for. A search that an older server does not know is
// left out.
func (r *report) searches(ctx context.Context, g *gatewayProcess, n, calls int) error {
	const resources, users = `query ($s: String!) { resources(search: $s, first: 20) { nodes { id name account { name } } pageInfo { hasNextPage } } }`,
		`query ($s: String!) { users(search: $s, first: 20) { nodes { id name email } pageInfo { hasNextPage } } }`
	of := func(text string) func(int) string { return func(int) string { return text } }
	rows, worst := [][]string{}, time.Duration(0)
	for _, c := range []struct {
		name, query string
		search      func(i int) string
	}{
		{"resources, a part of many names", resources, of("admin")},
		{"resources, a beginning of many names", resources, of("orders")},
		{"resources, one letter", resources, func(i int) string { return string(rune('a' + i%20)) }},
		{"resources, the name of one", resources, func(i int) string { return fmt.Sprintf("orders-db-%d", i*37%n/6*6+1) }},
		{"resources, a part of one's name", resources, func(i int) string { return fmt.Sprintf("rs-db-%d", i*37%n/6*6+1) }},
		{"resources, the account's name and a part", resources, of("sandbox cluster")},
		{"resources, what no name has", resources, func(i int) string { return fmt.Sprintf("zzz%d", i) }},
		{"people, a part of many names", users, of("ace")},
		{"people, the address of one", users, func(i int) string { return fmt.Sprintf("%d@example", i*37%n) }},
		{"people, what nobody is called", users, func(i int) string { return fmt.Sprintf("zzz%d", i) }},
	} {
		call := func(ctx context.Context, i int) error {
			var out any
			return g.do(ctx, c.query, map[string]any{"s": c.search(i)}, &out)
		}
		began := time.Now()
		if err := call(ctx, 0); err != nil {
			r.progress("search: %s: %v", c.name, err)
			continue
		}
		first := time.Since(began)
		took, err := inTurn(ctx, calls, call)
		if err != nil {
			return err
		}
		rows = append(rows, append([]string{c.name, milliseconds(first)}, took.cells()...))
		worst = max(worst, took.at(0.99))
	}
	now, peak := g.memory()
	r.note("Searches over HTTP, one after the other, against `procyon serve` on SQLite with %d resources in 200 accounts and %d people. The client shares the machine. Resident memory %s, at most %s.", n, n, now, peak)
	r.table([]string{"search", "the first", "p50", "p99", "max"}, rows)
	extra, err := totalCosts(ctx, g, calls)
	if err != nil {
		r.progress("search: totalCount: %v", err)
	}
	r.targets(
		target{"a search by a part of a word, p99 of the worst", "≤ 30 ms", milliseconds(worst), worst <= 30*time.Millisecond},
		target{"totalCount on a page of resources, p50 with it less p50 without", "≤ 0.2 ms", milliseconds(extra), err == nil && extra <= 200*time.Microsecond},
	)
	return nil
}

// totalCosts is what totalCount adds to a page: both pages are asked for in turn.
func totalCosts(ctx context.Context, g *gatewayProcess, calls int) (time.Duration, error) {
	var took [2]latencies
	for i := range 4 * calls {
		body, err := json.Marshal(map[string]any{"query": `{ resources(first: 20) { nodes { id name } ` + []string{"", "totalCount "}[i%2] + `} }`})
		if err != nil {
			return 0, err
		}
		began := time.Now()
		if _, err := g.post(ctx, body); err != nil {
			return 0, err
		}
		took[i%2] = append(took[i%2], time.Since(began))
	}
	slices.Sort(took[0])
	slices.Sort(took[1])
	return took[1].at(0.5) - took[0].at(0.5), nil
}
