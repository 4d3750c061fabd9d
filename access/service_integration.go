package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"procyon/integration"
)

// NewIntegration is an integration to be added.
type NewIntegration struct {
	Name    string
	Kind    IntegrationKind
	URL     string   // of kinds that have one
	Channel *Channel // of kinds that have one
	// OfferedBy is the workspace whose offered webhook is taken, in place of the URL.
	OfferedBy string
	// OfferSeen is the installation of OfferedBy that was seen to offer it; nil: any.
	// Absent, it is not part of the digest by which a repeated call is known.
	OfferSeen *time.Time  `json:",omitempty"`
	Events    []EventType // nil: DefaultEvents

	IdempotencyKey *string // nil or the caller's own: see NewAccount
}

// IntegrationPatch is a change of an integration; nil leaves a part as it is.
type IntegrationPatch struct {
	Name    *string
	URL     *string
	Channel *Channel
	Enabled *bool
	Events  []EventType
}

// Integration returns an integration by ID, deleted ones too, or a NOT_FOUND *Error.
func (s *Service) Integration(ctx context.Context, id string) (Integration, error) {
	return Load[Integration](ctx, s.Subjects, id, "id")
}

// WebhookURL opens an integration's secret URL, "" for one that has none.
func (s *Service) WebhookURL(i Integration) (string, error) {
	if i.SealedURL == "" {
		return "", nil
	}
	return s.opts.Secrets.Open(i.SealedURL, i.ID)
}

// CreateIntegration adds an integration.
func (s *Service) CreateIntegration(ctx context.Context, by Actor, in NewIntegration) (Integration, error) {
	name, err := CleanName("name", in.Name)
	if err != nil {
		return Integration{}, err
	}
	events, err := cleanEvents(in.Events)
	if err != nil {
		return Integration{}, err
	}
	c, err := s.creation(by, KindIntegration, in.IdempotencyKey, in)
	if err != nil {
		return Integration{}, err
	}
	return create[Integration](ctx, s.Subjects, by, c, func() (Effect, error) {
		g, err := s.Free(ctx, integrationNameTerm(name), "", integrationTaken(name))
		if err != nil {
			return Nothing(), err
		}
		i := Integration{ID: c.id, Name: name, Kind: in.Kind, Status: IntegrationEnabled, Events: events, Asked: c.asked}
		placed, err := s.placeNew(ctx, &i, in)
		i.CreatedAt = s.Now()
		return created(i, i.CreatedAt, append(placed, g)...), err
	})
}

// placeNew says where a new integration posts.
func (s *Service) placeNew(ctx context.Context, i *Integration, in NewIntegration) ([]Guard, error) {
	url := in.URL
	var guards []Guard
	if in.OfferedBy != "" {
		if url != "" {
			return nil, Errorf(CodeInvalid, "webhookUrl", "Give the URL, or the workspace that offers one, not both.")
		}
		if s.opts.Workspaces == nil {
			return nil, errNoWorkspaces("offeredByWorkspaceId")
		}
		offer, guard, err := s.opts.Workspaces.Offered(ctx, in.OfferedBy, in.OfferSeen)
		if err != nil {
			return nil, err
		}
		taken, err := s.Free(ctx, offerTerm(offer.ID), "", Errorf(CodeDuplicate, "offeredByWorkspaceId", "This webhook is an integration already."))
		if err != nil {
			return nil, err
		}
		url, i.Offer, guards = offer.URL, offer.ID, []Guard{taken, guard}
	}
	var given *string
	if kind, _ := s.integrationKind(i.Kind); url != "" || kind.Has(integration.WebhookURL) {
		given = &url
	}
	placed, err := s.place(ctx, i, given, in.Channel)
	return append(guards, placed...), err
}

func (s *Service) integrationKind(k IntegrationKind) (integration.Kind, bool) {
	return integration.Find(s.opts.Integrations, string(k))
}

// Mend says what mends an integration that is broken; "" where it is not.
func (s *Service) Mend(i Integration) string {
	kind, known := s.integrationKind(i.Kind)
	switch {
	case i.Status != IntegrationBroken:
		return ""
	case !known || kind.Mend == nil:
		return "Give it another place, or mend it there and press Enable."
	}
	return kind.Mend(i.BrokenReason)
}

// place says where an integration posts: at a URL or in a channel, as its kind has
// it. What is nil stays as it is; a new integration must be given what it needs.
func (s *Service) place(ctx context.Context, i *Integration, url *string, channel *Channel) ([]Guard, error) {
	kind, known := s.integrationKind(i.Kind)
	address, hasURL := kind.Field(integration.WebhookURL)
	id, hasChannel := kind.Field(integration.SlackChannel)
	switch {
	case !known:
		return nil, Errorf(CodeInvalid, "kind", "There is no integration kind %q.", i.Kind)
	case url != nil && !hasURL:
		return nil, Errorf(CodeInvalid, "webhookUrl", "%s", kind.Foreign)
	case channel != nil && !hasChannel:
		return nil, Errorf(CodeInvalid, "slackChannel", "%s", kind.Foreign)
	case hasChannel && channel == nil && i.Channel == nil:
		return nil, Errorf(CodeInvalid, "slackChannel", "%s", kind.Missing)
	}
	var guards []Guard
	if channel != nil {
		if s.opts.Workspaces == nil {
			return nil, errNoWorkspaces("slackChannel.workspaceId")
		}
		guard, err := s.opts.Workspaces.CheckChannel(ctx, *channel)
		if err == nil {
			err = check(id, channel.ChannelID)
		}
		if err != nil {
			return nil, err
		}
		i.Channel, guards = channel, []Guard{guard}
		i.Version++
	}
	if url == nil {
		return guards, nil
	}
	i.Version++
	var err error
	i.SealedURL, i.MaskedURL, err = s.seal(address, *url, i.ID)
	return guards, err
}

func errNoWorkspaces(field string) error {
	return Errorf(CodeNotFound, field, "There are no workspaces here.")
}

// IntegrationOfOffer returns the integration that was made of an offered webhook, if any is.
func (s *Service) IntegrationOfOffer(ctx context.Context, offer string) (Integration, bool, error) {
	return First[Integration](ctx, s.Subjects, offerTerm(offer))
}

// check has a kind check a part of a destination.
func check(f integration.Field, value string) error {
	if err := f.Check(value); err != nil {
		return Errorf(CodeInvalid, f.Name, "%s", err.Error())
	}
	return nil
}

// seal checks and encrypts a secret of an integration's, and masks it for display.
func (s *Service) seal(f integration.Field, value, id string) (sealed, masked string, err error) {
	if err := check(f, value); err != nil {
		return "", "", err
	}
	sealed, err = s.opts.Secrets.Seal(value, id)
	if err != nil {
		return "", "", fmt.Errorf("seal a webhook URL: %w", err)
	}
	return sealed, f.Mask(value), nil
}

func integrationTaken(name string) error {
	return Errorf(CodeDuplicate, "name", "There is already an integration named %q.", name)
}

func cleanEvents(in []EventType) ([]EventType, error) {
	if in == nil {
		return DefaultEvents(), nil
	}
	var events []EventType
	for _, e := range in {
		if !e.Notifies() {
			return nil, Errorf(CodeInvalid, "events", "There is no event %q.", e)
		}
		if !slices.Contains(events, e) {
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return nil, Errorf(CodeInvalid, "events", "Choose at least one event, or switch the integration off.")
	}
	return events, nil
}

// changeIntegration changes an integration that was not deleted.
func (s *Service) changeIntegration(ctx context.Context, by Actor, id string, decide func(Integration) (Effect, error)) (Integration, error) {
	return Update(ctx, s.Subjects, by, id, "integrationId", decide)
}

// UpdateIntegration renames an integration, changes its URL, channel or events, or
// switches it off or on. A new place, or switching on, mends a broken one.
func (s *Service) UpdateIntegration(ctx context.Context, by Actor, id string, p IntegrationPatch) (Integration, error) {
	return s.changeIntegration(ctx, by, id, func(i Integration) (Effect, error) {
		was := i.Status
		guards, err := s.patch(ctx, &i, p)
		if i.Status == IntegrationEnabled && was != IntegrationEnabled {
			i.worksAgain(s.Now())
		}
		return updated(i, guards...), err
	})
}

func (s *Service) patch(ctx context.Context, i *Integration, p IntegrationPatch) (guards []Guard, err error) {
	if p.Name != nil {
		if i.Name, err = CleanName("name", *p.Name); err != nil {
			return nil, err
		}
		g, err := s.Free(ctx, integrationNameTerm(i.Name), i.ID, integrationTaken(i.Name))
		if err != nil {
			return nil, err
		}
		guards = append(guards, g)
	}
	if p.Events != nil {
		if i.Events, err = cleanEvents(p.Events); err != nil {
			return nil, err
		}
	}
	placed, err := s.place(ctx, i, p.URL, p.Channel)
	if err != nil {
		return nil, err
	}
	guards = append(guards, placed...)
	if (p.URL != nil || p.Channel != nil) && i.Status == IntegrationBroken {
		i.Status, i.BrokenReason = IntegrationEnabled, ""
	}
	if p.Enabled != nil {
		i.Status, i.BrokenReason = IntegrationDisabled, ""
		if *p.Enabled {
			i.Status = IntegrationEnabled
		}
	}
	return guards, nil
}

// BreakIntegration marks an integration as broken, with the reason, because the
// other side said that it will never work as it is. One that is not enabled
// stays as it is.
func (s *Service) BreakIntegration(ctx context.Context, by Actor, id, reason string) error {
	return s.breakIf(ctx, by, id, reason, func(Integration) bool { return true })
}

// BreakTried is BreakIntegration for who tried the integration as it was at a version: one
// that was changed since stays as it is, for nobody knows whether it works now.
func (s *Service) BreakTried(ctx context.Context, by Actor, id string, version uint64, reason string) error {
	return s.breakIf(ctx, by, id, reason, func(i Integration) bool { return i.Version == version })
}

func (s *Service) breakIf(ctx context.Context, by Actor, id, reason string, is func(Integration) bool) error {
	_, err := s.changeIntegration(ctx, by, id, func(i Integration) (Effect, error) {
		if i.Status != IntegrationEnabled || !is(i) {
			return Nothing(), nil
		}
		return Effect{Type: TypeBroken, Data: brokenData{reason}}, nil
	})
	return err
}

// MendIntegrations switches on the broken integrations of a workspace, because what posts
// there was installed again. One that still does not work breaks again with the next
// message. It is harmless to repeat.
func (s *Service) MendIntegrations(ctx context.Context, by Actor, workspaceID string) error {
	all, err := All[Integration](ctx, s.Subjects, "int/")
	if err != nil {
		return err
	}
	for _, i := range all {
		if !i.brokenIn(workspaceID) {
			continue
		}
		_, err := s.changeIntegration(ctx, by, i.ID, func(i Integration) (Effect, error) {
			if !i.brokenIn(workspaceID) {
				return Nothing(), nil
			}
			i.Status, i.BrokenReason = IntegrationEnabled, ""
			i.worksAgain(s.Now())
			return updated(i), nil
		})
		if err != nil && CodeOf(err) != CodeNotFound { // or it was deleted meanwhile
			return err
		}
	}
	return nil
}

// worksAgain is called whenever it is set to work again: what was tried before says nothing
// of it any more, and what it is owed is told as it stands from now on.
func (i *Integration) worksAgain(now time.Time) {
	i.WorksSince = now
	i.Version++
}

// brokenIn tells whether it is broken, and posts in a workspace.
func (i *Integration) brokenIn(workspaceID string) bool {
	return i.Status == IntegrationBroken && i.Channel != nil && i.Channel.WorkspaceID == workspaceID
}

// DeleteIntegration takes an integration away. Its history stays.
func (s *Service) DeleteIntegration(ctx context.Context, by Actor, id string) error {
	_, err := s.changeIntegration(ctx, by, id, func(Integration) (Effect, error) { return deleted(), nil })
	return err
}

// maxAccounts is how many accounts one integration is linked to at most.
const maxAccounts = 500

// SetIntegrationAccounts links an integration to these accounts and no others.
func (s *Service) SetIntegrationAccounts(ctx context.Context, by Actor, id string, accountIDs []string) (Integration, error) {
	if len(accountIDs) > maxAccounts {
		return Integration{}, Errorf(CodeInvalid, "accountIds", "Give at most %d accounts; these are %d.", maxAccounts, len(accountIDs))
	}
	return s.changeIntegration(ctx, by, id, func(i Integration) (Effect, error) {
		guards, err := s.current(ctx, accountIDs)
		ids := slices.Clone(accountIDs)
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if err != nil || slices.Equal(ids, i.AccountIDs) {
			return Nothing(), err
		}
		return Effect{Type: typeLinked, Data: linkedData{ids, i.Gateways, i.PrivateServers}, Guards: guards}, nil
	})
}

// current checks that accounts are there, and returns the guards that they stay.
func (s *Service) current(ctx context.Context, accountIDs []string) ([]Guard, error) {
	guards := make([]Guard, len(accountIDs))
	since := s.Head()
	for n, id := range accountIDs {
		if _, err := LoadCurrent[Account](ctx, s.Subjects, id, fmt.Sprintf("accountIds.%d", n)); err != nil {
			return nil, err
		}
		guards[n] = Guard{Key: id, Since: since}
	}
	return guards, nil
}

// SetNotificationChannels makes an integration the gateway notification channel,
// the private-server notification channel, both, or neither.
func (s *Service) SetNotificationChannels(ctx context.Context, by Actor, id string, gateways, servers bool) (Integration, error) {
	return s.changeIntegration(ctx, by, id, func(i Integration) (Effect, error) {
		if i.Gateways == gateways && i.PrivateServers == servers {
			return Nothing(), nil
		}
		return Effect{Type: typeLinked, Data: linkedData{i.AccountIDs, gateways, servers}}, nil
	})
}
