package access

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"procyon/store"
)

// Provision is what the directory says of a person.
type Provision struct {
	UserName, ExternalID string
	Email, Name          string // as they are called here
	Active               bool
	ManagerID            string   // of a person whom the directory made; "": nobody
	Employee             string   // the number of the human; "": not known
	Addresses            []string // all of theirs, for the directory to find them by
	Record               json.RawMessage
}

// The directory is a service that may make people and groups, and change and end those that
// it made. It makes no administrators, and never touches who is kept here.

// errKeptHere refuses to take over who is kept here. It does not say who is an administrator:
// whoever holds a directory's token could else ask that of any address.
func errKeptHere(field, what string, u User) error {
	switch {
	case u.Left:
		return Errorf(CodeDuplicate, field, "The %s belongs to a person whom an administrator has disabled in Procyon (%s). To let somebody else have it, an administrator enables them there; they stay deleted.", what, u.ID)
	case u.Provisioned != nil:
		return Errorf(CodeDuplicate, field, "There is already a user with this %s (%s).", what, u.ID)
	}
	return Errorf(CodeDuplicate, field, "The %s belongs to a person who is kept in Procyon (%s). To let the directory take them over, an administrator hands them over in Procyon (People, or procyon user hand-over) and then provisions them again. Administrators are made members first.", what, u.ID)
}

// ProvisionUser makes a person of what the directory says, or takes over one whom an
// administrator has handed over. DUPLICATE where the user name or the e-mail address is
// somebody else's; it says what to do.
func (s *Service) ProvisionUser(ctx context.Context, by Actor, in Provision) (User, error) {
	in, err := in.clean()
	if err != nil {
		return User{}, err
	}
	var id string
	err = retry(ctx, func() error {
		id, err = s.provisionOnce(ctx, by, in)
		return err
	})
	if err != nil {
		return User{}, err
	}
	return s.settleProvisioned(ctx, by, id)
}

func (s *Service) provisionOnce(ctx context.Context, by Actor, in Provision) (string, error) {
	guards, err := s.asAdmin(ctx, by)
	if err != nil {
		return "", err
	}
	name := Guard{Key: userNameTerm(in.UserName), Since: s.Head()}
	if have, ok, err := First[User](ctx, s.Subjects, name.Key); err != nil || ok {
		if ok {
			err = errKeptHere("userName", "user name", have)
		}
		return "", err
	}
	email := Guard{Key: userEmailTerm(in.Email), Since: s.Head()}
	have, ok, err := First[User](ctx, s.Subjects, email.Key)
	if err != nil {
		return "", err
	}
	now := s.Now()
	u := User{ID: s.NewID(KindUser), Email: in.Email, CreatedAt: now}
	if !ok {
		next, more, err := s.provisioned(ctx, by, u, in)
		if err != nil {
			return "", err
		}
		return u.ID, s.commit(ctx, by, u.ID, 1, created(next, now, slices.Concat(guards, more, []Guard{name, email})...), &u)
	}
	_, err = updateOnce(ctx, s.Subjects, by, have.ID, "emails", func(u User) (Effect, error) {
		if u.Provisioned != nil || !u.HandedOver || u.Admin || !SameAddress(u.Email, in.Email) {
			return Nothing(), errKeptHere("emails", "e-mail address", u)
		}
		u.HandedOver = false
		next, more, err := s.provisioned(ctx, by, u, in)
		return updated(next, slices.Concat(guards, more, []Guard{name})...), err
	})
	return have.ID, err
}

// ReprovisionUser changes what the directory says of a person. decide is given the person as
// they are, and may be called again; it refuses what is not as its caller thinks. Where that
// deactivates them, it returns when what is theirs has ended: see DisableUser.
func (s *Service) ReprovisionUser(ctx context.Context, by Actor, id string, decide func(User) (Provision, error)) (User, error) {
	_, err := Update(ctx, s.Subjects, by, id, "id", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err != nil {
			return Nothing(), err
		}
		if u.Provisioned == nil || u.Left {
			return Nothing(), Missing[User]("id")
		}
		in, err := decide(u)
		if err != nil {
			return Nothing(), err
		}
		if in, err = in.clean(); err != nil {
			return Nothing(), err
		}
		if u.Disabled && u.Ending && in.Active { // nothing is brought back that is to end
			if _, _, err := s.finishDisabling(ctx, by, u, 0); err != nil {
				return Nothing(), err
			}
			return Nothing(), ErrRaced
		}
		next, more, err := s.provisioned(ctx, by, u, in)
		if err != nil || sameUser(next, u) {
			return Nothing(), err
		}
		last, refused, err := s.stillAdministrated(ctx, u, next)
		if err == nil {
			err = refused
		}
		next.Provisioned.ChangedAt = s.Now()
		return updated(next, slices.Concat(guards, more, last)...), err
	})
	if err != nil {
		return User{}, err
	}
	return s.settleProvisioned(ctx, by, id)
}

// DeprovisionUser takes a person away for the directory. They stay on record, disabled for
// good and in no group, whoever put them there; their user name and e-mail address are free for somebody else, unless an administrator
// had disabled them: then these are free once an administrator enables them. It returns
// when what is theirs has ended.
func (s *Service) DeprovisionUser(ctx context.Context, by Actor, id string, expect func(User) error) error {
	_, err := Update(ctx, s.Subjects, by, id, "id", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err == nil && (u.Provisioned == nil || u.Left) {
			err = Missing[User]("id")
		}
		if err == nil && expect != nil {
			err = expect(u)
		}
		if err != nil {
			return Nothing(), err
		}
		next := u
		kept := *u.Provisioned
		kept.Active, kept.ChangedAt = false, s.Now()
		next.Provisioned, next.Left = &kept, true
		next.Groups = nil
		if !u.Disabled {
			disable(&next)
			next.DisabledBy = SourceSCIM
		}
		last, refused, err := s.stillAdministrated(ctx, u, next)
		if err == nil {
			err = refused
		}
		return updated(next, append(guards, last...)...), err
	})
	if err == nil {
		_, err = s.settleProvisioned(ctx, by, id)
	}
	return err
}

// settleProvisioned ends what is left of somebody who was deactivated, and returns the person
// as they are then.
func (s *Service) settleProvisioned(ctx context.Context, by Actor, id string) (User, error) {
	u, err := s.User(ctx, id)
	if err != nil || !u.Ending {
		return u, err
	}
	if _, _, err = s.finishDisabling(ctx, by, u, 0); err != nil {
		return u, err
	}
	return s.User(ctx, id)
}

// provisioned is a person as the directory wants them. It looks whether the names are free
// and the manager is there.
func (s *Service) provisioned(ctx context.Context, by Actor, u User, in Provision) (User, []Guard, error) {
	now := s.Now()
	p := Provisioned{CreatedAt: now, ChangedAt: now}
	var guards []Guard
	if u.Provisioned != nil {
		p = *u.Provisioned
	} else {
		var err error
		if u.Succeeds, guards, err = s.predecessors(ctx, in); err != nil {
			return u, nil, err
		}
	}
	if in.Employee != p.Employee {
		u.Apart = nil
	}
	p.UserName, p.ExternalID, p.Active, p.Employee, p.Addresses, p.Record = in.UserName, in.ExternalID, in.Active, in.Employee, in.Addresses, in.Record
	u.Provisioned, u.Name = &p, in.Name
	free := func(term string, taken error) error {
		g, err := s.Free(ctx, term, u.ID, taken)
		guards = append(guards, g)
		return err
	}
	if err := free(userNameTerm(in.UserName), Errorf(CodeDuplicate, "userName", "There is already a user with the user name %q.", in.UserName)); err != nil {
		return u, nil, err
	}
	if u.Email != in.Email {
		if err := free(userEmailTerm(in.Email), Errorf(CodeDuplicate, "emails", "The e-mail address %s is somebody else's in Procyon.", in.Email)); err != nil {
			return u, nil, err
		}
		u.EmailMoved = u.EmailMoved || !SameAddress(u.Email, in.Email)
		u.Email = in.Email
	}
	if in.ExternalID != "" {
		if err := free(userExternalTerm(in.ExternalID), Errorf(CodeDuplicate, "externalId", "There is already a user with the external ID %q.", in.ExternalID)); err != nil {
			return u, nil, err
		}
	}
	manager, err := s.appoint(ctx, by, &u, in.ManagerID, func(m User) bool { return m.Provisioned != nil })
	switch {
	case !in.Active && !u.Disabled:
		disable(&u)
		u.DisabledBy = SourceSCIM
	case in.Active && u.Disabled && u.DisabledBy == SourceSCIM:
		u.Disabled, u.Ending, u.DisabledBy = false, false, ""
		u.Epoch++
	}
	return u, append(guards, manager...), err
}

// predecessors are the last who left of each name that somebody is given, and the guards that
// they are.
func (s *Service) predecessors(ctx context.Context, in Provision) (ids []string, guards []Guard, err error) {
	called := Provisioned{UserName: in.UserName, ExternalID: in.ExternalID}
	for _, term := range called.leftTerms(in.Email) {
		guards = append(guards, Guard{Key: term, Since: s.Head()})
		all, err := All[User](ctx, s.Subjects, term)
		if err != nil {
			return nil, nil, err
		}
		if len(all) == 0 {
			continue
		}
		last := slices.MaxFunc(all, func(a, b User) int { return a.Provisioned.ChangedAt.Compare(b.Provisioned.ChangedAt) })
		if !slices.Contains(ids, last.ID) {
			ids = append(ids, last.ID)
		}
	}
	return ids, guards, nil
}

// clean returns what the directory says in the form in which it is kept.
func (in Provision) clean() (Provision, error) {
	var err error
	if in.UserName, err = CleanText("userName", in.UserName, 1, MaxUserName, false); err != nil {
		return in, err
	}
	if in.ExternalID, err = CleanText("externalId", in.ExternalID, 0, maxExternalID, false); err != nil {
		return in, err
	}
	if in.Employee, err = CleanText("employeeNumber", in.Employee, 0, maxEmployeeID, false); err != nil {
		return in, err
	}
	if in.Name, err = CleanName("displayName", in.Name); err != nil {
		return in, err
	}
	if in.Email, err = cleanEmail(in.Email); err != nil {
		return in, Errorf(CodeInvalid, "emails", "%.260q is not an e-mail address. Procyon needs one of everybody: as the primary or first of emails, or as userName.", in.Email)
	}
	if len(in.Addresses) > maxAddresses {
		return in, Errorf(CodeInvalid, "emails", "Give at most %d e-mail addresses.", maxAddresses)
	}
	if len(in.Record) > maxRecord {
		return in, Errorf(CodeInvalid, "", "What the directory says of %.80q is longer than %d KiB.", in.UserName, maxRecord>>10)
	}
	if len(in.Record) > 0 {
		var b bytes.Buffer
		if err := json.Compact(&b, in.Record); err != nil {
			return in, err
		}
		in.Record = b.Bytes()
	}
	return in, nil
}

// sameUser tells whether a change of a person changes nothing.
func sameUser(a, b User) bool { return reflect.DeepEqual(a, b) }

// ProvisionedUsers lists whom the directory knows, in no order that means something.
func (s *Service) ProvisionedUsers(ctx context.Context, p store.Page) (store.Listed, error) {
	return s.list(ctx, []string{provisionedTerm}, p, nil)
}

// HandOver lets the directory take a person over who is kept here, at its next attempt to
// make them, or takes that back. Administrators can't be handed over.
func (s *Service) HandOver(ctx context.Context, by Actor, id string, to bool) (User, error) {
	return Update(ctx, s.Subjects, by, id, "id", func(u User) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		switch {
		case err != nil || u.HandedOver == to:
			return Nothing(), err
		case to && u.Provisioned != nil:
			return Nothing(), nil
		case to && u.Admin:
			return Nothing(), Errorf(CodeConflict, "id", "%s is an administrator; the directory can't take over administrators.", u.Name)
		}
		u.HandedOver = to
		return updated(u, guards...), nil
	})
}
