package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"procyon/access"
	"procyon/store"
)

// oneTimeTTL is how long a one-time password may wait to be used.
const oneTimeTTL = 7 * 24 * time.Hour

// CreateUser adds a person, by access.Directory. With withPassword they get a one-time
// password, as by OneTimePassword, which is returned: "" where there is none, or where an
// earlier call with the same idempotency key gave it to them. Only an administrator whose
// own token does not limit them, or the system, may do it.
func (s *Service) CreateUser(ctx context.Context, by access.Actor, in access.NewUser, withPassword bool) (access.User, string, error) {
	if err := s.managing(ctx, by, access.Errorf(access.CodeForbidden, "", "Only an administrator can add people.")); err != nil {
		return access.User{}, "", err
	}
	var p oneTime
	if withPassword {
		var err error
		if p, err = s.newOneTime(ctx); err != nil { // before anything is changed
			return access.User{}, "", err
		}
	}
	u, err := s.dir.CreateUser(ctx, by, in)
	if err != nil || !withPassword || u.Disabled || u.Identity != nil || u.ID == by.ID {
		return u, "", err
	}
	was, err := s.credential(ctx, u.ID)
	if err != nil || was.version > 0 {
		return u, "", err
	}
	err = s.setPassword(ctx, by, u, was, p.credential)
	if errors.Is(err, store.ErrVersion) { // the same call, at the same time
		return u, "", nil
	}
	return u, p.password, err
}

// OneTimePassword gives a person a random password that is good for one thing, once and
// within seven days: to choose another when they sign in. So nobody else knows with what
// they sign in from then on. All of their sessions end. It is returned once and kept
// nowhere.
//
// Only an administrator whose own token does not limit them, or the system, may do it; not
// for themselves (see ChangePassword), and an administrator not for those who sign in
// through an identity provider: there it would be nothing but a way into their account.
func (s *Service) OneTimePassword(ctx context.Context, by access.Actor, userID string) (access.User, string, error) {
	if err := s.managing(ctx, by, access.Errorf(access.CodeForbidden, "", "Only an administrator can give somebody a one-time password.")); err != nil {
		return access.User{}, "", err
	}
	if by.ID == userID {
		return access.User{}, "", access.Errorf(access.CodeConflict, "userId", "This is you. Change your own password, with the present one.")
	}
	u, err := s.dir.User(ctx, userID)
	if err != nil {
		return u, "", access.Moved("id", "userId", err)
	}
	if u.Disabled {
		return u, "", access.Errorf(access.CodeConflict, "userId", "%s is disabled; enable them first.", u.Name)
	}
	if u.Identity != nil && by.Kind != access.ActorSystem {
		return u, "", access.Errorf(access.CodeConflict, "userId", "%s signs in through the identity provider, and needs no password. Who runs the server can set one all the same.", u.Name)
	}
	p, err := s.newOneTime(ctx)
	if err != nil {
		return u, "", err
	}
	return u, p.password, s.replacePassword(ctx, by, u, p.credential)
}

// oneTime is a one-time password and what is to be stored of it.
type oneTime struct {
	password   string
	credential credential
}

func (s *Service) newOneTime(ctx context.Context) (oneTime, error) {
	password, err := s.randomPassword()
	if err != nil {
		return oneTime{}, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return oneTime{}, busy(err)
	}
	return oneTime{password, credential{Hash: hash, OneTime: true, ExpiresAt: s.now().Add(oneTimeTTL)}}, nil
}

// ChangePassword replaces a person's own password, which they give once more. All of
// their sessions end, also the one in which they do it. How often it can be tried is
// limited, right or wrong, as signing in is: LIMITED.
func (s *Service) ChangePassword(ctx context.Context, by access.Actor, current, password string) (access.User, error) {
	if by.Kind != access.ActorUser || !unlimited(by) {
		return access.User{}, access.Errorf(access.CodeForbidden, "", "A password is changed by the person whose it is.")
	}
	if err := s.CheckPassword(password); err != nil {
		return access.User{}, err
	}
	u, err := s.person(ctx, by.ID)
	if err != nil {
		return access.User{}, err
	}
	was, err := s.credential(ctx, u.ID)
	if err != nil {
		return access.User{}, err
	}
	if was.version == 0 || was.over(s.now()) {
		return u, access.Errorf(access.CodeConflict, "currentPassword", "You have no password here. An administrator can give you a one-time password, with which you choose one.")
	}
	if err := s.provePassword(ctx, u, was, current); err != nil {
		return access.User{}, err
	}
	if password == current {
		return u, errSamePassword()
	}
	return u, s.choosePassword(ctx, by, u, was, password)
}

// provePassword checks that who is signed in knows their password. Each try counts, also
// one that is right: the hashes of it keep others waiting.
func (s *Service) provePassword(ctx context.Context, u access.User, c credential, password string) error {
	own := count{&s.limits.own, u.ID}
	if wait := s.limits.begin(s.now(), own); wait > 0 {
		return access.Errorf(access.CodeLimited, "currentPassword", "There were too many tries to change this password; try again in %s.", max(wait.Round(time.Second), time.Second))
	}
	want, err := parsePHC(c.Hash)
	if err != nil {
		s.limits.undo(s.now(), own)
		return fmt.Errorf("%s: %w", credentialID(u.ID), err)
	}
	if len(password) > maxPassword {
		want, password = s.decoy(), "" // nobody has such a password
	}
	match, err := s.verify(ctx, s.kept, want, password)
	switch {
	case err != nil: // nothing was tried
		s.limits.undo(s.now(), own)
		return busy(err)
	case !match:
		return access.Errorf(access.CodeInvalid, "currentPassword", "This is not your present password.")
	}
	return nil
}

// busy makes an expected failure of a gate that is full.
func busy(err error) error {
	var full *TooManyError
	if errors.As(err, &full) {
		return access.Errorf(access.CodeLimited, "", "Too many people are signing in; try again in %s.", full.RetryAfter)
	}
	return err
}

func errSamePassword() error {
	return access.Errorf(access.CodeInvalid, "password", "This is the password that you have already; choose another.")
}

// choosePassword replaces a password that a person has just proven to know.
func (s *Service) choosePassword(ctx context.Context, by access.Actor, u access.User, was credential, password string) error {
	hash, err := s.hash(ctx, password)
	if err != nil {
		return busy(err)
	}
	err = s.setPassword(ctx, by, u, was, credential{Hash: hash})
	if errors.Is(err, store.ErrVersion) {
		return access.Errorf(access.CodeConflict, "password", "The password was changed meanwhile; nothing was changed now.")
	}
	return err
}
