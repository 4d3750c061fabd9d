package main

import (
	"bytes"
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
)

// imported is how many resources a file has.
const imported = 50_000

// benchImport checks and imports a file of many resources, over HTTP, of the real binary,
// while others ask for access at a fixed rate.
func benchImport(ctx context.Context, r *report) error {
	n, rate := imported, 50
	if r.quick {
		n = 3_000
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	o := gatewayOptions{binary: binary, store: filepath.Join(r.dir, "import", "procyon.db")}
	if err := o.newAdmin(ctx); err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(r.imports(ctx, g, n, rate), g.stop())
}

// resourceFile is a CSV file of resources in 200 accounts.
func resourceFile(n int) []byte {
	var b bytes.Buffer
	b.WriteString("type,name,provider,externalId,kind,account,roles\n")
	for i := range 200 {
		fmt.Fprintf(&b, "account,Imported %d,AWS,%012d,,,\n", i, 500_000+i)
	}
	for i := range n {
		fmt.Fprintf(&b, "resource,orders-db-%05d,,,DATABASE,Imported %d,reader|writer|administrator\n", i, i%200)
	}
	return b.Bytes()
}

// imports measures each step beside those who ask.
func (r *report) imports(ctx context.Context, g *gatewayProcess, n, rate int) error {
	c, err := newCatalog(ctx, g, 20)
	if err != nil {
		return err
	}
	file := resourceFile(n)
	var id string
	rows, waits := [][]string{}, map[string]time.Duration{}
	took := map[string]time.Duration{}
	ask := func(ctx context.Context, i int) error {
		_, err := c.create(ctx, g, i)
		return err
	}
	for _, step := range []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"nothing", func(ctx context.Context) error { return pauseFor(ctx, 5*time.Second) }},
		{"checking the file", func(ctx context.Context) (err error) { id, err = g.check(ctx, file); return err }},
		{"importing it", func(ctx context.Context) error { return g.importFile(ctx, id, n+200) }},
		{"checking it again, all of it there", func(ctx context.Context) error { _, err := g.check(ctx, file); return err }},
	} {
		r.progress("import: %s", step.name)
		others, d, err := beside(ctx, rate, ask, step.do)
		if err != nil {
			return err
		}
		took[step.name], waits[step.name] = d, others.at(0.99)
		rows = append(rows, append([]string{step.name, milliseconds(d), fmt.Sprint(len(others))}, others.cells()...))
	}
	now, peak := g.memory()
	r.note("A CSV file of %d resources in 200 accounts, %.1f MB, over HTTP against `procyon serve` on SQLite, while others ask for access, %d a second in an open loop. The client shares the machine. Resident memory %s, at most %s.",
		n, float64(len(file))/1e6, rate, now, peak)
	r.table([]string{"meanwhile", "took", "requests of others", "p50", "p99", "max"}, rows)
	check, put, others := took["checking the file"], took["importing it"], max(waits["checking the file"], waits["importing it"])
	r.targets(
		target{fmt.Sprintf("%d resources checked", n), "≤ 3 s", milliseconds(check), check <= 3*time.Second},
		target{fmt.Sprintf("%d resources imported", n), "≤ 20 s", milliseconds(put), put <= 20*time.Second},
		target{"a request of others meanwhile, p99", "≤ 50 ms", milliseconds(others), others <= 50*time.Millisecond},
	)
	return nil
}

func pauseFor(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// beside does something while others ask at a fixed rate a second, and returns how long they
// waited and how long it took.
func beside(ctx context.Context, rate int, ask func(ctx context.Context, i int) error, do func(ctx context.Context) error) (latencies, time.Duration, error) {
	ended, began := make(chan error, 1), time.Now()
	var took time.Duration
	go func() {
		err := do(ctx)
		took = time.Since(began)
		ended <- err
	}()
	var all latencies
	for second := 0; ; second++ {
		some, err := openLoop(ctx, began.Add(time.Duration(second)*time.Second), rate, rate, ask)
		all = append(all, some...)
		slices.Sort(all)
		if err != nil {
			return nil, 0, errors.Join(err, <-ended)
		}
		select {
		case err := <-ended:
			return all, took, err
		default:
		}
	}
}

// check sends a file to be checked, and returns the ID of the import.
func (g *gatewayProcess) check(ctx context.Context, file []byte) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+"/import/catalog?name=bench.csv", bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "text/csv")
	req.Header.Set("Authorization", "Bearer "+g.token)
	resp, err := g.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	var out struct{ ImportID string }
	if err := json.Unmarshal(answer, &out); err != nil || out.ImportID == "" {
		return "", fmt.Errorf("HTTP %d: %s", resp.StatusCode, strings.TrimSpace(string(answer)))
	}
	return out.ImportID, nil
}

// importFile imports what was checked, and waits for its end.
func (g *gatewayProcess) importFile(ctx context.Context, id string, rows int) error {
	err := g.do(ctx, `mutation ($in: ImportCatalogInput!) { importCatalog(input: $in) { catalogImport { id } userErrors { message } } }`, map[string]any{"in": map[string]any{"importId": id}}, nil)
	for err == nil {
		var out struct {
			CatalogImport struct {
				Status       string
				AppliedCount int
			}
		}
		if err = g.do(ctx, `query ($id: ID!) { catalogImport(id: $id) { status appliedCount } }`, map[string]any{"id": id}, &out); err != nil {
			break
		}
		if is := out.CatalogImport; is.Status != "RUNNING" {
			if is.Status != "DONE" || is.AppliedCount != rows {
				return fmt.Errorf("the import is %s with %d rows, and not %d", is.Status, is.AppliedCount, rows)
			}
			return nil
		}
		err = pauseFor(ctx, 50*time.Millisecond)
	}
	return err
}
