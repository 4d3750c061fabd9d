package auth

import (
	"context"

	"procyon/access"
	"procyon/store"
)

// RevokeToken ends a token by its ID, at once in this process and within seconds in
// others, and with it whatever its person has made with it. Its owner, an administrator
// and the system may; for anybody else there is no such token. Each is written into the
// journal before: a crash between the two leaves an entry and the token, which then ends by
// [Service.Finish], but none that is gone without an entry.
func (s *Service) RevokeToken(ctx context.Context, by access.Actor, id string) error {
	t, err := s.Token(ctx, id)
	if err == nil {
		err = s.ownOrManaging(ctx, by, t.OwnerID, noToken())
	}
	if err == nil {
		err = s.dir.RecordRevocation(ctx, by, t.OwnerID, id)
	}
	if err != nil {
		return err
	}
	through, done := carryThrough(ctx)
	defer done()
	if err := s.end(through, id); err != nil {
		return err
	}
	return s.endMadeWith(through, by, t.OwnerID, id)
}

// endMadeWith ends what a person has made with a token that is over, until no more is found:
// while some ended, others may have been stored; see stillGood for what is stored later.
func (s *Service) endMadeWith(ctx context.Context, by access.Actor, ownerID, id string) error {
	for over := map[string]bool{id: true}; ; {
		made, err := s.madeWith(ctx, ownerID, over)
		if err != nil || len(made) == 0 {
			return err
		}
		for _, m := range made {
			if err := s.dir.RecordRevocation(ctx, by, ownerID, m); err != nil {
				return err
			}
		}
		if err := s.end(ctx, made...); err != nil {
			return err
		}
	}
}

// madeWith returns the tokens of a person that were made with one of some that are over, or
// with one of these, and adds them to those that are over.
func (s *Service) madeWith(ctx context.Context, ownerID string, over map[string]bool) ([]string, error) {
	if access.KindOf(ownerID) != access.KindUser {
		return nil, nil
	}
	with := map[string][]string{}
	for docs, err := range store.EachPage(ctx, s.docs, tokenTerm(ownerID), 2*maxOwnTokens) {
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			r, err := access.Decode[tokenRecord](d)
			if err != nil {
				return nil, err
			}
			if r.MadeWith != "" && !over[d.ID] {
				with[r.MadeWith] = append(with[r.MadeWith], d.ID)
			}
		}
	}
	var made []string
	for id := range over {
		made = append(made, with[id]...)
	}
	for i := 0; i < len(made); i++ {
		made = append(made, with[made[i]]...)
	}
	for _, id := range made {
		over[id] = true
	}
	return made, nil
}

// stillGood returns an error where the session or token in ctx has ended since the call
// was authenticated. Asked once a new token is stored, it makes sure that nothing is made
// with what is over: who ends it either finds the new one, or is found here.
func (s *Service) stillGood(ctx context.Context) error {
	p := From(ctx)
	if p.stays() {
		return nil
	}
	a, err := s.readStanding(ctx, p)
	if err == nil && (!a.good || !s.now().Before(a.expires)) {
		err = ErrUnauthenticated
	}
	return err
}
