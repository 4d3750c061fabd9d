package slackbot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

// admitted is somebody who may use the bot: a full member of the workspace, or
// organisation, that installed the app. Handlers get it with what they handle, and only
// admit makes one that [server.as] acts for; so nothing is done for anybody of whom
// Slack did not say so.
type admitted struct {
	space  workspace
	member slackapi.Member
	who    *person // nil: linked to nobody, or the link waits
	link   *person // who, or as whom they wait to be linked
	waits  bool    // their link waits for an administrator
}

// arrival is what Slack says of who did something, and where.
type arrival struct {
	// installations are the workspaces and organisations whose app may be meant, the
	// likeliest first.
	installations []string
	user          string
	// team is the person's own workspace; "" where Slack does not say.
	team string
}

// How old it may be what Slack said of somebody.
const (
	// fresh is for whatever decides, or gives somebody a say.
	fresh time.Duration = 0
	// ofLate is for what decides nothing: a type-ahead sends something at each key.
	ofLate = time.Minute
)

// lookUpError: Slack did not say who somebody is.
type lookUpError struct{ error }

func (e *lookUpError) Unwrap() error { return e.error }

// admit looks up who somebody is at Slack and here, at once. Where they may not use the
// bot, the error says why, and what is returned is only where they are.
func (b *Bot) admit(ctx context.Context, at arrival, within time.Duration) (admitted, error) {
	space, err := b.spaces.find(ctx, at.installations...)
	if err != nil {
		return admitted{space: space}, err
	}
	var (
		both   sync.WaitGroup
		member slackapi.Member
		who    *person
		unsure error // who they are at Slack
	)
	both.Go(func() { member, unsure = b.member(ctx, space, at.user, at.team, within) })
	both.Go(func() { who, err = b.server.identity(ctx, space.SlackID, at.user) })
	both.Wait()
	outside := admitted{space: space}
	if unsure != nil {
		b.endLinkOf(ctx, who, unsure)
		return outside, unsure
	}
	if err != nil {
		return outside, err
	}
	a := admitted{space: space, member: member, who: who, link: who}
	if who != nil && who.Status != SlackLinkStatusLinked {
		a.who, a.waits = nil, true
	}
	return a, nil
}

// admitSeat is admit for somebody who did nothing just now.
func (b *Bot) admitSeat(ctx context.Context, s seat, within time.Duration) (admitted, error) {
	return b.admit(ctx, arrival{installations: []string{s.slackID}, user: s.user}, within)
}

// member looks up whether somebody is a full member, unless Slack said so within a
// while. The error is a *slackapi.NotMember or a *lookUpError.
func (b *Bot) member(ctx context.Context, space workspace, user, team string, within time.Duration) (slackapi.Member, error) {
	s := seat{space.SlackID, user}
	if m, ok := b.members.get(s, b.now().Add(-within)); ok && within > 0 && (team == "" || team == space.SlackID) {
		return m, nil
	}
	at := b.now()
	ctx, cancel := context.WithTimeout(ctx, b.lookUpIn())
	defer cancel()
	m, err := space.Member(ctx, b.spaces.home(space), user, team)
	if slackapi.TokenLost(err) && b.spaces.forgetOld(ctx, space) { // another replica has exchanged it
		if space, err = b.spaces.get(ctx, space.SlackID); err == nil {
			m, err = space.Member(ctx, b.spaces.home(space), user, team)
		}
	}
	if err == nil {
		b.members.put(s, m, at)
		return m, nil
	}
	b.members.drop(s)
	if slackapi.StandingOf(err) == "" {
		err = &lookUpError{err}
	}
	return slackapi.Member{}, err
}

// settled tells of an error of admit's whether another try would end alike.
func settled(err error) bool {
	if errors.Is(err, errNotInstalled) || slackapi.StandingOf(err) != "" {
		return true
	}
	var unsure *lookUpError
	var refused *slackapi.APIError
	return errors.As(err, &unsure) && errors.As(err, &refused) && refused.RetryAfter == 0
}

// members remembers for a while who was a full member. It is no proof where something
// is decided.
type members struct {
	mu    sync.Mutex // guards known
	known map[seat]remembrance
}

type remembrance struct {
	member slackapi.Member
	at     time.Time
}

// maxMembers bounds how many are remembered; beyond it, all are looked up anew.
const maxMembers = 10000

func (l *members) get(s seat, since time.Time) (slackapi.Member, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.known[s]
	return r.member, ok && !r.at.Before(since)
}

func (l *members) put(s seat, m slackapi.Member, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || len(l.known) >= maxMembers {
		l.known = map[seat]remembrance{}
	}
	l.known[s] = remembrance{m, at}
}

func (l *members) drop(s seat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.known, s)
}

// ofCommand says who typed a command.
func ofCommand(s slack.SlashCommand) arrival {
	return arrival{installations: installations(s.TeamID, s.EnterpriseID, s.IsEnterpriseInstall), user: s.UserID, team: s.TeamID}
}

// ofInteraction says who clicked, or sent a form. What is done in a message comes with
// the workspace of the app. A form comes with that of the person, and names the app's
// own beside it.
func ofInteraction(in interaction) arrival {
	app := in.Team.ID
	if in.View.AppInstalledTeamID != "" {
		app = in.View.AppInstalledTeamID
	}
	return arrival{installations: installations(app, in.Enterprise.ID, in.IsEnterpriseInstall), user: in.User.ID, team: in.User.TeamID}
}

// ofEvent says whom an event is about.
func ofEvent(e envelope) arrival {
	return arrival{installations: installations(e.TeamID, e.EnterpriseID, false), user: e.Event.User.ID}
}

// installations puts the IDs of a workspace and its organisation in the order in which
// an installation is looked for.
func installations(team, organization string, ofOrganization bool) []string {
	if ofOrganization {
		return []string{organization, team}
	}
	return []string{team, organization}
}

// turnedAway says to somebody who was not admitted why, and what to do. It never says
// more than they know.
func (b *Bot) turnedAway(what string, err error) *answer {
	switch slackapi.StandingOf(err) {
	case slackapi.StandingExternal:
		return say("Only full members of the Slack workspace that has Procyon can use it, and you belong to another company's. Nothing was done. Ask somebody of this workspace.")
	case slackapi.StandingGuest:
		return say("Only full members of this Slack workspace can use Procyon here, and you are a guest. Nothing was done. You can use Procyon's console, if you have an account there.")
	case slackapi.StandingDeactivated, slackapi.StandingRobot:
		return say("Only people who are full members of this Slack workspace can use Procyon here. Nothing was done.")
	}
	var unsure *lookUpError
	switch {
	case errors.Is(err, errWaiting):
		return b.sayWaiting()
	case errors.Is(err, errNotInstalled):
		return say("Procyon is not installed in your Slack workspace, so nothing was done. An administrator can add it in the console, under Slack: " + b.consoleSlack() + " .")
	case errors.As(err, &unsure):
		b.log.Warn("Slack does not say who somebody is, so they can do nothing", "what", what, "error", err)
		return say(unsureWords(err, b.consoleSlack()))
	}
	return b.trouble(what, err)
}

func unsureWords(err error, consoleSlack string) string {
	switch slackapi.CodeOf(err) {
	case "missing_scope":
		return "Procyon's Slack app may not ask who people are (users:read), so nothing was done. An administrator has to add it again in the console, under Slack: " + consoleSlack + " ."
	case "user_not_found", "user_not_visible", "another_user", "no_team":
		return "Slack does not tell Procyon who you are, so nothing was done. Use Procyon's console, or ask an administrator."
	}
	return "Slack did not say in time who you are, so nothing was done. Please try again in a minute."
}

// endLinkOf ends the link of somebody of whom Slack says that they are no full member,
// so that it is not shown as one any more. What does not come from Slack's own look-up
// ends nothing, nor does a look-up that failed. A link that could not be ended now is
// ended by the next look-up: until then it is of no use.
func (b *Bot) endLinkOf(ctx context.Context, who *person, err error) {
	var known *slackapi.NotMember
	if who == nil || !errors.As(err, &known) || known.Claimed {
		return
	}
	if err := b.server.removeLink(ctx, who.LinkID); err != nil && !notThere(err) {
		b.log.Warn("can't end a Slack link", "link", who.LinkID, "standing", known.Standing, "error", err)
		return
	}
	b.log.Info("a Slack link ended: its Slack user is no full member of the workspace", "link", who.LinkID, "user", who.ID, "standing", known.Standing)
}

// notThere tells that the server does not have what was named, such as a link that
// somebody else has just ended.
func notThere(err error) bool {
	var refused client.UserErrors
	return errors.As(err, &refused) && refused.Has("NOT_FOUND")
}
