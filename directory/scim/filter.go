package scim

import (
	"encoding/json"
	"strings"
	"time"
)

// condition says whether a record meets a filter.
type condition func(record) bool

func never(record) bool { return false }

// filter is what a filter means for the resources of one type.
type filter struct {
	match   condition
	must    []Equality
	members []string
}

// bindFilter reads a filter about resources of type t.
func bindFilter(t *resourceType, text string) (filter, error) {
	e, err := parseFilter(text)
	if err != nil {
		return filter{}, err
	}
	b := &binder{t: t}
	f := filter{}
	f.match, err = b.bind(e, true)
	f.must, f.members = b.must, b.members
	return f, err
}

// binder ties the names of an expression to a schema.
type binder struct {
	t *resourceType
	// within is the attribute in whose brackets the names stand, nil outside.
	within  *attribute
	must    []Equality
	members []string
}

// bind returns the condition that e is. must says that what meets the filter meets e.
func (b *binder) bind(e expression, must bool) (condition, error) {
	switch e := e.(type) {
	case *negation:
		c, err := b.bind(e.term, false)
		return func(r record) bool { return !c(r) }, err
	case *logical:
		return b.logical(e, must)
	case *bracket:
		return b.bracket(e, must)
	case *comparison:
		return b.comparison(e, must)
	}
	return nil, invalidFilter("It has a part that is not known.")
}

func (b *binder) logical(e *logical, must bool) (condition, error) {
	all := e.op == "and"
	conditions := make([]condition, len(e.terms))
	for i, t := range e.terms {
		c, err := b.bind(t, must && all)
		if err != nil {
			return nil, err
		}
		conditions[i] = c
	}
	return func(r record) bool {
		for _, c := range conditions {
			if c(r) != all {
				return !all
			}
		}
		return all
	}, nil
}

// bracket is met where one value of the attribute meets the whole condition.
func (b *binder) bracket(e *bracket, must bool) (condition, error) {
	if b.within != nil {
		return nil, invalidFilter("There are brackets within brackets.")
	}
	a, _, ok := b.t.find(e.path)
	switch {
	case !ok || a.ignored:
		return never, nil
	case a.kind != complete:
		return nil, invalidFilter("%s has no parts, so it can't have brackets.", a.name)
	case a.name == attrMembers:
		return b.membership(e.term, must)
	}
	inner := binder{t: b.t, within: a}
	c, err := inner.bind(e.term, must)
	b.must = append(b.must, inner.must...)
	return func(r record) bool {
		for _, v := range valuesOf(r, a) {
			if c(v) {
				return true
			}
		}
		return false
	}, err
}

// valuesOf are the values of a complex attribute.
func valuesOf(r record, a *attribute) []record {
	switch v := r.place(a.schema)[a.name].(type) {
	case record:
		return []record{v}
	case []record:
		return v
	}
	return nil
}

// membership is a condition on who is a member: the directory meets it.
func (b *binder) membership(e expression, must bool) (condition, error) {
	c, ok := e.(*comparison)
	id, isText := "", false
	if ok {
		id, isText = c.value.(string)
	}
	if !must || !isText || c.op != "eq" || !strings.EqualFold(c.path.name, attrValue) || c.path.sub != "" {
		return nil, invalidFilter("Of a group's members it can be asked whether one person is among them, members.value eq \"ID\", alone or joined to other conditions by and.")
	}
	b.members = append(b.members, id)
	return func(record) bool { return true }, nil
}

func (b *binder) comparison(e *comparison, must bool) (condition, error) {
	a, sub, ok := b.find(e.path)
	switch {
	case !ok || a.ignored || sub != nil && sub.ignored:
		return never, nil
	case a.name == attrMembers:
		part := e.path.sub
		if part == "" {
			part = attrValue
		}
		return b.membership(&comparison{attributePath{name: part}, e.op, e.value}, must)
	}
	leaf := a
	if sub != nil {
		leaf = sub
	}
	if e.op == "pr" {
		return b.present(a, sub), nil
	}
	if leaf.kind == complete {
		if sub = a.find(attrValue); sub == nil {
			return nil, invalidFilter("%s has parts; compare one of them, such as %s.%s.", a.name, a.name, a.sub[0].name)
		}
		leaf = sub
	}
	if e.value == nil {
		return b.unassigned(e.op, a, sub)
	}
	test, err := tester(leaf, e)
	if err != nil {
		return nil, err
	}
	if s, ok := e.value.(string); ok && must && e.op == "eq" && leaf.by != 0 {
		b.must = append(b.must, Equality{leaf.by, s})
	}
	return func(r record) bool { return b.each(r, a, sub, test) }, nil
}

// find is the type's find, or in brackets that of the attribute before them.
func (b *binder) find(p attributePath) (a, sub *attribute, ok bool) {
	if b.within == nil {
		return b.t.find(p)
	}
	if p.urn != "" || p.sub != "" {
		return nil, nil, false
	}
	a = b.within.find(p.name)
	return a, nil, a != nil
}

func (b *binder) present(a, sub *attribute) condition {
	return func(r record) bool {
		return b.each(r, a, sub, func(any) bool { return true })
	}
}

// unassigned compares with null, which is what an attribute without a value has (RFC 7643,
// section 2.5).
func (b *binder) unassigned(op string, a, sub *attribute) (condition, error) {
	present := b.present(a, sub)
	switch op {
	case "eq":
		return func(r record) bool { return !present(r) }, nil
	case "ne":
		return present, nil
	}
	return nil, invalidFilter("null can be compared by eq and ne, and not by %s.", op)
}

// each reports whether test is true of some value of the attribute, or of its part.
func (b *binder) each(r record, a, sub *attribute, test func(any) bool) bool {
	if b.within == nil {
		r = r.place(a.schema)
	}
	value, ok := r[a.name]
	if !ok {
		return false
	}
	var values []any
	switch v := value.(type) {
	case []string:
		for _, s := range v {
			values = append(values, s)
		}
	case []record:
		for _, one := range v {
			values = append(values, any(one))
		}
	default:
		values = []any{v}
	}
	for _, v := range values {
		if sub != nil {
			one, _ := v.(record)
			if v, ok = one[sub.name]; !ok {
				continue
			}
		}
		if test(v) {
			return true
		}
	}
	return false
}

// tester returns the comparison of one value of a with the literal.
func tester(a *attribute, e *comparison) (func(any) bool, error) {
	s, isText := e.value.(string)
	switch a.kind {
	case boolean:
		want, ok := e.value.(bool)
		if !ok {
			want, ok = booleanOf(s)
		}
		if !ok || e.op != "eq" && e.op != "ne" {
			return nil, invalidFilter("%s is true or false, and can be compared with these by eq and ne.", a.name)
		}
		return func(v any) bool { return (v == want) == (e.op == "eq") }, nil
	case dateTime:
		want, ok := instant(s)
		if !ok || e.op == "co" || e.op == "sw" || e.op == "ew" {
			return nil, invalidFilter("%s is a time, and can be compared with one, such as \"2026-01-31T12:00:00Z\", by eq, ne, gt, ge, lt and le.", a.name)
		}
		return func(v any) bool {
			at, _ := v.(time.Time)
			return ordered(e.op, at.Compare(want))
		}, nil
	}
	if !isText {
		kind := "true and false"
		if _, ok := e.value.(json.Number); ok {
			kind = "a number"
		}
		return nil, invalidFilter("%s is a text, and can't be compared with %s.", a.name, kind)
	}
	form := Fold
	if a.exact {
		form = func(s string) string { return s }
	}
	want := form(s)
	return func(v any) bool {
		has, _ := v.(string)
		return compareTexts(e.op, form(has), want)
	}, nil
}

func compareTexts(op, has, want string) bool {
	switch op {
	case "co":
		return strings.Contains(has, want)
	case "sw":
		return strings.HasPrefix(has, want)
	case "ew":
		return strings.HasSuffix(has, want)
	}
	return ordered(op, strings.Compare(has, want))
}

func ordered(op string, order int) bool {
	switch op {
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	default: // le
		return order <= 0
	}
}
