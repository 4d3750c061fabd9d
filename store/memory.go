package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// Memory reads what is in memory as documents, for List: one that is asked for is encoded.
// It has no documents by ID.
type Memory[T any] struct {
	All []T // in the order of their places
	At  func(T) Position
}

// Get implements Reader.
func (Memory[T]) Get(context.Context, ...string) ([]Document, error) { return nil, nil }

// List implements Reader; the term makes no difference.
func (m Memory[T]) List(_ context.Context, q Query) ([]Document, error) {
	from, step := 0, 1
	if q.Desc {
		from, step = len(m.All)-1, -1
	}
	if q.After != nil {
		i, found := slices.BinarySearchFunc(m.All, *q.After, func(v T, p Position) int {
			at := m.At(v)
			return cmp.Or(cmp.Compare(at.Sort, p.Sort), cmp.Compare(at.ID, p.ID))
		})
		switch {
		case q.Desc:
			from = i - 1
		case found:
			from = i + 1
		default:
			from = i
		}
	}
	var docs []Document
	for i := from; i >= 0 && i < len(m.All) && len(docs) < q.Limit; i += step {
		data, err := json.Marshal(m.All[i])
		if err != nil {
			return nil, fmt.Errorf("encode what is in memory: %w", err)
		}
		at := m.At(m.All[i])
		docs = append(docs, Document{ID: at.ID, Sort: at.Sort, Data: data})
	}
	return docs, nil
}
