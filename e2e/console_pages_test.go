package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// page is a page of the console, and what each person sees there; "" is nothing of note.
type page struct {
	path string
	// Of an administrator, of who asked, and of a colleague who has nothing to do with it.
	admin, dev, colleague string
}

// pages are all pages. In the policy that there is, administrators decide and nobody else
// does, so an approver is an administrator: there is no column for one who is not.
func (c *company) pages() []page {
	const closed, none = "Only administrators can open this page.", "This request does not exist, or you may not see it."
	part := "/integrations/" + c.works
	return []page{
		{"/", "“" + strings.TrimSpace(longWords) + "” is broken", "Your requests", "You have no access now."},
		{"/requests", c.pendingReason[:40], c.pendingReason[:40], "No request waits for a decision."},
		{"/requests?tab=approved", "one that is in force", "one that is in force", "No access is approved or active now."},
		{"/requests?tab=history", "an old <b>one</b>", "an old <b>one</b>", "No request is over yet."},
		{"/requests?words=nothing%20like%20it", "No request matches these filters.", "No request matches these filters.", "No request matches these filters."},
		{"/requests/" + c.pending, "Decide", "What you can do", none},
		{"/requests/" + c.active, "Revoke…", "Close…", none},
		{"/requests/" + c.denied, "Time line", "Ask again", none},
		{"/requests/arq_nothing", none, none, none},
		{"/ask", longWord, longWord, longWord},
		{"/ask?edit=" + c.pending, "", "Edit your request", ""},
		{"/ask?again=" + c.denied, "", "Ask again", ""},
		{"/catalog", longWord, closed, closed},
		{"/catalog?tab=accounts", longWord, closed, closed},
		{"/catalog?tab=gateways", "There is no gateway yet", closed, closed},
		{"/catalog?kind=KAFKA_CLUSTER", "No resource matches these filters.", closed, closed},
		{"/catalog/import", "Drop a CSV or JSON file here", closed, closed},
		{"/catalog/import?import=" + c.checked, "Nothing is written yet", closed, closed},
		{"/integrations", "Incoming webhook", closed, closed},
		{"/integrations?add=webhook", "Webhook Url", closed, closed},
		{"/integrations?tab=active", longWord, closed, closed},
		{part, "Channel-Account linking", closed, closed},
		{part + "?part=events", "The access runs out.", closed, closed},
		{part + "?part=deliveries", "Delivered", closed, closed},
		{"/integrations/" + c.broken, "Nothing reaches it", closed, closed},
		{"/people", longWord, closed, closed},
		{"/people?words=nobody%20like%20it", "Nobody matches these filters.", closed, closed},
		{"/people?add=true", "How they sign in the first time", closed, closed},
		{"/people?tab=services", "a worker in this server acts as it", closed, closed},
		{"/people?tab=directory", "No directory has called yet", closed, closed},
		{"/groups", "Approvers of", closed, closed},
		{"/groups?words=nothing%20like%20it", "No group matches these filters.", closed, closed},
		{"/groups?add=true", "It is kept here, and nobody is in it yet.", closed, closed},
		{"/groups/" + c.group, "Administrators keep this group here", closed, closed},
		{"/groups/grp_nothing", "There is no group with this ID", closed, closed},
		{"/people/" + c.who, "What you can do", closed, closed},
		{"/people/usr_nothing", "There is no person with this ID", closed, closed},
		{"/policies", "Policies, in their order", closed, closed},
		{"/policies?tab=versions", "Nobody has changed any policy yet.", closed, closed},
		{"/policies?tab=versions&version=7", "There is no version 7 of the policies.", closed, closed},
		{"/profile", "Shortcuts of single letters", "Shortcuts of single letters", "Shortcuts of single letters"},
		{"/overview", "Decisions a day", closed, closed},
		{"/overview?days=90", "Decisions a day", closed, closed},
		{"/audit", "requested", closed, closed},
		{"/audit?object=" + c.denied, "denied", closed, closed},
		{"/audit?kind=ACCESS_REQUEST&type=DENIED&entry=1", "Hash of the entry before", closed, closed},
		{"/audit?words=nothing%20like%20it", "No entry matches these filters.", closed, closed},
		{"/api", "Say who is calling", "Say who is calling", "Say who is calling"},
		{"/api?tab=schema&type=AccessRequest", "viewerActions", "viewerActions", "viewerActions"},
		{"/api?tab=errors", "JOURNAL_CHANGED", "JOURNAL_CHANGED", "JOURNAL_CHANGED"},
		{"/slack", "The app’s manifest", closed, closed},
		{"/links", "Slack", "Slack", "Slack"},
		{"/nothing", "This page does not exist", "This page does not exist", "This page does not exist"},
	}
}

var (
	routerPath = regexp.MustCompile(`path: '(/[^']*)'`)
	routeName  = regexp.MustCompile(`\$\w+`)
)

// Whoever adds a page to the console's router, or a document that the server renders for who
// is signed in, puts it into the table of pages: else nobody looks at it.
func TestEachPageIsInTheTable(t *testing.T) {
	t.Parallel()
	c := &company{pendingReason: strings.Repeat("why", 20), works: "int_1", broken: "int_2", pending: "req_1", active: "req_2", denied: "req_3", who: "usr_1", resource: "res_1", checked: "imp_1"}
	source, err := os.ReadFile("../console/web/src/router.tsx")
	if err != nil {
		t.Fatal(err)
	}
	found := routerPath.FindAllStringSubmatch(string(source), -1)
	if len(found) < 15 {
		t.Fatalf("the router has %d pages: is the pattern still right?", len(found))
	}
	for _, m := range found {
		is := regexp.MustCompile("^" + routeName.ReplaceAllString(m[1], `[^/?]+`) + `(\?|$)`)
		if !slices.ContainsFunc(c.pages(), func(p page) bool { return is.MatchString(p.path) }) {
			t.Errorf("%s is in the router, and not among the pages that are looked at", m[1])
		}
	}
}

// Each page shows each person what is theirs and no more, says who can open what they
// can't, and leads who is signed out to the sign-in and back.
func TestEachPageInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	secrets := map[string][]string{
		"everybody": {webhookSecret, adminPassword, devPassword, c.tok["ada"], c.tok["dev"], c.tok["bo"]},
		colEmail:    {"stuck", "one that is in force", "an old", "INC-42"},
	}
	for _, who := range []struct {
		email string
		sees  func(page) string
	}{
		{adminEmail, func(p page) string { return p.admin }},
		{"dev@example.com", func(p page) string { return p.dev }},
		{colEmail, func(p page) string { return p.colleague }},
	} {
		p := c.as(who.email, "/")
		for _, at := range c.pages() {
			p.Visit(c.url(at.path))
			p.Until(`document.querySelector("h1")`)
			p.sees(who.sees(at))
			html, err := p.Page.Content()
			p.Must(err)
			for _, secret := range append(secrets["everybody"], secrets[who.email]...) {
				if strings.Contains(html, secret) {
					t.Errorf("%s sees %.6s… at %s", who.email, secret, at.path)
				}
			}
			if who.email == adminEmail {
				p.fits(t, at.path)
			}
		}
	}
	stranger := c.g.browser(t)
	for _, at := range c.pages() {
		if at.path == "/nothing" {
			continue // is nowhere, whoever asks
		}
		if _, html := stranger.get(at.path); !strings.Contains(html, "<h1>Sign in</h1>") || !strings.Contains(html, `value="`+strings.ReplaceAll(at.path, "&", "&amp;")+`"`) {
			t.Errorf("%s does not lead a stranger to the sign-in and back", at.path)
		}
	}
	deep := "/requests?tab=history&words=" + url.QueryEscape("old one") + "&open=" + c.denied
	bo := visits(c.web, c.g, "bo@example.com", devPassword, deep)
	bo.sees("an old <b>one</b>")
	bo.Until(fmt.Sprintf(`new URLSearchParams(location.search).get("open") === %q`, c.denied))
	c.web.Clean("404")
	c.g.stop()
}

// fits fails where a page is wider than one of the usual screens, or a button there has no
// room for its words.
func (p person) fits(t *testing.T, when string) {
	t.Helper()
	for _, width := range []int{360, 390, 768, 1280, 1920} {
		p.Size(width, 850)
		var wide []string
		raw := p.Run(`new Promise((done) => {
		  let left = 20;
		  const look = () => {
		    if (document.documentElement.scrollWidth <= innerWidth) return done([]);
		    if (left-- > 0) return requestAnimationFrame(look);
		    done([...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 200)));
		  };
		  requestAnimationFrame(() => requestAnimationFrame(look));
		})`)
		p.Must(json.Unmarshal(raw, &wide))
		if len(wide) > 0 {
			t.Errorf("at %d px %s scrolls sideways: %s", width, when, strings.Join(wide, "\n"))
		}
		var cut []string
		raw = p.Run(`[...document.querySelectorAll(".mantine-Button-label")].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)`)
		p.Must(json.Unmarshal(raw, &cut))
		if len(cut) > 0 {
			t.Errorf("at %d px %s cuts off what buttons say: %q", width, when, cut)
		}
	}
}
