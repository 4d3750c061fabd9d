package auth

import (
	"context"

	"procyon/access"
)

// Finish makes sure that what an entry of the journal says has ended is over, whoever crashed
// before it was, or before they told the others: what this process knows of anybody is read
// anew. It is harmless to repeat; what began after the entry stays.
func (s *Service) Finish(ctx context.Context, r access.Revoked) error {
	if err := s.endRevoked(ctx, r); err != nil {
		return err
	}
	s.checks.forgetAll()
	return nil
}

func (s *Service) endRevoked(ctx context.Context, r access.Revoked) error {
	switch {
	case r.TokenID != "":
		if err := s.endLeft(ctx, r.TokenID); err != nil {
			return err
		}
		return s.endMadeWith(ctx, r.By, r.OwnerID, r.TokenID)
	case r.SessionID != "":
		return s.endLeft(ctx, r.SessionID)
	case r.AllSessions:
		_, err := endEarlier(ctx, s, sessionTerm(r.OwnerID), func(v sessionRecord) (earlier, counts bool) {
			return !v.CreatedAt.After(r.At), false
		})
		return err
	}
	return nil
}

// endLeft ends a session or token, if it is there still.
func (s *Service) endLeft(ctx context.Context, id string) error {
	docs, err := s.docs.Get(ctx, id)
	if err != nil || len(docs) == 0 {
		return err
	}
	return s.end(ctx, id)
}
