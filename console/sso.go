package console

import (
	"errors"
	"net/http"

	"procyon/auth"
)

// beginSSO leads to the identity provider's page. It changes nothing but a cookie, so
// a link may lead here.
func (c *Console) beginSSO(w http.ResponseWriter, r *http.Request) {
	if c.sso == nil {
		c.notFound(w, r)
		return
	}
	next := localPath(r.URL.Query().Get("next"))
	page, err := c.sso.Begin(w, r, next, r.URL.Query().Has("again"))
	if err != nil {
		c.fail(w, r, session{}, ssoProblem(w, err, next))
		return
	}
	http.Redirect(w, r, page, http.StatusSeeOther) //nolint:gosec // G710: it is the provider's, by its own discovery
}

// finishSSO takes what the identity provider sends the browser back with.
func (c *Console) finishSSO(w http.ResponseWriter, r *http.Request) {
	if c.sso == nil {
		c.notFound(w, r)
		return
	}
	next, err := c.sso.Finish(w, r)
	next = localPath(next)
	if err != nil {
		c.fail(w, r, session{}, ssoProblem(w, err, next))
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // G710: localPath lets local paths pass only
}

// ssoProblem is the page of a sign-in that ended early; errors that nobody expects
// stay as they are.
func ssoProblem(w http.ResponseWriter, err error, next string) error {
	var refused *RefusedError
	var tooMany *auth.TooManyError
	again := signInPath(next)
	switch {
	case errors.Is(err, ErrProviderDown):
		return &problem{http.StatusBadGateway, "Single sign-on is not there", "Your organisation's identity provider does not answer as it should. Try again in a moment, or sign in with a password if you have one here.", again, "Try again"}
	case errors.Is(err, ErrCanceled):
		return &problem{http.StatusOK, "You are not signed in", "You canceled the sign-in, or the identity provider refused it.", again, "Try again"}
	case errors.Is(err, ErrStale):
		return &problem{http.StatusBadRequest, "Please begin again", "This sign-in did not begin in this browser, was used already, or took longer than ten minutes. You were not signed in.", again, "Sign in"}
	case errors.As(err, &tooMany):
		return &problem{http.StatusTooManyRequests, "Please wait", "There were too many attempts to sign in from where you are. You were not signed in. " + whenAgain(tooMany, w.Header()), again, "Sign in"}
	case errors.As(err, &refused):
		return &problem{http.StatusForbidden, "You can't come in", refused.Text, again, "Try again"}
	}
	return err
}
