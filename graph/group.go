package graph

import (
	"context"
	"fmt"

	"procyon/access"
)

func toGroup(g access.Group) *Group {
	return &Group{
		ID: g.ID, Name: g.Name, Source: Source(g.Source), ExternalID: optional(g.ExternalID), CreatedAt: g.CreatedAt, ChangedAt: g.ChangedAt,
		Version: entries(g.Version), Changing: g.Change != nil,
	}
}

// asSeen refuses a group that is not of the version that its caller saw; nil: whichever it is.
func asSeen(version *int) func(access.Group) error {
	return seen(version, func(g access.Group) (uint64, string) { return g.Version, fmt.Sprintf("The group %q", g.Name) })
}

// maxMembersSet is how many people one call of setGroupMembers puts in, and takes out.
const maxMembersSet = 1000

func (r *Resolver) setGroupMembers(ctx context.Context, in SetGroupMembersInput) (access.Group, error) {
	for field, ids := range map[string][]string{"addUserIds": in.AddUserIds, "removeUserIds": in.RemoveUserIds} {
		if len(ids) > maxMembersSet {
			return access.Group{}, access.Errorf(access.CodeInvalid, field, "Give at most %d people; these are %d.", maxMembersSet, len(ids))
		}
	}
	g, err := r.Access.ChangeMembers(ctx, actor(ctx), access.SourceLocal, in.GroupID, in.AddUserIds, in.RemoveUserIds, asSeen(in.ExpectedVersion))
	return g, access.Moved("members", "addUserIds", err)
}

// group finds a group for those who may list groups, and for who is in it.
func (r *Resolver) group(ctx context.Context, id string) (Node, error) {
	if by := actor(ctx); !mayUse(ctx, "Query", "groups") {
		u, err := r.Access.User(ctx, by.ID)
		if err != nil {
			return nil, err
		}
		if !u.In(id) {
			return nil, errNoNode
		}
	}
	g, err := r.Access.Group(ctx, id)
	return node(toGroup(g), there(g.Deleted, err))
}

// memberships lists the groups of a person, who is as they were read.
func (r *Resolver) memberships(ctx context.Context, u *User, asked span) (*MembershipConnection, error) {
	p, err := page(listOf("user.groups", u.ID), asked.first, asked.after, asked.last, asked.before)
	if err != nil {
		return nil, err
	}
	related := r.relatedTo(u)
	l, n, err := r.Access.Memberships(ctx, u.Source, related.Groups, p.Page)
	p.count = func(context.Context) (int, bool, error) { return n, true, nil }
	return connection[MembershipConnection](ctx, p, l, err, func(m access.MembershipNow) *Membership {
		m.Group.Version = m.GroupVersion
		return &Membership{
			Group: toGroup(m.Group), Source: Source(m.Source), Counts: m.Counts, CountsUntil: optionalTime(m.Until),
			By: appointer(m.ByID, related), Since: m.At,
		}
	})
}
