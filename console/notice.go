package console

import (
	"net/http"
	"strings"
)

// A notice says on the next page what has just been done. It travels in a cookie
// and not in the address, so that nobody can send somebody a link that claims
// something; and only its key travels, never its text.
func notices() map[string]string {
	return map[string]string{
		"signedout": "You are signed out.",
		"unlinked":  "The Slack account is no longer linked.",
		"agreed":    "You agreed to the link; it can be used now.",
		"accepted":  "You accepted the Slack workspace; it can be used now.",
		"refused":   "The Slack workspace is not used. If it is installed again, it waits for an administrator.",
		"webhook":   "The webhook is an integration now. Link it to accounts, so that it hears of requests.",
	}
}

const noticeSeconds = 60

// leaveNotice leaves a notice for the page of a subject ("" for the sign-in page).
func (c *Console) leaveNotice(w http.ResponseWriter, key, subject string) {
	c.cookies.Set(w, "notice", key+"."+subject, noticeSeconds)
}

// takeNotice returns the notice left for the page of a subject, once.
func (c *Console) takeNotice(w http.ResponseWriter, r *http.Request, subject string) string {
	left, ok := c.cookies.Get(r, "notice")
	key, of, _ := strings.Cut(left, ".")
	if !ok || of != subject {
		return ""
	}
	c.cookies.Set(w, "notice", "", -1)
	return notices()[key]
}
