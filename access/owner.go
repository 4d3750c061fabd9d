package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/policy"
)

// Owner is a person or a group that answers for an account, a gateway or a resource.
type Owner struct {
	ID   string    `json:"id"` // usr_… or grp_…
	ByID string    `json:"byId"`
	At   time.Time `json:"at"`
}

// Tag is what a resource is marked with. A key has one value.
type Tag struct {
	Key   string    `json:"key"`
	Value string    `json:"value,omitempty"`
	ByID  string    `json:"byId"`
	At    time.Time `json:"at"`
}

const (
	// MaxOwners is how many owners something can have.
	MaxOwners = 20
	// MaxTags is how many tags a resource can have.
	MaxTags   = 50
	maxTagKey = 128 // characters, as clouds have them
	maxTagVal = 256
)

// ownerTerm lists what a person or group answers for.
func ownerTerm(id string) string { return "own/" + id }

func ownerTerms(owners []Owner) []string {
	out := make([]string, len(owners))
	for i, o := range owners {
		out[i] = ownerTerm(o.ID)
	}
	return out
}

// tagTerms list the resources that are marked with each of some tags.
func tagTerms(tags []Tag) []string {
	out := make([]string, len(tags))
	for i, t := range tags {
		out[i] = "res/tag=" + t.Key + "=" + t.Value
	}
	return out
}

// SetOwners says who answers for an account, a gateway or a resource: these, and nobody
// else. Who is one already stays so since when they were. Only administrators, and services
// that manage, set owners. expect refuses what is not as its caller thinks; nil: whatever it is.
func (s *Service) SetOwners(ctx context.Context, by Actor, id string, ownerIDs []string, expect func(Owned) error) error {
	ids := distinctIDs(ownerIDs)
	if len(ids) > MaxOwners {
		return Errorf(CodeInvalid, "ownerIds", "Give at most %d owners; these are %d.", MaxOwners, len(ids))
	}
	decide := func(o Owned) ([]Owner, []Guard, error) {
		guards, err := s.asAdmin(ctx, by)
		if err == nil {
			err = expected(o, expect)
		}
		if err != nil {
			return nil, nil, err
		}
		next, more, err := s.owners(ctx, by, o.Owners, ids)
		return next, append(guards, more...), err
	}
	switch KindOf(id) {
	case KindAccount:
		return setOwners[Account](ctx, s, by, id, decide)
	case KindGateway:
		return setOwners[Gateway](ctx, s, by, id, decide)
	case KindResource:
		return setOwners[Resource](ctx, s, by, id, decide)
	}
	return Errorf(CodeNotFound, "id", "There is no such account, gateway or resource.")
}

func setOwners[S any, P ownable[S]](ctx context.Context, s *Service, by Actor, id string, decide func(Owned) ([]Owner, []Guard, error)) error {
	_, err := Update[S, P](ctx, s.Subjects, by, id, "id", func(state S) (Effect, error) {
		have := P(&state).owned()
		next, guards, err := decide(have)
		if err != nil || slices.Equal(next, have.Owners) {
			return Nothing(), err
		}
		P(&state).setOwners(next, policy.Stamp{ByID: by.ID, At: s.Now()})
		return updated(state, guards...), nil
	})
	return err
}

// owners are those of something once these are its owners.
func (s *Service) owners(ctx context.Context, by Actor, have []Owner, ids []string) ([]Owner, []Guard, error) {
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	var out []Owner
	for i, id := range ids {
		at := slices.IndexFunc(have, func(o Owner) bool { return o.ID == id })
		if at >= 0 {
			out = append(out, have[at])
			continue
		}
		ok := false
		switch KindOf(id) {
		case KindUser:
			var u User
			u, ok, err = find[User](c, id)
			ok = ok && !u.Left
		case KindGroup:
			var g Group
			g, ok, err = find[Group](c, id)
			ok = ok && !g.Deleted
		}
		if err == nil && !ok {
			err = Errorf(CodeNotFound, fmt.Sprintf("ownerIds.%d", i), "There is no person or group with the ID %.80q.", id)
		}
		if err != nil {
			return nil, nil, err
		}
		out = append(out, Owner{ID: id, ByID: by.ID, At: s.Now()})
	}
	return out, c.guards(), nil
}

// SetTags says what a resource is marked with: these tags, and no others. Those that it has
// already stay as they were set. Only administrators, and services that manage, set tags.
// expect refuses a resource that is not as its caller thinks; nil: whatever it is.
func (s *Service) SetTags(ctx context.Context, by Actor, id string, tags []Tag, expect func(Resource) error) (Resource, error) {
	tags, err := cleanTags(tags)
	if err != nil {
		return Resource{}, err
	}
	return Update(ctx, s.Subjects, by, id, "resourceId", func(r Resource) (Effect, error) {
		guards, err := s.asAdmin(ctx, by)
		if err == nil {
			err = expected(r, expect)
		}
		if err != nil {
			return Nothing(), err
		}
		next := s.tags(by, r.Tags, tags)
		if slices.Equal(next, r.Tags) {
			return Nothing(), nil
		}
		r.Tags, r.Edits = next, s.edited(r.Edits, by)
		return updated(r, guards...), nil
	})
}

// tags are those of something once it has these.
func (s *Service) tags(by Actor, have, want []Tag) []Tag {
	var out []Tag
	for _, t := range want {
		i := slices.IndexFunc(have, func(h Tag) bool { return h.Key == t.Key && h.Value == t.Value })
		if i < 0 {
			out = append(out, Tag{Key: t.Key, Value: t.Value, ByID: by.ID, At: s.Now()})
		} else {
			out = append(out, have[i])
		}
	}
	return out
}

func cleanTags(in []Tag) ([]Tag, error) {
	if len(in) > MaxTags {
		return nil, Errorf(CodeInvalid, "tags", "Give at most %d tags; these are %d.", MaxTags, len(in))
	}
	var out []Tag
	for i, t := range in {
		key, err := CleanText(fmt.Sprintf("tags.%d.key", i), t.Key, 1, maxTagKey, false)
		if err != nil {
			return nil, err
		}
		value, err := CleanText(fmt.Sprintf("tags.%d.value", i), t.Value, 0, maxTagVal, false)
		if err != nil {
			return nil, err
		}
		if strings.Contains(key, "=") {
			return nil, Errorf(CodeInvalid, fmt.Sprintf("tags.%d.key", i), "A tag's key can't have the character =.")
		}
		if slices.ContainsFunc(out, func(o Tag) bool { return o.Key == key }) {
			return nil, Errorf(CodeInvalid, fmt.Sprintf("tags.%d.key", i), "The tag %q is given twice.", key)
		}
		out = append(out, Tag{Key: key, Value: value})
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}
