package auth

import (
	"context"
	"errors"
	"fmt"

	"procyon/access"
	"procyon/store"
)

// Attempt is one try to sign in with a password.
type Attempt struct {
	Email, Password string
	// NewPassword replaces a one-time password, which opens nothing else. It is not looked
	// at where the password is any other.
	NewPassword string
	// RemoteAddr is the client's network address, with or without port: not that of a
	// proxy, or all behind it are limited together.
	RemoteAddr string
	// Browser is what BrowserToken returned.
	Browser string
}

// SignIn checks an e-mail address and a password and starts a session. Where the password
// is right and a one-time one, it is replaced first: *ChooseError says that a new one is
// needed, or what is wrong with it. It returns ErrCredentials where they are wrong, in the
// same time whether there is such a person or not, and *TooManyError where tries have to
// wait (see limits) or the server is flooded.
func (s *Service) SignIn(ctx context.Context, a Attempt) (Session, error) {
	counts, places, err := s.admit(ctx, a)
	if err != nil {
		return Session{}, err
	}
	u, c, err := s.checkCredentials(ctx, places, a.Email, a.Password)
	switch {
	case err == nil:
		s.limits.succeed(s.now(), counts...)
	case !errors.Is(err, ErrCredentials): // nothing was tried
		s.limits.undo(s.now(), counts...)
	}
	if err != nil {
		return Session{}, err
	}
	if c.OneTime {
		if c, err = s.useUp(ctx, u, c, a); err != nil {
			return Session{}, err
		}
	}
	return s.startSession(ctx, u.ID, c, s.now(), a.Browser)
}

// useUp replaces a one-time password that was right. Of several who try at once, one gets
// it.
func (s *Service) useUp(ctx context.Context, u access.User, c credential, a Attempt) (credential, error) {
	if a.NewPassword == "" {
		return c, &ChooseError{}
	}
	err := s.CheckPassword(a.NewPassword)
	if err == nil && a.NewPassword == a.Password {
		err = errSamePassword()
	}
	var wrong *access.Error
	if errors.As(err, &wrong) {
		return c, &ChooseError{Wrong: wrong.Message}
	}
	hash, err := s.hash(ctx, a.NewPassword)
	if err != nil {
		return c, err
	}
	by, err := s.dir.Actor(ctx, u)
	if err != nil {
		return c, err
	}
	by.Via = viaConsole
	chosen := credential{Hash: hash}
	err = s.setPassword(ctx, by, u, c, chosen)
	if errors.Is(err, store.ErrVersion) {
		return c, ErrCredentials
	}
	chosen.Epoch = c.Epoch + 1
	return chosen, err
}

// admit lets a try begin. It returns where that counts, and the gate it has to pass; or
// a *TooManyError where it has to wait.
func (s *Service) admit(ctx context.Context, a Attempt) ([]count, *gate, error) {
	known, err := s.knownBrowser(ctx, a.Browser, a.Email)
	if err != nil {
		return nil, nil, err
	}
	if own := (count{&s.limits.browser, known}); known != "" && s.limits.begin(s.now(), own) == 0 {
		return []count{own}, s.kept, nil
	}
	counts := s.limits.stranger(a.Email, addressKey(a.RemoteAddr))
	if wait := s.limits.begin(s.now(), counts...); wait > 0 {
		return nil, nil, &TooManyError{RetryAfter: wait}
	}
	return counts, s.gate, nil
}

// Vouched runs ask, which has somebody else vouch for a person, such as an identity
// provider, and returns its error. It bounds how often a network address may ask in
// vain, and how many ask at once: *TooManyError, without asking.
func (s *Service) Vouched(ctx context.Context, remoteAddr string, ask func() error) error {
	from := count{&s.limits.outside, addressKey(remoteAddr)}
	if wait := s.limits.begin(s.now(), from); wait > 0 {
		return &TooManyError{RetryAfter: wait}
	}
	leave, err := s.outside.enter(ctx)
	if err != nil {
		s.limits.undo(s.now(), from)
		return err
	}
	defer leave()
	if err := ask(); err != nil {
		return err
	}
	s.limits.undo(s.now(), from)
	return nil
}

// checkCredentials does the same work whatever is wrong: a look-up of the
// person, one of the credential, and one hash.
func (s *Service) checkCredentials(ctx context.Context, places *gate, email, password string) (access.User, credential, error) {
	u, err := s.dir.UserByEmail(ctx, email)
	known := err == nil
	if !known && access.CodeOf(err) != access.CodeNotFound {
		return u, credential{}, fmt.Errorf("look up a person: %w", err)
	}
	if !known {
		u = access.User{ID: "usr_nobody"}
	}
	c, err := s.credential(ctx, u.ID)
	if err != nil {
		return u, c, err
	}
	want := s.decoy()
	if c.version > 0 {
		if want, err = parsePHC(c.Hash); err != nil {
			return u, c, fmt.Errorf("%s: %w", credentialID(u.ID), err)
		}
	}
	if len(password) > maxPassword {
		want, password = s.decoy(), "" // nobody has such a password
	}
	match, err := s.verify(ctx, places, want, password)
	if err != nil {
		return u, c, err
	}
	if !match || !known || u.Disabled || c.over(s.now()) {
		return u, c, ErrCredentials
	}
	if want.weaker(s.cost) && !c.OneTime {
		return u, c, s.rehash(ctx, u, c, password)
	}
	return u, c, nil
}

// rehash replaces a hash that is cheaper to guess at than today's. Where
// somebody else is faster, it is left to them.
func (s *Service) rehash(ctx context.Context, u access.User, c credential, password string) error {
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.putCredential(ctx, u, c, credential{Hash: hash, Epoch: c.Epoch})
	if errors.Is(err, store.ErrVersion) {
		return nil
	}
	return err
}
