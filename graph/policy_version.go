package graph

import (
	"context"
	"slices"
	"strings"

	"procyon/access"
	"procyon/journal"
	"procyon/policy"
)

// policyVersions pages through the versions of the policies, newest first: through the
// timeline of their subject, the other way round.
func (r *Resolver) policyVersions(ctx context.Context, asked span) (*PolicyVersionConnection, error) {
	s := timeline{list: listOf("policyVersions"), subject: access.PoliciesID, newestFirst: true}
	from, to, end, err := s.window(ctx, r, asked)
	if err != nil {
		return nil, err
	}
	out := &PolicyVersionConnection{Edges: []*PolicyVersionEdge{}, Nodes: []*PolicyVersion{}, TotalCount: new(int(end))}
	out.PageInfo = &PageInfo{HasNextPage: from > 0, HasPreviousPage: to < end}
	if to <= from {
		return out, nil
	}
	_, before, err := r.policiesAt(ctx, from)
	if err != nil {
		return nil, err
	}
	entries, err := r.History.Subject(ctx, s.subject, from, int(to-from))
	if err != nil {
		return nil, err
	}
	named := r.Access.Lookup()
	for i := range entries {
		now, err := access.PoliciesAt(entries[i].Version, entries[i].After)
		if err != nil {
			return nil, err
		}
		v := toPolicyVersion(&entries[i], entries[i].Version-1, before.Diff(&now.Set), named)
		out.Edges = append(out.Edges, &PolicyVersionEdge{Cursor: s.list.behindEntry(entries[i].Version, entries[i].Hash.Mark()), Node: v})
		before = now
	}
	slices.Reverse(out.Edges)
	for _, e := range out.Edges {
		out.Nodes = append(out.Nodes, e.Node)
	}
	if n := len(out.Edges); n > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[n-1].Cursor
	}
	return out, nil
}

// policiesAt are the policies of a version, and the entry that made it, which version 0 has
// not; nil where there is no such version.
func (r *Resolver) policiesAt(ctx context.Context, version uint64) (*journal.Entry, *access.Policies, error) {
	if version == 0 {
		return nil, r.Access.FirstPolicies(), nil
	}
	entries, err := r.History.Subject(ctx, access.PoliciesID, version-1, 1)
	if err != nil || len(entries) == 0 {
		return nil, nil, err
	}
	p, err := access.PoliciesAt(version, entries[0].After)
	return &entries[0], p, err
}

// policyVersion is one version, compared with another; nil: the one before.
func (r *Resolver) policyVersion(ctx context.Context, version int, with *int) (*PolicyVersion, error) {
	if version < 1 {
		return nil, nil
	}
	e, now, err := r.policiesAt(ctx, uint64(version))
	if err != nil || now == nil {
		return nil, err
	}
	other := uint64(version) - 1
	if with != nil {
		other = uint64(max(0, *with))
	}
	_, before, err := r.policiesAt(ctx, other)
	if err != nil {
		return nil, err
	}
	if before == nil || with != nil && *with < 0 {
		return nil, access.Errorf(access.CodeInvalid, "comparedWith", "There is no such version of the policies.")
	}
	return toPolicyVersion(e, other, before.Diff(&now.Set), r.Access.Lookup()), nil
}

func toPolicyVersion(e *journal.Entry, with uint64, changes []policy.Change, named *access.Lookup) *PolicyVersion {
	for i := range changes {
		for _, x := range changes[i].Edits {
			named.Want(x.Before.IDs()...)
			named.Want(x.After.IDs()...)
		}
	}
	return &PolicyVersion{
		Version: entries(e.Version), At: e.At, Actor: toActor(e.Actor), ComparedWith: entries(with), ChangeCount: len(changes),
		Changed: changes, Named: named,
	}
}

// policySetOf is all that a version has.
func (r *Resolver) policySetOf(ctx context.Context, v *PolicyVersion) (*PolicySet, error) {
	_, p, err := r.policiesAt(ctx, uint64(v.Version))
	if err != nil {
		return nil, err
	}
	return r.toPolicySet(p), nil
}

func policyChanges(ctx context.Context, v *PolicyVersion, first int) ([]*PolicyChange, error) {
	n, err := count("first", &first)
	if err != nil {
		return nil, err
	}
	out := []*PolicyChange{}
	for _, c := range v.Changed[:min(n, len(v.Changed))] {
		change, err := toPolicyChange(ctx, &c, v.Named)
		if err != nil {
			return nil, err
		}
		out = append(out, change)
	}
	return out, nil
}

func toPolicyChange(ctx context.Context, c *policy.Change, named *access.Lookup) (*PolicyChange, error) {
	out := &PolicyChange{
		Kind: PolicyChangeKind(c.Kind), Part: PolicyPartPolicy, PartID: c.ID, Name: c.Name, NameBefore: optional(c.Was), Words: c.String(), Edits: []*PolicyEdit{},
	}
	place := func(n int) *int {
		if n == 0 || c.Guardrail {
			return nil
		}
		return &n
	}
	if out.From, out.To = place(c.From), place(c.To); c.Guardrail {
		out.Part = PolicyPartGuardrail
	}
	var failed error
	said := func(s policy.Said) *string {
		if s == nil {
			return nil
		}
		text := s.In(func(id string) string {
			name, there, err := access.NameOf(ctx, named, id)
			switch {
			case err != nil:
				failed = err
			case !there:
				return removedName(id, name)
			}
			return name
		})
		return &text
	}
	for _, e := range c.Edits {
		out.Edits = append(out.Edits, &PolicyEdit{Field: policyInputField(e.Field), Label: e.Label(), Before: said(e.Before), After: said(e.After)})
	}
	return out, failed
}

// removedName is what something that was removed is called where it was named.
func removedName(id, name string) string {
	if name == "" {
		name = "…" + id[max(0, len(id)-6):]
	}
	return name + " (removed)"
}

// policyInputField is what the API calls a field of a policy or guardrail.
func policyInputField(field string) string {
	return strings.NewReplacer("maxAhead", "maxStartAhead", "noExtensions", "extensions", "minReason", "minReasonLength", "ticket", "ticketNeeded", "consoleOnly", "approveInConsole").Replace(field)
}
