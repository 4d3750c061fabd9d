package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// product is a binary that is measured.
type product struct {
	name   string // in what we write
	binary string
	dir    string // a folder of its own
}

// products are the binaries that a benchmark of the real binary measures, one after the
// other: the product, and the one of -beside.
func (r *report) products(ctx context.Context, benchmark string) ([]product, error) {
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(r.dir, benchmark)
	all := []product{{"`procyon serve`", binary, filepath.Join(dir, "this")}}
	if r.beside != "" {
		all = append(all, product{"`" + filepath.Base(r.beside) + " serve`", r.beside, filepath.Join(dir, "beside")})
	}
	return all, nil
}

// dialect is what an API calls things that were not always called so.
type dialect struct {
	requestID  string // the field of an event's request
	duplicates bool   // who asks for the same again has to say so
}

// dialectOf asks a server for its dialect.
func dialectOf(ctx context.Context, g *gatewayProcess) (dialect, error) {
	var known struct {
		Snapshot *struct{ Name string }
		Input    struct {
			InputFields []struct{ Name string }
		}
	}
	d := dialect{requestID: "id"}
	err := g.do(ctx, `{ snapshot: __type(name: "RequestSnapshot") { name } input: __type(name: "CreateAccessRequestInput") { inputFields { name } } }`, nil, &known)
	if known.Snapshot != nil {
		d.requestID = "requestId"
	}
	for _, f := range known.Input.InputFields {
		d.duplicates = d.duplicates || f.Name == "allowDuplicate"
	}
	return d, err
}

// events is a subscription with ten fields of each event, on one line.
func (d dialect) events() string {
	return fmt.Sprintf(`subscription Events($filter: RequestEventFilter, $after: Cursor) { requestEvents(filter: $filter, after: $after) `+
		`{ cursor at type actor { name } request { id: %s status reason ticket createdAt items { role } } } }`, d.requestID)
}

// as is the same server, asked by somebody else.
func (g *gatewayProcess) as(token string) *gatewayProcess {
	other := *g
	other.token = token
	return &other
}

// address is where it listens.
func (g *gatewayProcess) address() string { return strings.TrimPrefix(g.url, "http://") }
