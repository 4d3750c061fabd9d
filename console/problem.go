package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// problem is a failure with a page of its own that says what to do.
type problem struct {
	status int
	title  string
	text   string
	link   string // where to go on
	label  string // the link's text
}

func (p *problem) Error() string { return p.title }

// notFoundProblem is one page for what is absent and for what may not be seen, so
// that nobody learns which.
func notFoundProblem() *problem {
	return &problem{
		http.StatusNotFound, "Not found",
		"This page does not exist, or you may not see it. If you followed a link, check that it is whole, and that you are signed in as the right person.",
		"/", "Go to the start page",
	}
}

func staleFormProblem(r *http.Request) *problem {
	return &problem{
		http.StatusForbidden, "This form is out of date",
		"Nothing was changed. The form was opened before you last signed in, or was not sent from a page of this site. Open the page again, then send the form again.",
		formPage(r), "Open the page again",
	}
}

func signedOutProblem(r *http.Request) *problem {
	return &problem{
		http.StatusForbidden, "You are signed out",
		"Nothing was changed, because your session is over. Sign in, then send the form again.",
		signInPath(formPage(r)), "Sign in",
	}
}

func badForm(err error) *problem {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &problem{http.StatusRequestEntityTooLarge, "This form is too large", "Nothing was changed. Shorten what you typed, then send the form again.", "/", "Go to the start page"}
	}
	return &problem{http.StatusBadRequest, "This form can't be read", "Nothing was changed. Open the page again, then send the form again.", "/", "Go to the start page"}
}

// formPage is the page that has the form which r sends.
func formPage(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, slackPath+"/") {
		return slackPath
	}
	if token := r.PathValue("token"); validID(token) {
		return linkPath(token)
	}
	return "/"
}

// fail shows the page of an error; it does nothing where there is none.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, s session, err error) {
	if err == nil {
		return
	}
	var p *problem
	var e *Error
	switch {
	case errors.As(err, &p):
	case codeOf(err) == CodeNotFound:
		p = notFoundProblem()
	case errors.As(err, &e) && e.Code == CodeUnauthenticated:
		p = signedOutProblem(r)
	case errors.As(err, &e) && e.Code == CodeForbidden:
		p = &problem{http.StatusForbidden, "You may not do this", e.Message, "/", "Go to the start page"}
	case errors.As(err, &e) && slices.Contains([]string{CodeCursorMismatch, CodeCursorExpired, CodeJournalChanged}, e.Code):
		p = &problem{http.StatusBadRequest, "This page of the list is no longer there", "The address names a place in the list that it does not have, or not under this filter. Begin at the list's start.", r.URL.Path, "Go to the list's start"}
	case errors.As(err, &e) && e.Code == CodeInvalid:
		p = &problem{http.StatusBadRequest, "This address is not right", e.Message, "/", "Go to the start page"}
	case errors.As(err, &e) && e.Code == CodeUnknownOutcome:
		p = &problem{
			http.StatusInternalServerError, "This may have been done",
			"Something failed on the way, and whether it was done is not known. Look at how things are now. If nothing has changed, go back and send the same form again: it does nothing twice.",
			formPage(r), "Look at how things are now",
		}
	default:
		id := rand.Text()[:12]
		c.log.ErrorContext(r.Context(), "console page failed", "id", id, "method", r.Method, "path", r.URL.Path, "error", err)
		p = &problem{
			http.StatusInternalServerError, "Something went wrong here",
			fmt.Sprintf("It is not your fault. Try again in a moment; if it stays so, tell an administrator that the log has it as %s.", id),
			"/", "Go to the start page",
		}
	}
	var me *viewer
	if s.signedIn() {
		me, _ = c.viewer(r.Context()) // for the menu, which does without
	}
	c.render(w, r, p.status, "problem", &layout{Title: p.title, session: s, Viewer: me, Body: map[string]string{
		"Title": p.title, "Text": p.text, "Link": p.link, "Label": p.label,
	}})
}

func (c *Console) crossOrigin(w http.ResponseWriter, r *http.Request) {
	c.fail(w, r, session{}, &problem{
		http.StatusForbidden, "This form came from another site",
		"Nothing was changed. Forms are taken from pages of this site only. If you did not mean to send one, close this page; otherwise open the page here and send the form again.",
		"/", "Go to the start page",
	})
}

func (c *Console) notFound(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		c.fail(w, r, session{}, &problem{http.StatusMethodNotAllowed, "This can't be done here", "Nothing was changed. Go back and use the page's own buttons.", "/", "Go to the start page"})
		return
	}
	s := session{}
	if ctx, csrf, err := c.auth.Session(r); err == nil {
		s.csrf = csrf
		r = r.WithContext(ctx)
	}
	c.fail(w, r, s, notFoundProblem())
}
