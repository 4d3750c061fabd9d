package console

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"procyon/auth"
	"procyon/internal/cookie"
)

// Options are what New needs.
type Options struct {
	API  API
	Auth Auth
	// SSO is nil where people sign in by a password alone.
	SSO SingleSignOn
	// PublicURL is where people reach the server, e.g. https://procyon.example.com.
	// Its scheme decides whether cookies are Secure.
	PublicURL string
	// SlackMissing are the settings without which the Slack app can't be installed by
	// this server, by name.
	SlackMissing []string
	Log          *slog.Logger
}

// Console is the http.Handler of all pages; it is safe for concurrent use. It
// serves paths from the root, so that it can be mounted at "/" beside the others.
type Console struct {
	api     operations
	auth    Auth
	sso     SingleSignOn
	log     *slog.Logger
	cookies cookie.Site
	views   views
	assets  assets
	handler http.Handler

	application application

	slackMissing []string
}

// New makes the console.
func New(o Options) (*Console, error) {
	if o.API == nil || o.Auth == nil || o.Log == nil {
		return nil, errors.New("console: API, Auth and Log must be given")
	}
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return nil, fmt.Errorf("console: the public URL %q must be an absolute http or https URL", o.PublicURL)
	}
	c := &Console{api: operations{o.API}, auth: o.Auth, sso: o.SSO, log: o.Log, cookies: cookie.Site{Secure: public.Scheme == "https"}, slackMissing: o.SlackMissing}
	if c.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if c.views, err = loadViews(); err != nil {
		return nil, err
	}
	var files []route
	if c.application, files, err = loadApplication(c.assets.iconPath); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, r := range append(c.routes(), files...) {
		mux.HandleFunc(r.pattern, r.serve)
	}
	guard := http.NewCrossOriginProtection()
	if err := guard.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("console: public URL: %w", err)
	}
	guard.SetDenyHandler(http.HandlerFunc(c.crossOrigin))
	c.handler = headers(guard.Handler(limitBody(mux)))
	return c, nil
}

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// session is the session of one HTTP request; its zero value is nobody's.
type session struct {
	csrf string
}

func (s session) signedIn() bool { return s.csrf != "" }

// page wraps a page for which one has to be signed in; who isn't is led to the
// sign-in page, and from there back.
func (c *Console) page(h func(http.ResponseWriter, *http.Request, session) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, csrf, err := c.auth.Session(r)
		if errors.Is(err, auth.ErrUnauthenticated) || err == nil && csrf == "" {
			toSignIn(w, r)
			return
		}
		s := session{csrf: csrf}
		if err == nil {
			r = r.WithContext(ctx)
			err = h(w, r, s)
		}
		if codeOf(err) == CodeUnauthenticated {
			toSignIn(w, r)
			return
		}
		c.fail(w, r, s, err)
	}
}

// form wraps what a form does: a POST by somebody signed in that carries their
// session's anti-forgery token.
func (c *Console) form(h func(http.ResponseWriter, *http.Request, session) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			c.fail(w, r, session{}, badForm(err))
			return
		}
		ctx, csrf, err := c.auth.Session(r)
		s := session{csrf: csrf}
		switch {
		case errors.Is(err, auth.ErrUnauthenticated) || err == nil && csrf == "":
			err = signedOutProblem(r)
		case err != nil:
		case !sameToken(csrf, r.PostForm.Get("csrf")):
			err = staleFormProblem(r)
		default:
			r = r.WithContext(ctx)
			err = h(w, r, s)
		}
		c.fail(w, r, s, err)
	}
}

func sameToken(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

func toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/signin"
	if next := localPath(r.URL.RequestURI()); next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
