package access

import (
	"encoding/json"
	"time"
)

// IntegrationKind says what kind of place an integration is: the name of one of
// [Options].Kinds.
type IntegrationKind string

// IntegrationStatus says whether an integration works.
type IntegrationStatus string

// The statuses of an integration.
const (
	IntegrationEnabled  IntegrationStatus = "ENABLED"
	IntegrationDisabled IntegrationStatus = "DISABLED"
	IntegrationBroken   IntegrationStatus = "BROKEN"
)

// Integration is a named place where notifications go, with the accounts linked
// to it and the notification channels it is.
type Integration struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Kind           IntegrationKind   `json:"kind"`
	SealedURL      string            `json:"sealedUrl"` // the URL of kinds that have one, encrypted with the ID as its context
	MaskedURL      string            `json:"maskedUrl"`
	Channel        *Channel          `json:"channel,omitempty"` // of kinds that have one
	Offer          string            `json:"offer,omitempty"`   // the webhook's that was offered at an installation
	Status         IntegrationStatus `json:"status"`
	BrokenReason   string            `json:"brokenReason,omitempty"`
	Events         []EventType       `json:"events"`
	AccountIDs     []string          `json:"accountIds,omitempty"`
	Gateways       bool              `json:"gateways,omitempty"`
	PrivateServers bool              `json:"privateServers,omitempty"`
	CreatedAt      time.Time         `json:"createdAt"`
	// Version counts the places that it was given, and how often it was set to work again.
	// What was tried at an earlier one says nothing of it. 0: an earlier release wrote it.
	Version uint64 `json:"version,omitempty"`
	// WorksSince is when it was last set to work again; zero: since it was made.
	WorksSince time.Time `json:"worksSince,omitzero"`
	Deleted    bool      `json:"deleted,omitempty"`
	Asked      string    `json:"asked,omitempty"` // the digest of what it was made from, with an idempotency key
}

// Channel is a channel of a Slack workspace.
type Channel struct {
	WorkspaceID string `json:"workspaceId"` // wsp_…
	ChannelID   string `json:"channelId"`   // Slack's, such as C0123ABCD
}

// Entry types of integrations besides the common ones.
const (
	TypeBroken = "BROKEN"
	typeLinked = "LINKED" // accounts or notification channels chosen
)

type brokenData struct {
	Reason string `json:"reason"`
}

type linkedData struct {
	AccountIDs     []string `json:"accountIds"`
	Gateways       bool     `json:"gateways"`
	PrivateServers bool     `json:"privateServers"`
}

// Named implements State.
func (*Integration) Named() Naming { return Naming{KindIntegration, "integration"} }

// Ended says that it was deleted.
func (i *Integration) Ended() bool { return i.Deleted }

func (i *Integration) madeFrom() string { return i.Asked }

// Apply implements State.
func (i *Integration) Apply(typ string, data []byte) error {
	switch typ {
	case TypeBroken:
		var d brokenData
		if err := json.Unmarshal(data, &d); err != nil {
			return err
		}
		i.Status, i.BrokenReason = IntegrationBroken, d.Reason
		return nil
	case typeLinked:
		var d linkedData
		if err := json.Unmarshal(data, &d); err != nil {
			return err
		}
		i.AccountIDs, i.Gateways, i.PrivateServers = d.AccountIDs, d.Gateways, d.PrivateServers
		return nil
	default:
		return applyCatalog(i, typ, data, func(i *Integration) { i.Deleted = true })
	}
}

// Index implements State.
func (i *Integration) Index() (string, []string) {
	if i.Deleted {
		return "", nil
	}
	terms := []string{"int/", integrationNameTerm(i.Name)}
	if i.Offer != "" {
		terms = append(terms, offerTerm(i.Offer))
	}
	for _, a := range i.AccountIDs {
		terms = append(terms, linkTerm(a))
	}
	if i.Gateways {
		terms = append(terms, gatewayChannelTerm)
	}
	if i.PrivateServers {
		terms = append(terms, serverChannelTerm)
	}
	return Fold(i.Name), terms
}

func integrationNameTerm(name string) string { return "int/name=" + Fold(name) }
func offerTerm(offer string) string          { return "int/offer=" + offer }
func linkTerm(accountID string) string       { return "int/acc=" + accountID }

const (
	gatewayChannelTerm = "int/gateways"
	serverChannelTerm  = "int/servers"
)

// wants tells whether the integration hears of events of a type.
func (i *Integration) wants(t EventType) bool {
	for _, e := range i.Events {
		if e == t {
			return true
		}
	}
	return false
}
