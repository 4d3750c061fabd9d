package access

import (
	"encoding/json"
	"fmt"
	"time"

	"procyon/store"
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
	// Domain is where its people find it at Slack, such as acme.slack.com, as Slack told
	// at the installation; "" where it did not.
	Domain string `json:"domain,omitempty"`
	// Waiting: whoever installed the app was not known to be an administrator here, so
	// one has to accept the workspace. Until then nothing in it counts: see Usable.
	Waiting bool `json:"waiting,omitempty"`
	// Accepted is who let it be used; nil while it waits, and for what a release before
	// workspaces had to be accepted has installed.
	Accepted *SlackAcceptance `json:"accepted,omitempty"`
	// Webhook is the one that was chosen at the last installation, if any.
	Webhook *OfferedWebhook `json:"webhook,omitempty"`
}

// SlackAcceptance is an administrator's word that a Slack workspace may be used here.
type SlackAcceptance struct {
	UserID string    `json:"userId"` // usr_…, or "system" for the command line
	Name   string    `json:"name"`   // as they were called then
	At     time.Time `json:"at"`
}

// Counts is the one rule of whether a workspace counts for anything: whether its people
// can link and act, and whether the app posts there.
func (w *SlackWorkspace) Counts() bool { return !w.Removed && !w.Waiting }

// Usable returns a CONFLICT *Error that says why a workspace does not count; nil where it
// does.
func (w *SlackWorkspace) Usable() error {
	switch {
	case w.Counts():
		return nil
	case w.Removed:
		return Errorf(Conflict, "workspaceId", "The workspace %s no longer has the app.", w.Name)
	}
	return Errorf(Conflict, "workspaceId", "The workspace %s waits for an administrator to accept it, in the console under Slack.", w.Name)
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
	// SlackWaiting: an administrator must agree; WaitsBecause says why.
	SlackWaiting SlackLinkStatus = "WAITING"
)

// SlackLinkReason says why a link waits.
type SlackLinkReason string

// Why links wait.
const (
	// EmailDiffers: Slack has another e-mail address of the user than Procyon.
	EmailDiffers SlackLinkReason = "EMAIL_DIFFERS"
	// EmailHidden: Slack told no e-mail address, so nothing could be compared.
	EmailHidden SlackLinkReason = "EMAIL_HIDDEN"
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

// WaitsBecause says why a link waits; "" for one that does not.
func (l *SlackLink) WaitsBecause() SlackLinkReason {
	switch {
	case l.Status != SlackWaiting:
		return ""
	case fold(l.SlackEmail) == "":
		return EmailHidden
	}
	return EmailDiffers
}

// Entry types of Slack's subjects.
const (
	typeInstalled     = "INSTALLED"
	typeAccepted      = "ACCEPTED"
	typeUninstalled   = "UNINSTALLED"
	typeLinkMade      = "LINKED"
	typeLinkRequested = "LINK_REQUESTED"
	typeLinkAgreed    = "LINK_AGREED"
	typeLinkRemoved   = "UNLINKED"
)

// Named implements State.
func (*SlackWorkspace) Named() Naming { return Naming{KindSlackWorkspace, "Slack workspace"} }

// Apply implements State.
func (w *SlackWorkspace) Apply(typ string, data []byte) error {
	switch typ {
	case typeInstalled:
		*w = SlackWorkspace{}
		return json.Unmarshal(data, w)
	case typeAccepted:
		var a SlackAcceptance
		if err := json.Unmarshal(data, &a); err != nil {
			return err
		}
		w.Waiting, w.Accepted = false, &a
		return nil
	case typeUninstalled:
		w.Removed = true
		return nil
	}
	return fmt.Errorf("unknown entry type %q", typ)
}

// Index implements State.
func (w *SlackWorkspace) Index() (string, []string) {
	if w.Removed {
		return "", nil
	}
	if w.Waiting {
		return fold(w.Name), []string{workspaceTerm, waitingWorkspaceTerm}
	}
	return fold(w.Name), []string{workspaceTerm}
}

const (
	workspaceTerm        = "wsp/"
	waitingWorkspaceTerm = "wsp/waiting"
)

// Named implements State.
func (*SlackLink) Named() Naming { return Naming{KindSlackLink, "Slack link"} }

// Ended says that it was removed.
func (l *SlackLink) Ended() bool { return l.Status == "" }

// Apply implements State.
func (l *SlackLink) Apply(typ string, data []byte) error {
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

// Index implements State.
func (l *SlackLink) Index() (string, []string) {
	if l.Status == "" {
		return "", nil
	}
	return store.TimeSort(l.CreatedAt), []string{
		slackLinkTerm(""), slackLinkTerm(l.Status), slackPersonTerm(l.UserID), slackSeatTerm(l.WorkspaceID, l.UserID), slackLinksIn(l.WorkspaceID),
	}
}

func slackLinkTerm(s SlackLinkStatus) string        { return "slk/status=" + string(s) }
func slackPersonTerm(userID string) string          { return "slk/user=" + userID }
func slackSeatTerm(workspaceID, user string) string { return "slk/in=" + workspaceID + "/user=" + user }
func slackLinksIn(workspaceID string) string        { return "slk/in=" + workspaceID }
