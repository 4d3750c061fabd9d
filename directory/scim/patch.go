package scim

import (
	"errors"
	"strings"
)

// How many operations one PATCH may have. Of a group's each may name one member.
const (
	maxUserOperations  = 1000
	maxGroupOperations = MaxMembers
)

// operation is one of a PATCH.
type operation struct {
	op    string // add, replace or remove
	path  *valuePath
	value any // nil also where a removal has none
}

// readPatch reads the body of a PATCH (RFC 7644, section 3.5.2) with at most so many operations.
func readPatch(body object, most int) ([]operation, error) {
	if err := checkSchemas(body, urnPatch); err != nil {
		return nil, err
	}
	for _, f := range body {
		if !strings.EqualFold(f.name, attrSchemas) && !strings.EqualFold(f.name, "Operations") {
			return nil, invalidSyntax("A PATCH has schemas and Operations, and got %s.", quote(f.name))
		}
	}
	value, _ := body.get("Operations")
	list, ok := value.([]any)
	switch {
	case !ok || len(list) == 0:
		return nil, invalidSyntax("Operations is a list of one or more operations.")
	case len(list) > most:
		return nil, tooLarge("There are %d operations, and one request may have %d. Send the others in further requests.", len(list), most)
	}
	operations := make([]operation, len(list))
	for i, v := range list {
		o, ok := v.(object)
		if !ok {
			return nil, invalidSyntax("Operation %d is an object, and got %s.", i+1, described(v))
		}
		var err error
		if operations[i], err = readOperation(o); err != nil {
			return nil, at(i, len(list), err)
		}
	}
	return operations, nil
}

// at says which operation of several an error is about.
func at(i, of int, err error) error {
	var e *Error
	if of > 1 && errors.As(err, &e) {
		return fault(e.Status, e.Type, "Operation %d: %s", i+1, e.Detail)
	}
	return err
}

func readOperation(o object) (operation, error) {
	var out operation
	var given bool
	for _, f := range o {
		switch Fold(f.name) {
		case "op":
			s, _ := f.value.(string)
			out.op = Fold(s)
		case "path":
			if f.value == nil {
				continue
			}
			s, ok := f.value.(string)
			if !ok {
				return out, invalidPath("path is a text, and got %s.", described(f.value))
			}
			path, err := parsePath(s)
			if err != nil {
				return out, err
			}
			out.path = &path
		case attrValue:
			out.value, given = f.value, true
		default:
			return out, invalidSyntax("An operation has op, path and value, and got %s.", quote(f.name))
		}
	}
	switch {
	case out.op != "add" && out.op != "replace" && out.op != "remove":
		return out, invalidSyntax("op is add, replace or remove.")
	case out.op == "remove" && out.path == nil:
		return out, noTarget("A removal needs a path.")
	case out.op != "remove" && !given:
		return out, InvalidValue("An operation that is no removal needs a value.")
	}
	return out, nil
}

// patcher applies operations to a record. An error leaves the record half done: it is then
// thrown away.
type patcher struct {
	t       *resourceType
	r       record
	members *memberSet // of a group
}

func (p *patcher) apply(operations []operation) error {
	for i, o := range operations {
		if err := p.one(o); err != nil {
			return at(i, len(operations), err)
		}
	}
	return nil
}

func (p *patcher) one(o operation) error {
	if o.path == nil {
		values, ok := o.value.(object)
		if !ok {
			return InvalidValue("Without a path, value is an object of attributes, and got %s.", described(o.value))
		}
		return p.fields(o.op, values)
	}
	// The last part of a schema's name looks like an attribute: urn:…:2.0:User.
	if s := p.t.schema(o.path.String()); s != nil && s.extension && o.path.term == nil {
		return p.extension(o.op, s, o.value)
	}
	a, sub, ok := p.t.find(o.path.attributePath)
	switch {
	case !ok:
		return invalidPath("A %s has no attribute %s.", p.t.name, quote(o.path.String()))
	case a.ignored || sub != nil && sub.ignored:
		return nil
	case a.mutability == readOnly || sub != nil && sub.mutability == readOnly:
		return Mutability("%s can't be changed.", o.path)
	case a.name == attrMembers:
		return p.members.apply(o, sub)
	}
	t := &target{op: o.op, a: a, sub: sub, term: o.path.term, path: o.path.String(), t: p.t}
	if o.op == "remove" && p.r.place(a.schema) == nil {
		return nil
	}
	return t.apply(p.r.makePlace(a.schema), o.value)
}

// fields applies an operation without a path. The names are paths. What the server alone sets
// may stand among them, as in a whole resource: Okta sends the id.
func (p *patcher) fields(op string, values object) error {
	for _, f := range values {
		path, err := parsePath(f.name)
		if err != nil {
			return err
		}
		if a, _, ok := p.t.find(path.attributePath); ok && a.mutability == readOnly && path.sub == "" {
			if a.name == attrID && f.value != p.r.text(attrID) {
				return Mutability("id can't be changed.")
			}
			continue
		}
		if err := p.one(operation{op, &path, f.value}); err != nil {
			return err
		}
	}
	return nil
}

// extension applies an operation to all that a person has of an extension.
func (p *patcher) extension(op string, s *schema, value any) error {
	if op == "remove" {
		delete(p.r, s.id)
		return nil
	}
	values, ok := value.(object)
	if !ok {
		return InvalidValue("%s is an object, and got %s.", s.id, described(value))
	}
	for _, f := range values {
		path, err := parsePath(s.id + ":" + f.name)
		if err != nil {
			return err
		}
		if err := p.one(operation{op, &path, f.value}); err != nil {
			return err
		}
	}
	return nil
}
