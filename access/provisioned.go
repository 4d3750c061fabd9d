package access

import (
	"encoding/json"
	"strings"
	"time"

	"procyon/search"
)

// Provisioned is what the directory says of a person whom it made, or took over.
type Provisioned struct {
	UserName   string    `json:"userName"`             // unique among all, without case
	ExternalID string    `json:"externalId,omitempty"` // the directory's own
	Active     bool      `json:"active"`
	Employee   string    `json:"employee,omitempty"` // the number of the human, the same for all their accounts
	Addresses  []string  `json:"addresses,omitempty"`
	CreatedAt  time.Time `json:"createdAt"` // when the directory did
	ChangedAt  time.Time `json:"changedAt"`
	// Record is all that the directory keeps of them, in its own form. The domain does not
	// read it.
	Record json.RawMessage `json:"record,omitempty"`
}

const (
	// MaxUserName is how many characters a userName can have.
	MaxUserName   = 256
	maxRecord     = 16 << 10 // bytes
	maxAddresses  = 20
	maxEmployeeID = 256
)

// terms are those under which the directory finds somebody.
func (p *Provisioned) terms() []string {
	terms := []string{provisionedTerm, userNameTerm(p.UserName)}
	if p.ExternalID != "" {
		terms = append(terms, userExternalTerm(p.ExternalID))
	}
	for _, a := range p.Addresses {
		terms = append(terms, userAddressTerm(a))
	}
	return terms
}

// leftTerms list who left by what they were called, so that whoever takes their place is
// known to be the same human.
func (p *Provisioned) leftTerms(email string) []string {
	terms := []string{leftTerm(userNameTerm(p.UserName)), leftTerm(userEmailTerm(email))}
	if p.ExternalID != "" {
		terms = append(terms, leftTerm(userExternalTerm(p.ExternalID)))
	}
	return terms
}

// leftTerm lists who left and would have been listed under a term.
func leftTerm(term string) string { return "left:" + term }

// provisionedTerm lists all whom the directory knows.
const provisionedTerm = "usr/scim"

func userNameTerm(name string) string   { return "usr/userName=" + search.CaseFold(name) }
func userExternalTerm(id string) string { return "usr/external=" + id }
func userAddressTerm(a string) string   { return "usr/scim/email=" + search.CaseFold(a) }

// lowerASCII lowers the case of ASCII letters alone: other letters have lower cases that
// look alike and are others' (the Kelvin sign's is k).
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// deactivated tells whether the directory keeps a person out.
func (u *User) deactivated() bool {
	return u.Left || u.Provisioned != nil && !u.Provisioned.Active
}

// KeptOutBy says who keeps a person out who is disabled: administrators here, or the
// directory alone; "" where they are not.
func (u *User) KeptOutBy() Source {
	switch {
	case !u.Disabled:
		return ""
	case u.DisabledBy == "": // by who knew of no directory
		return SourceLocal
	}
	return u.DisabledBy
}

// EnablingRefused says why EnableUser would be refused, an *Error; nil: it would not, or has
// nothing to do.
func EnablingRefused(u User) error {
	if u.Disabled && u.deactivated() && (!u.Left || u.released()) {
		return errDeactivated(u)
	}
	return nil
}

// released tells whether their user name and e-mail address are free for somebody else: the
// directory took them away, and no administrator keeps them out.
func (u *User) released() bool { return u.Left && u.DisabledBy == SourceSCIM }

func errDeactivated(u User) error {
	return Errorf(CodeConflict, "id", "The directory has deactivated %s; activate them there.", u.Name)
}
