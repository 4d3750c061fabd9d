package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Options say which provider, and as which of its clients.
type Options struct {
	// Issuer is the provider's issuer identifier, as its discovery document has it:
	// https, or http on a loopback address.
	Issuer string
	// ClientID and ClientSecret are the client's, as registered at the provider.
	ClientID, ClientSecret string
	// GroupsClaim is the claim that has the names of a person's groups, as a list or one
	// text; "": none is read.
	GroupsClaim string
	// Scopes are asked for besides openid, profile and email.
	Scopes []string
	// RedirectURL is where the provider sends people back to, as registered there.
	RedirectURL string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Provider signs people in. It is safe for concurrent use. Make it with [New].
type Provider struct {
	opt    Options
	client *http.Client

	mu     sync.Mutex // held while the provider is being asked about itself
	known  *oidc.Provider
	failed time.Time // when it last could not be
}

// The ways in which a sign-in ends early.
var (
	// ErrUnavailable: the provider did not answer as a provider does.
	ErrUnavailable = errors.New("the identity provider can't be reached, or does not answer as one")
	// ErrCanceled: the person, or the provider, said no.
	ErrCanceled = errors.New("the sign-in was canceled")
	// ErrStale: what came back belongs to no sign-in that this browser began, or to one
	// that is over.
	ErrStale = errors.New("the sign-in did not begin in this browser, or is over")
	// ErrRefused: the provider's answer is not to be trusted, or lacks what is needed.
	ErrRefused = errors.New("the identity provider's answer can't be accepted")
	// ErrNotAgain: the person was to prove anew who they are, and the provider does not say
	// that they did.
	ErrNotAgain = errors.New("the identity provider does not say that somebody signed in again")
)

const (
	timeout   = 10 * time.Second
	maxAnswer = 1 << 20 // bytes of one answer of the provider's
	// restFor is how long a provider that failed is not asked about itself again.
	restFor = time.Second
)

// New makes a Provider. The provider is first asked when somebody signs in, so that
// one which is down keeps nothing from starting.
func New(o Options) (*Provider, error) {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the issuer %q must be an https URL, as the provider names itself in its discovery document", o.Issuer)
	}
	if o.ClientID == "" || o.ClientSecret == "" {
		return nil, errors.New("the client's ID and its secret are needed, as the provider gave them")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Provider{opt: o, client: &http.Client{
		Timeout:   timeout,
		Transport: limited{&http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute}},
	}}, nil
}

// Close drops idle connections.
func (p *Provider) Close() { p.client.CloseIdleConnections() }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// limited bounds what an answer may hold.
type limited struct{ *http.Transport }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.Transport.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// discover returns what the provider says about itself, which is asked once.
func (p *Provider) discover() (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	if p.opt.Now().Sub(p.failed) < restFor {
		return nil, ErrUnavailable
	}
	// Not the caller's context: many wait for this answer.
	known, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.opt.Issuer)
	if err != nil {
		p.failed = p.opt.Now()
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	p.known = known
	return known, nil
}

func (p *Provider) config(known *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.opt.ClientID, ClientSecret: p.opt.ClientSecret, RedirectURL: p.opt.RedirectURL,
		Endpoint: known.Endpoint(), Scopes: append([]string{oidc.ScopeOpenID, "profile", "email"}, p.opt.Scopes...),
	}
}
