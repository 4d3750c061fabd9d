package console

import (
	"net/http"
	"strings"
)

// validID tells what can be an ID at all, so that nothing else is put into a path
// or a cookie.
func validID(id string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return id != "" && len(id) <= 80 && strings.Trim(id, letters) == ""
}

func requestPath(id string) string { return "/requests/" + id }

func (c *Console) showRequest(w http.ResponseWriter, r *http.Request, s session) error {
	return c.renderRequest(w, r, s, filled{})
}

// backToRequest serves who reloads the address that a form was sent to.
func (c *Console) backToRequest(w http.ResponseWriter, r *http.Request) {
	if !validID(r.PathValue("id")) {
		c.notFound(w, r)
		return
	}
	http.Redirect(w, r, requestPath(r.PathValue("id")), http.StatusSeeOther) //nolint:gosec // G710: a local path of a checked ID
}

// renderRequest shows a request and, where a form was refused, that form with
// what was typed and what was wrong.
func (c *Console) renderRequest(w http.ResponseWriter, r *http.Request, s session, f filled) error {
	id := r.PathValue("id")
	if !validID(id) {
		return notFoundProblem()
	}
	out, err := readRequest(r.Context(), c.api, id)
	if err != nil {
		return err
	}
	if out.Viewer == nil {
		return &Error{Code: CodeUnauthenticated, Message: "nobody is signed in"}
	}
	if out.AccessRequest == nil {
		return notFoundProblem()
	}
	b := newRequestBody(*out.AccessRequest, *out.Viewer, out.Limits, c.now())
	b.Filled = f
	title := b.Status().Word + ": access for " + b.Requester.Name
	code := http.StatusOK
	if len(f.Errors) > 0 {
		title, code = "Error: "+title, http.StatusUnprocessableEntity
	}
	c.render(w, r, code, "request", &layout{
		Title: title, session: s, Viewer: out.Viewer, Body: b, Notice: c.takeNotice(w, r, id),
	})
	return nil
}
