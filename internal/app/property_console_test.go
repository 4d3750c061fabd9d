package app

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"procyon/access"
)

// browse sends one request of somebody's browser, who signs in where they have to.
func (w *world) browse(a *actor, method, path string, form url.Values) *httptest.ResponseRecorder {
	s := w.server(a)
	if a.cookie == "" {
		if v, err := s.Auth.SignInPerson(w.ctx, a.ID, ""); err == nil {
			a.cookie = v.Token
		}
	}
	r := httptest.NewRequestWithContext(w.ctx, method, s.public.String()+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", s.public.String())
	r.AddCookie(&http.Cookie{Name: s.Auth.CookieName(), Value: a.cookie})
	answer := httptest.NewRecorder()
	s.mux.ServeHTTP(answer, r)
	if strings.HasPrefix(answer.Header().Get("Location"), "/signin") || answer.Code == http.StatusForbidden {
		a.cookie = "" // it is over
	}
	return answer
}

// between cuts out what stands from one mark up to the next other mark.
func between(s, from, to string) string {
	_, rest, ok := strings.Cut(s, from)
	if !ok {
		return ""
	}
	inside, _, _ := strings.Cut(rest, to)
	return inside
}

var (
	tag       = regexp.MustCompile(`<[^>]*>`)
	pageItem  = regexp.MustCompile(`(?s)<li>\s*<strong><bdi>([^<]*)</bdi></strong>.*?</li>`)
	pageRole  = regexp.MustCompile(`<span class="role">.*?<bdi>([^<]*)</bdi></span>`)
	pageFor   = regexp.MustCompile(`for <strong>([^<]*?)( longer)?</strong>, (?:(until|from) <time [^>]*>([^<]*)</time>)?`)
	pageEmail = regexp.MustCompile(`<span class="quiet"><bdi>([^<]*)</bdi></span> would`)
	hidden    = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)
	choice    = regexp.MustCompile(`<option value="(PT[^"]*)"`)
)

// inWords reads a time span such as "1 hour 30 minutes".
func inWords(s string) string {
	units := map[string]int{"day": 24 * 60, "hour": 60, "minute": 1}
	words := strings.Fields(s)
	minutes := 0
	for i := 0; i+1 < len(words); i += 2 {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			return "unreadable " + s
		}
		minutes += n * units[strings.TrimSuffix(words[i+1], "s")]
	}
	return (time.Duration(minutes) * time.Minute).String()
}

// pageMoment reads a moment as pages write it.
func pageMoment(s string) string {
	t, err := time.Parse("2 Jan 2006, 15:04 UTC", s)
	if err != nil {
		return "unreadable " + s
	}
	return moment(t)
}

// pageItems reads what is asked for from a part of a page.
func (w *world) pageItems(part string) string {
	var out []string
	for _, m := range pageItem.FindAllStringSubmatch(part, -1) {
		role := ""
		if r := pageRole.FindStringSubmatch(m[0]); r != nil {
			role = html.UnescapeString(r[1])
		}
		out = append(out, w.named(html.UnescapeString(m[1]))+"/"+role)
	}
	return strings.Join(out, " ")
}

// fact reads one line of the table of what is asked for, as text and as it stands.
func fact(card, label string) (text, raw string) {
	raw = between(card, "<dt>"+label+"</dt><dd", "</dd>")
	_, raw, _ = strings.Cut(raw, ">")
	return strings.TrimSpace(html.UnescapeString(tag.ReplaceAllString(raw, ""))), raw
}

// lookAtPage opens the page of a request; nil where it has no form to decide.
func (w *world) lookAtPage(a *actor, id string) *view {
	at := w.head()
	answer := w.browse(a, http.MethodGet, "/requests/"+id, nil)
	page := answer.Body.String()
	if answer.Code >= http.StatusInternalServerError {
		w.t.Errorf("the page of %s is %d %s", id, answer.Code, page)
	}
	decide := between(page, `<section class="card decide"`, "</section>")
	if decide == "" {
		return nil
	}
	card := between(page, `<section class="card request"`, "</section>")
	proposal := between(decide, `<div class="proposal"`, "</div>")
	v := &view{place: "console", request: id, subject: access.SubjectRequest, at: at, path: "/requests/" + id + "/review", form: url.Values{}}
	v.shown = wish{"items": w.pageItems(proposal)}
	if m := pageEmail.FindStringSubmatch(proposal); m != nil {
		v.shown["who"] = html.UnescapeString(m[1])
	}
	v.shown["reason"], _ = fact(card, "Reason")
	v.shown["ticket"], _ = fact(card, "Ticket")
	asked, _ := fact(card, "Asked for")
	v.shown["duration"] = inWords(asked)
	start, _ := fact(card, "Start")
	v.shown["start"] = pageMoment(start)
	if strings.HasPrefix(start, "As soon") {
		v.shown["start"] = ""
	}
	span := pageFor.FindStringSubmatch(proposal)
	if len(span) == 0 {
		w.t.Errorf("the panel does not say for how long: %s", proposal)
		return nil
	}
	if strings.Contains(decide, "Decide about the extension") {
		v.subject = access.SubjectExtension
		_, raw := fact(card, "Extension asked for")
		v.shown["why"] = html.UnescapeString(between(raw, `<p class="said"><bdi>`, "</bdi>"))
		if span[2] == "" || span[3] != "until" {
			w.t.Errorf("the panel of an extension says %s", proposal)
			return nil
		}
		v.shown["longer"], v.shown["end"] = inWords(span[1]), pageMoment(span[4])
	} else if span[2] != "" || inWords(span[1]) != v.shown["duration"] || span[3] == "from" && pageMoment(span[4]) != v.shown["start"] {
		w.t.Errorf("the panel says %s, but the page beside it %v", proposal, v.shown)
		return nil
	}
	if items := w.pageItems(between(card, `<ul class="items">`, "</ul>")); items != v.shown["items"] {
		w.t.Errorf("the panel shows %s, the page beside it %s", v.shown["items"], items)
	}
	for _, m := range hidden.FindAllStringSubmatch(decide, -1) {
		v.form[m[1]] = []string{html.UnescapeString(m[2])}
	}
	for _, m := range choice.FindAllStringSubmatch(decide, -1) {
		v.shorter = append(v.shorter, m[1])
	}
	return v
}

// reviewOnPage sends the form of a page as it was shown.
func (w *world) reviewOnPage(a *actor, v *view, kind string) *act {
	form := url.Values{}
	for name, values := range v.form {
		form[name] = slices.Clone(values)
	}
	form.Set("decision", "APPROVE")
	shorter := time.Duration(0)
	switch {
	case kind == "deny":
		form.Set("decision", "DENY")
		form.Set("comment", "no")
	case kind == "approve shorter" && len(v.shorter) > 0:
		chosen := v.shorter[a.rng.IntN(len(v.shorter))]
		form.Set("duration", chosen)
		shorter, _ = time.ParseDuration(strings.ToLower(strings.TrimPrefix(chosen, "PT")))
	default:
		kind = "approve"
	}
	return w.sendForm(a, kind, v.request, v.path, form, func(d *act) { d.view, d.shorter = v, shorter })
}

// sendForm sends a form, and notes what came of it.
func (w *world) sendForm(a *actor, kind, id, path string, form url.Values, fill func(*act)) *act {
	d := w.begin(a, kind, "console")
	d.request, d.key = id, form.Get("key")
	if fill != nil {
		fill(d)
	}
	d.again = func(a *actor) *act { return w.sendForm(a, kind, id, path, form, fill) }
	answer := w.browse(a, http.MethodPost, path, form)
	if answer.Code == http.StatusSeeOther {
		return w.end(d, "")
	}
	page := answer.Body.String()
	words := between(page, `<div class="note bad" role="alert"`, "</div>")
	if words == "" {
		words = between(page, "<main", "</main>")
	}
	return w.end(d, refusal(html.UnescapeString(tag.ReplaceAllString(words, ""))))
}

// endOnPage cancels, closes or revokes by the form that a page has for it; nil where it
// has none.
func (w *world) endOnPage(a *actor, kind, id string) *act {
	page := w.browse(a, http.MethodGet, "/requests/"+id, nil).Body.String()
	section := between(page, `<section class="card" aria-labelledby="`+kind+`"`, "</section>")
	if section == "" {
		return nil
	}
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(section, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	if kind == "revoke" {
		form.Set("reason", "enough")
	}
	return w.sendForm(a, kind, id, "/requests/"+id+"/"+kind, form, nil)
}
