package console

import (
	"net/http"
	"net/url"
	"slices"
)

const listPage = 25 // requests on a page of the list

// listBody is what the page with the list of requests shows.
type listBody struct {
	Show     string              // all, mine or review
	Status   AccessRequestStatus // "" for any
	Statuses []AccessRequestStatus
	Requests requestPage
	Newer    string // the address of the page before; "" where there is none, or none can be had
	Older    string // the address of the page after
}

func (c *Console) showList(w http.ResponseWriter, r *http.Request, s session) error {
	me, err := c.viewer(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	b := listBody{Show: q.Get("show"), Status: AccessRequestStatus(q.Get("status")), Statuses: AllAccessRequestStatus}
	if b.Show != "mine" && b.Show != "review" {
		b.Show = "all"
	}
	if b.Deciding() || !slices.Contains(b.Statuses, b.Status) {
		b.Status = ""
	}
	at := pageOf(q)
	if b.Deciding() {
		at = forward(q)
	}
	filter, order := b.choice(me.UserID)
	out, err := listRequests(r.Context(), c.api, &filter, order, at.first, at.after, at.last, at.before)
	if err != nil {
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

// choice is which requests the list shows, and in which order; nil: in the API's own.
func (b listBody) choice(me string) (filter AccessRequestFilter, order *AccessRequestOrder) {
	switch b.Show {
	case "mine":
		filter.RequesterID = &me
	case "review":
		filter.ReviewableByMe = new(true)
		order = &AccessRequestOrder{Field: AccessRequestOrderFieldDecideBy, Direction: OrderDirectionAsc}
	}
	if b.Status != "" {
		filter.Status = []AccessRequestStatus{b.Status}
	}
	return filter, order
}

// place is which page of a list is asked for; what is not said is nil.
type place struct {
	first, last   *int
	after, before *string
}

// pageOf is the page that the address of a list asks for.
func pageOf(q url.Values) place {
	if before := q.Get("before"); before != "" {
		return place{last: new(listPage), before: &before}
	}
	return forward(q)
}

// forward is the page that the address of a list asks for which goes one way only.
func forward(q url.Values) place {
	p := place{first: new(listPage)}
	if after := q.Get("after"); after != "" {
		p.after = &after
	}
	return p
}

func (b listBody) path(position, cursor string) string {
	q := url.Values{"show": {b.Show}}
	if b.Status != "" {
		q.Set("status", string(b.Status))
	}
	q.Set(position, cursor)
	return "/requests?" + q.Encode()
}
