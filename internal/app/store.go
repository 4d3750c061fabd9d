package app

import (
	"context"
	"fmt"
	"strings"

	"procyon/journal"
	"procyon/store/mongo"
	"procyon/store/sqlite"
)

// storeRow is a kind of store, by how its addresses begin.
type storeRow struct {
	scheme string
	form   string // how people are told to write one; "" where another row says it
	open   func(ctx context.Context, address string) (journal.Store, error)
}

// storeTable has a row for each kind of store.
func storeTable() []storeRow {
	return []storeRow{
		{"sqlite:", "sqlite:PATH", func(ctx context.Context, address string) (journal.Store, error) {
			return sqlite.Open(ctx, strings.TrimPrefix(address, "sqlite:"))
		}},
		{"mongodb://", "mongodb://…", openMongo},
		{"mongodb+srv://", "", openMongo},
	}
}

func openMongo(ctx context.Context, address string) (journal.Store, error) {
	return mongo.Open(ctx, address)
}

// OpenStore opens the store at an address, as the setting PROCYON_STORE has it. Whoever
// opens it closes it.
func OpenStore(ctx context.Context, address string) (journal.Store, error) {
	for _, row := range storeTable() {
		if rest, ok := strings.CutPrefix(address, row.scheme); ok && rest != "" {
			return row.open(ctx, address)
		}
	}
	return nil, fmt.Errorf("PROCYON_STORE must be %s", StoreForms())
}

// StoreForms says how the address of a store is written, for people.
func StoreForms() string {
	var forms []string
	for _, row := range storeTable() {
		if row.form != "" {
			forms = append(forms, row.form)
		}
	}
	return strings.Join(forms, " or ")
}
