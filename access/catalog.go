package access

import (
	"encoding/json"
	"fmt"
	"time"

	"procyon/policy"
)

// Account is a cloud account whose resources can be asked for.
type Account struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Provider   string       `json:"provider"`
	ExternalID string       `json:"externalId"`
	Owners     []Owner      `json:"owners,omitempty"`
	Edits      policy.Edits `json:"edits,omitempty"` // by whom it was changed lately
	CreatedAt  time.Time    `json:"createdAt"`
	Deleted    bool         `json:"deleted,omitempty"`
	Asked      string       `json:"asked,omitempty"` // the digest of what it was made from, with an idempotency key

	Version uint64 `json:"-"` // how many entries it has
}

// Named implements State.
func (*Account) Named() Naming { return Naming{KindAccount, "account"} }

// Ended says that it was deleted.
func (a *Account) Ended() bool { return a.Deleted }

func (a *Account) madeFrom() string { return a.Asked }

func (a *Account) at(version uint64) { a.Version = version }

// Apply implements State.
func (a *Account) Apply(typ string, data []byte) error {
	return applyCatalog(a, typ, data, func(a *Account) { a.Deleted = true })
}

// Index implements State.
func (a *Account) Index() (string, []string) {
	if a.Deleted {
		return "", nil
	}
	return Fold(a.Name), append([]string{"acc/", accountNameTerm(a.Name), accountIDTerm(a.Provider, a.ExternalID)}, ownerTerms(a.Owners)...)
}

func accountNameTerm(name string) string { return "acc/name=" + Fold(name) }

// accountIDTerm is of the accounts with an ID at a provider: one, but for those that a
// release made that did not look.
func accountIDTerm(provider, externalID string) string {
	return "acc/provider=" + provider + "/id=" + externalID
}

// Gateway is a private network gateway that fronts private resources.
type Gateway struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Owners    []Owner      `json:"owners,omitempty"`
	Edits     policy.Edits `json:"edits,omitempty"` // by whom it was changed lately
	CreatedAt time.Time    `json:"createdAt"`
	Deleted   bool         `json:"deleted,omitempty"`
	Asked     string       `json:"asked,omitempty"` // the digest of what it was made from, with an idempotency key

	Version uint64 `json:"-"` // how many entries it has
}

// Named implements State.
func (*Gateway) Named() Naming { return Naming{KindGateway, "gateway"} }

// Ended says that it was deleted.
func (g *Gateway) Ended() bool { return g.Deleted }

func (g *Gateway) madeFrom() string { return g.Asked }

func (g *Gateway) at(version uint64) { g.Version = version }

// Apply implements State.
func (g *Gateway) Apply(typ string, data []byte) error {
	return applyCatalog(g, typ, data, func(g *Gateway) { g.Deleted = true })
}

// Index implements State.
func (g *Gateway) Index() (string, []string) {
	if g.Deleted {
		return "", nil
	}
	return Fold(g.Name), append([]string{"gw/", gatewayNameTerm(g.Name)}, ownerTerms(g.Owners)...)
}

func gatewayNameTerm(name string) string { return "gw/name=" + Fold(name) }

// ResourceKind says what a resource is.
type ResourceKind string

// The kinds of resources.
const (
	ResourceCloudRole         ResourceKind = "CLOUD_ROLE"
	ResourceDatabase          ResourceKind = "DATABASE"
	ResourceKubernetesCluster ResourceKind = "KUBERNETES_CLUSTER"
	ResourceKafkaCluster      ResourceKind = "KAFKA_CLUSTER"
	ResourceApplication       ResourceKind = "APPLICATION"
	ResourcePrivateServer     ResourceKind = "PRIVATE_SERVER" // SSH
	ResourceWindowsServer     ResourceKind = "WINDOWS_SERVER" // RDP
)

// IsServer tells the kinds that may stand alone, and whose notifications go to
// the private-server notification channel.
func (k ResourceKind) IsServer() bool {
	return k == ResourcePrivateServer || k == ResourceWindowsServer
}

// Resource is what access is asked for. It belongs to an account, or sits behind
// a gateway, or (servers only) stands alone; where it belongs never changes.
type Resource struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Kind      ResourceKind `json:"kind"`
	AccountID string       `json:"accountId,omitempty"`
	GatewayID string       `json:"gatewayId,omitempty"`
	Roles     []string     `json:"roles,omitempty"`
	Owners    []Owner      `json:"owners,omitempty"`
	Edits     policy.Edits `json:"edits,omitempty"` // by whom it was changed lately
	Tags      []Tag        `json:"tags,omitempty"`  // by key
	CreatedAt time.Time    `json:"createdAt"`
	Deleted   bool         `json:"deleted,omitempty"`
	Asked     string       `json:"asked,omitempty"` // the digest of what it was made from, with an idempotency key
	// Ending says that its last change took roles away and is to end the open requests
	// that name them, running access too. Whoever sees that change goes on with it, and so
	// does the next change.
	Ending bool `json:"ending,omitempty"`

	Version uint64 `json:"-"` // how many entries it has
}

// Named implements State.
func (*Resource) Named() Naming { return Naming{KindResource, "resource"} }

// Ended says that it was deleted.
func (r *Resource) Ended() bool { return r.Deleted }

func (r *Resource) madeFrom() string { return r.Asked }

func (r *Resource) at(version uint64) { r.Version = version }

// Apply implements State.
func (r *Resource) Apply(typ string, data []byte) error {
	return applyCatalog(r, typ, data, func(r *Resource) { r.Deleted = true })
}

// Index implements State.
func (r *Resource) Index() (string, []string) {
	if r.Deleted {
		return "", nil
	}
	terms := []string{"res/", resourceNameTerm(r.AccountID+r.GatewayID, r.Name)}
	if parent := r.AccountID + r.GatewayID; parent != "" {
		terms = append(terms, resourceScope(parent))
	}
	terms = append(terms, ownerTerms(r.Owners)...)
	terms = append(terms, tagTerms(r.Tags)...)
	return Fold(r.Name), terms
}

// resourceScope lists the resources of one account or behind one gateway; "" lists all.
func resourceScope(parent string) string {
	if parent == "" {
		return "res/"
	}
	return "res/in=" + parent + "/"
}

func resourceNameTerm(parent, name string) string { return "res/name=" + parent + "/" + Fold(name) }

// typeIdentityTied is the entry of a person's first sign-in at the identity provider.
const typeIdentityTied = "IDENTITY_TIED"

// Named implements State.
func (*User) Named() Naming { return Naming{KindUser, "user"} }

func (u *User) madeFrom() string { return u.Asked }

func (u *User) at(version uint64) { u.Version = version }

// Apply implements State.
func (u *User) Apply(typ string, data []byte) error {
	if isNote(typ) {
		return nil
	}
	switch typ {
	case typeIdentityTied:
		u.Identity = &Identity{}
		return json.Unmarshal(data, u.Identity)
	case typeProfileChanged:
		return u.applyProfile(data)
	case typeGroupsChanged:
		return u.applyGroups(data)
	}
	return applyCatalog(u, typ, data, func(u *User) { u.Disabled = true })
}

// Index implements State.
func (u *User) Index() (string, []string) {
	terms := []string{"usr/"}
	if !u.released() {
		terms = append(terms, userEmailTerm(u.Email))
	}
	if u.Identity != nil {
		terms = append(terms, identityTerm(*u.Identity))
	}
	if u.Provisioned != nil && !u.released() {
		terms = append(terms, u.Provisioned.terms()...)
	}
	for _, m := range u.Groups {
		terms = append(terms, memberTerm(m.GroupID))
	}
	if u.released() {
		terms = append(terms, u.Provisioned.leftTerms(u.Email)...)
	}
	terms = append(terms, u.humanTerms()...)
	if u.Manager != nil {
		terms = append(terms, reportTerm(u.Manager.UserID))
	}
	if u.canAdministrate() {
		terms = append(terms, adminTerm)
	}
	if u.Ending {
		terms = append(terms, endingTerm)
	}
	return Fold(u.Name), terms
}

// canAdministrate tells whether they are an administrator who can sign in.
func (u *User) canAdministrate() bool { return u.Admin && !u.Disabled }

// endingTerm lists the people who were disabled and whose things are still being ended.
const endingTerm = "usr/ending"

// adminTerm lists the administrators who can sign in.
const adminTerm = "usr/admin"

// identityTerm finds the person of an identity. The length keeps two identities apart
// whose parts would otherwise run together.
func identityTerm(i Identity) string {
	return fmt.Sprintf("usr/oidc=%d/%s/%s", len(i.Issuer), i.Issuer, i.Subject)
}

func userEmailTerm(email string) string { return "usr/email=" + Fold(email) }

// Named implements State.
func (*ServiceAccount) Named() Naming { return Naming{KindService, "service account"} }

func (s *ServiceAccount) madeFrom() string { return s.Asked }

// Apply implements State.
func (s *ServiceAccount) Apply(typ string, data []byte) error {
	if isNote(typ) {
		return nil
	}
	return applyCatalog(s, typ, data, func(s *ServiceAccount) { s.Disabled = true })
}

// Index implements State.
func (s *ServiceAccount) Index() (string, []string) {
	return Fold(s.Name), []string{"svc/", serviceNameTerm(s.Name)}
}

func serviceNameTerm(name string) string { return "svc/name=" + Fold(name) }
