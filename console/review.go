package console

import (
	"net/http"

	"procyon/duration"
)

var reviewAction = action{form: "review", document: reviewDocument, basis: []string{"version", "subject", "key"}}

// review approves or denies a request, or its extension, as the page showed it. Where
// that is no longer what is asked for, the API refuses it, and the page says why.
func (c *Console) review(w http.ResponseWriter, r *http.Request, s session) error {
	decision := r.PostForm.Get("decision")
	f, input := reviewAction.read(r)
	f.Values["comment"], f.Values["duration"] = formText(r, "comment"), r.PostForm.Get("duration")
	f.Subject, _ = input["subject"].(string)
	input["decision"] = decision
	if decision != "APPROVE" && decision != "DENY" {
		f.Errors = append(f.Errors, fieldError{Message: "Press Approve or Deny."})
	}
	if v := f.Values["comment"]; v != "" {
		input["comment"] = v
	}
	if v := f.Values["duration"]; v != "" && decision != "DENY" {
		if _, err := duration.Parse(v, longest); err != nil {
			f.Errors = append(f.Errors, fieldError{Field: "duration", Message: "Choose one of the durations."})
		}
		input["duration"] = v
	}
	out, err := c.submit(w, r, s, reviewAction, input, &f)
	if err != nil || len(f.Errors) > 0 {
		return err
	}
	return c.done(w, r, reviewNotice(decision, out, f.Subject == subjectExtension))
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
