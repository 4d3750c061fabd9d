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
		return s.commit(ctx, by, ownerID, version+1, typeTokenIssued, t, st, s.now())
	})
}
