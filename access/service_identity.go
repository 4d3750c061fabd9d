package access

import (
	"context"
	"net/mail"
	"strings"
)

// User implements Directory.
func (s *Service) User(ctx context.Context, id string) (User, error) {
	var u User
	_, err := s.load(ctx, id, KindUser, "id", &u)
	return u, err
}

// UserByEmail implements Directory.
func (s *Service) UserByEmail(ctx context.Context, email string) (User, error) {
	docs, err := s.views.List(ctx, Query{Term: userEmailTerm(email), Limit: 1})
	if err != nil {
		return User{}, err
	}
	if len(docs) == 0 {
		return User{}, notFound("email", KindUser)
	}
	return Decode[User](docs[0])
}

// CreateUser implements Directory.
func (s *Service) CreateUser(ctx context.Context, by Actor, in NewUser) (User, error) {
	var u User
	name, err := cleanName("name", in.Name)
	if err != nil {
		return u, err
	}
	email, err := cleanEmail(in.Email)
	if err != nil {
		return u, err
	}
	err = retry(ctx, func() error {
		g, err := s.free(ctx, userEmailTerm(email), "", Errorf(Duplicate, "email", "There is already a user with the e-mail address %s.", email))
		if err != nil {
			return err
		}
		now := s.now()
		u = User{ID: s.newID(KindUser), Email: email, Name: name, Admin: in.Admin, CreatedAt: now}
		return s.commit(ctx, by, u.ID, 1, typeCreated, u, &User{}, now, g)
	})
	return u, err
}

// DisableUser keeps a person from signing in, from acting by tokens or in Slack, and
// from being asked to decide, and ends what is theirs: their sessions and tokens are
// over at once, their pending requests are canceled, what was granted to them is
// revoked, their Slack links are removed. Their history stays. The last administrator
// who can sign in can't be disabled.
//
// It returns once all of that is done, with what it ended. A crash in between is made up
// for by any server (see Schedule), by EnableUser, or by doing it again, which else
// changes nothing.
func (s *Service) DisableUser(ctx context.Context, by Actor, id string) (User, Ended, error) {
	u, err := s.changeUser(ctx, by, id, func(u *User) {
		if !u.Disabled {
			u.Disabled, u.Ending = true, true
			u.Epoch++
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
	if err == nil && !more {
		err = s.unlinkDisabled(ctx, by, u.ID)
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

// unlinkDisabled removes the Slack links of a person, as long as they are disabled.
func (s *Service) unlinkDisabled(ctx context.Context, by Actor, userID string) error {
	for {
		l, err := s.SlackLinks(ctx, "", userID, Page{First: 100})
		if err != nil || len(l.Docs) == 0 {
			return err
		}
		for _, d := range l.Docs {
			var enabled bool
			_, err := s.changeSlackLink(ctx, d.ID, func(l *SlackLink, version uint64) error {
				guard := Guard{Key: userID, Since: s.log.Head()}
				u, err := s.User(ctx, userID)
				if enabled = !u.Disabled; err != nil || enabled {
					return err
				}
				return s.commit(ctx, by, d.ID, version+1, typeLinkRemoved, struct{}{}, l, s.now(), guard)
			})
			if enabled || err != nil && CodeOf(err) != NotFound {
				return err
			}
		}
	}
}

// EnableUser undoes DisableUser, but brings nothing back that it ended: what a crash, or
// an earlier release, has left is ended first. CONFLICT where they are disabled anew
// meanwhile.
func (s *Service) EnableUser(ctx context.Context, by Actor, id string) (User, error) {
	u, err := s.User(ctx, id)
	if err != nil || !u.Disabled {
		return u, err
	}
	if _, _, err = s.finishDisabling(ctx, by, u, 0); err != nil {
		return u, err
	}
	anew := false
	after, err := s.changeUser(ctx, by, id, func(now *User) {
		if anew = now.Disabled && now.Epoch != u.Epoch; now.Disabled && !anew {
			now.Disabled, now.Ending = false, false
			now.Epoch++
		}
	})
	if err == nil && anew {
		err = Errorf(Conflict, "id", "%s was disabled again meanwhile; look before you go on.", after.Name)
	}
	return after, err
}

// SetAdmin makes a person an administrator, or one no more. The last administrator who
// can sign in stays one. To repeat it changes nothing.
func (s *Service) SetAdmin(ctx context.Context, by Actor, id string, admin bool) (User, error) {
	return s.changeUser(ctx, by, id, func(u *User) { u.Admin = admin })
}

// changeUser changes a person, but leaves somebody who can administrate.
func (s *Service) changeUser(ctx context.Context, by Actor, id string, change func(u *User)) (User, error) {
	var u User
	err := retry(ctx, func() error {
		u = User{}
		version, err := s.load(ctx, id, KindUser, "id", &u)
		if err != nil {
			return err
		}
		before := u
		change(&u)
		if u == before {
			return nil
		}
		var guards []Guard
		if before.Admin && !before.Disabled && (!u.Admin || u.Disabled) {
			g, err := s.another(ctx, adminTerm, u.ID, Errorf(Conflict, "id", "%s is the last administrator who can sign in; add another first.", u.Name))
			if err != nil {
				return err
			}
			guards = append(guards, g)
		}
		return s.commit(ctx, by, id, version+1, typeUpdated, u, &before, s.now(), guards...)
	})
	return u, err
}

// another finds another subject than self under a term, and returns the guard that it
// stays as it is until the commit; or the error where there is none.
func (s *Service) another(ctx context.Context, term, self string, none error) (Guard, error) {
	since := s.log.Head()
	docs, err := s.views.List(ctx, Query{Term: term, Limit: 2})
	if err != nil {
		return Guard{}, err
	}
	for _, d := range docs {
		if d.ID != self {
			return Guard{Key: d.ID, Since: since}, nil
		}
	}
	return Guard{}, none
}

// maxSubject is how long an issuer or a subject may be; a subject has at most 255
// characters (OpenID Connect Core, section 2).
const maxSubject = 255

// Identify returns the person whom an identity provider has just signed in. The first
// time they are tied to the person who has their e-mail address, or made anew, without
// any right; for both the provider must have verified the address. FORBIDDEN says why
// somebody can't come in. It is safe for concurrent use: an identity is one person's.
func (s *Service) Identify(ctx context.Context, by Actor, in SignedIn) (User, error) {
	var u User
	if in.Issuer == "" || in.Subject == "" || len(in.Issuer) > maxSubject || len(in.Subject) > maxSubject {
		return u, Errorf(Invalid, "subject", "The identity provider names nobody, or by too long a name.")
	}
	name := signedInName(in)
	err := retry(ctx, func() error {
		u = User{}
		known := Guard{Key: identityTerm(in.Identity), Since: s.log.Head()}
		docs, err := s.views.List(ctx, Query{Term: known.Key, Limit: 1})
		if err != nil {
			return err
		}
		if len(docs) > 0 {
			return s.welcome(ctx, by, docs[0], name, &u)
		}
		return s.tie(ctx, by, in, name, known, &u)
	})
	return u, err
}

// welcome returns a person who was here before, as they are called now.
func (s *Service) welcome(ctx context.Context, by Actor, d Document, name string, u *User) error {
	version, err := s.load(ctx, d.ID, KindUser, "id", u)
	switch {
	case err != nil:
		return err
	case u.Disabled:
		return errDisabled()
	case name == "" || u.Name == name:
		return nil
	}
	before := *u
	u.Name = name
	return s.commit(ctx, by, u.ID, version+1, typeUpdated, *u, &before, s.now())
}

func errDisabled() error {
	return Errorf(Forbidden, "", "Your account here is switched off. Ask an administrator.")
}

// tie ties an identity to the person who has its e-mail address, or makes one.
func (s *Service) tie(ctx context.Context, by Actor, in SignedIn, name string, known Guard, u *User) error {
	email, err := cleanEmail(in.Email)
	if err != nil || !in.EmailVerified {
		return Errorf(Forbidden, "email", "The identity provider does not say that your e-mail address is verified. Verify it there, or ask its administrator to pass on the claims email and email_verified.")
	}
	taken := Guard{Key: userEmailTerm(email), Since: s.log.Head()}
	docs, err := s.views.List(ctx, Query{Term: taken.Key, Limit: 1})
	if err != nil {
		return err
	}
	now := s.now()
	if len(docs) == 0 {
		if name == "" {
			name = email[:min(len(email), maxName)]
		}
		*u = User{ID: s.newID(KindUser), Email: email, Name: name, CreatedAt: now, Identity: &in.Identity}
		return s.commit(ctx, by, u.ID, 1, typeCreated, *u, &User{}, now, known, taken)
	}
	version, err := s.load(ctx, docs[0].ID, KindUser, "email", u)
	switch {
	case err != nil:
		return err
	case u.Disabled:
		return errDisabled()
	case u.Identity != nil:
		return Errorf(Forbidden, "email", "The e-mail address %s belongs to somebody else's sign-in here. Ask an administrator.", email)
	}
	return s.commit(ctx, by, u.ID, version+1, typeIdentityTied, in.Identity, u, now, known)
}

// signedInName is what the provider calls somebody, as far as it can be a name here.
func signedInName(in SignedIn) string {
	r := []rune(strings.Join(strings.Fields(in.Name), " "))
	name, err := cleanName("name", string(r[:min(len(r), maxName)]))
	if err != nil {
		return ""
	}
	return name
}

// maxEmail is how long an e-mail address can be (RFC 5321, section 4.5.3.1.3).
const maxEmail = 254

func cleanEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > maxEmail {
		return "", Errorf(Invalid, "email", "%q is not an e-mail address.", s)
	}
	return s, nil
}

// ServiceAccount implements Directory.
func (s *Service) ServiceAccount(ctx context.Context, id string) (ServiceAccount, error) {
	var a ServiceAccount
	_, err := s.load(ctx, id, KindService, "id", &a)
	return a, err
}

// ServiceAccountByName returns a service account, or a NOT_FOUND *Error.
func (s *Service) ServiceAccountByName(ctx context.Context, name string) (ServiceAccount, error) {
	docs, err := s.views.List(ctx, Query{Term: serviceNameTerm(name), Limit: 1})
	if err != nil {
		return ServiceAccount{}, err
	}
	if len(docs) == 0 {
		return ServiceAccount{}, notFound("name", KindService)
	}
	return Decode[ServiceAccount](docs[0])
}

// EnsureServiceAccount implements Directory.
func (s *Service) EnsureServiceAccount(ctx context.Context, by Actor, name string) (ServiceAccount, error) {
	var a ServiceAccount
	name, err := cleanName("name", name)
	if err != nil {
		return a, err
	}
	err = retry(ctx, func() error {
		g := Guard{Key: serviceNameTerm(name), Since: s.log.Head()}
		docs, err := s.views.List(ctx, Query{Term: g.Key, Limit: 1})
		if err != nil {
			return err
		}
		if len(docs) > 0 {
			a, err = Decode[ServiceAccount](docs[0])
			return err
		}
		now := s.now()
		a = ServiceAccount{ID: s.newID(KindService), Name: name, CreatedAt: now}
		return s.commit(ctx, by, a.ID, 1, typeCreated, a, &ServiceAccount{}, now, g)
	})
	return a, err
}

// RecordToken implements Directory.
func (s *Service) RecordToken(ctx context.Context, by Actor, ownerID string, t TokenIssued) error {
	return s.note(ctx, by, ownerID, typeTokenIssued, t)
}

// RecordRevocation implements Directory.
func (s *Service) RecordRevocation(ctx context.Context, by Actor, ownerID, tokenID string) error {
	return s.note(ctx, by, ownerID, typeTokenRevoked, struct {
		TokenID string `json:"tokenId"`
	}{tokenID})
}

// note writes into an identity's journal what does not change it.
func (s *Service) note(ctx context.Context, by Actor, ownerID, typ string, data any) error {
	return retry(ctx, func() error {
		kind := KindOf(ownerID)
		if kind != KindUser && kind != KindService {
			return notFound("ownerId", KindUser)
		}
		st, err := newState(kind)
		if err != nil {
			return err
		}
		version, err := s.load(ctx, ownerID, kind, "ownerId", st)
		if err != nil {
			return err
		}
		return s.commit(ctx, by, ownerID, version+1, typ, data, st, s.now())
	})
}
