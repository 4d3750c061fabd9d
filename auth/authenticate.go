package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"procyon/access"
)

// ActForHeader names the person (usr_…) for whom a service with the scope
// slack:act acts. In the payload of connection_init it is actForKey.
const ActForHeader = "Procyon-Act-For"

const actForKey = "actFor"

// Authenticate finds out who sent a request and returns the context in which
// they act. A bearer token comes before a session cookie. Nobody is calling
// where there is neither, or where the cookie's session is over: that is no
// error. A token that is wrong, expired or revoked is (ErrUnauthenticated), and
// so is a cookie on a request that may change something and that another site
// made the browser send, and acting for a person without the right to
// (ErrForbidden).
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
// GET but may carry mutations.
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

// bearer reads the Authorization header. Other schemes are not ours to judge: a
// proxy in front may use them.
func bearer(h http.Header) (secret string, given bool, err error) {
	values := h.Values("Authorization")
	if len(values) > 1 {
		return "", false, unauthenticated("there is more than one Authorization header")
	}
	if len(values) == 0 {
		return "", false, nil
	}
	secret, given = parseBearer(values[0])
	return secret, given, nil
}

// parseBearer reads "Bearer …", with the scheme in any letter case.
func parseBearer(value string) (secret string, ok bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(rest), true
}

// AuthenticateInit does what Authenticate does with the payload of a WebSocket's
// connection_init: {"authorization": "Bearer …"} with the key in any letter
// case, or {"token": "…"}, and {"actFor": "usr_…"}. Where it holds no token, the
// principal stays that the upgrade request gave to ctx.
func (s *Service) AuthenticateInit(ctx context.Context, payload map[string]any) (context.Context, error) {
	secret, given, err := initSecret(payload)
	if err != nil {
		return ctx, err
	}
	p := From(ctx)
	if given {
		if p, err = s.byToken(ctx, secret); err != nil {
			return ctx, err
		}
	}
	if actFor, ok := payload[actForKey]; ok && actFor != nil {
		id, isText := actFor.(string)
		if !isText || p == nil {
			return ctx, errActing
		}
		if p, err = s.act(ctx, p, id); err != nil {
			return ctx, err
		}
	}
	if p == nil {
		return ctx, nil
	}
	return WithPrincipal(ctx, p), nil
}

var errInit = unauthenticated(`connection_init must hold one token: {"authorization": "Bearer …"} or {"token": "…"}`)

// initSecret finds the one token in a payload; absent and null are the same.
func initSecret(payload map[string]any) (secret string, given bool, err error) {
	for key, v := range payload {
		isToken := key == "token"
		if v == nil || !isToken && !strings.EqualFold(key, "authorization") {
			continue
		}
		text, ok := v.(string)
		if ok && !isToken {
			text, ok = parseBearer(text)
		}
		if !ok || given {
			return "", false, errInit
		}
		secret, given = text, true
	}
	return secret, given, nil
}

var errActing = forbidden("Only a service whose token has the scope %s can act for a person, who has to be known, not disabled, and linked to Slack.", ScopeSlackAct)

// act returns the principal of a person for whom p's service acts.
func (s *Service) act(ctx context.Context, p *Principal, personID string) (*Principal, error) {
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
	a := access.ActorOf(u)
	a.Via, a.ByID, a.ByName, a.Scopes = viaSlack, p.Actor.ID, p.Actor.Name, p.Actor.Scopes
	return &Principal{Actor: a, TokenID: p.TokenID, ExpiresAt: p.ExpiresAt}, nil
}

func (s *Service) mayActFor(ctx context.Context, userID string) (bool, error) {
	if s.opts.MayActFor == nil {
		return true, nil
	}
	return s.opts.MayActFor(ctx, userID)
}
