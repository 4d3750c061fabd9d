package graph

import (
	"context"

	"procyon/directory"
)

// directory is how the sync goes; nil where no directory ever called.
func (r *Resolver) directory(ctx context.Context) (*Directory, error) {
	st, err := r.Sync.State(ctx)
	if err != nil || st.LastCallAt.IsZero() {
		return nil, err
	}
	return &Directory{LastCallAt: st.LastCallAt, LastChangeAt: optionalTime(st.LastChangeAt), Refused: each(st.Refused, toDirectoryRefusal)}, nil
}

func toDirectoryRefusal(f directory.Refusal) *DirectoryRefusal {
	return &DirectoryRefusal{
		FirstAt: f.FirstAt, LastAt: f.LastAt, Count: f.Count, Method: f.Method, Resource: optional(f.Resource), ObjectID: optional(f.ID), Status: f.Status, Detail: f.Detail,
	}
}
