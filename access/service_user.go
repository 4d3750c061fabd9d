package access

import (
	"context"
	"encoding/json"

	"procyon/policy"
)

// UserPatch is what is to be changed of a person; nil leaves it.
type UserPatch struct {
	Name, Email *string
}

// typeProfileChanged is the entry of a person's new name or e-mail address.
const typeProfileChanged = "PROFILE_CHANGED"

// profileChange is what such an entry says: what is new, and nothing of what stays.
type profileChange struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	// Unproven is the person's EmailUnproven from then on; absent: it stays. What is proven
	// was not moved either.
	Unproven *bool `json:"emailUnproven,omitempty"`
	// Edit is whose doing it is: conditions can read both.
	Edit policy.Stamp `json:"edit,omitzero"`
}

func (u *User) applyProfile(data []byte) error {
	var c profileChange
	if err := json.Unmarshal(data, &c); err != nil {
		return err
	}
	if c.Name != "" {
		u.Name = c.Name
	}
	if c.Email != "" {
		u.Email = c.Email
	}
	if c.Unproven != nil {
		u.EmailUnproven = *c.Unproven
		u.EmailMoved = u.EmailMoved && *c.Unproven
	}
	if c.Edit.ByID != "" {
		u.Edits = u.Edits.With(c.Edit)
	}
	return nil
}

// UpdateUser changes a person's name or e-mail address, in one entry. It takes an
// administrator who is one now, or the operator. DUPLICATE where the address is somebody
// else's here. All else of theirs stays: password, sessions, tokens, requests, Slack links
// and the identity at the provider, which is no address. To repeat it changes nothing.
//
// A person who never signed in at the identity provider is tied there by their address
// (see Identify). So an administrator who could give them another one could sign in as
// them, or let a stranger. An address that anybody but the operator changed therefore ties
// nobody, until the operator gives it to them, too: the same one will do. Nor does it agree
// to Slack links by itself. See User.EmailProves, also for those of the directory.
func (s *Service) UpdateUser(ctx context.Context, by Actor, id string, p UserPatch) (User, error) {
	var c profileChange
	var err error
	if p.Name != nil {
		if c.Name, err = CleanName("name", *p.Name); err != nil {
			return User{}, err
		}
	}
	if p.Email != nil {
		if c.Email, err = cleanEmail(*p.Email); err != nil {
			return User{}, err
		}
	}
	return Update(ctx, s.Subjects, by, id, "id", func(u User) (Effect, error) {
		by, guards, err := s.AsOfNow(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		if by.Kind == ActorUser && !by.Admin {
			return Nothing(), Errorf(CodeForbidden, "", "Only an administrator can change people.")
		}
		c := c.from(u, by)
		if c == (profileChange{}) {
			return Nothing(), nil
		}
		if u.Provisioned != nil && (c.Name != "" || c.Email != "") {
			return Nothing(), Errorf(CodeConflict, "id", "%s comes from the directory; change the name and the e-mail address there.", u.Name)
		}
		if c.Email != "" {
			g, err := s.Free(ctx, userEmailTerm(c.Email), u.ID, errEmailTaken(c.Email))
			if err != nil {
				return Nothing(), err
			}
			guards = append(guards, g)
		}
		if by.Kind == ActorUser {
			c.Edit = policy.Stamp{ByID: by.ID, At: s.Now()}
		}
		return Effect{Type: typeProfileChanged, Data: c, Guards: guards}, nil
	})
}

// from leaves of a change what is new to a person, and says what their address proves.
func (c profileChange) from(u User, by Actor) profileChange {
	proven, asked := by.Kind == ActorSystem, c.Email != ""
	moved := asked && !SameAddress(c.Email, u.Email)
	if c.Name == u.Name {
		c.Name = ""
	}
	if c.Email == u.Email {
		c.Email = ""
	}
	if unproven := !proven; asked && (moved || proven) && (unproven != u.EmailUnproven || proven && u.EmailMoved) {
		c.Unproven = &unproven
	}
	return c
}

func errEmailTaken(email string) error {
	return Errorf(CodeDuplicate, "email", "There is already a user with the e-mail address %s.", email)
}

// SameAddress tells whether two e-mail addresses are one person's. Only the case of ASCII
// letters does not matter: other letters have lower cases that look alike and are others'
// (the Kelvin sign's is k), and who has such an address must not be taken for its neighbour.
func SameAddress(a, b string) bool { return lowerASCII(a) == lowerASCII(b) }
