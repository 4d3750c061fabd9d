package console

import (
	"crypto/rand"
	"net/http"
	"strconv"
)

// Forms that change a request say in hidden fields what their page showed:
//
//	version  the request's version: the API refuses the change where what is asked for
//	         is another by now
//	subject  what a review decides, the request or its extension: an approval of the one
//	         never passes for one of the other
//	key      the form's idempotency key: a form that is sent twice changes things once
//
// None of them is ever filled in here: a form that lacks one is refused.

// newKey makes the idempotency key of one form on one rendering of its page.
func newKey() string { return rand.Text() }

// addBasis reads the hidden fields of these names, in the API's words, into the input
// of a mutation. It returns false where one is missing or malformed.
func addBasis(r *http.Request, names []string, input map[string]any) bool {
	for _, name := range names {
		text := r.PostForm.Get(name)
		switch name {
		case "version":
			n, err := strconv.ParseUint(text, 10, 31)
			if err != nil || n == 0 {
				return false
			}
			input["expectedVersion"] = int(n)
		case "subject":
			if text != subjectRequest && text != subjectExtension {
				return false
			}
			input["subject"] = text
		case "key":
			if !validID(text) { // nor is any that the API would take for none
				return false
			}
			input["idempotencyKey"] = text
		}
	}
	return true
}

// What a review decides, as the API calls it.
const (
	subjectRequest   = "REQUEST"
	subjectExtension = "EXTENSION"
)
