package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"

	"procyon/auth"
)

// signInBody is what the sign-in page shows.
type signInBody struct {
	Next  string
	Email string
	Token string // the form's anti-forgery token, from before there is a session
	Error string
	Field string // the field at fault; empty: both
	SSO   string // where to sign in through the identity provider; empty: nowhere
	// Again says that somebody who is signed in is to prove anew who they are.
	Again bool
	// Choose says that the password is good only for choosing another: the form asks for
	// both.
	Choose bool
}

// Heading says what the page is for.
func (b signInBody) Heading() string {
	switch {
	case b.Choose:
		return "Choose a password"
	case b.Again:
		return "Sign in again"
	}
	return "Sign in"
}

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request) {
	next, again := localPath(r.URL.Query().Get("next")), r.URL.Query().Has("again")
	if _, csrf, err := c.auth.Session(r); err == nil && csrf != "" && !again {
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // G710: localPath lets local paths pass only
		return
	}
	c.renderSignIn(w, r, http.StatusOK, signInBody{Next: next, Again: again})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		c.fail(w, r, session{}, badForm(err))
		return
	}
	b := signInBody{Next: localPath(r.PostForm.Get("next")), Email: r.PostForm.Get("email"), Choose: r.PostForm.Has("newPassword"), Again: r.PostForm.Has("again")}
	secret, ok := c.cookies.Get(r, "form")
	if !ok || !auth.CheckCSRF(secret, r.PostForm.Get("csrf")) {
		c.fail(w, r, session{}, &problem{
			http.StatusForbidden, "This form is out of date",
			"You were not signed in. Open the sign-in page again and make sure that your browser accepts cookies of this site, then try again.",
			signInPath(b.Next), "Open the sign-in page",
		})
		return
	}
	password := r.PostForm.Get("password")
	switch {
	case b.Email == "":
		b.Error, b.Field = "Enter your e-mail address.", "email"
	case password == "":
		b.Error, b.Field = "Enter your password.", "password"
	}
	if b.Error != "" {
		c.renderSignIn(w, r, http.StatusUnprocessableEntity, b)
		return
	}
	c.finishSignIn(w, r, b, c.auth.SignIn(w, r, b.Email, password, r.PostForm.Get("newPassword")))
}

func (c *Console) finishSignIn(w http.ResponseWriter, r *http.Request, b signInBody, err error) {
	var tooMany *auth.TooManyError
	var choose *auth.ChooseError
	switch {
	case errors.As(err, &choose):
		b.Choose, b.Error, b.Field = true, choose.Wrong, "newPassword"
		if b.Error == "" {
			b.Error, b.Field = "This password is good for one thing: to choose a password of your own. Enter it once more, and your new one.", "password"
		}
		c.renderSignIn(w, r, http.StatusUnprocessableEntity, b)
	case err == nil:
		c.cookies.Set(w, "form", "", -1)
		http.Redirect(w, r, b.Next, http.StatusSeeOther)
	case errors.Is(err, auth.ErrCredentials):
		b.Error = "The e-mail address or the password is wrong. Check both and try again."
		c.renderSignIn(w, r, http.StatusUnprocessableEntity, b)
	case errors.As(err, &tooMany):
		b.Error = "There were too many attempts to sign in. " + whenAgain(tooMany, w.Header()) +
			" Browsers in which you have signed in before need not wait for other people's attempts."
		c.renderSignIn(w, r, http.StatusTooManyRequests, b)
	default:
		c.fail(w, r, session{}, err)
	}
}

// renderSignIn shows the form. Before there is a session, its token follows from
// a random cookie of its own: another site can neither read nor guess it.
func (c *Console) renderSignIn(w http.ResponseWriter, r *http.Request, status int, b signInBody) {
	secret, ok := c.cookies.Get(r, "form")
	if !ok || len(secret) != len(rand.Text()) {
		secret = rand.Text()
		c.cookies.Set(w, "form", secret, 0)
	}
	b.Token = auth.CSRFToken(secret)
	if c.sso != nil {
		b.SSO = "/auth/oidc/start?next=" + url.QueryEscape(b.Next)
		if b.Again {
			b.SSO += "&again"
		}
	}
	title := b.Heading()
	if b.Error != "" {
		title = "Error: " + title
	}
	c.render(w, r, status, "signin", &layout{Title: title, Body: b, Notice: c.takeNotice(w, r, "")})
}

// signOut leads to the sign-in page, and on to where the form of the page said.
func (c *Console) signOut(w http.ResponseWriter, r *http.Request, _ session) error {
	if err := c.auth.SignOut(w, r); err != nil {
		return err
	}
	c.leaveNotice(w, "signedout", "")
	http.Redirect(w, r, signInPath(localPath(r.PostForm.Get("next"))), http.StatusSeeOther) //nolint:gosec // G710: localPath lets local paths pass only
	return nil
}

func signInPath(next string) string {
	if next == "/" {
		return "/signin"
	}
	return "/signin?next=" + url.QueryEscape(next)
}
