package delivery

import (
	"context"
	"encoding/json"
	"fmt"

	"procyon/access"
	"procyon/store"
)

// A consumer that was deleted is kept by its name for a while, and then forgotten. What
// remains is one number for all of them: no epoch of a forgotten consumer was higher. A
// consumer of a name that is not known begins above it, so an epoch never comes back.

// forgottenID is the document of that number.
const forgottenID = "con-forgotten"

type forgottenEpochs struct {
	Most int `json:"most"`
}

// forgotten is the highest epoch of the consumers that were forgotten.
func (l *Ledger) forgotten(ctx context.Context) (int, error) {
	f, _, err := l.readForgotten(ctx)
	return f.Most, err
}

func (l *Ledger) readForgotten(ctx context.Context) (f forgottenEpochs, version uint64, err error) {
	docs, err := l.docs.Get(ctx, forgottenID)
	if err != nil || len(docs) == 0 {
		return f, 0, err
	}
	f, err = access.Decode[forgottenEpochs](docs[0])
	return f, docs[0].Version, err
}

// expireDeleted forgets consumers that were deleted long ago. That their epochs are not to
// come back is stored before they are gone.
func (l *Ledger) expireDeleted(ctx context.Context) (int, error) {
	docs, err := l.old(ctx, deletedTerm, keepDeleted)
	if err != nil || len(docs) == 0 {
		return 0, err
	}
	most := 0
	for _, doc := range docs {
		c, err := access.Decode[Consumer](doc)
		if err != nil {
			return 0, err
		}
		most = max(most, c.Epoch)
	}
	err = retry(ctx, func() error {
		f, version, err := l.readForgotten(ctx)
		if err != nil || f.Most >= most {
			return err
		}
		data, err := json.Marshal(forgottenEpochs{most})
		if err != nil {
			return fmt.Errorf("encode the epochs that are forgotten: %w", err)
		}
		return l.docs.Put(ctx, store.Document{ID: forgottenID, Version: version + 1, Data: data})
	})
	if err != nil {
		return 0, err
	}
	return len(docs), l.docs.Remove(ctx, docs...)
}
