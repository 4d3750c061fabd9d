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
	p := store.Page{First: userChunk}
	for {
		l, err := s.Users(ctx, UserFilter{}, p)
		if err != nil {
			return err
		}
		for _, d := range l.Docs {
			u, err := Decode[User](d)
			if err == nil {
				err = visit(u)
			}
			if err != nil {
				return err
			}
		}
		if !l.Next || len(l.Docs) == 0 {
			return nil
		}
		p.After = l.Docs[len(l.Docs)-1].Position()
	}
}
