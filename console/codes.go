package console

import (
	"html/template"
	"net/http"
	"strings"

	"procyon/graph/errorcode"
)

// errorsPath is the page that explains the API's error codes. Whoever has one reads it,
// signed in or not: it says nothing of this server.
const errorsPath = "/errors"

// showCodes lists the codes; the fragment of the URL names one.
func (c *Console) showCodes(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusOK, "codes", &layout{Title: "Error codes", Body: errorcode.All()})
}

// marked is text in which backticks stand around code.
func marked(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		part = template.HTMLEscapeString(part)
		if i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		b.WriteString(part)
	}
	return template.HTML(b.String()) //nolint:gosec // all of it is escaped
}
