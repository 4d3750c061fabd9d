package auth

import (
	"context"
	"errors"
	"fmt"
	"io"

	"procyon/access"
	"procyon/store"
)

const defaultAdmin = "admin@localhost"

// EnsureAdmin makes the first administrator on the first start: with that e-mail
// address (empty: admin@localhost) and password (empty: a random one). Where
// some administrator has a password already it does nothing and printed is "". printed
// is what to show to the operator, once: it holds the password if that is random.
func (s *Service) EnsureAdmin(ctx context.Context, email, password string) (printed string, err error) {
	docs, err := s.docs.List(ctx, store.Query{Term: termAdminCredential, Limit: 1})
	if err != nil || len(docs) > 0 {
		return "", err
	}
	if email == "" {
		email = defaultAdmin
	}
	words := "The administrator " + email + " signs in with the password that was set for the first start."
	if password == "" {
		if password, err = s.randomPassword(); err != nil {
			return "", err
		}
		words = fmt.Sprintf("The administrator %s signs in with the password %s (shown only now).", email, password)
	}
	if err := s.CheckPassword(password); err != nil {
		return "", err
	}
	u, err := s.ensureAdminUser(ctx, email)
	if err != nil {
		return "", err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.putCredential(ctx, u, credential{}, credential{Hash: hash, Epoch: 1})
	if errors.Is(err, store.ErrVersion) {
		return "", nil // another server, which also starts, was faster
	}
	if err != nil {
		return "", err
	}
	return words, nil
}

// ensureAdminUser makes the person, unless a start that did not get further, or
// another server's, already has.
func (s *Service) ensureAdminUser(ctx context.Context, email string) (access.User, error) {
	by := access.Actor{Kind: access.ActorSystem, ID: "system", Name: "Procyon", Via: "system", Admin: true}
	u, err := s.dir.CreateUser(ctx, by, access.NewUser{Email: email, Name: "Administrator", Admin: true})
	if access.CodeOf(err) != access.CodeDuplicate {
		return u, err
	}
	u, err = s.dir.UserByEmail(ctx, email)
	if err == nil && (!u.Admin || u.Disabled) {
		return u, access.Errorf(access.CodeConflict, "email", "There is no administrator yet, and %s is somebody who isn't one; name another e-mail address.", email)
	}
	return u, err
}

// passwordLetters has 32 letters and digits that are not easily taken for each other.
const passwordLetters = "abcdefghijkmnpqrstuvwxyz23456789"

// randomPassword returns 24 characters: 120 random bits.
func (s *Service) randomPassword() (string, error) {
	b := make([]byte, 24)
	if _, err := io.ReadFull(s.opts.Rand, b); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	for i := range b {
		b[i] = passwordLetters[int(b[i])%len(passwordLetters)]
	}
	return string(b), nil
}
