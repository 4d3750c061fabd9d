package access

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"procyon/policy"
)

// User implements Directory.
func (s *Subjects) User(ctx context.Context, id string) (User, error) {
	return Load[User](ctx, s, id, "id")
}

// UserByEmail implements Directory.
func (s *Service) UserByEmail(ctx context.Context, email string) (User, error) {
	u, ok, err := First[User](ctx, s.Subjects, userEmailTerm(email))
	if err == nil && !ok {
		err = Missing[User]("email")
	}
	return u, err
}

// CreateUser implements Directory.
func (s *Service) CreateUser(ctx context.Context, by Actor, in NewUser) (User, error) {
	name, err := CleanName("name", in.Name)
	if err != nil {
		return User{}, err
	}
	email, err := cleanEmail(in.Email)
	if err != nil {
		return User{}, err
	}
	c, err := s.creation(by, KindUser, in.IdempotencyKey, in)
	if err != nil {
		return User{}, err
	}
	return create[User](ctx, s.Subjects, by, c, func() (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		g, err := s.Free(ctx, userEmailTerm(email), "", errEmailTaken(email))
		now := s.Now()
		u := User{ID: c.id, Email: email, Name: name, Admin: in.Admin, CreatedAt: now, Asked: c.asked}
		if u.Admin && by.Kind == ActorUser {
			u.AdminBy = policy.Stamp{ByID: by.ID, At: now}
		}
		return created(u, now, append(guards, g)...), err
	})
}

// DisableUser keeps a person from signing in, from acting by tokens or through a service,
// and from being asked to decide, and ends what is theirs: their sessions and tokens are
// over at once, their pending requests are canceled, what was granted to them is
// revoked, what other rooms keep for them is ended (see Options.EndFor). Their history stays. The last administrator
// who can sign in can't be disabled.
//
// It returns once all of that is done, with what it ended. A crash in between is made up
// for by any server (see Schedule), by EnableUser, or by doing it again, which else
// changes nothing.
func (s *Service) DisableUser(ctx context.Context, by Actor, id string) (User, Ended, error) {
	u, err := s.manageUser(ctx, by, id, func(u *User) {
		disable(u)
		if u.Provisioned != nil {
			u.DisabledBy = SourceLocal // the directory enables them no more
		}
	})
	if err != nil {
		return u, Ended{}, err
	}
	ended, _, err := s.finishDisabling(ctx, by, u, 0)
	if err != nil {
		return u, ended, err
	}
	u, err = s.User(ctx, id)
	return u, ended, err
}

// disable keeps a person out, unless they are already.
func disable(u *User) {
	if !u.Disabled {
		u.Disabled, u.Ending = true, true
		u.Epoch++
	}
}

// finishDisabling ends what a person has who was disabled, and then says that all of it
// is done; u is the person right after that. Where they are enabled meanwhile it ends
// nothing more, and says nothing of a later disabling. It is harmless to repeat.
// enough and more are those of endGone.
func (s *Service) finishDisabling(ctx context.Context, by Actor, u User, enough int) (Ended, bool, error) {
	var terms []string
	for _, st := range openStatuses() {
		terms = append(terms, requestTerm(st, u.ID, "", ""))
	}
	ended, more, err := s.endGone(ctx, by, enough, terms...)
	if err == nil && !more && s.opts.EndFor != nil {
		err = s.opts.EndFor(ctx, by, u.ID)
	}
	if err != nil || more {
		return ended, more, err
	}
	_, err = s.changeUser(ctx, by, u.ID, func(now *User) {
		if now.Epoch == u.Epoch {
			now.Ending = false
		}
	})
	return ended, false, err
}

// EnableUser undoes DisableUser, but brings nothing back that it ended: what a crash, or
// an earlier release, has left is ended first. CONFLICT where they are disabled anew
// meanwhile.
func (s *Service) EnableUser(ctx context.Context, by Actor, id string) (User, error) {
	u, err := s.User(ctx, id)
	if err != nil || !u.Disabled {
		return u, err
	}
	if u.Left && !u.released() { // they stay disabled, but keep no name any more
		return s.manageUser(ctx, by, id, func(now *User) { now.DisabledBy = SourceSCIM })
	}
	if err := EnablingRefused(u); err != nil {
		return u, err
	}
	if _, _, err = s.finishDisabling(ctx, by, u, 0); err != nil {
		return u, err
	}
	anew := false
	after, err := s.manageUser(ctx, by, id, func(now *User) {
		if anew = now.Disabled && now.Epoch != u.Epoch; now.Disabled && !anew && !now.deactivated() {
			now.Disabled, now.Ending, now.DisabledBy = false, false, ""
			now.Epoch++
		}
	})
	if err == nil && after.deactivated() {
		err = errDeactivated(after)
	}
	if err == nil && anew {
		err = Errorf(CodeConflict, "id", "%s was disabled again meanwhile; look before you go on.", after.Name)
	}
	return after, err
}

// SetAdmin makes a person an administrator, or one no more. The last administrator who
// can sign in stays one. To repeat it changes nothing.
func (s *Service) SetAdmin(ctx context.Context, by Actor, id string, admin bool) (User, error) {
	return s.manageUser(ctx, by, id, func(u *User) {
		if u.Admin != admin {
			u.Admin, u.AdminBy = admin, policy.Stamp{ByID: by.ID, At: s.Now()}
			u.Edits = u.Edits.With(u.AdminBy)
		}
	})
}

// manageUser is changeUser for who may manage people at the time of the commit.
func (s *Service) manageUser(ctx context.Context, by Actor, id string, change func(u *User)) (User, error) {
	return s.changeUserIf(ctx, by, id, func() ([]Guard, error) { return s.asAdmin(ctx, by) }, change)
}

// asAdmin refuses a person who is no administrator by now, whatever they were when their
// call was authenticated, and whose session or token is over by now. It returns the guards
// that keep it so until the commit: the end of a token is written with its owner.
func (s *Service) asAdmin(ctx context.Context, by Actor) ([]Guard, error) {
	since := s.Head()
	if s.opts.Standing != nil {
		if err := s.opts.Standing(ctx); err != nil {
			return nil, err
		}
	}
	by, guards, err := s.AsOfNow(ctx, by)
	if by.Kind == ActorService {
		guards = append(guards, Guard{Key: by.ID, Since: since})
	}
	if err == nil && by.Kind == ActorUser && !by.Admin {
		err = Errorf(CodeForbidden, "", "Only an administrator can do this.")
	}
	return guards, err
}

// changeUser changes a person, but leaves somebody who can administrate.
func (s *Service) changeUser(ctx context.Context, by Actor, id string, change func(u *User)) (User, error) {
	return s.changeUserIf(ctx, by, id, func() ([]Guard, error) { return nil, nil }, change)
}

func (s *Service) changeUserIf(ctx context.Context, by Actor, id string, may func() ([]Guard, error), change func(u *User)) (User, error) {
	return Update(ctx, s.Subjects, by, id, "id", func(u User) (Effect, error) {
		guards, err := may()
		if err != nil {
			return Nothing(), err
		}
		before := u
		change(&u)
		if sameUser(u, before) {
			return Nothing(), nil
		}
		others, refused, err := s.stillAdministrated(ctx, before, u)
		if err == nil {
			err = refused
		}
		return updated(u, append(guards, others...)...), err
	})
}

// stillAdministrated says whether a change of a person leaves somebody who can
// administrate: refused is the CONFLICT where they are the last. The guards keep it so
// until the commit.
func (s *Service) stillAdministrated(ctx context.Context, before, after User) (guards []Guard, refused, failed error) {
	if !before.canAdministrate() || after.canAdministrate() {
		return nil, nil, nil
	}
	last := Errorf(CodeConflict, "id", "%s is the last administrator who can sign in; add another first.", before.Name)
	g, err := s.another(ctx, adminTerm, before.ID, last)
	if CodeOf(err) == CodeConflict {
		return nil, err, nil
	}
	return []Guard{g}, nil, err
}

// maxSubject is how long an issuer or a subject may be; a subject has at most 255
// characters (OpenID Connect Core, section 2).
const maxSubject = 255

// Identify returns the person whom an identity provider has just signed in. The first
// time they are tied to the person who has their e-mail address, or made anew, without
// any right; for both the provider must have verified the address, and nobody is tied by
// one that proves nothing (see User.EmailProves). FORBIDDEN says why
// somebody can't come in. The groups that the claims name are theirs for a day: see
// ClaimsHold. It is safe for concurrent use: an identity is one person's.
func (s *Service) Identify(ctx context.Context, by Actor, in SignedIn) (User, error) {
	if in.Issuer == "" || in.Subject == "" || len(in.Issuer) > maxSubject || len(in.Subject) > maxSubject {
		return User{}, Errorf(CodeInvalid, "subject", "The identity provider names nobody, or by too long a name.")
	}
	name := signedInName(in)
	var u User
	err := retry(ctx, func() error {
		known := Guard{Key: identityTerm(in.Identity), Since: s.Head()}
		have, err := s.identified(ctx, known.Key)
		switch {
		case err != nil:
		case have.ID != "" && !have.Left:
			u, err = s.welcome(ctx, by, have.ID, name)
		case have.Left && !have.released():
			err = errDisabled()
		default:
			u, err = s.tie(ctx, by, in, name, known, have.Left)
		}
		return err
	})
	if err != nil || in.Groups == nil {
		return u, err
	}
	return s.claimGroups(ctx, by, u.ID, in.Groups)
}

// identified returns the person of an identity: who is here rather than who left; the zero
// User where there is none.
func (s *Service) identified(ctx context.Context, term string) (User, error) {
	all, err := All[User](ctx, s.Subjects, term)
	if err != nil || len(all) == 0 {
		return User{}, err
	}
	return all[max(0, slices.IndexFunc(all, func(u User) bool { return !u.Left }))], nil
}

// welcome returns a person who was here before, as they are called now.
func (s *Service) welcome(ctx context.Context, by Actor, id, name string) (User, error) {
	return updateOnce(ctx, s.Subjects, by, id, "id", func(u User) (Effect, error) {
		switch {
		case u.Disabled:
			return Nothing(), errDisabled()
		case name == "" || u.Name == name || u.Provisioned != nil:
			return Nothing(), nil
		}
		u.Name = name
		return updated(u), nil
	})
}

func errDisabled() error {
	return Errorf(CodeForbidden, "", "Your account here is switched off. Ask an administrator.")
}

// tie ties an identity to the person who has its e-mail address, or makes one, unless it was
// somebody's whom the directory took away: then the directory has to make them first.
func (s *Service) tie(ctx context.Context, by Actor, in SignedIn, name string, known Guard, left bool) (User, error) {
	email, err := cleanEmail(in.Email)
	if err != nil || !in.EmailVerified {
		return User{}, Errorf(CodeForbidden, "email", "The identity provider does not say that your e-mail address is verified. Verify it there, or ask its administrator to pass on the claims email and email_verified.")
	}
	taken := Guard{Key: userEmailTerm(email), Since: s.Head()}
	have, ok, err := First[User](ctx, s.Subjects, taken.Key)
	if err != nil {
		return User{}, err
	}
	if left && (!ok || have.Provisioned == nil) {
		return User{}, errDisabled()
	}
	if !ok {
		if name == "" {
			name = email[:min(len(email), maxName)]
		}
		now, u := s.Now(), User{}
		fresh := User{ID: s.NewID(KindUser), Email: email, Name: name, CreatedAt: now, Identity: &in.Identity}
		err := s.commit(ctx, by, fresh.ID, 1, created(fresh, now, known, taken), &u)
		return u, err
	}
	return updateOnce(ctx, s.Subjects, by, have.ID, "email", func(u User) (Effect, error) {
		switch {
		case u.Disabled:
			return Nothing(), errDisabled()
		case Fold(u.Email) != Fold(email): // they were given another one in this moment
			return Nothing(), ErrRaced
		case u.Identity != nil, !SameAddress(u.Email, email):
			return Nothing(), Errorf(CodeForbidden, "email", "The e-mail address %s belongs to somebody else's sign-in here. Ask an administrator.", email)
		case !u.EmailProves():
			return Nothing(), Errorf(CodeForbidden, "email", "The e-mail address %s was given to somebody here who has not signed in at the identity provider yet. Ask who runs the server to confirm that it is yours.", email)
		}
		return Effect{Type: typeIdentityTied, Data: in.Identity, Guards: []Guard{known}}, nil
	})
}

// signedInName is what the provider calls somebody, as far as it can be a name here.
func signedInName(in SignedIn) string {
	r := []rune(strings.Join(strings.Fields(in.Name), " "))
	name, err := CleanName("name", string(r[:min(len(r), maxName)]))
	if err != nil {
		return ""
	}
	return name
}

// MaxEmail is how long an e-mail address can be (RFC 5321, section 4.5.3.1.3).
const MaxEmail = 254

func cleanEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > MaxEmail {
		return "", Errorf(CodeInvalid, "email", "%q is not an e-mail address.", s)
	}
	return s, nil
}
