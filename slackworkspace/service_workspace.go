package slackworkspace

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"procyon/access"
	"procyon/integration"
	"procyon/store"
)

// NewWorkspace is an installation of the app.
type NewWorkspace struct {
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
	Consent func(ctx context.Context) (*Consent, error)
}

// Consent is an administrator's wish to use a workspace, made in a session of theirs.
type Consent struct {
	UserID string `json:"userId"`
	Epoch  int    `json:"epoch"` // the person's at that time: see User
}

// NewWebhook is an incoming webhook that came with an installation.
type NewWebhook struct{ URL, Channel string }

// domains look like acme.slack.com or acme.enterprise.slack.com.
var domains = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

const maxDomain = 253 // of any name in the DNS

func checkID(field, id string) error {
	if err := integration.CheckSlackID(id); err != nil {
		return access.Errorf(access.CodeInvalid, field, "%s", err.Error())
	}
	return nil
}

// maxWaitingWorkspaces is how many workspaces can wait for an administrator: anybody
// whose browser reaches the server can install the app in a workspace of their own.
const maxWaitingWorkspaces = 100

// Install writes down that a workspace has the app, for the first time or again.
//
// It can be used at once where an administrator began the installation, or has accepted
// the workspace before; else it waits for one. To install the app again changes nothing
// about that, unless it was gone in between: then the workspace waits, whoever did it.
func (s *Service) Install(ctx context.Context, by access.Actor, in NewWorkspace) (Workspace, error) {
	fresh, err := s.installation(in)
	if err != nil {
		return Workspace{}, err
	}
	var consent *Consent
	if in.Consent != nil {
		if consent, err = in.Consent(ctx); err != nil {
			return Workspace{}, err
		}
	}
	return access.Upsert(ctx, s.subjects, by, fresh.ID, func(f access.Found[Workspace]) (access.Effect, error) {
		w := fresh
		w.InstalledAt = s.subjects.Now()
		guards, err := s.trust(ctx, &w, f, consent)
		return access.Effect{Type: typeInstalled, Data: w, At: w.InstalledAt, Guards: guards}, err
	})
}

// installation checks what Slack says of an installation, and makes the workspace of it.
func (s *Service) installation(in NewWorkspace) (Workspace, error) {
	var w Workspace
	if err := checkID("slackId", in.SlackID); err != nil {
		return w, err
	}
	name, err := access.CleanName("name", in.Name)
	if err != nil {
		return w, err
	}
	if in.Domain != "" && (len(in.Domain) > maxDomain || !domains.MatchString(in.Domain)) {
		return w, access.Errorf(access.CodeInvalid, "domain", "%.40q is not the domain of a workspace, such as acme.slack.com.", in.Domain)
	}
	if err := cleanApp(in); err != nil {
		return w, err
	}
	w = Workspace{
		ID: workspaceID(s, in.SlackID), SlackID: in.SlackID, Organization: in.Organization, Name: name, Domain: in.Domain,
		AppID: in.AppID, BotUserID: in.BotUserID, Scopes: in.Scopes,
	}
	w.Webhook, err = s.offer(w.ID, in.Webhook)
	return w, err
}

// trust says whether a workspace that is being installed can be used or waits, and
// returns what that rests on.
func (s *Service) trust(ctx context.Context, w *Workspace, f access.Found[Workspace], consent *Consent) ([]access.Guard, error) {
	before, known := &f.State, f.Version > 0
	if consent != nil {
		guard := access.Guard{Key: consent.UserID, Since: s.subjects.Head()}
		u, err := s.subjects.User(ctx, consent.UserID)
		if err != nil && access.CodeOf(err) != access.CodeNotFound {
			return nil, err
		}
		if err == nil && u.Admin && !u.Disabled && u.Epoch == consent.Epoch {
			w.Accepted = &Acceptance{UserID: u.ID, Name: u.Name, At: w.InstalledAt}
			return []access.Guard{guard}, nil
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
	waiting, err := s.subjects.Views().List(ctx, store.Query{Term: waitingWorkspaceTerm, Limit: maxWaitingWorkspaces})
	if err == nil && len(waiting) == maxWaitingWorkspaces {
		err = access.Errorf(access.CodeConflict, "slackId", "%d Slack workspaces wait for an administrator already, and no more may. An administrator adds this one from the console, under Slack, and accepts or denies those that wait.", maxWaitingWorkspaces)
	}
	return nil, err
}

// errNotPersonal refuses who is no administrator acting by themselves.
func errNotPersonal() error {
	return access.Errorf(access.CodeForbidden, "workspaceId", "Only an administrator who is signed in can do this, and no service, not even for them.")
}

// byAdministrator returns the guards that an administrator who acts by themselves, or the
// command line, still is one when what they do is committed.
func (s *Service) byAdministrator(ctx context.Context, by access.Actor) ([]access.Guard, error) {
	switch {
	case by.Kind == access.ActorService, by.ByID != "":
		return nil, errNotPersonal()
	case by.Kind == access.ActorSystem:
		return nil, nil
	}
	by, person, err := s.subjects.AsOfNow(ctx, by)
	if err == nil && !by.Admin {
		err = errNotPersonal()
	}
	return person, err
}

// Accept lets a workspace be used that waits, as an administrator who saw
// the installation of that time. CONFLICT where it was installed again or removed since;
// one that is accepted already stays as it is.
func (s *Service) Accept(ctx context.Context, by access.Actor, id string, installedAt time.Time) (Workspace, error) {
	return access.Upsert(ctx, s.subjects, by, id, func(f access.Found[Workspace]) (access.Effect, error) {
		guards, err := s.byAdministrator(ctx, by)
		switch w := f.State; {
		case err != nil:
			return access.Nothing(), err
		case f.Version == 0:
			return access.Nothing(), access.Missing[Workspace]("workspaceId")
		case w.Removed:
			return access.Nothing(), w.Usable()
		case !w.InstalledAt.Equal(installedAt):
			return access.Nothing(), errInstalledAgain("installedAt", w)
		case !w.Waiting:
			return access.Nothing(), nil
		}
		now := s.subjects.Now()
		return access.Effect{Type: typeAccepted, Data: Acceptance{UserID: by.ID, Name: by.Name, At: now}, At: now, Guards: guards}, nil
	})
}

func errInstalledAgain(field string, w Workspace) error {
	return access.Errorf(access.CodeConflict, field, "%s was installed again at %s; look at what is installed now.", w.Name, w.InstalledAt.Format(time.RFC3339))
}

// Remove denies a workspace that waits, or ends the use of one that was
// accepted, as an administrator. From then on it counts as one without the app, and waits
// when it is installed again. One that is removed already stays as it is. waiting is
// whether they saw it wait, nil where they did not look: CONFLICT where another
// administrator has decided otherwise since.
func (s *Service) Remove(ctx context.Context, by access.Actor, id string, waiting *bool) (Workspace, error) {
	return s.remove(ctx, by, id, "workspaceId", s.byAdministrator, func(w *Workspace) error {
		switch {
		case waiting == nil || *waiting == w.Waiting:
			return nil
		case w.Waiting:
			return access.Errorf(access.CodeConflict, "waiting", "%s was installed again and waits for an administrator by now; look at it again.", w.Name)
		}
		return access.Errorf(access.CodeConflict, "waiting", "%s does not wait any more: it was accepted meanwhile. If nobody may use it, remove it from the workspaces that have the app.", w.Name)
	})
}

// offer keeps a webhook that came with an installation, encrypted.
func (s *Service) offer(workspaceID string, in *NewWebhook) (*OfferedWebhook, error) {
	if in == nil {
		return nil, nil
	}
	if err := s.checkURL(in.URL); err != nil {
		return nil, access.Errorf(access.CodeInvalid, "webhook.url", "%s", err.Error())
	}
	channel, err := access.CleanName("webhook.channel", in.Channel)
	if err != nil {
		return nil, err
	}
	sealed, err := s.secrets.Seal(in.URL, workspaceID)
	if err != nil {
		return nil, fmt.Errorf("seal a webhook URL: %w", err)
	}
	return &OfferedWebhook{Offer: s.subjects.NewID(access.KindIntegration), SealedURL: sealed, Channel: channel}, nil
}

// maxScopes is how many scopes an app may have; Slack knows fewer.
const maxScopes = 200

// cleanApp checks what Slack says of the app in a workspace.
func cleanApp(in NewWorkspace) error {
	if err := checkID("appId", in.AppID); err != nil {
		return err
	}
	if err := checkID("botUserId", in.BotUserID); err != nil {
		return err
	}
	if len(in.Scopes) > maxScopes {
		return access.Errorf(access.CodeInvalid, "scopes", "Give at most %d scopes; these are %d.", maxScopes, len(in.Scopes))
	}
	for i, scope := range in.Scopes {
		if _, err := access.CleanName(fmt.Sprintf("scopes.%d", i), scope); err != nil {
			return err
		}
	}
	return nil
}

func workspaceID(s *Service, slackID string) string {
	return s.subjects.DeriveID(KindWorkspace, "slack workspace", slackID)
}

func linkID(s *Service, workspaceID, slackUserID string) string {
	return s.subjects.DeriveID(KindLink, "slack link", workspaceID, slackUserID)
}

// Workspace returns an installation by the workspace's or organisation's ID at
// Slack, removed ones too, or a NOT_FOUND *Error.
func (s *Service) Workspace(ctx context.Context, slackID string) (Workspace, error) {
	return s.WorkspaceByID(ctx, workspaceID(s, slackID))
}

// WorkspaceByID is Workspace by the ID here.
func (s *Service) WorkspaceByID(ctx context.Context, id string) (Workspace, error) {
	return access.Load[Workspace](ctx, s.subjects, id, "workspaceId")
}

// Workspaces lists the workspaces that have the app, by name, also those that wait.
func (s *Service) Workspaces(ctx context.Context, p store.Page) (store.Listed, error) {
	return store.List(ctx, s.subjects.Views(), []string{workspaceTerm}, false, p, nil)
}

// WorkspacesThat lists those of Workspaces that wait, or those that don't.
func (s *Service) WorkspacesThat(ctx context.Context, wait bool, p store.Page) (store.Listed, error) {
	if wait {
		return store.List(ctx, s.subjects.Views(), []string{waitingWorkspaceTerm}, false, p, nil)
	}
	return store.List(ctx, s.subjects.Views(), []string{workspaceTerm}, false, p, func(d store.Document) bool {
		w, err := access.Decode[Workspace](d)
		return err == nil && !w.Waiting
	})
}

// Uninstall writes down that a workspace no longer has the app. One that has
// not is left as it is.
func (s *Service) Uninstall(ctx context.Context, by access.Actor, slackID string) (Workspace, error) {
	anybody := func(context.Context, access.Actor) ([]access.Guard, error) { return nil, nil }
	return s.remove(ctx, by, workspaceID(s, slackID), "slackId", anybody, func(*Workspace) error { return nil })
}

func (s *Service) remove(ctx context.Context, by access.Actor, id, field string, may func(context.Context, access.Actor) ([]access.Guard, error), asSeen func(*Workspace) error) (Workspace, error) {
	w, err := access.Upsert(ctx, s.subjects, by, id, func(f access.Found[Workspace]) (access.Effect, error) {
		guards, err := may(ctx, by)
		switch {
		case err != nil:
			return access.Nothing(), err
		case f.Version == 0:
			return access.Nothing(), access.Missing[Workspace](field)
		case f.State.Removed:
			return access.Nothing(), nil
		}
		return access.Effect{Type: typeUninstalled, Data: struct{}{}, Guards: guards}, asSeen(&f.State)
	})
	if err == nil {
		err = s.forgetChannels(ctx, id) // nobody is told of them from now on; again, if this fails
	}
	return w, err
}
