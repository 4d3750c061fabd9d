package access

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"procyon/store"
)

// NewSlackWorkspace is an installation of the app.
type NewSlackWorkspace struct {
	SlackID      string
	Organization bool
	Name         string
	AppID        string
	BotUserID    string
	Scopes       []string
	Domain       string      // such as acme.slack.com; "": Slack did not tell
	Webhook      *NewWebhook // nil: none was chosen
	// Consent returns the administrator who began the installation and wants the
	// workspace used, or nil where none is known. It is called once, when all else is
	// known to be good. nil: nobody is known.
	Consent func(ctx context.Context) (*SlackConsent, error)
}

// SlackConsent is an administrator's wish to use a workspace, made in a session of theirs.
type SlackConsent struct {
	UserID string `json:"userId"`
	Epoch  int    `json:"epoch"` // the person's at that time: see User
}

// NewWebhook is an incoming webhook that came with an installation.
type NewWebhook struct{ URL, Channel string }

// slackIDs look like T0123ABCD: https://docs.slack.dev/apis/web-api/using-the-conversations-api
var slackIDs = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,30}$`)

// domains look like acme.slack.com or acme.enterprise.slack.com.
var domains = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

const maxDomain = 253 // of any name in the DNS

func cleanSlackID(field, id string) (string, error) {
	if !slackIDs.MatchString(id) {
		return "", Errorf(Invalid, field, "%.40q is not an ID of Slack's.", id)
	}
	return id, nil
}

// maxWaitingWorkspaces is how many workspaces can wait for an administrator: anybody
// whose browser reaches the gateway can install the app in a workspace of their own.
const maxWaitingWorkspaces = 100

// InstallSlack writes down that a workspace has the app, for the first time or again.
//
// It can be used at once where an administrator began the installation, or has accepted
// the workspace before; else it waits for one. To install the app again changes nothing
// about that, unless it was gone in between: then the workspace waits, whoever did it.
func (s *Service) InstallSlack(ctx context.Context, by Actor, in NewSlackWorkspace) (SlackWorkspace, error) {
	fresh, err := s.installation(in)
	if err != nil {
		return SlackWorkspace{}, err
	}
	var consent *SlackConsent
	if in.Consent != nil {
		if consent, err = in.Consent(ctx); err != nil {
			return SlackWorkspace{}, err
		}
	}
	return Upsert(ctx, s.Subjects, by, fresh.ID, func(f Found[SlackWorkspace]) (Effect, error) {
		w := fresh
		w.InstalledAt = s.Now()
		guards, err := s.trust(ctx, &w, f, consent)
		return Effect{Type: typeInstalled, Data: w, At: w.InstalledAt, Guards: guards}, err
	})
}

// installation checks what Slack says of an installation, and makes the workspace of it.
func (s *Service) installation(in NewSlackWorkspace) (SlackWorkspace, error) {
	var w SlackWorkspace
	slackID, err := cleanSlackID("slackId", in.SlackID)
	if err != nil {
		return w, err
	}
	name, err := cleanName("name", in.Name)
	if err != nil {
		return w, err
	}
	if in.Domain != "" && (len(in.Domain) > maxDomain || !domains.MatchString(in.Domain)) {
		return w, Errorf(Invalid, "domain", "%.40q is not the domain of a workspace, such as acme.slack.com.", in.Domain)
	}
	if err := cleanApp(in); err != nil {
		return w, err
	}
	w = SlackWorkspace{
		ID: slackWorkspaceID(s, slackID), SlackID: slackID, Organization: in.Organization, Name: name, Domain: in.Domain,
		AppID: in.AppID, BotUserID: in.BotUserID, Scopes: in.Scopes,
	}
	w.Webhook, err = s.offer(w.ID, in.Webhook)
	return w, err
}

// trust says whether a workspace that is being installed can be used or waits, and
// returns what that rests on.
func (s *Service) trust(ctx context.Context, w *SlackWorkspace, f Found[SlackWorkspace], consent *SlackConsent) ([]Guard, error) {
	before, known := &f.State, f.Version > 0
	if consent != nil {
		guard := Guard{Key: consent.UserID, Since: s.log.Head()}
		u, err := s.User(ctx, consent.UserID)
		if err != nil && CodeOf(err) != NotFound {
			return nil, err
		}
		if err == nil && u.Admin && !u.Disabled && u.Epoch == consent.Epoch {
			w.Accepted = &SlackAcceptance{UserID: u.ID, Name: u.Name, At: w.InstalledAt}
			return []Guard{guard}, nil
		}
	}
	if known && before.Usable() == nil {
		w.Accepted = before.Accepted
		return nil, nil
	}
	w.Waiting = true
	if known && before.Waiting && !before.Removed {
		return nil, nil // one of those that wait already
	}
	waiting, err := s.views.List(ctx, store.Query{Term: waitingWorkspaceTerm, Limit: maxWaitingWorkspaces})
	if err == nil && len(waiting) == maxWaitingWorkspaces {
		err = Errorf(Conflict, "slackId", "%d Slack workspaces wait for an administrator already, and no more may. An administrator adds this one from the console, under Slack, and accepts or refuses those that wait.", maxWaitingWorkspaces)
	}
	return nil, err
}

// errNotPersonal refuses who is no administrator acting by themselves.
func errNotPersonal() error {
	return Errorf(Forbidden, "workspaceId", "Only an administrator who is signed in can do this, and no service, not even for them.")
}

// byAdministrator returns the guards that an administrator who acts by themselves, or the
// command line, still is one when what they do is committed.
func (s *Service) byAdministrator(ctx context.Context, by Actor) ([]Guard, error) {
	switch {
	case by.Kind == ActorService, by.ByID != "":
		return nil, errNotPersonal()
	case by.Kind == ActorSystem:
		return nil, nil
	}
	by, person, err := s.asOfNow(ctx, by)
	if err == nil && !by.Admin {
		err = errNotPersonal()
	}
	return person, err
}

// AcceptSlackWorkspace lets a workspace be used that waits, as an administrator who saw
// the installation of that time. CONFLICT where it was installed again or removed since;
// one that is accepted already stays as it is.
func (s *Service) AcceptSlackWorkspace(ctx context.Context, by Actor, id string, installedAt time.Time) (SlackWorkspace, error) {
	return Upsert(ctx, s.Subjects, by, id, func(f Found[SlackWorkspace]) (Effect, error) {
		guards, err := s.byAdministrator(ctx, by)
		switch w := f.State; {
		case err != nil:
			return Nothing(), err
		case f.Version == 0:
			return Nothing(), Missing[SlackWorkspace]("workspaceId")
		case w.Removed:
			return Nothing(), w.Usable()
		case !w.InstalledAt.Equal(installedAt):
			return Nothing(), errInstalledAgain("installedAt", w)
		case !w.Waiting:
			return Nothing(), nil
		}
		now := s.Now()
		return Effect{Type: typeAccepted, Data: SlackAcceptance{UserID: by.ID, Name: by.Name, At: now}, At: now, Guards: guards}, nil
	})
}

func errInstalledAgain(field string, w SlackWorkspace) error {
	return Errorf(Conflict, field, "%s was installed again at %s; look at what is installed now.", w.Name, w.InstalledAt.Format(time.RFC3339))
}

// RemoveSlackWorkspace refuses a workspace that waits, or ends the use of one that was
// accepted, as an administrator. From then on it counts as one without the app, and waits
// when it is installed again. One that is removed already stays as it is. waiting is
// whether they saw it wait, nil where they did not look: CONFLICT where another
// administrator has decided otherwise since.
func (s *Service) RemoveSlackWorkspace(ctx context.Context, by Actor, id string, waiting *bool) (SlackWorkspace, error) {
	return s.removeSlackWorkspace(ctx, by, id, "workspaceId", s.byAdministrator, func(w *SlackWorkspace) error {
		switch {
		case waiting == nil || *waiting == w.Waiting:
			return nil
		case w.Waiting:
			return Errorf(Conflict, "waiting", "%s was installed again and waits for an administrator by now; look at it again.", w.Name)
		}
		return Errorf(Conflict, "waiting", "%s does not wait any more: it was accepted meanwhile. If nobody may use it, remove it from the workspaces that have the app.", w.Name)
	})
}

// offer keeps a webhook that came with an installation, encrypted.
func (s *Service) offer(workspaceID string, in *NewWebhook) (*OfferedWebhook, error) {
	if in == nil {
		return nil, nil
	}
	if err := s.opts.CheckURL(in.URL); err != nil {
		return nil, Errorf(Invalid, "webhook.url", "%s", err.Error())
	}
	channel, err := cleanName("webhook.channel", in.Channel)
	if err != nil {
		return nil, err
	}
	sealed, err := s.opts.Secrets.Seal(in.URL, workspaceID)
	if err != nil {
		return nil, fmt.Errorf("seal a webhook URL: %w", err)
	}
	return &OfferedWebhook{Offer: s.NewID(KindIntegration), SealedURL: sealed, Channel: channel}, nil
}

// OfferTaken returns the integration that was made of an offered webhook, if any is.
func (s *Service) OfferTaken(ctx context.Context, w OfferedWebhook) (Integration, bool, error) {
	return First[Integration](ctx, s.Subjects, offerTerm(w.Offer))
}

// maxSlackScopes is how many scopes an app may have; Slack knows fewer.
const maxSlackScopes = 200

// cleanApp checks what Slack says of the app in a workspace.
func cleanApp(in NewSlackWorkspace) error {
	if _, err := cleanSlackID("appId", in.AppID); err != nil {
		return err
	}
	if _, err := cleanSlackID("botUserId", in.BotUserID); err != nil {
		return err
	}
	if len(in.Scopes) > maxSlackScopes {
		return Errorf(Invalid, "scopes", "Give at most %d scopes; these are %d.", maxSlackScopes, len(in.Scopes))
	}
	for i, scope := range in.Scopes {
		if _, err := cleanName(fmt.Sprintf("scopes.%d", i), scope); err != nil {
			return err
		}
	}
	return nil
}

func slackWorkspaceID(s *Service, slackID string) string {
	return s.DeriveID(KindSlackWorkspace, "slack workspace", slackID)
}

func slackLinkID(s *Service, workspaceID, slackUserID string) string {
	return s.DeriveID(KindSlackLink, "slack link", workspaceID, slackUserID)
}

// SlackWorkspace returns an installation by the workspace's or organisation's ID at
// Slack, removed ones too, or a NOT_FOUND *Error.
func (s *Service) SlackWorkspace(ctx context.Context, slackID string) (SlackWorkspace, error) {
	return s.SlackWorkspaceByID(ctx, slackWorkspaceID(s, slackID))
}

// SlackWorkspaceByID is SlackWorkspace by the ID here.
func (s *Service) SlackWorkspaceByID(ctx context.Context, id string) (SlackWorkspace, error) {
	return Load[SlackWorkspace](ctx, s.Subjects, id, "workspaceId")
}

// SlackWorkspaces lists the workspaces that have the app, by name, also those that wait.
func (s *Service) SlackWorkspaces(ctx context.Context, p store.Page) (store.Listed, error) {
	return s.list(ctx, []string{workspaceTerm}, false, p, nil)
}

// SlackWorkspacesThat lists those of SlackWorkspaces that wait, or those that don't.
func (s *Service) SlackWorkspacesThat(ctx context.Context, wait bool, p store.Page) (store.Listed, error) {
	if wait {
		return s.list(ctx, []string{waitingWorkspaceTerm}, false, p, nil)
	}
	return s.list(ctx, []string{workspaceTerm}, false, p, func(d store.Document) bool {
		w, err := Decode[SlackWorkspace](d)
		return err == nil && !w.Waiting
	})
}

// UninstallSlack writes down that a workspace no longer has the app. One that has
// not is left as it is.
func (s *Service) UninstallSlack(ctx context.Context, by Actor, slackID string) (SlackWorkspace, error) {
	anybody := func(context.Context, Actor) ([]Guard, error) { return nil, nil }
	return s.removeSlackWorkspace(ctx, by, slackWorkspaceID(s, slackID), "slackId", anybody, func(*SlackWorkspace) error { return nil })
}

func (s *Service) removeSlackWorkspace(ctx context.Context, by Actor, id, field string, may func(context.Context, Actor) ([]Guard, error), asSeen func(*SlackWorkspace) error) (SlackWorkspace, error) {
	return Upsert(ctx, s.Subjects, by, id, func(f Found[SlackWorkspace]) (Effect, error) {
		guards, err := may(ctx, by)
		switch {
		case err != nil:
			return Nothing(), err
		case f.Version == 0:
			return Nothing(), Missing[SlackWorkspace](field)
		case f.State.Removed:
			return Nothing(), nil
		}
		return Effect{Type: typeUninstalled, Data: struct{}{}, Guards: guards}, asSeen(&f.State)
	})
}
