package slackworkspace

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"procyon/access"
	"procyon/store"
)

// LinkStatus says whether a link may be used.
type LinkStatus string

// The statuses of a link. One that was removed has none: it is no link.
const (
	// LinkLinked: what the Slack user does is done by the person.
	LinkLinked LinkStatus = "LINKED"
	// LinkWaiting: an administrator must agree; WaitsBecause says why.
	LinkWaiting LinkStatus = "WAITING"
)

// LinkReason says why a link waits.
type LinkReason string

// Why links wait.
const (
	// ReasonEmailDiffers: Slack has another e-mail address of the user than Procyon, or
	// the one here proves nothing: see access.User.EmailProves.
	ReasonEmailDiffers LinkReason = "EMAIL_DIFFERS"
	// ReasonEmailHidden: Slack told no e-mail address, so nothing could be compared.
	ReasonEmailHidden LinkReason = "EMAIL_HIDDEN"
)

// Link ties one Slack user to one person. There is at most one for each Slack
// user, and for each person and workspace.
type Link struct {
	ID          string     `json:"id"` // slk_…, follows from the workspace and the Slack user
	WorkspaceID string     `json:"workspaceId"`
	SlackUserID string     `json:"slackUserId"`
	SlackName   string     `json:"slackName"`  // as Slack called them then
	SlackEmail  string     `json:"slackEmail"` // as Slack had it then; "" where it tells none
	UserID      string     `json:"userId"`
	UserName    string     `json:"userName"`            // as they were called then
	UserEmail   string     `json:"userEmail,omitempty"` // as it was here then; "" of links that an older release made
	Status      LinkStatus `json:"status"`              // "" once it was removed
	CreatedAt   time.Time  `json:"createdAt"`
}

// WaitsBecause says why a link waits; "" for one that does not.
func (l *Link) WaitsBecause() LinkReason {
	switch {
	case l.Status != LinkWaiting:
		return ""
	case access.Fold(l.SlackEmail) == "":
		return ReasonEmailHidden
	}
	return ReasonEmailDiffers
}

// Entry types of links.
const (
	typeLinkMade      = "LINKED"
	typeLinkRequested = "LINK_REQUESTED"
	typeLinkAgreed    = "LINK_AGREED"
	typeLinkRemoved   = "UNLINKED"
)

// Named implements access.State.
func (*Link) Named() access.Naming { return access.Naming{Kind: KindLink, Noun: "Slack link"} }

// Ended says that it was removed.
func (l *Link) Ended() bool { return l.Status == "" }

// Apply implements access.State.
func (l *Link) Apply(typ string, data []byte) error {
	switch typ {
	case typeLinkMade, typeLinkRequested:
		*l = Link{}
		return json.Unmarshal(data, l)
	case typeLinkAgreed:
		l.Status = LinkLinked
		return nil
	case typeLinkRemoved:
		l.Status = ""
		return nil
	}
	return fmt.Errorf("unknown entry type %q", typ)
}

// Index implements access.State.
func (l *Link) Index() (string, []string) {
	if l.Status == "" {
		return "", nil
	}
	return store.TimeSort(l.CreatedAt), []string{
		linkTerm(""), linkTerm(l.Status), personTerm(l.UserID), seatTerm(l.WorkspaceID, l.UserID), linksIn(l.WorkspaceID),
	}
}

// Listing implements [access.Listed]: a link is found by both sides' names, addresses and the
// Slack user's ID, as they were when it was made. Links are in the order of their making.
func (l *Link) Listing() (access.Listing, bool) {
	return access.Listing{
		Name: l.UserName, Sort: store.TimeSort(l.CreatedAt), Tags: []string{linkTag(l.Status)},
		Also: strings.Join([]string{l.UserEmail, l.SlackName, l.SlackEmail, l.SlackUserID}, "\n"),
	}, l.Status != ""
}

// NameTerms are the terms under which a store has all links.
func NameTerms() map[access.Kind][]string { return map[access.Kind][]string{KindLink: {linkTerm("")}} }

func linkTag(s LinkStatus) string { return "status=" + string(s) }

func linkTerm(s LinkStatus) string             { return "slk/status=" + string(s) }
func personTerm(userID string) string          { return "slk/user=" + userID }
func seatTerm(workspaceID, user string) string { return "slk/in=" + workspaceID + "/user=" + user }
func linksIn(workspaceID string) string        { return "slk/in=" + workspaceID }
