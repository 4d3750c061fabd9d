package scim

import (
	"maps"
	"strings"
)

// maxNames is how many attributes a request may name.
const maxNames = 100

// selection says which attributes are answered (RFC 7644, section 3.9).
type selection struct {
	t *resourceType
	// only: those that are named, beside what is always answered; else all that are by
	// default, without those that are named.
	only  bool
	whole map[*attribute]bool
	parts map[*attribute]map[*attribute]bool
}

// selectionOf reads attributes and excludedAttributes. Names of no schema choose nothing.
func selectionOf(t *resourceType, attributes, excluded []string) (selection, error) {
	s := selection{t: t, only: len(attributes) > 0, whole: map[*attribute]bool{}, parts: map[*attribute]map[*attribute]bool{}}
	names := attributes
	switch {
	case len(attributes) > 0 && len(excluded) > 0:
		return s, InvalidValue("There are attributes and excludedAttributes, and a request has one of them.")
	case !s.only:
		names = excluded
	}
	if len(names) > maxNames {
		return s, InvalidValue("%d attributes are named, and %d can be.", len(names), maxNames)
	}
	for _, name := range names {
		s.name(strings.TrimSpace(name))
	}
	return s, nil
}

func (s *selection) name(name string) {
	if extension := s.t.schema(name); extension != nil {
		for _, a := range extension.attributes {
			s.whole[a] = true
		}
		return
	}
	path, err := parsePath(name)
	if err != nil || path.term != nil {
		return
	}
	a, sub, ok := s.t.find(path.attributePath)
	switch {
	case !ok:
	case sub == nil:
		s.whole[a] = true
	default:
		if s.parts[a] == nil {
			s.parts[a] = map[*attribute]bool{}
		}
		s.parts[a][sub] = true
	}
}

// names reports whether an attribute, or a part of it, was asked for by name.
func (s selection) names(name string) bool {
	a := findIn(s.t.core().attributes, name)
	return s.only && a != nil && (s.whole[a] || s.parts[a] != nil)
}

// of is what of a resource is answered. What is there and is answered on request alone was
// asked for or just written.
func (s selection) of(r record) record {
	out := record{}
	for _, sc := range s.t.schemas {
		from, to := r.place(sc), record{}
		for _, a := range sc.attributes {
			if value, ok := from[a.name]; ok {
				to.set(a.name, s.value(a, value))
			}
		}
		if sc.extension {
			out.set(sc.id, to)
		} else {
			maps.Copy(out, to)
		}
	}
	return out
}

func (s selection) value(a *attribute, value any) any {
	parts := s.parts[a]
	switch {
	case a.returned == always || s.whole[a] && s.only:
		return value
	case s.whole[a] || s.only && parts == nil:
		return nil
	case parts == nil:
		return value
	}
	switch v := value.(type) {
	case record:
		return s.part(v, a, parts)
	case []record:
		var list []record
		for _, one := range v {
			if one = s.part(one, a, parts); len(one) > 0 {
				list = append(list, one)
			}
		}
		return list
	}
	return value
}

func (s selection) part(r record, a *attribute, parts map[*attribute]bool) record {
	out := record{}
	for name, value := range r {
		if parts[a.find(name)] == s.only {
			out[name] = value
		}
	}
	return out
}
