package console

import "net/http"

// linkBody is the page that links a Slack account. Looking at it never links: only
// its form does, which is bound to the session, so that whoever sends somebody
// else such a page gains nothing by that alone.
type linkBody struct {
	Action      string
	Offer       slackOffer
	Name, Email string          // of the person
	Done        SlackLinkStatus // the link's status, once it was made
	Changed     bool            // what it replaces is another than the form said
}

// Waits tells whether an administrator has to agree to the present link.
func (l slackOfferReplacesSlackLink) Waits() bool { return l.Status == SlackLinkStatusWaiting }

// EmailHidden tells whether there is no address of Slack's to compare.
func (o slackOffer) EmailHidden() bool { return o.SlackEmail == nil }

func linkPath(token string) string { return "/link/slack/" + token }

func linkOverProblem() *problem {
	return &problem{
		http.StatusNotFound, "This page is no longer good",
		"It works once, for ten minutes. Run /procyon login in Slack for a new one.",
		"/", "Go to the start page",
	}
}

// replaces is the ID of the link that the new one takes the place of; "" for none. The
// page's form repeats it, so that what was seen is what is replaced.
func (b linkBody) replaces() string {
	if b.Offer.Replaces == nil {
		return ""
	}
	return b.Offer.Replaces.ID
}

// readOffer reads what the page offers, and to whom.
func (c *Console) readOffer(r *http.Request) (linkBody, *viewer, error) {
	token := r.PathValue("token")
	if !validID(token) {
		return linkBody{}, nil, linkOverProblem()
	}
	out, err := readSlackOffer(r.Context(), c.api, token)
	if err != nil {
		return linkBody{}, nil, err
	}
	switch {
	case out.Viewer == nil:
		return linkBody{}, nil, &Error{Code: CodeUnauthenticated, Message: "nobody is signed in"}
	case out.SlackLinkOffer == nil:
		return linkBody{}, nil, linkOverProblem()
	}
	b := linkBody{Action: linkPath(token), Offer: *out.SlackLinkOffer, Name: out.Viewer.Name}
	if out.Viewer.User != nil {
		b.Email = out.Viewer.User.Email
	}
	return b, &out.Viewer.viewer, nil
}

// showLink asks whether to link a Slack account.
func (c *Console) showLink(w http.ResponseWriter, r *http.Request, s session) error {
	b, who, err := c.readOffer(r)
	if err != nil {
		return err
	}
	c.render(w, r, http.StatusOK, "link", &layout{Title: "Link a Slack account", session: s, Viewer: who, Body: b, Next: b.Action})
	return nil
}

// confirmLink links a Slack account to whoever is signed in.
func (c *Console) confirmLink(w http.ResponseWriter, r *http.Request, s session) error {
	b, who, err := c.readOffer(r)
	if err != nil {
		return err
	}
	input := ConfirmSlackLinkInput{Token: r.PathValue("token")}
	if seen := r.PostForm.Get("replaces"); seen != b.replaces() {
		b.Changed = true
		c.render(w, r, http.StatusConflict, "link", &layout{Title: "Link a Slack account", session: s, Viewer: who, Body: b, Next: b.Action})
		return nil
	} else if seen != "" {
		input.ReplacesLinkID = &seen
	}
	out, err := confirmSlackLink(r.Context(), c.api, input)
	if err != nil {
		return err
	}
	if len(out.Result.UserErrors) > 0 || out.Result.Link == nil {
		p := linkOverProblem()
		if len(out.Result.UserErrors) > 0 && out.Result.UserErrors[0].Code != CodeNotFound {
			p = &problem{http.StatusConflict, "Not linked", out.Result.UserErrors[0].Message, "/", "Go to the start page"}
		}
		return p
	}
	b.Done = out.Result.Link.Status
	title := "Your Slack account is linked"
	if b.Done != SlackLinkStatusLinked {
		title = "An administrator has to agree"
	}
	c.render(w, r, http.StatusOK, "link", &layout{Title: title, session: s, Viewer: who, Body: b})
	return nil
}
