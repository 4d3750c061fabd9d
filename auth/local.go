package auth

import (
	"context"

	"procyon/access"
)

// LocalToken makes a token for a worker that runs inside this process. It is
// kept in memory alone: it ends with the process, and is good at this server
// only. Who starts the process says which workers are in it: they work also while their
// service account is disabled. The account of that name is made where it is absent.
func (s *Service) LocalToken(ctx context.Context, by access.Actor, name string, scopes []string) (string, error) {
	scopes, err := cleanScopes(access.ActorService, scopes)
	if err != nil {
		return "", err
	}
	a, err := s.dir.EnsureServiceAccount(ctx, by, name)
	if err != nil {
		return "", err
	}
	secret, err := s.newSecret()
	if err != nil {
		return "", err
	}
	secret = secretPrefix + secret
	s.local.Store(hashed(tokenPrefix, secret), &Principal{
		Actor: access.Actor{Kind: access.ActorService, ID: a.ID, Name: a.Name, Via: viaAPI, Scopes: scopes},
	})
	return secret, nil
}

// byLocalToken returns who holds a token of this process, or nil.
func (s *Service) byLocalToken(secret string) *Principal {
	v, ok := s.local.Load(hashed(tokenPrefix, secret))
	if !ok {
		return nil
	}
	p, _ := v.(*Principal)
	return p
}

// WorksHere tells whether a worker of this process acts as a service account, by a
// LocalToken, which disabling the account does not end.
func (s *Service) WorksHere(accountID string) bool {
	found := false
	s.local.Range(func(_, v any) bool {
		p, _ := v.(*Principal)
		found = p.Actor.ID == accountID
		return !found
	})
	return found
}
