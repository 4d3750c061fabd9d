package auth

import (
	"context"
	"errors"
	"fmt"

	"procyon/access"
)

// SignIn checks an e-mail address and a password and starts a session. It
// returns ErrCredentials where they are wrong, in the same time whether there is
// such a person or not, and *TooManyError where the address or the person was
// tried too often or the gateway is flooded. remoteAddr is the client's network
// address, with or without port: not that of a proxy, or all behind it are
// limited together.
func (s *Service) SignIn(ctx context.Context, email, password, remoteAddr string) (Session, error) {
	person, address := emailKey(email), addressKey(remoteAddr)
	if wait := s.address.take(address, s.now()); wait > 0 {
		return Session{}, &TooManyError{RetryAfter: wait}
	}
	if wait := s.email.take(person, s.now()); wait > 0 {
		return Session{}, &TooManyError{RetryAfter: wait}
	}
	u, c, err := s.checkCredentials(ctx, email, password)
	if err != nil {
		if !errors.Is(err, ErrCredentials) { // nothing was tried
			s.address.giveBack(address)
			s.email.giveBack(person)
		}
		return Session{}, err
	}
	s.address.giveBack(address)
	s.email.reset(person)
	return s.startSession(ctx, u.ID, c)
}

// checkCredentials does the same work whatever is wrong: a look-up of the
// person, one of the credential, and one hash.
func (s *Service) checkCredentials(ctx context.Context, email, password string) (access.User, credential, error) {
	u, err := s.dir.UserByEmail(ctx, email)
	known := err == nil
	if !known && access.CodeOf(err) != access.NotFound {
		return u, credential{}, fmt.Errorf("look up a person: %w", err)
	}
	if !known {
		u = access.User{ID: "usr_nobody"}
	}
	var c credential
	version, err := s.get(ctx, credentialID(u.ID), &c)
	if err != nil {
		return u, c, err
	}
	want := s.decoy()
	if version > 0 {
		if want, err = parsePHC(c.Hash); err != nil {
			return u, c, fmt.Errorf("%s: %w", credentialID(u.ID), err)
		}
	}
	if len(password) > maxPassword {
		want, password = s.decoy(), "" // nobody has such a password
	}
	match, err := s.verify(ctx, want, password)
	if err != nil {
		return u, c, err
	}
	if !match || !known || u.Disabled {
		return u, c, ErrCredentials
	}
	if want.weaker(s.cost) {
		return u, c, s.rehash(ctx, u, version, c, password)
	}
	return u, c, nil
}

// rehash replaces a hash that is cheaper to guess at than today's. Where
// somebody else is faster, it is left to them.
func (s *Service) rehash(ctx context.Context, u access.User, version uint64, c credential, password string) error {
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.putCredential(ctx, u, version+1, credential{Hash: hash, Epoch: c.Epoch})
	if errors.Is(err, access.ErrStale) {
		return nil
	}
	return err
}
