package slackapi

import (
	"context"
	"errors"
	"slices"

	"github.com/slack-go/slack"
)

// SlackUser is a person in Slack.
type SlackUser struct {
	ID    string
	Name  string // the full name, else the display name, else the handle
	Email string // "" where Slack does not tell
}

// Home is whose the app is: the workspace or the organisation that installed it.
type Home struct {
	// ID is the workspace's (T…) or the organisation's (E…).
	ID string
	// Organization returns the organisation that the workspace is part of, "" for none.
	// It is asked only about people whose workspace is another one.
	Organization func(context.Context) (string, error)
}

// Member is a full member of the workspace or organisation that installed the app, as
// Slack said when it was asked. Only [Bot.Member] makes one; the zero value is nobody.
type Member struct{ user SlackUser }

// ID is the person's ID at Slack, "" for nobody.
func (m Member) ID() string { return m.user.ID }

// User is the person.
func (m Member) User() SlackUser { return m.user }

// Standing is what somebody is who is no full member.
type Standing string

// The standings of those who are no full members.
const (
	StandingExternal    Standing = "external"    // of another company's workspace, in a shared channel
	StandingGuest       Standing = "guest"       // of one channel or of some
	StandingDeactivated Standing = "deactivated" // they have left
	StandingRobot       Standing = "bot"         // no person
)

// NotMember is the error for somebody who is known to be no full member.
type NotMember struct {
	Standing Standing
	// Claimed: only what came with their click says so, and not Slack's own look-up.
	Claimed bool
}

func (e *NotMember) Error() string { return "slackapi: no full member, but " + string(e.Standing) }

// Member looks up whether somebody is a full member of the home. team is the person's
// own workspace as it came with what they did, "" where nothing said so: it can only
// take away. The error is a *[NotMember] where they are none; any other error says
// nothing about them.
//
// Slack calls people of another company no strangers once they share a channel with the
// app, and has no mark of its own for them. So it is their own workspace that counts:
// https://docs.slack.dev/apis/slack-connect
func (b *Bot) Member(ctx context.Context, home Home, id, team string) (Member, error) {
	u, err := b.client.GetUserInfoContext(ctx, id)
	if err != nil {
		return Member{}, apiError(ctx, "users.info", err)
	}
	if u.ID != id || id == "" {
		return Member{}, &APIError{Method: "users.info", Code: "another_user"}
	}
	if s := standing(u); s != "" {
		return Member{}, &NotMember{Standing: s}
	}
	if u.TeamID == "" {
		return Member{}, &APIError{Method: "users.info", Code: "no_team"}
	}
	if u.TeamID == home.ID && (team == "" || team == home.ID) {
		return Member{person(u)}, nil
	}
	// They, or what they did, belong to another workspace: of the same organisation?
	organization, err := home.Organization(ctx)
	if err != nil {
		return Member{}, err
	}
	ours := u.TeamID == home.ID
	if organization != "" && (u.Enterprise.EnterpriseID == organization || u.TeamID == organization) {
		ours = true
		known := append(u.Enterprise.Teams, home.ID, organization, u.TeamID, "")
		if len(u.Enterprise.Teams) == 0 || slices.Contains(known, team) {
			return Member{person(u)}, nil
		}
	}
	return Member{}, &NotMember{Standing: StandingExternal, Claimed: ours}
}

// standing tells what Slack says by marks of its own; "" for none of them.
func standing(u *slack.User) Standing {
	switch {
	case u.Deleted:
		return StandingDeactivated
	case u.IsBot, u.IsWorkflowBot, u.IsConnectorBot, u.ID == "USLACKBOT":
		return StandingRobot
	case u.IsStranger:
		return StandingExternal
	case u.IsRestricted, u.IsUltraRestricted:
		return StandingGuest
	}
	return ""
}

func person(u *slack.User) SlackUser {
	name := u.RealName
	for _, other := range []string{u.Profile.RealName, u.Profile.DisplayName, u.Name, u.ID} {
		if name == "" {
			name = other
		}
	}
	return SlackUser{ID: u.ID, Name: name, Email: u.Profile.Email}
}

// Organization returns the organisation that the token's workspace is part of, "" for
// none.
func (b *Bot) Organization(ctx context.Context) (string, error) {
	r, err := b.client.AuthTestContext(ctx)
	if err != nil {
		return "", apiError(ctx, "auth.test", err)
	}
	return r.EnterpriseID, nil
}

// StandingOf is the standing of an error's person, "" where the error says nothing
// about them.
func StandingOf(err error) Standing {
	var n *NotMember
	if errors.As(err, &n) {
		return n.Standing
	}
	return ""
}
