package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"procyon/store"
)

// Session is a person's stay, from signing in to signing out. It ends when it
// was not used for Options.SessionTTL, at the latest after Options.SessionMax.
type Session struct {
	ID        string    // ses_…; not secret
	Token     string    // secret: who holds it is the person; goes into the cookie
	UserID    string    // usr_…
	ExpiresAt time.Time // the latest end
	Browser   string    // secret: the token by which the browser is known from now on
}

// sessionRecord is what is stored of a session.
type sessionRecord struct {
	UserID    string    `json:"userId"`
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt"` // roughly: see touchPart
	// ProvedAt is when the person proved who they are: here, or to whoever vouched for them;
	// zero where that was not said, and of a session of a release that kept none.
	ProvedAt time.Time `json:"provedAt,omitzero"`
	// Epoch is the person's when it began: see access.User.
	Epoch int `json:"epoch,omitempty"`
}

const (
	sessionPrefix = "ses_"
	// touchPart is the part of its lifetime after which a session that is used
	// is prolonged: few requests pay for a write.
	touchPart = 24
	// maxSessions bounds what one person can fill the store with; the session
	// that would end first makes room.
	maxSessions = 50
)

func sessionTerm(userID string) string { return "auth/session=" + userID }

func (s *Service) sessionEnd(r sessionRecord) time.Time {
	idle, latest := r.SeenAt.Add(s.opts.SessionTTL), r.CreatedAt.Add(s.opts.SessionMax)
	if idle.Before(latest) {
		return idle
	}
	return latest
}

func (s *Service) putSession(ctx context.Context, id string, version uint64, r sessionRecord) error {
	return s.put(ctx, id, version, stamp(s.sessionEnd(r)), []string{sessionTerm(r.UserID), termExpiry}, r)
}

// startSession stores a new session of a person whose credential was just
// checked, and who proved who they are at a moment. browser is the token by which their
// browser was known, if any.
func (s *Service) startSession(ctx context.Context, userID string, checked credential, provedAt time.Time, browser string) (Session, error) {
	if err := s.makeRoom(ctx, userID); err != nil {
		return Session{}, err
	}
	token, err := s.newSecret()
	if err != nil {
		return Session{}, err
	}
	u, err := s.person(ctx, userID)
	if err != nil {
		return Session{}, err
	}
	now := s.now()
	v := Session{ID: hashed(sessionPrefix, token), Token: token, UserID: userID, ExpiresAt: now.Add(s.opts.SessionMax)}
	// What is stored of the browser is over by itself where the session can't begin.
	if v.Browser, err = s.remember(ctx, u, checked, browser); err != nil {
		return Session{}, err
	}
	if err := s.putSession(ctx, v.ID, 1, sessionRecord{UserID: userID, CreatedAt: now, SeenAt: now, ProvedAt: provedAt, Epoch: u.Epoch}); err != nil {
		return Session{}, err
	}
	// See setPassword: a password that was replaced meanwhile opens nothing.
	var c credential
	_, err = s.get(ctx, credentialID(userID), &c)
	if err == nil && c.Epoch != checked.Epoch {
		err = ErrCredentials
	}
	if err != nil {
		return Session{}, errors.Join(err, s.docs.Delete(ctx, v.ID))
	}
	s.saw(ctx, userID, now)
	return v, nil
}

// SignInPerson starts a session of a person whom somebody else has just vouched for,
// such as an identity provider. provedAt is when the person proved to them who they are, zero
// where they don't say; browser is what BrowserToken returned.
func (s *Service) SignInPerson(ctx context.Context, userID string, provedAt time.Time, browser string) (Session, error) {
	var c credential
	if _, err := s.get(ctx, credentialID(userID), &c); err != nil {
		return Session{}, err
	}
	if now := s.now(); provedAt.After(now) { // by another clock
		provedAt = now
	}
	return s.startSession(ctx, userID, c, provedAt, browser)
}

// makeRoom clears away what is long over, and the person's oldest session where
// they have too many.
func (s *Service) makeRoom(ctx context.Context, userID string) error {
	if _, err := s.Sweep(ctx); err != nil {
		return err
	}
	docs, err := s.docs.List(ctx, store.Query{Term: sessionTerm(userID), Limit: maxSessions})
	if err != nil || len(docs) < maxSessions {
		return err
	}
	return s.end(ctx, docs[0].ID)
}

// SignOut ends the session of a token; where there is none it does nothing.
func (s *Service) SignOut(ctx context.Context, token string) error {
	if !isSecret(token) {
		return nil
	}
	id := hashed(sessionPrefix, token)
	var r sessionRecord
	version, err := s.get(ctx, id, &r)
	if err != nil || version == 0 {
		return err // nobody else has to hear of what a stranger makes up
	}
	return s.end(ctx, id)
}

// end deletes sessions, tokens and known browsers; checks of this process forget them at
// once, those of others within seconds. Whatever ends one before its time goes through here.
func (s *Service) end(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.docs.Delete(ctx, ids...)
	s.checks.forget(ids...)
	return errors.Join(err, s.announce(ctx))
}

// bySession returns who holds a session's token, or ErrUnauthenticated.
func (s *Service) bySession(ctx context.Context, token string) (*Principal, error) {
	if !isSecret(token) {
		return nil, ErrUnauthenticated
	}
	id := hashed(sessionPrefix, token)
	var r sessionRecord
	version, err := s.get(ctx, id, &r)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if version == 0 || !now.Before(s.sessionEnd(r)) {
		return nil, ErrUnauthenticated
	}
	u, err := s.person(ctx, r.UserID)
	if err == nil && u.Epoch != r.Epoch {
		err = ErrUnauthenticated
	}
	if err != nil {
		return nil, err
	}
	if now.Sub(r.SeenAt) >= s.opts.SessionTTL/touchPart {
		// It may fail: somebody else prolongs or ends it, or the store is
		// busy. This request is good all the same.
		r.SeenAt = now
		_ = s.putSession(ctx, id, version+1, r)
		s.saw(ctx, r.UserID, now)
	}
	a, err := s.dir.Actor(ctx, u)
	if err != nil {
		return nil, err
	}
	a.Via, a.SignedInAt = viaConsole, r.ProvedAt
	return &Principal{Actor: a, SessionID: id, ExpiresAt: s.sessionEnd(r)}, nil
}

// Session returns the context in which r's sender acts by their session alone,
// whatever token the request also carries, with the session's CSRF token. It
// returns ErrUnauthenticated where there is no session or it is over. It does
// not look at where the request comes from: a form has to carry the CSRF token.
func (s *Service) Session(r *http.Request) (context.Context, string, error) {
	token := s.CookieToken(r)
	p, err := s.bySession(r.Context(), token)
	if err != nil {
		return nil, "", err
	}
	return WithPrincipal(r.Context(), p), CSRFToken(token), nil
}
