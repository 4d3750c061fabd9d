package scim

import (
	"maps"
	"slices"
)

// target is an attribute, with what of it an operation is about.
type target struct {
	t    *resourceType
	op   string
	a    *attribute
	sub  *attribute // nil where it is about whole values
	term expression // what its values must meet, nil where it is about all
	path string
}

// apply changes the record in which the attribute stands.
func (t *target) apply(r record, value any) error {
	if t.a.multi {
		return t.several(r, value)
	}
	if t.term != nil {
		return invalidPath("%s has one value, so its path can't have brackets.", t.a.name)
	}
	if t.sub == nil {
		return t.single(r, value)
	}
	one, _ := r[t.a.name].(record)
	if one == nil {
		one = record{}
	}
	if err := t.part(one, value); err != nil {
		return err
	}
	if delete(r, t.a.name); len(one) > 0 {
		r[t.a.name] = one
	}
	return nil
}

// single changes an attribute that has one value. Parts of a complex one that the operation
// does not mention stay (RFC 7644, section 3.5.2.3).
func (t *target) single(r record, value any) error {
	var v any
	if t.op != "remove" {
		var err error
		if v, err = read(t.a, t.path, value); err != nil {
			return err
		}
	}
	parts, isComplex := v.(record)
	has, _ := r[t.a.name].(record)
	switch {
	case v == nil && (t.a.required || t.a.kind == boolean):
		return Mutability("%s can't be without a value: replace it.", t.path)
	case v == nil:
		delete(r, t.a.name)
	case isComplex && has != nil:
		maps.Copy(has, parts)
	default:
		r[t.a.name] = v
	}
	return nil
}

// part changes one part of a value.
func (t *target) part(one record, value any) error {
	var v any
	if t.op != "remove" {
		var err error
		if v, err = readOne(t.sub, t.path, value); err != nil {
			return err
		}
	}
	if delete(one, t.sub.name); v != nil {
		one[t.sub.name] = v
	}
	return nil
}

// item is one value of several while an operation is applied.
type item struct {
	record
	touched bool // by the operation
}

// several changes an attribute that has several values.
func (t *target) several(r record, value any) error {
	old, _ := r[t.a.name].([]record)
	items := make([]*item, len(old))
	for i, one := range old {
		items[i] = &item{record: maps.Clone(one)}
	}
	items, err := t.items(items, value)
	if err != nil {
		return err
	}
	if err := onePrimary(t.path, items); err != nil {
		return err
	}
	var list []record
	for _, one := range items {
		// A value that has lost what makes it one is none: an e-mail address without its
		// address.
		if complain(t.a, t.path, one.record) == nil {
			list = append(list, one.record)
		}
	}
	if list, err = tidy(t.path, list); err != nil {
		return err
	}
	delete(r, t.a.name)
	r.set(t.a.name, list)
	return nil
}

func (t *target) items(items []*item, value any) ([]*item, error) {
	if t.term == nil && t.sub == nil {
		return t.whole(items, value)
	}
	met := func(record) bool { return true }
	if t.term != nil {
		b := binder{t: t.t, within: t.a}
		var err error
		if met, err = b.bind(t.term, false); err != nil {
			return nil, err
		}
	}
	none := true
	for _, one := range items {
		if !met(one.record) {
			continue
		}
		none, one.touched = false, true
		if err := t.chosen(one.record, value); err != nil {
			return nil, err
		}
	}
	if !none || t.op == "remove" {
		return items, nil
	}
	made, err := t.make(value)
	return append(items, &item{made, true}), err
}

// whole changes the list as a whole, or by whole values. A removal that has a value is of
// those that are equal to one in it.
func (t *target) whole(items []*item, value any) ([]*item, error) {
	if t.op == "remove" && value == nil {
		return nil, nil
	}
	v, err := read(t.a, t.path, value)
	if err != nil {
		return nil, err
	}
	given, _ := v.([]record)
	if t.op == "remove" {
		return slices.DeleteFunc(items, func(one *item) bool { return containsValue(given, one.record) }), nil
	}
	if t.op == "replace" {
		items = nil
	}
	for _, one := range given {
		items = append(items, &item{one, true})
	}
	return items, nil
}

func containsValue(list []record, one record) bool {
	for _, other := range list {
		if Fold(other.text(attrValue)) == Fold(one.text(attrValue)) {
			return true
		}
	}
	return false
}

// chosen changes one value that the path's condition chose.
func (t *target) chosen(one record, value any) error {
	switch {
	case t.sub != nil:
		return t.part(one, value)
	case t.op == "remove":
		clear(one)
		return nil
	}
	v, err := readOne(t.a, t.path, value)
	if err != nil {
		return err
	}
	parts, ok := v.(record)
	if !ok {
		return InvalidValue("%s is an object, and got %s.", t.path, described(value))
	}
	if t.op == "replace" {
		clear(one)
	}
	maps.Copy(one, parts)
	return nil
}

// make makes the value that the operation changes where there is none yet.
func (t *target) make(value any) (record, error) {
	made, err := t.named()
	if err != nil {
		return nil, err
	}
	add := *t
	add.op = "add"
	if err := add.chosen(made, value); err != nil {
		return nil, err
	}
	if value != nil && complain(t.a, t.path, made) != nil {
		return nil, noTarget("No value of %s is there to be changed.", t.path)
	}
	return made, nil
}

// named is what the parts of a value must be to meet the path's condition.
func (t *target) named() (record, error) {
	made := record{}
	var name func(e expression) bool
	name = func(e expression) bool {
		switch e := e.(type) {
		case *logical:
			for _, term := range e.terms {
				if e.op != "and" || !name(term) {
					return false
				}
			}
			return true
		case *comparison:
			sub := t.a.find(e.path.name)
			if sub == nil || sub.ignored || e.op != "eq" {
				return false
			}
			v, err := readOne(sub, t.path, e.value)
			made.set(sub.name, v)
			return err == nil && v != nil
		}
		return false
	}
	if t.term != nil && !name(t.term) {
		return nil, noTarget("No value of %s meets the condition in the path, which does not name one to be made.", t.path)
	}
	return made, nil
}

// onePrimary makes the value that an operation made primary the only one (RFC 7644, section
// 3.5.2).
func onePrimary(path string, items []*item) error {
	var made *item
	for _, one := range items {
		if !one.touched || one.record[attrPrimary] != true {
			continue
		}
		if made != nil {
			return twoPrimary(path)
		}
		made = one
	}
	for _, one := range items {
		if made != nil && one != made {
			delete(one.record, attrPrimary)
		}
	}
	return nil
}

func twoPrimary(path string) error {
	return InvalidValue("Two values of %s are primary, and one can be.", path)
}

// tidy leaves out what is there twice: values of the same type (RFC 7643, section 2.4). The
// last of them counts.
func tidy(path string, list []record) ([]record, error) {
	type key struct{ value, typ string }
	places := map[key]int{}
	var out []record
	for _, one := range list {
		k := key{Fold(one.text(attrValue)), Fold(one.text(attrType))}
		if i, ok := places[k]; ok {
			maps.Copy(out[i], one)
			continue
		}
		places[k] = len(out)
		out = append(out, one)
	}
	primary := 0
	for _, one := range out {
		if one[attrPrimary] == true {
			primary++
		}
	}
	switch {
	case primary > 1:
		return nil, twoPrimary(path)
	case len(out) > maxValues:
		return nil, InvalidValue("%s would have %d values, and may have %d.", path, len(out), maxValues)
	}
	return out, nil
}
