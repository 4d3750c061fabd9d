package index

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
)

// nothing is a journal without entries.
type nothing struct{}

func (nothing) Head() uint64 { return 0 }
func (nothing) Read(context.Context, uint64, int) ([]journal.Entry, error) {
	return nil, nil
}
func (nothing) CatchUp(context.Context) error                 { return nil }
func (nothing) Check(context.Context, journal.Position) error { return nil }

// BenchmarkFind looks for names among a hundred thousand.
func BenchmarkFind(b *testing.B) {
	n := NewNames(nothing{}, nil, Options{Kinds: access.NewKinds(access.OwnKinds()), Terms: access.NameTerms()})
	n.loaded.Store(true)
	put := func(id string, state any) {
		data, err := json.Marshal(state)
		if err != nil {
			b.Fatal(err)
		}
		n.take(id, 1, data)
	}
	for i := range 200 {
		put(fmt.Sprintf("acc_%d", i), access.Account{Name: fmt.Sprintf("Account %d %s", i, []string{"production", "staging", "sandbox"}[i%3])})
	}
	kinds := []string{"AWSAdministratorAccess", "orders-db", "billing-db", "kubernetes-cluster", "grafana", "AWSReadOnlyAccess"}
	for i := range 100_000 {
		put(fmt.Sprintf("res_%036d", i), access.Resource{Name: fmt.Sprintf("%s-%d", kinds[i%len(kinds)], i), AccountID: fmt.Sprintf("acc_%d", i%200), Kind: access.ResourceDatabase})
	}
	for _, words := range [][]string{{"admin"}, {"orders", "db", "31337"}, {"zzz1"}, {"db"}, {"sandbox", "cluster"}, {"7"}} {
		b.Run(fmt.Sprint(words), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := n.Find(b.Context(), access.NameQuery{Kind: access.KindResource, Words: words, Limit: 20}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBetween adds up ninety days, each as full as a day becomes.
func BenchmarkBetween(b *testing.B) {
	d := NewDays(nothing{}, nil)
	d.loaded = true
	begin := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	times := []time.Time{begin}
	for k := range KeptDays {
		one := &day{begins: begin.AddDate(0, 0, k)}
		for q := range uint8(quartersDay) {
			for class := range uint32(60) {
				one.waits = append(one.waits, cell{of: class, quarter: q, n: 3})
			}
			for what := range timedOut + 1 {
				one.became = append(one.became, cell{of: what, quarter: q, n: 100})
			}
		}
		for i := range maxAsked {
			one.asked = append(one.asked, cell{of: d.number(fmt.Sprintf("res_%d", (i*7+k)%50_000)), quarter: uint8(i % quartersDay), n: 2})
		}
		d.days, times = append(d.days, one), append(times, begin.AddDate(0, 0, k+1))
	}
	for b.Loop() {
		if got, err := d.Between(b.Context(), times, 10); err != nil || got.All.Made == 0 {
			b.Fatal(got, err)
		}
	}
}
