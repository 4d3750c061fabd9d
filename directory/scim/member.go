package scim

// memberSet is what operations, one after the other, make of a group's members.
type memberSet struct {
	replace     bool
	add, remove idSet
}

// idSet is a set of IDs in the order in which they came.
type idSet struct {
	has   map[string]bool
	order []string
}

func (s *idSet) put(id string) {
	if s.has == nil {
		s.has = map[string]bool{}
	}
	if present, known := s.has[id]; !present {
		s.has[id] = true
		if !known {
			s.order = append(s.order, id)
		}
	}
}

func (s *idSet) drop(id string) {
	if s.has[id] {
		s.has[id] = false
	}
}

func (s *idSet) list() []string {
	var out []string
	for _, id := range s.order {
		if s.has[id] {
			out = append(out, id)
		}
	}
	return out
}

// apply takes one operation into the set. An operation is about members as a whole, or about
// those whom a path names: members[value eq "ID"].
func (m *memberSet) apply(o operation, sub *attribute) error {
	if o.path.term != nil {
		return m.chosen(o)
	}
	if sub != nil {
		return Mutability("What is said of a member can't be changed: add or remove members.")
	}
	if o.op == "remove" && o.value == nil {
		*m = memberSet{replace: true}
		return nil
	}
	ids, err := readMembers(o.value)
	if err != nil {
		return err
	}
	switch o.op {
	case "replace":
		*m = memberSet{replace: true}
		m.join(ids)
	case "add":
		m.join(ids)
	default:
		m.leave(ids)
	}
	return m.check()
}

func (m *memberSet) chosen(o operation) error {
	ids, ok := namedMembers(o.path.term)
	switch {
	case !ok:
		return invalidFilter("Members are chosen by their value, such as members[value eq \"ID\"].")
	case o.op != "remove" || o.path.sub != "":
		return Mutability("What is said of a member can't be changed: add or remove members.")
	}
	m.leave(ids)
	return m.check()
}

func (m *memberSet) join(ids []string) {
	for _, id := range ids {
		m.add.put(id)
		m.remove.drop(id)
	}
}

func (m *memberSet) leave(ids []string) {
	for _, id := range ids {
		m.add.drop(id)
		if !m.replace {
			m.remove.put(id)
		}
	}
}

// check bounds what was named at all, so that no one request costs more.
func (m *memberSet) check() error {
	return checkMembers(len(m.add.order) + len(m.remove.order))
}

func checkMembers(n int) error {
	if n > MaxMembers {
		return tooLarge("The request names %d members, and one may name %d. Add and remove the others in further requests.", n, MaxMembers)
	}
	return nil
}

func (m *memberSet) change() MemberChange {
	return MemberChange{Replace: m.replace, Add: m.add.list(), Remove: m.remove.list()}
}

// namedMembers are the IDs of which a condition says that value is one of them.
func namedMembers(e expression) ([]string, bool) {
	switch e := e.(type) {
	case *comparison:
		id, ok := e.value.(string)
		return []string{id}, ok && e.op == "eq" && Fold(e.path.String()) == attrValue
	case *logical:
		var all []string
		for _, term := range e.terms {
			ids, ok := namedMembers(term)
			if !ok || e.op != "or" {
				return nil, false
			}
			all = append(all, ids...)
		}
		return all, true
	}
	return nil, false
}

// readMembers reads a list of members, or one: objects with a value, or IDs alone. No ID comes
// back twice.
func readMembers(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if value == nil {
		list = nil
	}
	if err := checkMembers(len(list)); err != nil {
		return nil, err
	}
	var ids idSet
	for _, v := range list {
		id, err := readMember(v)
		if err != nil {
			return nil, err
		}
		ids.put(id)
	}
	return ids.list(), nil
}

func readMember(value any) (string, error) {
	if s, ok := value.(string); ok {
		value = object{{attrValue, s}}
	}
	o, ok := value.(object)
	if !ok {
		return "", InvalidValue("A member is an object with a value, and got %s.", described(value))
	}
	var id string
	for _, f := range o {
		s, isText := f.value.(string)
		switch Fold(f.name) {
		case attrValue:
			if !isText || s == "" {
				return "", InvalidValue("members.value is a person's id, and got %s.", described(f.value))
			}
			id = s
		case attrType:
			if isText && s != "" && Fold(s) != "user" {
				return "", InvalidValue("members.type is User, and got %s: a group can't be a member of a group.", quote(s))
			}
		case attrDisplay, attrRef:
		default:
			return "", invalidSyntax("members has no part %s.", quote(f.name))
		}
	}
	if id == "" {
		return "", InvalidValue("A value of members has no value.")
	}
	return id, checkText("members.value", id)
}
