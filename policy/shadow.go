package policy

import "slices"

func (p *Policy) forEverything() bool {
	return p.Who.Everyone && p.What.everything()
}

func (w *What) everything() bool {
	return len(w.ids())+len(w.Kinds)+len(w.Roles)+len(w.Tags) == 0
}

// shadowed refuses a policy that can govern nothing, because an earlier one has all of it.
func (s *Set) shadowed(c *checker, at string, i int) {
	p := &s.Policies[i]
	for n := range s.Policies[:i] {
		if q := &s.Policies[n]; q.Who.covers(&p.Who) && q.What.covers(&p.What) {
			c.wrong(at, "The policy %.80s stands before it and has all that %.80s is for: move %.80[2]s up, or narrow the other.", q.Name, p.Name)
			return
		}
	}
}

// covers tells whether all of o is in w.
func (w *Who) covers(o *Who) bool {
	return w.Everyone || !o.Everyone && within(w.UserIDs, o.UserIDs) && within(w.GroupIDs, o.GroupIDs)
}

func (w *What) covers(o *What) bool {
	places := len(w.ids()) == 0 ||
		len(o.ids()) > 0 && within(w.AccountIDs, o.AccountIDs) && within(w.GatewayIDs, o.GatewayIDs) && within(w.ResourceIDs, o.ResourceIDs)
	return places &&
		(len(w.Kinds) == 0 || len(o.Kinds) > 0 && within(w.Kinds, o.Kinds)) &&
		(len(w.Roles) == 0 || len(o.Roles) > 0 && within(w.Roles, o.Roles)) &&
		within(o.Tags, w.Tags)
}

// within tells whether all of part are among all.
func within[E comparable](all, part []E) bool {
	return !slices.ContainsFunc(part, func(e E) bool { return !slices.Contains(all, e) })
}
