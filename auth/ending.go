package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"procyon/access"
	"procyon/store"
)

// SessionInfo describes a session; it does not hold the secret.
type SessionInfo struct {
	ID        string    `json:"id"` // ses_…
	UserID    string    `json:"userId"`
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt"`    // roughly: to half an hour
	ExpiresAt time.Time `json:"expiresAt"` // if it is not used until then
}

func (s *Service) sessionInfo(id string, r sessionRecord) SessionInfo {
	return SessionInfo{ID: id, UserID: r.UserID, CreatedAt: r.CreatedAt, SeenAt: r.SeenAt, ExpiresAt: s.sessionEnd(r)}
}

// Sessions lists the sessions of a person that are not over, the last to end first. Each
// document holds a SessionInfo.
func (s *Service) Sessions(ctx context.Context, userID string, p store.Page) (store.Listed, error) {
	epoch, err := s.epoch(ctx, userID)
	if err != nil {
		return store.Listed{}, err
	}
	now := s.now()
	return listed(ctx, s.docs, sessionTerm(userID), p, func(id string, r sessionRecord) (any, bool) {
		return s.sessionInfo(id, r), now.Before(s.sessionEnd(r)) && r.Epoch == epoch
	})
}

// SessionByID returns a session that is not over, or a NOT_FOUND *access.Error.
func (s *Service) SessionByID(ctx context.Context, id string) (SessionInfo, error) {
	if !strings.HasPrefix(id, sessionPrefix) {
		return SessionInfo{}, noSession()
	}
	var r sessionRecord
	version, err := s.get(ctx, id, &r)
	if err != nil {
		return SessionInfo{}, err
	}
	epoch, err := s.epoch(ctx, r.UserID)
	if err != nil {
		return SessionInfo{}, err
	}
	if version == 0 || !s.now().Before(s.sessionEnd(r)) || r.Epoch != epoch {
		return SessionInfo{}, noSession()
	}
	return s.sessionInfo(id, r), nil
}

func noSession() error {
	return access.Errorf(access.CodeNotFound, "id", "There is no such session.")
}

// EndSession ends a session by its ID, at once in this process and within seconds in
// others. Whose it is, an administrator and the system may; for anybody else there is no
// such session.
func (s *Service) EndSession(ctx context.Context, by access.Actor, id string) error {
	v, err := s.SessionByID(ctx, id)
	if err == nil {
		err = s.ownOrManaging(ctx, by, v.UserID, noSession())
	}
	if err != nil {
		return err
	}
	if by.ID != v.UserID {
		if err := s.dir.RecordSessionsEnded(ctx, by, v.UserID, id, 1); err != nil {
			return err
		}
	}
	through, done := carryThrough(ctx)
	defer done()
	return s.end(through, id)
}

// carryThroughIn is how long a change may take from where it is in the journal.
const carryThroughIn = 10 * time.Second

// carryThrough makes the context of a change that is in the journal and has yet to be
// made: it goes on though whoever asked for it has gone, or their time is over. done is
// to be called when it is made.
func carryThrough(ctx context.Context) (through context.Context, done context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), carryThroughIn)
}

// EndSessions ends all sessions of a person but one ("": all), as SignOutAll does, and
// returns how many of them were not over. The person, an administrator and the system
// may; to anybody else it is FORBIDDEN.
func (s *Service) EndSessions(ctx context.Context, by access.Actor, userID, but string) (int, error) {
	if err := s.ownOrManaging(ctx, by, userID, access.Errorf(access.CodeForbidden, "userId", "You can end your own sessions only.")); err != nil {
		return 0, err
	}
	if _, err := s.dir.User(ctx, userID); err != nil {
		return 0, err
	}
	l, err := s.Sessions(ctx, userID, store.Page{First: 2 * maxSessions})
	if err != nil {
		return 0, err
	}
	count := 0
	for _, d := range l.Docs {
		if d.ID != but {
			count++
		}
	}
	if by.ID != userID && count > 0 {
		if err := s.dir.RecordSessionsEnded(ctx, by, userID, "", count); err != nil {
			return 0, err
		}
	}
	through, done := carryThrough(ctx)
	defer done()
	return count, s.signOutAll(through, userID, but)
}

// Over is what was ended of somebody who was disabled.
type Over struct{ Sessions, Tokens int }

// EndDisabled clears away what was a person's, or a service account's, who was just
// disabled: sessions, tokens and known browsers. All of that opens nothing from the moment
// of the disabling, by its epoch; this makes this process forget at once that it did, and
// counts what was not over by itself. It is harmless to repeat.
func (s *Service) EndDisabled(ctx context.Context, id string) (Over, error) {
	var over Over
	epoch, err := s.epoch(ctx, id)
	if err != nil {
		return over, err
	}
	now := s.now()
	over.Tokens, err = endEarlier(ctx, s, tokenTerm(id), func(r tokenRecord) (earlier, counts bool) {
		return r.Epoch < epoch, now.Before(r.ExpiresAt)
	})
	if err != nil {
		return over, err
	}
	if access.KindOf(id) != access.KindUser {
		return over, nil
	}
	over.Sessions, err = endEarlier(ctx, s, sessionTerm(id), func(r sessionRecord) (earlier, counts bool) {
		return r.Epoch < epoch, now.Before(s.sessionEnd(r))
	})
	if err != nil {
		return over, err
	}
	return over, s.endAll(ctx, browserTerm(id), "")
}

// endEarlier ends those records under a term that are of an earlier epoch, and returns
// how many of them count.
func endEarlier[R any](ctx context.Context, s *Service, term string, judge func(R) (earlier, counts bool)) (int, error) {
	n := 0
	for docs, err := range store.EachPage(ctx, s.docs, term, 2*maxSessions) {
		if err != nil {
			return n, err
		}
		var ids []string
		for _, d := range docs {
			r, err := access.Decode[R](d)
			if err != nil {
				return n, err
			}
			earlier, counts := judge(r)
			if earlier {
				ids = append(ids, d.ID)
			}
			if earlier && counts {
				n++
			}
		}
		if err := s.end(ctx, ids...); err != nil {
			return n, err
		}
	}
	return n, nil
}

// SignOutAll ends all sessions of a person, and that browsers are known as theirs.
// Their tokens stay. Who is disabled needs none of this: their sessions, tokens and
// browsers are of an earlier epoch.
func (s *Service) SignOutAll(ctx context.Context, userID string) error {
	return s.signOutAll(ctx, userID, "")
}

// signOutAll ends all sessions but one.
func (s *Service) signOutAll(ctx context.Context, userID, but string) error {
	return errors.Join(s.endAll(ctx, sessionTerm(userID), but), s.endAll(ctx, browserTerm(userID), ""))
}

// endAll ends what is listed under one term, but for one.
func (s *Service) endAll(ctx context.Context, term, but string) error {
	for range 2 * maxSessions { // each round ends some; more than one is rare
		docs, err := s.docs.List(ctx, store.Query{Term: term, Limit: 2 * maxSessions})
		if err != nil {
			return fmt.Errorf("list what is to end: %w", err)
		}
		var ids []string
		for _, d := range docs {
			if d.ID != but {
				ids = append(ids, d.ID)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		if err := s.end(ctx, ids...); err != nil {
			return err
		}
	}
	return access.Errorf(access.CodeConflict, "", "New sessions began as fast as others were ended; try again.")
}
