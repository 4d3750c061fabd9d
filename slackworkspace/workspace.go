package slackworkspace

import (
	"encoding/json"
	"fmt"
	"time"

	"procyon/access"
)

// Workspace is a Slack workspace, or a whole Slack organisation, that has the
// app. Its token is not part of it: the Slack bot keeps that among its records.
type Workspace struct {
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
	Accepted *Acceptance `json:"accepted,omitempty"`
	// Webhook is the one that was chosen at the last installation, if any.
	Webhook *OfferedWebhook `json:"webhook,omitempty"`
}

// Acceptance is an administrator's word that a Slack workspace may be used here.
type Acceptance struct {
	UserID string    `json:"userId"` // usr_…, or "system" for the command line
	Name   string    `json:"name"`   // as they were called then
	At     time.Time `json:"at"`
}

// Counts is the one rule of whether a workspace counts for anything: whether its people
// can link and act, and whether the app posts there.
func (w *Workspace) Counts() bool { return !w.Removed && !w.Waiting }

// Usable returns a CONFLICT *Error that says why a workspace does not count; nil where it
// does.
func (w *Workspace) Usable() error {
	switch {
	case w.Counts():
		return nil
	case w.Removed:
		return access.Errorf(access.CodeConflict, "workspaceId", "The workspace %s no longer has the app.", w.Name)
	}
	return access.Errorf(access.CodeConflict, "workspaceId", "The workspace %s waits for an administrator to accept it, in the console under Slack.", w.Name)
}

// OfferedWebhook is an incoming webhook that came with an installation. It is no
// integration until an administrator makes one of it.
type OfferedWebhook struct {
	Offer     string `json:"offer"`     // names this one among all that were ever offered
	SealedURL string `json:"sealedUrl"` // encrypted with the workspace's ID as its context
	Channel   string `json:"channel"`   // as Slack calls it, such as #ops
}

// Entry types of workspaces.
const (
	typeInstalled   = "INSTALLED"
	typeAccepted    = "ACCEPTED"
	typeUninstalled = "UNINSTALLED"
)

// Named implements access.State.
func (*Workspace) Named() access.Naming {
	return access.Naming{Kind: KindWorkspace, Noun: "Slack workspace"}
}

// Apply implements access.State.
func (w *Workspace) Apply(typ string, data []byte) error {
	switch typ {
	case typeInstalled:
		*w = Workspace{}
		return json.Unmarshal(data, w)
	case typeAccepted:
		var a Acceptance
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

// Index implements access.State.
func (w *Workspace) Index() (string, []string) {
	if w.Removed {
		return "", nil
	}
	if w.Waiting {
		return access.Fold(w.Name), []string{workspaceTerm, waitingWorkspaceTerm}
	}
	return access.Fold(w.Name), []string{workspaceTerm}
}

const (
	workspaceTerm        = "wsp/"
	waitingWorkspaceTerm = "wsp/waiting"
)
