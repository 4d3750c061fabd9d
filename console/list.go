package console

import (
	"net/http"
	"net/url"
	"slices"
)

const listPage = 25 // requests on a page of the list

// listBody is what the page with the list of requests shows.
type listBody struct {
	Show     string // all, mine or review
	Status   string // one status, or "" for any
	Statuses []string
	Requests connection[summary]
	Newer    string // the address of the page before; "" where there is none, or none can be had
	Older    string // the address of the page after
}

func (c *Console) showList(w http.ResponseWriter, r *http.Request, s session) error {
	me, err := c.viewer(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	b := listBody{Show: q.Get("show"), Status: q.Get("status"), Statuses: statuses()}
	if b.Show != "mine" && b.Show != "review" {
		b.Show = "all"
	}
	if b.Deciding() || !slices.Contains(b.Statuses, b.Status) {
		b.Status = ""
	}
	var out struct {
		AccessRequests connection[summary] `json:"accessRequests"`
	}
	if err := c.api.Do(r.Context(), listDocument, b.variables(me.ID, q), &out); err != nil {
		return err
	}
	b.Requests = out.AccessRequests
	if p := b.Requests.PageInfo; p.HasPreviousPage && p.StartCursor != nil && !b.Deciding() {
		b.Newer = b.path("before", *p.StartCursor)
	}
	if p := b.Requests.PageInfo; p.HasNextPage && p.EndCursor != nil {
		b.Older = b.path("after", *p.EndCursor)
	}
	c.render(w, r, http.StatusOK, "list", &layout{Title: "Requests", session: s, Viewer: me, Here: "list", Body: b})
	return nil
}

// Deciding tells whether the list is of what the viewer may decide. That list begins
// with what times out first, and can be paged through forward only.
func (b listBody) Deciding() bool { return b.Show == "review" }

// variables are those of the list's query: the filter, the order, and the page that
// the address asks for.
func (b listBody) variables(me string, q url.Values) map[string]any {
	filter := map[string]any{}
	switch b.Show {
	case "mine":
		filter["requesterId"] = me
	case "review":
		filter["reviewableByMe"] = true
	}
	if b.Status != "" {
		filter["status"] = []any{b.Status}
	}
	v := map[string]any{"filter": filter}
	if b.Deciding() {
		v["orderBy"] = map[string]any{"field": "DECIDE_BY", "direction": "ASC"}
	}
	switch before, after := q.Get("before"), q.Get("after"); {
	case before != "" && !b.Deciding():
		v["last"], v["before"] = listPage, before
	case after != "":
		v["first"], v["after"] = listPage, after
	default:
		v["first"] = listPage
	}
	return v
}

func (b listBody) path(position, cursor string) string {
	q := url.Values{"show": {b.Show}}
	if b.Status != "" {
		q.Set("status", b.Status)
	}
	q.Set(position, cursor)
	return "/requests?" + q.Encode()
}
