package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// The size of the company whose directory is synced at first.
const (
	syncedPeople = 20_000
	syncedGroups = 2_000
	groupMembers = 40
	// syncClients is how many calls the directory has under way.
	syncClients = 8
)

// benchDirectory syncs a company's people and groups over SCIM into the real binary, while
// others ask for access and approve it at a fixed rate.
func benchDirectory(ctx context.Context, r *report) error {
	people, groups := syncedPeople, syncedGroups
	if r.quick {
		people, groups = 1_000, 100
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	o := gatewayOptions{binary: binary, store: filepath.Join(r.dir, "directory", "procyon.db")}
	if err := o.newAdmin(ctx); err != nil {
		return err
	}
	const asker = "asker@example.com"
	if _, err := o.procyon(ctx, "user", "create", "--email", asker, "--name", "Asker", "--password", adminPassword); err != nil {
		return err
	}
	asks, err := o.procyon(ctx, "token", "create", "--user", asker, "--name", "bench", "--ttl", "24h")
	if err != nil {
		return err
	}
	scim, err := o.procyon(ctx, "token", "create", "--name", "directory", "--scope", "scim")
	if err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	c, err := newCatalog(ctx, g, 20)
	if err != nil {
		return errors.Join(err, g.stop())
	}
	others := *g
	others.token = asks
	s := &directorySync{g: g, token: scim}
	approve := func(ctx context.Context, i int) error { return c.askAndApprove(ctx, &others, g, i) }
	return errors.Join(r.syncs(ctx, s, approve, people, groups), g.stop())
}

const approveRequest = `mutation Review($input: ReviewAccessRequestInput!) {
  reviewAccessRequest(input: $input) { accessRequest { id status } userErrors { code field message } }
}`

// askAndApprove has one person ask and another one approve.
func (c *catalog) askAndApprove(ctx context.Context, asker, approver *gatewayProcess, i int) error {
	id, err := c.create(ctx, asker, i)
	if err != nil {
		return err
	}
	return approver.do(ctx, approveRequest, map[string]any{"input": map[string]any{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE"}}, nil)
}

// syncs measures each step of a sync beside those who ask and approve.
func (r *report) syncs(ctx context.Context, s *directorySync, approve func(context.Context, int) error, people, groups int) error {
	const rate = 20
	var rows [][]string
	var total, waits time.Duration
	for _, step := range []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"nothing", func(ctx context.Context) error { return pauseFor(ctx, 5*time.Second) }},
		{fmt.Sprintf("making %d people", people), func(ctx context.Context) error { return s.makePeople(ctx, people) }},
		{fmt.Sprintf("making %d groups of %d", groups, groupMembers), func(ctx context.Context) error { return s.makeGroups(ctx, groups) }},
		{fmt.Sprintf("putting %d people into one group", people/2), func(ctx context.Context) error { return s.fillGroup(ctx, people/2) }},
		{"reading all people, page by page", func(ctx context.Context) error { return s.readPeople(ctx, people) }},
	} {
		r.progress("directory: %s", step.name)
		others, took, err := beside(ctx, rate, approve, step.do)
		if err != nil {
			return err
		}
		if step.name != "nothing" {
			waits = max(waits, others.at(0.99))
		}
		if strings.HasPrefix(step.name, "making") {
			total += took
		}
		rows = append(rows, append([]string{step.name, milliseconds(took), fmt.Sprint(len(others))}, others.cells()...))
	}
	began := time.Now()
	if err := s.call(ctx, http.MethodPatch, "/Users/"+s.people[0], deactivation, nil); err != nil {
		return err
	}
	ended := time.Since(began)
	now, peak := s.g.memory()
	r.note("A first sync over SCIM against `procyon serve` on SQLite, %d calls at once, while others ask for access and have it approved, %d times a second in an open loop. The clients share the machine. Resident memory %s, at most %s.", syncClients, rate, now, peak)
	r.table([]string{"meanwhile", "took", "asked and approved", "p50", "p99", "max"}, rows)
	r.targets(
		target{fmt.Sprintf("%d people and %d groups", people, groups), "≤ 60 s", milliseconds(total), total <= time.Minute},
		target{"asking and approving meanwhile, p99", "≤ 50 ms", milliseconds(waits), waits <= 50*time.Millisecond},
		target{"deactivated, all of theirs ended", "≤ 1 s", milliseconds(ended), ended <= time.Second},
	)
	return nil
}

const deactivation = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`

// sync is a directory that calls a server.
type directorySync struct {
	g      *gatewayProcess
	token  string
	people []string // the IDs of those whom it made
}

// call makes a call of SCIM and decodes its answer, unless out is nil.
func (s *directorySync) call(ctx context.Context, method, path, body string, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.g.url+"/scim/v2"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	resp, err := s.g.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: HTTP %d: %s", method, path, resp.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// each runs n calls, some at once.
func (s *directorySync) each(ctx context.Context, n int, call func(ctx context.Context, i int) error) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(syncClients)
	for i := range n {
		all.Go(func() error { return call(ctx, i) })
	}
	return all.Wait()
}

func (s *directorySync) makePeople(ctx context.Context, n int) error {
	s.people = make([]string, n)
	return s.each(ctx, n, func(ctx context.Context, i int) error {
		// A directory looks before it makes somebody.
		if err := s.call(ctx, http.MethodGet, fmt.Sprintf(`/Users?filter=userName%%20eq%%20%%22p%d@example.com%%22`, i), "", nil); err != nil {
			return err
		}
		body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"p%d@example.com","externalId":"ext-%d","active":true,"displayName":"Person %d","name":{"givenName":"Person","familyName":"%d"},"emails":[{"type":"work","primary":true,"value":"p%d@example.com"}]}`, i, i, i, i, i)
		var made struct{ ID string }
		err := s.call(ctx, http.MethodPost, "/Users", body, &made)
		s.people[i] = made.ID
		return err
	})
}

// group is the body of a group of some people.
func group(name string, members []string) (string, error) {
	type member struct {
		Value string `json:"value"`
	}
	g := struct {
		Schemas     []string `json:"schemas"`
		DisplayName string   `json:"displayName"`
		Members     []member `json:"members"`
	}{[]string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, name, make([]member, len(members))}
	for i, m := range members {
		g.Members[i].Value = m
	}
	data, err := json.Marshal(g)
	return string(data), err
}

func (s *directorySync) makeGroups(ctx context.Context, n int) error {
	return s.each(ctx, n, func(ctx context.Context, i int) error {
		members := make([]string, groupMembers)
		for k := range members {
			members[k] = s.people[(i*groupMembers+k)%len(s.people)]
		}
		slices.Sort(members)
		body, err := group(fmt.Sprintf("Group %d", i), slices.Compact(members))
		if err != nil {
			return err
		}
		return s.call(ctx, http.MethodPost, "/Groups", body, nil)
	})
}

func (s *directorySync) fillGroup(ctx context.Context, n int) error {
	body, err := group("Nearly everybody", s.people[:n])
	if err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, "/Groups", body, nil)
}

func (s *directorySync) readPeople(ctx context.Context, n int) error {
	const page = 200
	for from := 1; from <= n; from += page {
		var list struct {
			TotalResults int
			Resources    []struct{ ID string }
		}
		if err := s.call(ctx, http.MethodGet, fmt.Sprintf("/Users?startIndex=%d&count=%d", from, page), "", &list); err != nil {
			return err
		}
		if list.TotalResults != n || len(list.Resources) != min(page, n-from+1) {
			return fmt.Errorf("from %d there are %d of %d people", from, len(list.Resources), list.TotalResults)
		}
	}
	return nil
}
