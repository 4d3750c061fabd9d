package access

import (
	"context"
	"fmt"
	"slices"
)

// NewIntegration is an integration to be added.
type NewIntegration struct {
	Name   string
	Kind   IntegrationKind
	URL    string
	Events []EventType // nil: DefaultEvents
}

// IntegrationPatch is a change of an integration; nil leaves a part as it is.
type IntegrationPatch struct {
	Name    *string
	URL     *string
	Enabled *bool
	Events  []EventType
}

// Integration returns an integration by ID, deleted ones too, or a NOT_FOUND *Error.
func (s *Service) Integration(ctx context.Context, id string) (Integration, error) {
	var i Integration
	_, err := s.load(ctx, id, KindIntegration, "id", &i)
	return i, err
}

// WebhookURL opens an integration's secret URL.
func (s *Service) WebhookURL(i Integration) (string, error) {
	return s.opts.Secrets.Open(i.SealedURL, i.ID)
}

// CreateIntegration adds an integration.
func (s *Service) CreateIntegration(ctx context.Context, by Actor, in NewIntegration) (Integration, error) {
	var i Integration
	name, err := cleanName("name", in.Name)
	if err != nil {
		return i, err
	}
	if in.Kind != SlackWebhook {
		return i, Errorf(Invalid, "kind", "There is no integration kind %q.", in.Kind)
	}
	events, err := cleanEvents(in.Events)
	if err != nil {
		return i, err
	}
	id := s.newID(KindIntegration)
	sealed, masked, err := s.sealURL(in.URL, id)
	if err != nil {
		return i, err
	}
	err = retry(ctx, func() error {
		g, err := s.free(ctx, integrationNameTerm(name), "", integrationTaken(name))
		if err != nil {
			return err
		}
		now := s.now()
		i = Integration{
			ID: id, Name: name, Kind: in.Kind, SealedURL: sealed, MaskedURL: masked,
			Status: Enabled, Events: events, CreatedAt: now,
		}
		return s.commit(ctx, by, id, 1, typeCreated, i, &Integration{}, now, g)
	})
	return i, err
}

func integrationTaken(name string) error {
	return Errorf(Duplicate, "name", "There is already an integration named %q.", name)
}

func (s *Service) sealURL(raw, id string) (sealed, masked string, err error) {
	if err := s.opts.CheckURL(raw); err != nil {
		return "", "", Errorf(Invalid, "webhookUrl", "%s", err.Error())
	}
	sealed, err = s.opts.Secrets.Seal(raw, id)
	if err != nil {
		return "", "", fmt.Errorf("seal a webhook URL: %w", err)
	}
	return sealed, s.opts.MaskURL(raw), nil
}

func cleanEvents(in []EventType) ([]EventType, error) {
	if in == nil {
		return DefaultEvents(), nil
	}
	var events []EventType
	for _, e := range in {
		if !e.Notifies() {
			return nil, Errorf(Invalid, "events", "There is no event %q.", e)
		}
		if !slices.Contains(events, e) {
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return nil, Errorf(Invalid, "events", "Choose at least one event, or switch the integration off.")
	}
	return events, nil
}

// change loads an integration that is there, lets f change it, and commits.
func (s *Service) changeIntegration(ctx context.Context, id string, f func(i *Integration, version uint64) error) (Integration, error) {
	var i Integration
	err := retry(ctx, func() error {
		i = Integration{}
		version, err := s.load(ctx, id, KindIntegration, "integrationId", &i)
		if err != nil {
			return err
		}
		if i.Deleted {
			return notFound("integrationId", KindIntegration)
		}
		return f(&i, version)
	})
	return i, err
}

// UpdateIntegration renames an integration, changes its URL or events, or
// switches it off or on. A new URL, or switching on, mends a broken one.
func (s *Service) UpdateIntegration(ctx context.Context, by Actor, id string, p IntegrationPatch) (Integration, error) {
	return s.changeIntegration(ctx, id, func(i *Integration, version uint64) error {
		before := *i
		guards, err := s.patch(ctx, i, p)
		if err != nil {
			return err
		}
		return s.commit(ctx, by, id, version+1, typeUpdated, *i, &before, s.now(), guards...)
	})
}

func (s *Service) patch(ctx context.Context, i *Integration, p IntegrationPatch) (guards []Guard, err error) {
	if p.Name != nil {
		if i.Name, err = cleanName("name", *p.Name); err != nil {
			return nil, err
		}
		g, err := s.free(ctx, integrationNameTerm(i.Name), i.ID, integrationTaken(i.Name))
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
	if p.URL != nil {
		if i.SealedURL, i.MaskedURL, err = s.sealURL(*p.URL, i.ID); err != nil {
			return nil, err
		}
		if i.Status == Broken {
			i.Status, i.BrokenReason = Enabled, ""
		}
	}
	if p.Enabled != nil {
		i.Status, i.BrokenReason = Disabled, ""
		if *p.Enabled {
			i.Status = Enabled
		}
	}
	return guards, nil
}

// BreakIntegration marks an integration as broken, with the reason, because the
// other side said that it will never work as it is. One that is not enabled
// stays as it is.
func (s *Service) BreakIntegration(ctx context.Context, by Actor, id, reason string) error {
	_, err := s.changeIntegration(ctx, id, func(i *Integration, version uint64) error {
		if i.Status != Enabled {
			return nil
		}
		return s.commit(ctx, by, id, version+1, typeBroken, brokenData{reason}, i, s.now())
	})
	return err
}

// DeleteIntegration takes an integration away. Its history stays.
func (s *Service) DeleteIntegration(ctx context.Context, by Actor, id string) error {
	_, err := s.changeIntegration(ctx, id, func(i *Integration, version uint64) error {
		return s.commit(ctx, by, id, version+1, typeDeleted, struct{}{}, i, s.now())
	})
	return err
}

// SetIntegrationAccounts links an integration to these accounts and no others.
func (s *Service) SetIntegrationAccounts(ctx context.Context, by Actor, id string, accountIDs []string) (Integration, error) {
	if len(accountIDs) > maxLinked {
		return Integration{}, Errorf(Invalid, "accountIds", "Give at most %d accounts; these are %d.", maxLinked, len(accountIDs))
	}
	return s.changeIntegration(ctx, id, func(i *Integration, version uint64) error {
		since := s.log.Head()
		guards := make([]Guard, 0, len(accountIDs))
		ids := slices.Clone(accountIDs)
		for n, a := range ids {
			field := fmt.Sprintf("accountIds.%d", n)
			var account Account
			if _, err := s.load(ctx, a, KindAccount, field, &account); err != nil {
				return err
			}
			if account.Deleted {
				return notFound(field, KindAccount)
			}
			guards = append(guards, Guard{Key: a, Since: since})
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if slices.Equal(ids, i.AccountIDs) {
			return nil
		}
		return s.commit(ctx, by, id, version+1, typeLinked, linkedData{ids, i.Gateways, i.PrivateServers}, i, s.now(), guards...)
	})
}

// SetNotificationChannels makes an integration the gateway notification channel,
// the private-server notification channel, both, or neither.
func (s *Service) SetNotificationChannels(ctx context.Context, by Actor, id string, gateways, servers bool) (Integration, error) {
	return s.changeIntegration(ctx, id, func(i *Integration, version uint64) error {
		if i.Gateways == gateways && i.PrivateServers == servers {
			return nil
		}
		return s.commit(ctx, by, id, version+1, typeLinked, linkedData{i.AccountIDs, gateways, servers}, i, s.now())
	})
}
