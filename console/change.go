package console

import (
	"net/http"
	"strings"
	"time"
)

// filled is a form that was refused: what was typed, and what was wrong.
type filled struct {
	Form   string // review, cancel, close or revoke
	Values map[string]string
	Errors []fieldError
}

// fieldError is one thing that was wrong.
type fieldError struct {
	Field   string // a field of the form; empty where it concerns none
	Message string
}

// Value is what was typed into a field.
func (f filled) Value(field string) string { return f.Values[field] }

// Wrong is what was wrong with a field of a form; empty where nothing was.
func (f filled) Wrong(form, field string) string {
	if f.Form != form {
		return ""
	}
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Message
		}
	}
	return ""
}

// action is one of the changes that a form on the page of a request makes.
type action struct {
	form     string
	document string
	fields   []string // of the form and of the mutation's input, besides requestId
	notice   string
}

var (
	cancelAction = action{form: "cancel", document: cancelDocument, notice: "canceled"}
	closeAction  = action{form: "close", document: closeDocument, notice: "closed"}
	revokeAction = action{form: "revoke", document: revokeDocument, fields: []string{"reason"}, notice: "revoked"}
)

// change is what the form of an action does.
func (c *Console) change(a action) func(http.ResponseWriter, *http.Request, session) error {
	return func(w http.ResponseWriter, r *http.Request, s session) error {
		f := filled{Form: a.form, Values: map[string]string{}}
		input := map[string]any{"requestId": r.PathValue("id")}
		for _, name := range a.fields {
			f.Values[name] = formText(r, name)
			input[name] = f.Values[name]
		}
		_, err := c.submit(w, r, s, a.document, input, &f)
		if err != nil || len(f.Errors) > 0 {
			return err
		}
		return c.done(w, r, a.notice)
	}
}

// submit runs a mutation. Where it is refused, it shows the form again and leaves
// the errors in f.
func (c *Console) submit(w http.ResponseWriter, r *http.Request, s session, document string, input map[string]any, f *filled) (changeAnswer, error) {
	var out changeAnswer
	if !validID(r.PathValue("id")) {
		return out, notFoundProblem()
	}
	if err := c.api.Do(r.Context(), document, map[string]any{"input": input}, &out); err != nil {
		return out, err
	}
	for _, e := range out.Result.UserErrors {
		if e.Code == CodeNotFound {
			return out, notFoundProblem()
		}
		f.Errors = append(f.Errors, fieldError{Field: f.field(e.Field), Message: e.Message})
	}
	if len(f.Errors) > 0 {
		return out, c.renderRequest(w, r, s, *f)
	}
	return out, nil
}

// field finds the field of the form that a path such as ["input", "comment"]
// means; empty where the form has none of that name.
func (f filled) field(path []string) string {
	name := strings.TrimPrefix(strings.Join(path, "."), "input.")
	if _, ok := f.Values[name]; !ok {
		return ""
	}
	return name
}

// done leads back to the page of the request, with a notice.
func (c *Console) done(w http.ResponseWriter, r *http.Request, notice string) error {
	id := r.PathValue("id")
	c.leaveNotice(w, notice, id)
	http.Redirect(w, r, requestPath(id), http.StatusSeeOther) //nolint:gosec // G710: a local path; submit has checked the ID
	return nil
}

// review approves or denies a request, or its extension.
func (c *Console) review(w http.ResponseWriter, r *http.Request, s session) error {
	f := filled{Form: "review", Values: map[string]string{
		"comment": formText(r, "comment"), "duration": r.PostForm.Get("duration"),
	}}
	decision := r.PostForm.Get("decision")
	input := map[string]any{"requestId": r.PathValue("id"), "decision": decision}
	if decision != "APPROVE" && decision != "DENY" {
		f.Errors = append(f.Errors, fieldError{Message: "Press Approve or Deny."})
	}
	if v := f.Values["comment"]; v != "" {
		input["comment"] = v
	}
	if v := f.Values["duration"]; v != "" && decision != "DENY" {
		if _, err := parseLength(v); err != nil {
			f.Errors = append(f.Errors, fieldError{Field: "duration", Message: "Choose one of the durations."})
		}
		input["duration"] = v
	}
	changed, err := c.changedSince(r, r.PostForm.Get("seen"))
	if err != nil {
		return err
	}
	if changed {
		f.Errors = append(f.Errors, fieldError{Message: "This request changed after you had opened it. Look at it again, then decide."})
	}
	if len(f.Errors) > 0 {
		return c.renderRequest(w, r, s, f)
	}
	out, err := c.submit(w, r, s, reviewDocument, input, &f)
	if err != nil || len(f.Errors) > 0 {
		return err
	}
	return c.done(w, r, reviewNotice(decision, out, r.PostForm.Get("extension") != ""))
}

// changedSince tells whether a request that can still be decided is no longer what
// the approver saw, so that nobody approves what they have not read. Where it can't
// be decided any more, the API's own answer says more.
func (c *Console) changedSince(r *http.Request, seen string) (bool, error) {
	if !validID(r.PathValue("id")) {
		return false, notFoundProblem()
	}
	var out struct {
		AccessRequest *struct {
			UpdatedAt       time.Time `json:"updatedAt"`
			ViewerCanReview bool      `json:"viewerCanReview"`
		} `json:"accessRequest"`
	}
	if err := c.api.Do(r.Context(), seenDocument, map[string]any{"id": r.PathValue("id")}, &out); err != nil {
		return false, err
	}
	if out.AccessRequest == nil {
		return false, notFoundProblem()
	}
	at, err := time.Parse(time.RFC3339Nano, seen)
	return out.AccessRequest.ViewerCanReview && (err != nil || !at.Equal(out.AccessRequest.UpdatedAt)), nil
}

// reviewNotice says what a review came to. extension tells that the form was
// about one.
func reviewNotice(decision string, out changeAnswer, extension bool) string {
	after := out.Result.AccessRequest
	switch {
	case after == nil || after.Status == "PENDING" || extension && after.Extension != nil:
		return "reviewed"
	case extension && decision == "APPROVE":
		return "extended"
	case extension:
		return "kept"
	case decision == "APPROVE":
		return "approved"
	}
	return "denied"
}

// formText is a text of several lines: browsers send line breaks as CR LF.
func formText(r *http.Request, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n"))
}
