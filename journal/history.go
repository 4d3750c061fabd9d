package journal

import (
	"context"

	"procyon/access"
)

// History reads the past of a subject out of a store's journal, as access.Options wants
// it.
func History(store Store) func(ctx context.Context, subject string, after uint64, limit int) ([]access.Step, error) {
	return func(ctx context.Context, subject string, after uint64, limit int) ([]access.Step, error) {
		entries, err := store.Subject(ctx, subject, after, limit)
		steps := make([]access.Step, len(entries))
		for i, e := range entries {
			steps[i] = access.Step{Version: e.Version, Type: e.Type, At: e.At, Actor: e.Actor, After: e.After}
		}
		return steps, err
	}
}
