package access

import (
	"encoding/json"
	"fmt"
	"time"
)

// SlackWorkspace is a Slack workspace, or a whole Slack organisation, that has the
// app. Its token is not part of it: the Slack bot keeps that among its records.
type SlackWorkspace struct {
	ID           string    `json:"id"`      // wsp_…, follows from SlackID
	SlackID      string    `json:"slackId"` // T… of a workspace, E… of an organisation
	Organization bool      `json:"organization,omitempty"`
	Name         string    `json:"name"`
	AppID        string    `json:"appId"`
	BotUserID    string    `json:"botUserId"`
	Scopes       []string  `json:"scopes"`
	InstalledAt  time.Time `json:"installedAt"`
	Removed      bool      `json:"removed,omitempty"`
	// Webhook is the one that was chosen at the last installation, if any.
	Webhook *OfferedWebhook `json:"webhook,omitempty"`
}

// OfferedWebhook is an incoming webhook that came with an installation. It is no
// integration until an administrator makes one of it.
type OfferedWebhook struct {
	Offer     string `json:"offer"`     // names this one among all that were ever offered
	SealedURL string `json:"sealedUrl"` // encrypted with the workspace's ID as its context
	Channel   string `json:"channel"`   // as Slack calls it, such as #ops
}

// SlackLinkStatus says whether a link may be used.
type SlackLinkStatus string

// The statuses of a link. One that was removed has none: it is no link.
const (
	// SlackLinked: what the Slack user does is done by the person.
	SlackLinked SlackLinkStatus = "LINKED"
	// SlackWaiting: the e-mail addresses differ, so an administrator must agree.
	SlackWaiting SlackLinkStatus = "WAITING"
)

// SlackLink ties one Slack user to one person. There is at most one for each Slack
// user, and for each person and workspace.
type SlackLink struct {
	ID          string          `json:"id"` // slk_…, follows from the workspace and the Slack user
	WorkspaceID string          `json:"workspaceId"`
	SlackUserID string          `json:"slackUserId"`
	SlackName   string          `json:"slackName"`  // as Slack called them then
	SlackEmail  string          `json:"slackEmail"` // as Slack had it then; "" where it tells none
	UserID      string          `json:"userId"`
	UserName    string          `json:"userName"` // as they were called then
	Status      SlackLinkStatus `json:"status"`   // "" once it was removed
	CreatedAt   time.Time       `json:"createdAt"`
}

// Entry types of Slack's subjects.
const (
	typeInstalled     = "INSTALLED"
	typeUninstalled   = "UNINSTALLED"
	typeLinkMade      = "LINKED"
	typeLinkRequested = "LINK_REQUESTED"
	typeLinkAgreed    = "LINK_AGREED"
	typeLinkRemoved   = "UNLINKED"
)

func (w *SlackWorkspace) apply(typ string, data []byte) error {
	switch typ {
	case typeInstalled:
		*w = SlackWorkspace{}
		return json.Unmarshal(data, w)
	case typeUninstalled:
		w.Removed = true
		return nil
	}
	return fmt.Errorf("unknown entry type %q", typ)
}

func (w *SlackWorkspace) index() (string, []string) {
	if w.Removed {
		return "", nil
	}
	return fold(w.Name), []string{"wsp/"}
}

func (l *SlackLink) apply(typ string, data []byte) error {
	switch typ {
	case typeLinkMade, typeLinkRequested:
		*l = SlackLink{}
		return json.Unmarshal(data, l)
	case typeLinkAgreed:
		l.Status = SlackLinked
		return nil
	case typeLinkRemoved:
		l.Status = ""
		return nil
	}
	return fmt.Errorf("unknown entry type %q", typ)
}

func (l *SlackLink) index() (string, []string) {
	if l.Status == "" {
		return "", nil
	}
	return TimeSort(l.CreatedAt), []string{
		slackLinkTerm(""), slackLinkTerm(l.Status), slackPersonTerm(l.UserID), slackSeatTerm(l.WorkspaceID, l.UserID), slackLinksIn(l.WorkspaceID),
	}
}

func slackLinkTerm(s SlackLinkStatus) string        { return "slk/status=" + string(s) }
func slackPersonTerm(userID string) string          { return "slk/user=" + userID }
func slackSeatTerm(workspaceID, user string) string { return "slk/in=" + workspaceID + "/user=" + user }
func slackLinksIn(workspaceID string) string        { return "slk/in=" + workspaceID }
