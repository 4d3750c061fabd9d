package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"procyon/auth"
	"procyon/duration"
)

// Auth is what the console needs of signing in. It must be safe for concurrent use.
type Auth interface {
	// Session looks up the session of r's cookie, and no other credential: a token
	// in a header must not sign anybody in here, for forms are protected by the
	// session. It returns the context in which the API acts as the person signed
	// in, and the session's anti-forgery token: secret, not empty, and the same for
	// as long as the session lasts. It returns auth.ErrUnauthenticated where there is no
	// session, or it is over, or the person was disabled.
	Session(r *http.Request) (ctx context.Context, csrfToken string, err error)

	// SignIn checks a person's e-mail address and password, starts a new session in the
	// place of that of r's cookie, and sets its cookie on w, before anything is written
	// there. It returns
	// auth.ErrCredentials where they are wrong, without telling which,
	// *auth.TooManyError where there were too many attempts, and *auth.ChooseError where
	// the password is good only for choosing another, which newPassword ("" for none) is not.
	SignIn(w http.ResponseWriter, r *http.Request, email, password, newPassword string) error

	// SignOut ends the session of r's cookie, if any, and clears the cookie.
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// SingleSignOn is signing in through an identity provider. It must be safe for
// concurrent use.
type SingleSignOn interface {
	// Begin starts a sign-in that ends at the local path next; again has the provider ask
	// also whom it knows already. It sets on w what the browser has to keep meanwhile, and
	// returns the provider's page.
	Begin(w http.ResponseWriter, r *http.Request, next string, again bool) (page string, err error)
	// Finish ends the sign-in with which the provider sent the browser back: it starts
	// a new session, sets its cookie on w, and returns where to go. That may be anything
	// which an address can hold. It returns one of the errors below, *RefusedError, or
	// *auth.TooManyError.
	Finish(w http.ResponseWriter, r *http.Request) (next string, err error)
}

// Expected failures of SingleSignOn.
var (
	ErrProviderDown = errors.New("the identity provider does not answer")
	ErrCanceled     = errors.New("the sign-in was canceled")
	ErrStale        = errors.New("the sign-in did not begin in this browser, or is over")
)

// RefusedError says in a sentence for the person why they can't come in.
type RefusedError struct{ Text string }

func (e *RefusedError) Error() string { return e.Text }

// whenAgain says when to try again, in whole seconds and never too early: to programs in
// the header, and to people in the sentence that it returns.
func whenAgain(e *auth.TooManyError, h http.Header) string {
	if e.RetryAfter <= 0 {
		return "Wait a while, then try again."
	}
	wait := (e.RetryAfter + time.Second - 1).Truncate(time.Second)
	h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	return "Try again in " + duration.Words(wait) + "."
}
