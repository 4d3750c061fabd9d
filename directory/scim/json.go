package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	// MaxBody is how long a body may be: MaxMembers fit, each with a name and an address.
	MaxBody = 4 << 20
	// maxDepth is how deep a body may be nested; an operation that adds a person's e-mail
	// address needs five.
	maxDepth = 10
	// maxJSON is how many values a body may have in all, so that a body of many short ones
	// takes no more memory than one of long ones. A member has five.
	maxJSON = 10 * MaxMembers
)

// object is a JSON object as it was written. No two names in it differ by case alone.
type object []field

type field struct {
	name  string
	value any // nil, bool, json.Number, string, []any or object
}

// get returns the value of a name, which has no case.
func (o object) get(name string) (any, bool) {
	for _, f := range o {
		if strings.EqualFold(f.name, name) {
			return f.value, true
		}
	}
	return nil, false
}

// parseObject reads a body.
func parseObject(body []byte) (object, error) {
	if !utf8.Valid(body) {
		return nil, invalidSyntax("The body is no UTF-8 text.")
	}
	d := &decoder{json.NewDecoder(bytes.NewReader(body)), 0}
	d.UseNumber()
	value, err := d.value(0)
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = invalidSyntax("There is more than one JSON value in the body.")
		}
	}
	if err != nil {
		return nil, err
	}
	o, ok := value.(object)
	if !ok {
		return nil, invalidSyntax("The body is no JSON object.")
	}
	return o, nil
}

// decoder reads the values of a body, and counts them.
type decoder struct {
	*json.Decoder
	values int
}

func (d *decoder) value(depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, d.bad(err)
	}
	if d.values++; d.values > maxJSON {
		return nil, tooLarge("The body has more than %d values. Send what it says in several requests.", maxJSON)
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth == maxDepth {
		return nil, invalidSyntax("The body is nested more than %d deep.", maxDepth)
	}
	if delim == '[' {
		return d.list(depth)
	}
	return d.fields(depth)
}

func (d *decoder) list(depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return list, d.bad(err)
}

func (d *decoder) fields(depth int) (any, error) {
	o, seen := object{}, map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, d.bad(err)
		}
		name, _ := token.(string)
		folded := Fold(name)
		if seen[folded] {
			return nil, invalidSyntax("%s is there twice in one object; attribute names have no case.", quote(name))
		}
		seen[folded] = true
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o = append(o, field{name, v})
	}
	_, err := d.Token()
	return o, d.bad(err)
}

func (d *decoder) bad(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return invalidSyntax("The body ends within its JSON.")
	default:
		return invalidSyntax("The body is no JSON: %s, near byte %d.", err, d.InputOffset())
	}
}

// quote shortens what somebody sent for a sentence about it.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '�'
		}
		return r
	}, s) + `"`
}
