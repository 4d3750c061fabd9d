package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"procyon/journal"
	"procyon/store/mongo"
	"procyon/store/sqlite"
)

// storeRow is a kind of store, by how its addresses begin.
type storeRow struct {
	scheme string
	form   string // how people are told to write one; "" where another row says it
	open   func(ctx context.Context, address string, o StoreOptions) (journal.Store, error)
}

// storeTable has a row for each kind of store.
func storeTable() []storeRow {
	return []storeRow{
		{"sqlite:", "sqlite:PATH", func(ctx context.Context, address string, o StoreOptions) (journal.Store, error) {
			return sqlite.OpenWith(ctx, strings.TrimPrefix(address, "sqlite:"), sqlite.Options(o))
		}},
		{"mongodb://", "mongodb://…", openMongo},
		{"mongodb+srv://", "", openMongo},
	}
}

func openMongo(ctx context.Context, address string, o StoreOptions) (journal.Store, error) {
	return mongo.OpenNoting(ctx, address, o.Note)
}

// StoreOptions say how a store is opened.
type StoreOptions struct {
	// Note hears of what takes long, in sentences for people: where the store of an earlier
	// release is brought up to date.
	Note func(string)
	// Once says that much is read, and all of it once.
	Once bool
}

// OpenStore opens the store at an address, as the setting PROCYON_STORE has it. Whoever
// opens it closes it.
func OpenStore(ctx context.Context, address string, o StoreOptions) (journal.Store, error) {
	for _, row := range storeTable() {
		if rest, ok := strings.CutPrefix(address, row.scheme); ok && rest != "" {
			return row.open(ctx, address, o)
		}
	}
	return nil, fmt.Errorf("PROCYON_STORE must be %s", StoreForms())
}

// NeedStore refuses the address of a file that is not there, before to open it would make
// an empty store: who asks about what is in a store, from another folder than the gateway's,
// would be told of nothing. What else is wrong with an address is for [OpenStore].
func NeedStore(address string) error {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("PROCYON_STORE: there is no file %s here; run this in the gateway's folder, or give the gateway's own --store (its first start makes it)", path)
	}
	return nil
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
