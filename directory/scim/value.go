package scim

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// maxText is how many characters a value may have.
	maxText = 1000
	// maxValues is how many values an attribute of a person may have.
	maxValues = 100
)

// read turns what a body says of an attribute into the value of a record; nil where it has
// none. path names the attribute in what is wrong.
func read(a *attribute, path string, value any) (any, error) {
	if !a.multi {
		return readOne(a, path, value)
	}
	list, ok := value.([]any)
	switch {
	case value == nil:
		return nil, nil
	case !ok:
		list = []any{value}
	case len(list) > maxValues:
		return nil, InvalidValue("%s has %d values, and may have %d.", path, len(list), maxValues)
	}
	var records []record
	primary := 0
	for _, v := range list {
		one, err := readOne(a, path, v)
		if err != nil {
			return nil, err
		}
		if r, ok := one.(record); ok {
			if err := complain(a, path, r); err != nil {
				return nil, err
			}
			if r[attrPrimary] == true {
				primary++
			}
			records = append(records, r)
		}
	}
	if primary > 1 {
		return nil, twoPrimary(path)
	}
	if records == nil {
		return nil, nil
	}
	return records, nil
}

// complain says which required part one value of a lacks.
func complain(a *attribute, path string, r record) error {
	for _, sub := range a.sub {
		if _, has := r[sub.name]; sub.required && !has {
			return InvalidValue("A value of %s has no %s.", path, sub.name)
		}
	}
	return nil
}

// readOne reads one value, of an attribute that may have several, too.
func readOne(a *attribute, path string, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	switch a.kind {
	case complete:
		return readComplex(a, path, value)
	case boolean:
		return readBoolean(path, value)
	default:
		s, ok := value.(string)
		if !ok {
			return nil, InvalidValue("%s is a text, and got %s.", path, described(value))
		}
		if err := checkText(path, s); err != nil {
			return nil, err
		}
		if s == "" {
			return nil, nil
		}
		return s, nil
	}
}

// readBoolean takes the texts true and false in any case, too: Entra ID sends "False".
func readBoolean(path string, value any) (any, error) {
	switch v := value.(type) {
	case bool:
		return v, nil
	case string:
		if b, ok := booleanOf(v); ok {
			return b, nil
		}
	}
	return nil, InvalidValue("%s is true or false, and got %s.", path, described(value))
}

func booleanOf(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// readComplex takes a text for the value part: Entra ID sends a manager's ID alone.
func readComplex(a *attribute, path string, value any) (any, error) {
	if s, ok := value.(string); ok && a.find(attrValue) != nil {
		value = object{{attrValue, s}}
	}
	o, ok := value.(object)
	if !ok {
		return nil, InvalidValue("%s is an object, and got %s.", path, described(value))
	}
	r := record{}
	for _, f := range o {
		sub := a.find(f.name)
		if sub == nil {
			return nil, invalidSyntax("%s has no part %s.", path, quote(f.name))
		}
		if sub.ignored || sub.mutability == readOnly {
			continue
		}
		v, err := readOne(sub, path+"."+sub.name, f.value)
		if err != nil {
			return nil, err
		}
		r.set(sub.name, v)
	}
	if len(r) == 0 {
		return nil, nil
	}
	return r, nil
}

func checkText(path, s string) error {
	switch {
	case utf8.RuneCountInString(s) > maxText:
		return InvalidValue("%s has more than %d characters.", path, maxText)
	case strings.ContainsFunc(s, unicode.IsControl):
		return InvalidValue("%s has a control character in it.", path)
	}
	return nil
}

// described says what a JSON value is, and not its content: it may be a secret in the wrong
// place.
func described(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a text"
	case []any:
		return "a list"
	case object:
		return "an object"
	}
	return "a number"
}

// instant reads a time as the protocol writes it (xsd:dateTime with its zone).
func instant(s string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	return at, err == nil
}

// readResource reads the body of POST and PUT: what it says of the attributes that a provider
// sets. What is read only is left out (RFC 7644, sections 3.3 and 3.5.1).
func (t *resourceType) readResource(body object) (record, error) {
	if err := t.checkSchemas(body); err != nil {
		return nil, err
	}
	r := record{}
	for _, f := range body {
		if s := t.schema(f.name); s != nil && s.extension {
			if err := r.readExtension(s, f.value); err != nil {
				return nil, err
			}
			continue
		}
		a := findIn(t.core().attributes, f.name)
		if a == nil {
			return nil, invalidSyntax("A %s has no attribute %s.", t.name, quote(f.name))
		}
		if err := readInto(r, a, a.name, f.value); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r record) readExtension(s *schema, value any) error {
	o, ok := value.(object)
	if value == nil {
		return nil
	}
	if !ok {
		return InvalidValue("%s is an object, and got %s.", s.id, described(value))
	}
	for _, f := range o {
		a := findIn(s.attributes, f.name)
		if a == nil {
			return invalidSyntax("%s has no attribute %s.", s.id, quote(f.name))
		}
		if err := readInto(r.makePlace(s), a, s.id+":"+a.name, f.value); err != nil {
			return err
		}
	}
	return nil
}

func readInto(place record, a *attribute, path string, value any) error {
	if a.ignored || a.mutability == readOnly || a.name == attrMembers {
		return nil // members are read by readMembers
	}
	v, err := read(a, path, value)
	if err != nil {
		return err
	}
	if records, ok := v.([]record); ok {
		if v, err = tidy(path, records); err != nil {
			return err
		}
	}
	place.set(a.name, v)
	return nil
}

// checkSchemas looks that a body says it is of t. Other URNs are no mistake: providers list
// those of their own without an attribute of them.
func (t *resourceType) checkSchemas(body object) error {
	return checkSchemas(body, t.core().id)
}

func checkSchemas(body object, urn string) error {
	value, _ := body.get(attrSchemas)
	list, ok := value.([]any)
	if !ok {
		return invalidSyntax("schemas is a list that has %s.", urn)
	}
	for _, v := range list {
		if s, ok := v.(string); ok && strings.EqualFold(s, urn) {
			return nil
		}
	}
	return invalidSyntax("schemas does not have %s.", urn)
}
