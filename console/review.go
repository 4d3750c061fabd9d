package console

import (
	"context"
	"net/http"
	"slices"

	"github.com/Khan/genqlient/graphql"

	"procyon/duration"
)

var reviewAction = action{form: "review", run: runReview, basis: []string{"version", "subject", "key"}}

func runReview(ctx context.Context, api graphql.Client, in changeInput) (changeAnswer, error) {
	review := ReviewAccessRequestInput{
		RequestID: in.requestID, ExpectedVersion: in.version, Subject: in.subject, Decision: in.decision,
		Duration: in.duration, IdempotencyKey: &in.key,
	}
	if in.comment != "" {
		review.Comment = &in.comment
	}
	out, err := reviewRequest(ctx, api, review)
	return changeAnswer(out.Result), err
}

// review approves or denies a request, or its extension, as the page showed it. Where
// that is no longer what is asked for, the API refuses it, and the page says why.
func (c *Console) review(w http.ResponseWriter, r *http.Request, s session) error {
	f, input := reviewAction.read(r)
	f.Values["comment"], f.Values["duration"] = formText(r, "comment"), r.PostForm.Get("duration")
	f.Subject, input.decision, input.comment = input.subject, ReviewDecision(r.PostForm.Get("decision")), f.Values["comment"]
	if !slices.Contains(AllReviewDecision, input.decision) {
		f.Errors = append(f.Errors, fieldError{Message: "Press Approve or Deny."})
	}
	if v := f.Values["duration"]; v != "" && input.decision != ReviewDecisionDeny {
		d, err := duration.Read(v, duration.Max)
		if err != nil {
			f.Errors = append(f.Errors, fieldError{Field: "duration", Message: "Choose one of the durations."})
		}
		input.duration = new(length(d))
	}
	out, err := c.submit(w, r, s, reviewAction, input, &f)
	if err != nil || len(f.Errors) > 0 {
		return err
	}
	return c.done(w, r, reviewNotice(input.decision, out, f.Subject == ReviewSubjectExtension))
}

// reviewNotice says what a review came to. extension tells that the form was
// about one.
func reviewNotice(decision ReviewDecision, out changeAnswer, extension bool) string {
	after := out.AccessRequest
	switch {
	case after == nil || after.Status == AccessRequestStatusPending || extension && after.Extension != nil:
		return "reviewed"
	case extension && decision == ReviewDecisionApprove:
		return "extended"
	case extension:
		return "kept"
	case decision == ReviewDecisionApprove:
		return "approved"
	}
	return "denied"
}
