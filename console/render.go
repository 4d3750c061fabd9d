package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"
)

//go:embed template/*.html
var templateFiles embed.FS

// views are the page templates by name, each with the layout around it.
type views map[string]*template.Template

func loadViews() (views, error) {
	out := views{}
	for _, name := range []string{"signin", "link", "slack", "install", "codes", "problem"} {
		t, err := template.New(name).Funcs(template.FuncMap{
			"stamp": stamp, "marked": marked,
		}).ParseFS(templateFiles, "template/layout.html", "template/part.html", "template/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("console: template %s: %w", name, err)
		}
		out[name] = t
	}
	return out, nil
}

// layout is what every page has around its body.
type layout struct {
	session
	Title  string // without the product's name
	Viewer *viewer
	Here   string // the entry of the menu that this page is: slack or ""
	Notice string // what has just been done, shown on top
	Body   any
	// Next is where whoever signs out here goes on once somebody else has signed in; "" is the
	// start page.
	Next string

	Style, Icon string // set by render
}

// SignedIn tells templates whether there is a session.
func (l *layout) SignedIn() bool { return l.signedIn() }

// CSRF is the token that each form sends.
func (l *layout) CSRF() string { return l.csrf }

// render writes a page whole or, where the template fails, an error.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, name string, l *layout) {
	l.Style, l.Icon = c.assets.stylePath, c.assets.iconPath
	var b bytes.Buffer
	if err := c.views[name].ExecuteTemplate(&b, "layout", l); err != nil {
		c.log.ErrorContext(r.Context(), "console template failed", "template", name, "error", err)
		http.Error(w, "Something went wrong here; the log has it.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// stamped is a moment as the "time" template shows it.
type stamped struct {
	Machine string // for the datetime attribute
	Human   string
}

// stamp writes a moment in UTC, which it says, to the minute.
func stamp(t time.Time) stamped {
	t = t.UTC()
	return stamped{Machine: t.Format(time.RFC3339), Human: t.Format("2 Jan 2006, 15:04") + " UTC"}
}
