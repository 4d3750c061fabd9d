package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// FlowTTL is how long a person has to sign in at the provider.
const FlowTTL = 10 * time.Minute

// Flow is a sign-in under way. It belongs into the browser that began it, where no
// script and no other site can read it, and is good once: forget it there when the
// provider sends the browser back.
type Flow struct {
	State     string    `json:"s"`
	Nonce     string    `json:"n"`
	Verifier  string    `json:"v"` // of PKCE
	Next      string    `json:"to"`
	ExpiresAt time.Time `json:"until"`
	// Again says that the person is to prove anew who they are.
	Again bool `json:"again,omitempty"`
}

// clockSkew is by how much a provider's clock may be behind.
const clockSkew = time.Minute

// begun is when the flow began.
func (f Flow) begun() time.Time { return f.ExpiresAt.Add(-FlowTTL) }

// Encode makes text of a flow that fits into a cookie.
func (f Flow) Encode() (string, error) {
	data, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("encode a sign-in: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(data), nil
}

// DecodeFlow reads what Encode made, or returns ErrStale. Whoever can write the
// browser's cookies can make one up, so check Next as if it came from an address.
func DecodeFlow(s string) (Flow, error) {
	var f Flow
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err != nil || f.State == "" || f.Nonce == "" || f.Verifier == "" {
		return Flow{}, ErrStale
	}
	return f, nil
}

// Begin starts a sign-in that ends at the path next; again has the provider ask the person
// to prove anew who they are, whoever it knows already. It returns the provider's page to
// which the browser is to go, or ErrUnavailable.
func (p *Provider) Begin(next string, again bool) (page string, f Flow, err error) {
	known, err := p.discover()
	if err != nil {
		return "", f, err
	}
	f = Flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: next, ExpiresAt: p.opt.Now().Add(FlowTTL), Again: again}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if again { // with max_age the ID token has to tell when that was: OpenID Connect Core, section 2
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return p.config(known).AuthCodeURL(f.State, options...), f, nil
}

// Identity is who the provider says that somebody is.
type Identity struct {
	// Issuer and Subject together name a person for good; nothing else does.
	Issuer, Subject string
	// Email is what the provider has, and EmailVerified whether it checked that it is
	// the person's.
	Email         string
	EmailVerified bool
	Name          string
	// ProvedAt is when the person proved to the provider who they are; zero: it does not say.
	ProvedAt time.Time
	// Groups are those that the claim of Options.GroupsClaim names; nil: it is not there, so
	// the provider did not say.
	Groups []string
	// GroupsFault is why Groups is nil where the provider would have said it, as far as that
	// is known: for the log. It keeps nobody out.
	GroupsFault error
}

// Finish ends a sign-in with what the provider sent the browser back with. It returns
// one of the package's errors, with the reason wrapped.
func (p *Provider) Finish(ctx context.Context, f Flow, answer url.Values) (Identity, error) {
	switch state := answer.Get("state"); {
	case subtle.ConstantTimeCompare([]byte(state), []byte(f.State)) != 1 || f.State == "":
		return Identity{}, ErrStale
	case p.opt.Now().After(f.ExpiresAt):
		return Identity{}, ErrStale
	case answer.Has("iss") && answer.Get("iss") != p.opt.Issuer: // RFC 9207: it is another provider's answer
		return Identity{}, ErrRefused
	case answer.Get("error") == "access_denied":
		return Identity{}, ErrCanceled
	case answer.Get("error") != "":
		return Identity{}, fmt.Errorf("%w: %.100q", ErrRefused, answer.Get("error"))
	}
	known, err := p.discover()
	if err != nil {
		return Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.config(known).Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return Identity{}, exchangeError(err)
	}
	return p.identity(ctx, known, f, token)
}

// exchangeError tells a code that is not taken, such as one that was used before,
// from a provider that is not there. Neither may tell the code or a token.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
		return fmt.Errorf("%w: the token endpoint said %.100q", ErrRefused, refused.ErrorCode)
	}
	return ErrUnavailable
}

// identity takes the person from the ID token and, where that is silent about them,
// from the provider's user information.
func (p *Provider) identity(ctx context.Context, known *oidc.Provider, f Flow, token *oauth2.Token) (Identity, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Identity{}, fmt.Errorf("%w: there is no ID token", ErrRefused)
	}
	id, err := known.Verifier(&oidc.Config{ClientID: p.opt.ClientID, Now: p.opt.Now}).Verify(ctx, raw)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: the ID token is not good", ErrRefused)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 {
		return Identity{}, fmt.Errorf("%w: the ID token is for another sign-in", ErrRefused)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return Identity{}, fmt.Errorf("%w: the ID token's claims can't be read", ErrRefused)
	}
	var proved time.Time
	if c.AuthTime > 0 {
		proved = time.Unix(c.AuthTime, 0).UTC()
	}
	if f.Again && proved.Before(f.begun().Add(-clockSkew)) {
		return Identity{}, fmt.Errorf("%w: auth_time is %v, and it was to be after %v", ErrNotAgain, proved, f.begun())
	}
	groups, fault := p.groups(id.Claims)
	wanted := p.opt.GroupsClaim != "" && groups == nil && fault == nil
	if (c.Email == "" || wanted) && known.UserInfoEndpoint() != "" {
		switch info, err := p.userInfo(ctx, known, id, token, c); {
		case err == nil:
			c = info.claims
			if wanted {
				groups, fault = p.groups(info.all)
			}
		case c.Email == "":
			return Identity{}, err
		default: // only the groups are missing, without which the person is who they are
			fault = err
		}
	}
	return Identity{Issuer: id.Issuer, Subject: id.Subject, Email: c.Email, EmailVerified: bool(c.EmailVerified), Name: c.name(), ProvedAt: proved, Groups: groups, GroupsFault: fault}, nil
}

// userInfo is what the provider says besides the ID token.
type userInfo struct {
	claims claims // with those of the ID token
	all    func(any) error
}

// userInfo asks the provider for what it says besides the ID token and its claims. An e-mail
// address stays the ID token's, where that has one: whether it is verified belongs to it.
func (p *Provider) userInfo(ctx context.Context, known *oidc.Provider, id *oidc.IDToken, token *oauth2.Token, inToken claims) (userInfo, error) {
	info, err := known.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return userInfo{}, fmt.Errorf("%w: no user information", ErrUnavailable)
	}
	if info.Subject != id.Subject { // OpenID Connect Core, section 5.3.2
		return userInfo{}, fmt.Errorf("%w: the user information is somebody else's", ErrRefused)
	}
	c := inToken
	c.Email, c.EmailVerified = "", false
	if err := info.Claims(&c); err != nil {
		return userInfo{}, fmt.Errorf("%w: the user information can't be read", ErrRefused)
	}
	if inToken.Email != "" {
		c.Email, c.EmailVerified = inToken.Email, inToken.EmailVerified
	}
	return userInfo{c, info.Claims}, nil
}

// claims are those that are used: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
type claims struct {
	Email         string `json:"email"`
	EmailVerified truth  `json:"email_verified"`
	Name          string `json:"name"`
	Username      string `json:"preferred_username"`
	Given         string `json:"given_name"`
	Family        string `json:"family_name"`
	AuthTime      int64  `json:"auth_time"` // seconds since 1970
}

// name is what to call the person; "" where the provider does not tell.
func (c *claims) name() string {
	for _, n := range []string{c.Name, c.Given + " " + c.Family, c.Username} {
		if n != "" && n != " " {
			return n
		}
	}
	return ""
}

// truth is a boolean that some providers write as a string.
type truth bool

// UnmarshalJSON implements json.Unmarshaler: only true and "true" are true.
func (t *truth) UnmarshalJSON(data []byte) error {
	*t = string(data) == "true" || string(data) == `"true"`
	return nil
}
