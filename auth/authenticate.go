package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"procyon/access"
)

// ActForHeader names the person (usr_…) for whom a service with the scope
// slack:act acts.
const ActForHeader = "Procyon-Act-For"

// Vary lists the headers, beside Accept, that an answer to a request may depend on.
const Vary = "Authorization, Cookie, " + ActForHeader + ", Origin, Sec-Fetch-Site"

// Authenticate finds out who sent a request and returns the context in which
// they act. A bearer token comes before a session cookie. Nobody is calling
// where there is neither, or where the cookie's session is over: that is no
// error. A token that is wrong, expired or revoked is, and so is an Authorization
// header that holds anything but one bearer token (ErrUnauthenticated), whatever
// cookie is beside it; a cookie on a request that may change something and that
// another site made the browser send, and acting for a person without the right to
// (ErrForbidden). Any other error says nothing of who is calling: the store failed.
func (s *Service) Authenticate(ctx context.Context, r *http.Request) (context.Context, error) {
	ctx, _, err := s.authenticate(ctx, r)
	return ctx, err
}

// authenticate also tells whether the request has a cookie that is good for nothing.
func (s *Service) authenticate(ctx context.Context, r *http.Request) (_ context.Context, stale bool, err error) {
	actFor := r.Header.Values(ActForHeader)
	secret, given, err := bearer(r.Header)
	if err != nil {
		return ctx, false, err
	}
	if given {
		p, err := s.byToken(ctx, secret)
		if err == nil && len(actFor) > 0 {
			p, err = s.act(ctx, p, strings.Join(actFor, ","))
		}
		return with(ctx, p, err), false, err
	}
	if len(actFor) > 0 {
		return ctx, false, errActing
	}
	if len(r.CookiesNamed(s.CookieName())) == 0 {
		return ctx, false, nil
	}
	p, err := s.bySession(ctx, s.CookieToken(r))
	if errors.Is(err, ErrUnauthenticated) {
		return ctx, true, nil
	}
	if err == nil {
		err = s.checkOrigin(r)
	}
	return with(ctx, p, err), false, err
}

func with(ctx context.Context, p *Principal, err error) context.Context {
	if err != nil {
		return ctx
	}
	return WithPrincipal(ctx, p)
}

// checkOrigin refuses what another site made a browser send with our cookie:
// anything that may change something, and the opening of a WebSocket, which is a
// GET but may carry mutations, and so is judged as if it were a POST.
func (s *Service) checkOrigin(r *http.Request) error {
	if r.Header.Get("Upgrade") != "" {
		r = r.Clone(r.Context())
		r.Method = http.MethodPost
	}
	if s.origins.Check(r) != nil {
		return forbidden("This request comes from another site; send a token instead of the cookie.")
	}
	return nil
}

var (
	errHeaders = unauthenticated("There is more than one Authorization header; send one.")
	errScheme  = unauthenticated("The Authorization header must be Bearer and a token, and nothing else; leave it out to use a session or none.")
)

// bearer reads the Authorization header. One that is there and not understood is an
// error: whoever sent it means to be somebody, and must not be taken for nobody, nor for
// whoever's cookie is there.
func bearer(h http.Header) (secret string, given bool, err error) {
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return "", false, nil
	case 1:
	default:
		return "", true, errHeaders
	}
	secret, ok := parseBearer(values[0])
	if !ok {
		return "", true, errScheme
	}
	return secret, true, nil
}

// parseBearer reads "Bearer …", with the scheme in any letter case. What follows is one
// word, which may still be no token.
func parseBearer(value string) (secret string, ok bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	secret = strings.TrimSpace(rest)
	return secret, strings.EqualFold(scheme, "Bearer") && secret != "" && !strings.ContainsAny(secret, " \t,")
}

var errActing = forbidden("Only a service whose token has the scope %s can act for a person, who has to be known, not disabled, and linked to Slack.", ScopeSlackAct)

// act returns the principal of a person for whom p's service acts; p itself where that
// is of this person already.
func (s *Service) act(ctx context.Context, p *Principal, personID string) (*Principal, error) {
	if p.acting() && p.Actor.ID == personID {
		return p, nil
	}
	if p.Actor.Kind != access.ActorService || p.acting() || !p.has(ScopeSlackAct) || access.KindOf(personID) != access.KindUser {
		return nil, errActing
	}
	u, err := s.person(ctx, personID)
	if errors.Is(err, ErrUnauthenticated) {
		return nil, errActing
	}
	if err != nil {
		return nil, err
	}
	if ok, err := s.mayActFor(ctx, u.ID); err != nil {
		return nil, err
	} else if !ok {
		return nil, errActing
	}
	a, err := s.dir.Actor(ctx, u)
	if err != nil {
		return nil, err
	}
	a.Via, a.ByID, a.ByName, a.Scopes = viaSlack, p.Actor.ID, p.Actor.Name, p.Actor.Scopes
	return &Principal{Actor: a, TokenID: p.TokenID, ExpiresAt: p.ExpiresAt}, nil
}

func (s *Service) mayActFor(ctx context.Context, userID string) (bool, error) {
	if s.opts.MayActFor == nil {
		return true, nil
	}
	return s.opts.MayActFor(ctx, userID)
}
