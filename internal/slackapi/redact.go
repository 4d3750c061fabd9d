package slackapi

import (
	"net/url"
	"strings"
)

// RedactURL gives a webhook's URL in a form that may be shown and logged: the
// host and enough of the end to tell two apart, as in
// https://hooks.slack.com/services/T…/B…/…abcd. It never fails; what is not a
// URL gives "(not a URL)".
func RedactURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "(not a URL)"
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	secret := parts[len(parts)-1]
	base := u.Scheme + "://" + u.Host
	if len(parts) == 4 && parts[0] == "services" {
		return base + "/services/" + initial(parts[1]) + "/" + initial(parts[2]) + "/" + tail(secret)
	}
	return base + "/" + tail(secret)
}

func initial(id string) string {
	if strings.HasPrefix(id, "T") || strings.HasPrefix(id, "B") {
		return id[:1] + "…"
	}
	return "…"
}

// tail shows four characters of a secret that is long enough to spare them.
func tail(secret string) string {
	const shown, enough = 4, 16
	if len(secret) < enough {
		return "…"
	}
	last := secret[len(secret)-shown:]
	for _, c := range []byte(last) {
		if c <= ' ' || c >= 0x7f {
			return "…"
		}
	}
	return "…" + last
}

// scrub removes every trace of a webhook's URL from a text, as a last line of
// defence for errors that come from elsewhere.
func scrub(s, raw string) string {
	if raw == "" {
		return s
	}
	s = strings.ReplaceAll(s, raw, RedactURL(raw))
	u, err := url.Parse(raw)
	if err != nil {
		return s
	}
	for _, secret := range []string{u.RequestURI(), u.Path, u.RawQuery} {
		if len(secret) > 1 {
			s = strings.ReplaceAll(s, secret, "…")
		}
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if len(part) >= 8 && part != "services" {
			s = strings.ReplaceAll(s, part, "…")
		}
	}
	return s
}
