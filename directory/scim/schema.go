package scim

import "strings"

// kind is the data type of an attribute (RFC 7643, section 2.3), as /Schemas names it.
type kind string

const (
	text     kind = "string"
	boolean  kind = "boolean"
	dateTime kind = "dateTime"
	refer    kind = "reference"
	complete kind = "complex"
)

const (
	readWrite = "readWrite"
	readOnly  = "readOnly"
	immutable = "immutable"

	byDefault = "default"
	always    = "always"
	onRequest = "request"
)

// attribute is what a schema says of one attribute. Those of a resource are one tree of
// pointers, so that two of the same name in different places are told apart.
type attribute struct {
	name, description string
	kind              kind
	multi, required   bool
	exact             bool   // case matters
	mutability        string // readWrite where it is ""
	returned          string // byDefault where it is ""
	unique            bool
	canonical         []string
	refers            []string // of a reference: to which resources
	sub               []*attribute
	by                By // how an index finds it, 0 where none does

	ignored bool    // taken and not kept; not listed in /Schemas
	common  bool    // of every resource; not listed in /Schemas
	schema  *schema // of an attribute that stands in a resource
}

// find returns the sub-attribute of this name, nil where there is none.
func (a *attribute) find(name string) *attribute {
	return findIn(a.sub, name)
}

func findIn(list []*attribute, name string) *attribute {
	for _, a := range list {
		if strings.EqualFold(a.name, name) {
			return a
		}
	}
	return nil
}

// schema is a set of attributes.
type schema struct {
	id, name, description string
	attributes            []*attribute
	extension             bool
}

// resourceType is a kind of resources: people, or groups.
type resourceType struct {
	name, endpoint, description string
	// schemas are the one of the resource itself and then its extensions.
	schemas []*schema
}

// newType ties the attributes to their schemas.
func newType(t resourceType) *resourceType {
	for _, s := range t.schemas {
		for _, a := range s.attributes {
			a.schema = s
		}
	}
	return &t
}

func (t *resourceType) core() *schema { return t.schemas[0] }

// schema returns the schema of this URN, nil where t has none.
func (t *resourceType) schema(urn string) *schema {
	for _, s := range t.schemas {
		if strings.EqualFold(s.id, urn) {
			return s
		}
	}
	return nil
}

// find returns what a path names, with its sub-attribute where it names one. An attribute of
// an extension is found without its URN, too, for no two have the same name. ok is false
// where one of them is of no schema.
func (t *resourceType) find(p attributePath) (a, sub *attribute, ok bool) {
	for _, s := range t.schemas {
		if p.urn != "" && !strings.EqualFold(p.urn, s.id) {
			continue
		}
		if a = findIn(s.attributes, p.name); a != nil {
			break
		}
	}
	if a == nil || p.sub == "" {
		return a, nil, a != nil
	}
	if a.ignored {
		return a, nil, true // what is in it is not looked at
	}
	sub = a.find(p.sub)
	return a, sub, sub != nil
}

// record is a resource, or one value of a complex attribute: what it has, by the names of the
// schema. Values are string, bool, time.Time, []string, record and, of a complex attribute
// with several values, []record. What has no value has no key. The attributes of an extension
// are a record under its URN.
type record map[string]any

// place is the record in which an attribute of a resource stands; nil where r has nothing of
// its extension.
func (r record) place(s *schema) record {
	if !s.extension {
		return r
	}
	within, _ := r[s.id].(record)
	return within
}

// makePlace is place, and makes the record where it is missing.
func (r record) makePlace(s *schema) record {
	within := r.place(s)
	if within == nil {
		within = record{}
		r[s.id] = within
	}
	return within
}

// set gives name a value unless it is the one of an absent attribute.
func (r record) set(name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case record:
		if len(v) == 0 {
			return
		}
	case []record:
		if len(v) == 0 {
			return
		}
	}
	r[name] = value
}

// text is the text of name, "" where it has none.
func (r record) text(name string) string {
	s, _ := r[name].(string)
	return s
}
