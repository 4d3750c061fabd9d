package console

import (
	"crypto/rand"
	"net/http"
	"slices"
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

// addBasis reads the hidden fields of these names, in the API's words, into what a
// form asks for. It returns false where one is missing or malformed.
func addBasis(r *http.Request, names []string, input *changeInput) bool {
	for _, name := range names {
		text := r.PostForm.Get(name)
		switch name {
		case "version":
			n, err := strconv.ParseUint(text, 10, 31)
			if err != nil || n == 0 {
				return false
			}
			input.version = int(n)
		case "subject":
			input.subject = ReviewSubject(text)
			if !slices.Contains(AllReviewSubject, input.subject) {
				return false
			}
		case "key":
			if !validID(text) { // nor is any that the API would take for none
				return false
			}
			input.key = text
		}
	}
	return true
}
