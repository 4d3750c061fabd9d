package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/Khan/genqlient/graphql"
)

// filled is a form that was refused: what was typed, and what was wrong.
type filled struct {
	Form    string        // review, cancel, close or revoke
	Subject ReviewSubject // what a review was about; empty where it did not say
	Values  map[string]string
	Errors  []fieldError
}

// fieldError is one thing that was wrong.
type fieldError struct {
	Field   string // a field of the form; empty where it concerns none
	Message string
}

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
	form   string
	run    func(context.Context, graphql.Client, changeInput) (changeAnswer, error)
	fields []string // those that the form has besides the hidden ones
	basis  []string // the hidden fields that it must have
	notice string
}

// changeInput is what a form asks for; what the form does not have is empty.
type changeInput struct {
	requestID string
	version   int
	subject   ReviewSubject
	key       string
	decision  ReviewDecision
	reason    string
	comment   string
	duration  *length
}

// changeAnswer is what each mutation here gives back.
type changeAnswer struct {
	AccessRequest *changed
	UserErrors    []userError
}

var (
	cancelAction = action{form: "cancel", run: runCancel, basis: []string{"key"}, notice: "canceled"}
	closeAction  = action{form: "close", run: runClose, basis: []string{"key"}, notice: "closed"}
	revokeAction = action{form: "revoke", run: runRevoke, fields: []string{"reason"}, basis: []string{"version", "key"}, notice: "revoked"}
)

func runCancel(ctx context.Context, api graphql.Client, in changeInput) (changeAnswer, error) {
	out, err := cancelRequest(ctx, api, CancelAccessRequestInput{RequestID: in.requestID, IdempotencyKey: &in.key})
	return changeAnswer(out.Result), err
}

func runClose(ctx context.Context, api graphql.Client, in changeInput) (changeAnswer, error) {
	out, err := closeRequest(ctx, api, CloseAccessRequestInput{RequestID: in.requestID, IdempotencyKey: &in.key})
	return changeAnswer(out.Result), err
}

func runRevoke(ctx context.Context, api graphql.Client, in changeInput) (changeAnswer, error) {
	out, err := revokeRequest(ctx, api, RevokeAccessRequestInput{
		RequestID: in.requestID, Reason: in.reason, ExpectedVersion: &in.version, IdempotencyKey: &in.key,
	})
	return changeAnswer(out.Result), err
}

// read reads the form of an action: what was typed, and what it asks for. A
// form that does not say what its page showed is refused.
func (a action) read(r *http.Request) (filled, changeInput) {
	f := filled{Form: a.form, Values: map[string]string{}}
	input := changeInput{requestID: r.PathValue("id")}
	if !addBasis(r, a.basis, &input) {
		f.Errors = append(f.Errors, fieldError{Message: "The form did not say what you had before you. Look at what is shown now, then send it from here."})
	}
	for _, name := range a.fields {
		f.Values[name] = formText(r, name)
	}
	input.reason = f.Values["reason"]
	return f, input
}

// change is what the form of an action does.
func (c *Console) change(a action) func(http.ResponseWriter, *http.Request, session) error {
	return func(w http.ResponseWriter, r *http.Request, s session) error {
		f, input := a.read(r)
		_, err := c.submit(w, r, s, a, input, &f)
		if err != nil || len(f.Errors) > 0 {
			return err
		}
		return c.done(w, r, a.notice)
	}
}

// submit runs the mutation of an action, unless f has errors already. Where it is
// refused, it shows the page as things are now, with the form and what was typed, and
// leaves the errors in f.
func (c *Console) submit(w http.ResponseWriter, r *http.Request, s session, a action, input changeInput, f *filled) (changeAnswer, error) {
	if !validID(r.PathValue("id")) {
		return changeAnswer{}, notFoundProblem()
	}
	if len(f.Errors) > 0 {
		return changeAnswer{}, c.renderRequest(w, r, s, *f)
	}
	out, err := a.run(r.Context(), c.api, input)
	if err != nil {
		return out, err
	}
	for _, e := range out.UserErrors {
		if e.Code == CodeNotFound {
			return out, notFoundProblem()
		}
		f.Errors = append(f.Errors, f.explain(e))
	}
	if len(f.Errors) > 0 {
		return out, c.renderRequest(w, r, s, *f)
	}
	return out, nil
}

// explain puts an error of the API at the field of the form that it concerns. That the
// form's key was used is said in words for somebody who never saw a key.
func (f filled) explain(e userError) fieldError {
	name := strings.TrimPrefix(strings.Join(e.Field, "."), "input.")
	if name == "idempotencyKey" {
		return fieldError{Message: "This form was sent before, with something else in it, and that was done. Look at what is shown now."}
	}
	if _, ok := f.Values[name]; !ok {
		name = ""
	}
	return fieldError{Field: name, Message: e.Message}
}

// done leads back to the page of the request, with a notice.
func (c *Console) done(w http.ResponseWriter, r *http.Request, notice string) error {
	id := r.PathValue("id")
	c.leaveNotice(w, notice, id)
	http.Redirect(w, r, requestPath(id), http.StatusSeeOther) //nolint:gosec // G710: a local path; submit has checked the ID
	return nil
}

// formText is a text of several lines: browsers send line breaks as CR LF.
func formText(r *http.Request, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n"))
}
