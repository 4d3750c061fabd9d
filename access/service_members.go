package access

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"procyon/policy"
	"procyon/store"
)

// What changes a group's members is first decided whole and written down with the group,
// then made person by person.

// membersOf checks a change of a group's members, and returns who comes and who goes.
func (s *Service) membersOf(ctx context.Context, g Group, c GroupChange) (add, remove []string, err error) {
	if len(c.Add) > MaxMembersChanged || len(c.Remove) > MaxMembersChanged {
		return nil, nil, errTooManyMembers()
	}
	add, remove = distinctIDs(c.Add), distinctIDs(c.Remove)
	for _, id := range add {
		if slices.Contains(remove, id) {
			return nil, nil, Errorf(CodeInvalid, "members", "%s is to be put into the group and taken out of it.", id)
		}
	}
	if c.Replace {
		if remove, err = s.others(ctx, g, add); err != nil {
			return nil, nil, err
		}
	}
	if add, err = s.toAdd(ctx, g, add); err != nil {
		return nil, nil, err
	}
	if remove, err = s.toRemove(ctx, g, remove); err == nil && len(add)+len(remove) > MaxMembersChanged {
		err = errTooManyMembers()
	}
	return add, remove, err
}

func errTooManyMembers() error {
	return Errorf(CodeInvalid, "members", "Change at most %d members at once.", MaxMembersChanged)
}

// others are the members of a group but for some.
func (s *Service) others(ctx context.Context, g Group, but []string) ([]string, error) {
	var out []string
	for docs, err := range store.EachPage(ctx, s.views, memberTerm(g.ID), memberChunk) {
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			if _, stays := slices.BinarySearch(but, d.ID); !stays {
				out = append(out, d.ID)
			}
		}
		if len(out) > MaxMembersChanged {
			return nil, errTooManyMembers()
		}
	}
	return out, nil
}

func distinctIDs(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// toAdd are those of some people who are not in a group yet; it refuses who can't be.
func (s *Service) toAdd(ctx context.Context, g Group, ids []string) ([]string, error) {
	return s.people(ctx, ids, func(id string, u User, ok bool) (bool, error) {
		switch {
		case !ok || u.Left || g.Source == SourceSCIM && u.Provisioned == nil:
			return false, Errorf(CodeNotFound, "members", "There is no person with the ID %q.", id)
		case !u.In(g.ID) && len(u.Groups) >= MaxGroups:
			return false, Errorf(CodeLimited, "members", "%s is in %d groups already, and can be in no other.", u.Name, MaxGroups)
		}
		return !u.In(g.ID), nil
	})
}

// toRemove are those of some people who are in a group.
func (s *Service) toRemove(ctx context.Context, g Group, ids []string) ([]string, error) {
	return s.people(ctx, ids, func(_ string, u User, ok bool) (bool, error) { return ok && u.In(g.ID), nil })
}

// people are those of some IDs that choose takes; ok tells it whether that is a person's.
func (s *Service) people(ctx context.Context, ids []string, choose func(id string, u User, ok bool) (bool, error)) ([]string, error) {
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		var u User
		ok := KindOf(id) == KindUser
		if ok {
			if u, ok, err = find[User](c, id); err != nil {
				return nil, err
			}
		}
		take, err := choose(id, u, ok)
		if err != nil {
			return nil, err
		}
		if take {
			out = append(out, id)
		}
	}
	return out, nil
}

const (
	memberChunk   = 250 // people read at once
	membersAtOnce = 8   // people changed at once: one write carries many, and others get through
)

// finishMembers makes the change of a group's members that is under way. It is harmless to
// repeat, also by several at once. more tells that there may be others to be changed because
// it stopped after about enough of them, unless that is 0.
func (s *Service) finishMembers(ctx context.Context, by Actor, g Group, enough int) (more bool, err error) {
	if g.Change == nil {
		return false, nil
	}
	done, more, err := s.makeMembersChange(ctx, by, g, enough)
	if errors.Is(err, errChangeOver) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("change the members of %s: %w", g.ID, err)
	}
	if more {
		return true, nil
	}
	_, err = Upsert(ctx, s.Subjects, by, g.ID, func(f Found[Group]) (Effect, error) {
		now := f.State.Change
		if now == nil || !now.At.Equal(g.Change.At) || f.State.Deleted != g.Deleted {
			return Nothing(), nil // somebody else has said so
		}
		return Effect{Type: typeMembersChanged, Data: done}, nil
	})
	return false, err
}

func (s *Service) makeMembersChange(ctx context.Context, by Actor, g Group, enough int) (done MembersChanged, more bool, err error) {
	if g.Deleted {
		done.Removed, more, err = s.emptyGroup(ctx, by, g, enough)
	} else {
		for part := range g.Change.parts() {
			n, err := s.setMembers(ctx, by, g, part.ids, part.in)
			if part.in {
				done.Added += n
			} else {
				done.Removed += n
			}
			if err != nil {
				return done, false, err
			}
			if enough > 0 && done.Added+done.Removed >= enough {
				return done, true, nil
			}
		}
	}
	done.At = s.Now()
	return done, more, err
}

// membersPart is some people who are to be in a group, or no longer.
type membersPart struct {
	ids []string
	in  bool
}

// parts are those of whom a change is made, some at a time.
func (c *MembersChange) parts() iter.Seq[membersPart] {
	return func(yield func(membersPart) bool) {
		for _, all := range []membersPart{{c.Add, true}, {c.Remove, false}} {
			for some := range slices.Chunk(all.ids, memberChunk) {
				if !yield(membersPart{some, all.in}) {
					return
				}
			}
		}
	}
}

// emptyGroup takes everybody out of a group. Who is renamed meanwhile may be passed by, so it
// goes through them until it finds nobody; whoever is only listed in it ends that, too.
func (s *Service) emptyGroup(ctx context.Context, by Actor, g Group, enough int) (n int, more bool, err error) {
	for {
		before := n
		for docs, err := range store.EachPage(ctx, s.views, memberTerm(g.ID), memberChunk) {
			if err != nil {
				return n, false, err
			}
			ids := make([]string, len(docs))
			for i, d := range docs {
				ids[i] = d.ID
			}
			some, err := s.setMembers(ctx, by, g, ids, false)
			n += some
			if err != nil {
				return n, false, err
			}
			if enough > 0 && n >= enough {
				return n, true, nil
			}
		}
		if n == before {
			return n, false, nil
		}
	}
}

// setMembers puts people into a group, or takes them out of it, several at once, and returns
// how many were not so yet. These are found by one read: a change that is gone on with passes
// quickly by those who were before.
func (s *Service) setMembers(ctx context.Context, by Actor, g Group, ids []string, in bool) (int, error) {
	since, err := s.stillChanging(ctx, g)
	if err != nil {
		return 0, err
	}
	ids, err = s.people(ctx, ids, func(_ string, u User, ok bool) (bool, error) { return ok && mayChange(u, g.ID, in), nil })
	if err != nil {
		return 0, err
	}
	changed, errs := make([]bool, len(ids)), make([]error, len(ids))
	InParallel(len(ids), membersAtOnce, func(i int) {
		if ctx.Err() == nil {
			changed[i], errs[i] = s.setMember(ctx, by, g, since, ids[i], in)
		}
	})
	n := 0
	for _, c := range changed {
		if c {
			n++
		}
	}
	return n, errors.Join(errors.Join(errs...), ctx.Err())
}

// mayChange tells whether somebody is to be put into a group, or taken out of it: they are not
// so yet. Who is gone, or is in too many others by now, stays out.
func mayChange(u User, groupID string, in bool) bool {
	return u.In(groupID) != in && (!in || len(u.Groups) < MaxGroups && !u.Left)
}

// errChangeOver says that a change of a group's members was made by somebody else. What
// came after it is not to be undone.
var errChangeOver = errors.New("access: the change of the group is over")

// stillChanging looks whether a change of a group's members is still under way, and returns
// since when that is to be guarded.
func (s *Service) stillChanging(ctx context.Context, g Group) (uint64, error) {
	since := s.Head()
	now, err := s.Group(ctx, g.ID)
	if err == nil && (now.Change == nil || !now.Change.At.Equal(g.Change.At) || now.Deleted != g.Deleted) {
		err = errChangeOver
	}
	return since, err
}

// setMember puts one person into a group, or takes them out of it, as long as the change
// of the group is under way; see mayChange.
func (s *Service) setMember(ctx context.Context, by Actor, g Group, since uint64, id string, in bool) (changed bool, err error) {
	raced := false
	_, err = Update(ctx, s.Subjects, by, id, "members", func(u User) (Effect, error) {
		if raced {
			var err error
			if since, err = s.stillChanging(ctx, g); err != nil {
				return Nothing(), err
			}
		}
		raced = true
		if changed = mayChange(u, g.ID, in); !changed {
			return Nothing(), nil
		}
		c := groupsChange{Remove: []string{g.ID}}
		if in {
			c = groupsChange{Add: []Membership{{GroupID: g.ID, Source: g.Source, ByID: g.Change.ByID, At: g.Change.At}}}
		}
		if g.Source == SourceLocal {
			c.Edit = policy.Stamp{ByID: g.Change.ByID, At: g.Change.At}
		}
		return Effect{Type: typeGroupsChanged, Data: c, Guards: []Guard{{Key: g.ID, Since: since}}}, nil
	})
	if err != nil {
		changed = false
	}
	if CodeOf(err) == CodeNotFound {
		err = nil
	}
	return changed, err
}
