package access

import (
	"context"

	"procyon/store"
)

// userChunk is how many people EachUser reads at once.
const userChunk = 200

// EachUser visits all people by name, until visit fails. Whoever is renamed meanwhile may
// be visited twice, or not at all.
func (s *Service) EachUser(ctx context.Context, visit func(User) error) error {
	for docs, err := range store.EachPage(ctx, s.views, "usr/", userChunk) {
		if err != nil {
			return err
		}
		for _, d := range docs {
			u, err := Decode[User](d)
			if err == nil {
				err = visit(u)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
